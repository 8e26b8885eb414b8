//! Every word that a pattern knows, as a number.

use rustc_hash::FxHashMap;

use crate::normalize::fold::is_alphanumeric;
use crate::normalize::words::{Words, fold_into};

/// Number of a word.
pub type WordId = u32;

/// The words of all patterns.
#[derive(Debug, Default)]
pub struct Vocabulary {
    ids: FxHashMap<Box<str>, WordId>,
}

impl Vocabulary {
    /// The number of a folded word, given now if it is new.
    pub fn add(&mut self, word: &str) -> WordId {
        if let Some(&id) = self.ids.get(word) {
            return id;
        }
        let id = self.ids.len() as WordId;
        self.ids.insert(word.into(), id);
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
    pub fn get(&self, word: &str) -> Option<WordId> {
        self.ids.get(word).copied()
    }

    /// Number of words.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether no pattern knows any word.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Cuts a run of letters into the fewest known words of two letters and more; pushes the bytes at
    /// which a new word begins. `false` where it cannot be cut so.
    pub fn split(&self, run: &str, cuts: &mut Vec<usize>) -> bool {
        if self.ids.contains_key(run) {
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
                if is_better && self.ids.contains_key(&run[bounds[from]..bounds[to]]) {
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

#[cfg(test)]
mod tests {
    use super::*;

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
