//! Every word that a pattern knows, as a number.

use rustc_hash::FxHashMap;

use super::anchor;
use crate::normalize::fold::is_alphanumeric;
use crate::normalize::words::{Words, fold_into};

/// Number of a word.
pub type WordId = u32;

/// The words of all patterns.
#[derive(Debug, Default)]
pub struct Vocabulary {
    /// Words of up to 16 bytes, which nearly all are, as numbers: to compare them is one step.
    short: FxHashMap<u128, WordId>,
    long: FxHashMap<Box<str>, WordId>,
    /// How often each word is met, by its number.
    commonness: Vec<u32>,
}

impl Vocabulary {
    /// The number of a folded word, given now if it is new.
    pub fn add(&mut self, word: &str) -> WordId {
        let new = self.commonness.len() as WordId;
        let id = match packed(word.as_bytes()) {
            Some(key) => *self.short.entry(key).or_insert(new),
            None => match self.long.get(word) {
                Some(&id) => id,
                None => *self.long.entry(word.into()).or_insert(new),
            },
        };
        if id == new {
            self.commonness.push(anchor::commonness(word));
        }
        id
    }

    /// Hands over the numbers of the words that a word as it is written in a pattern folds to: several for `it's`.
    pub fn add_written(&mut self, written: &str, found: impl FnMut(WordId)) {
        // A lexicon has some hundred thousand of them, and hardly one needs more than folding.
        if written.chars().all(is_alphanumeric) {
            let mut word = String::with_capacity(written.len());
            fold_into(written, &mut word);
            return (!word.is_empty()).then(|| self.add(&word)).into_iter().for_each(found);
        }
        let words = Words::plain(written);
        (0..words.len()).map(|at| self.add(words.text(at))).for_each(found);
    }

    /// The number of a folded word, if a pattern knows it.
    #[inline]
    pub fn get(&self, word: &str) -> Option<WordId> {
        match packed(word.as_bytes()) {
            Some(key) => self.short.get(&key).copied(),
            None => self.long.get(word).copied(),
        }
    }

    /// How often a word is met in posts, roughly: see [`anchor::find`].
    pub(super) fn commonness(&self, word: WordId) -> u32 {
        self.commonness.get(word as usize).copied().unwrap_or(1)
    }

    /// Number of words.
    pub fn len(&self) -> usize {
        self.commonness.len()
    }

    /// Whether no pattern knows any word.
    pub fn is_empty(&self) -> bool {
        self.commonness.is_empty()
    }

    /// Cuts a run of letters into the fewest known words of two letters and more; pushes the bytes at
    /// which a new word begins. `false` where it cannot be cut so.
    pub fn split(&self, run: &str, cuts: &mut Vec<usize>) -> bool {
        if self.get(run).is_some() {
            return true;
        }
        let bounds: Vec<usize> = run.char_indices().map(|(at, _)| at).chain([run.len()]).collect();
        // fewest[i]: number of words up to bound i, and the bound where the last of them begins.
        let mut fewest: Vec<Option<(u32, usize)>> = vec![None; bounds.len()];
        fewest[0] = Some((0, 0));
        for to in 2..bounds.len() {
            for from in (to.saturating_sub(24)..=to - 2).filter(|&from| from != 1) {
                let Some((count, _)) = fewest[from] else { continue };
                let is_better = fewest[to].is_none_or(|(best, _)| count + 1 < best);
                if is_better && self.get(&run[bounds[from]..bounds[to]]).is_some() {
                    fewest[to] = Some((count + 1, from));
                }
            }
        }
        let mut at = bounds.len() - 1;
        if fewest[at].is_none_or(|(count, _)| count > 6) {
            return false;
        }
        while let Some((_, from)) = fewest[at].filter(|_| at > 0) {
            if from > 0 {
                cuts.push(bounds[from]);
            }
            at = from;
        }
        cuts.reverse();
        true
    }
}

/// A word of up to 16 bytes as a number, the first byte lowest. No folded word holds a zero byte, so none is another's.
#[inline]
pub(in crate::tag) fn packed(bytes: &[u8]) -> Option<u128> {
    let eight = |bytes: &[u8]| bytes.first_chunk().map_or(0, |eight| u64::from_le_bytes(*eight));
    let four = |bytes: &[u8]| bytes.first_chunk().map_or(0, |four| u32::from_le_bytes(*four));
    // Two reads that overlap say the same where they do.
    Some(match bytes.len() {
        0..4 => bytes.iter().rev().fold(0, |number, byte| number << 8 | u128::from(*byte)),
        len @ 4..8 => u128::from(four(bytes)) | u128::from(four(&bytes[len - 4..])) << ((len - 4) * 8),
        len @ 8..=16 => u128::from(eight(bytes)) | u128::from(eight(&bytes[len - 8..])) << ((len - 8) * 8),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_any_length_are_told_apart() {
        let all = "abcdefghijklmnopqrstuvwxyz";
        let mut vocabulary = Vocabulary::default();
        for (number, (from, to)) in (0..4).flat_map(|from| (from..=all.len()).map(move |to| (from, to))).enumerate() {
            let id = vocabulary.add(&all[from..to]);
            // The empty word comes once for each beginning.
            if from < to {
                assert!(vocabulary.get(&all[from..to]) == Some(id) && vocabulary.add(&all[from..to]) == id, "{number}");
            }
        }
        assert_eq!(vocabulary.len(), (0..4).map(|from| all.len() - from).sum::<usize>() + 1);
        assert_eq!(vocabulary.get("zz"), None);
        assert_eq!(packed(b"abcde"), Some(u128::from_le_bytes(*b"abcde\0\0\0\0\0\0\0\0\0\0\0")));
        assert_eq!(packed(b"abcdefghi"), Some(u128::from_le_bytes(*b"abcdefghi\0\0\0\0\0\0\0")));
    }

    #[test]
    fn runs_are_cut_into_known_words() {
        let mut vocabulary = Vocabulary::default();
        for word in ["whatsapp", "down", "caiu", "insta", "instagram", "gram", "fora", "do", "ar"] {
            vocabulary.add(word);
        }
        for (run, cuts, known) in [
            ("whatsappdown", vec![8], true),
            ("instagramcaiu", vec![9], true),
            ("instaforadoar", vec![5, 9, 11], true),
            ("down", vec![], true),
            ("monday", vec![], false),
        ] {
            let mut found = Vec::new();
            assert_eq!((vocabulary.split(run, &mut found), found), (known, cuts), "{run}");
        }
    }
}
