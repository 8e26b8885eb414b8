//! Small frequent words of the languages that posts are mistaken for one another in, as lists and as one table.
//!
//! Each list has the words of its language whether or not a neighbor has them too: a word speaks for all languages that
//! have it, for each of them the less the more they are.

pub(super) mod arabic;
pub(super) mod latin;

use rustc_hash::FxHashMap;

use crate::normalize::fold::fold_char;
use crate::tag::lexicon::vocabulary::packed;

/// Which languages of a list have a word: one bit each, the first language lowest.
#[derive(Debug, Default)]
pub(super) struct WordTable(FxHashMap<u128, u32>);

impl WordTable {
    /// The table of lists; with `is_folded` of folded words, otherwise of words as they are written.
    pub(super) fn new<'a>(lists: impl Iterator<Item = (usize, &'a str)>, is_folded: bool) -> Self {
        let mut table: FxHashMap<u128, u32> = FxHashMap::default();
        for (number, words) in lists {
            for word in words.split_whitespace() {
                let mut form = String::new();
                match is_folded {
                    true => word.chars().for_each(|c| fold_char(c, |folded| form.push(folded))),
                    false => form.push_str(word),
                }
                if let Some(key) = packed(form.as_bytes()) {
                    *table.entry(key).or_default() |= 1 << number;
                }
            }
        }
        Self(table)
    }

    /// Adds what a word says to the scores of the languages that have it: one, shared among them. Whether there are any.
    pub(super) fn weigh(&self, word: &str, scores: &mut [f64]) -> bool {
        let Some(&langs) = packed(word.as_bytes()).and_then(|key| self.0.get(&key)) else { return false };
        let share = 1.0 / f64::from(langs.count_ones());
        let mut rest = langs;
        while rest != 0 {
            scores[rest.trailing_zeros() as usize] += share;
            rest &= rest - 1;
        }
        true
    }
}
