//! Lists of patterns by the words that they cannot do without.

use crate::tag::lexicon::pattern::{Firsts, WordSet};
use crate::tag::lexicon::vocabulary::WordId;

/// A pattern in a list, with what most often tells that it does not match: the pattern itself is far away in memory.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) needs: [WordSet; 2],
    pub(super) firsts: Firsts,
    pub(super) number: u32,
    /// As in [`Anchor`].
    pub(super) least: u16,
    pub(super) most: u16,
    pub(super) num_slots: u16,
    pub(super) reach: u16,
}

/// Lists by word, in one piece.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// One bit for each word that has a list.
    is_known: Vec<u64>,
    /// Where the list of each word begins, and where the last ends.
    starts: Vec<u32>,
    entries: Vec<Entry>,
}

impl Lists {
    pub(super) fn new(mut pairs: Vec<(WordId, Entry)>) -> Self {
        pairs.sort_by_key(|(word, entry)| (*word, entry.number));
        pairs.dedup_by_key(|(word, entry)| (*word, entry.number));
        let num_words = pairs.last().map_or(0, |(word, _)| *word as usize + 1);
        let mut starts = vec![0; num_words + 1];
        let mut is_known = vec![0; num_words / 64 + 1];
        for (word, _) in &pairs {
            starts[*word as usize + 1] += 1;
            is_known[*word as usize / 64] |= 1 << (word % 64);
        }
        (1..starts.len()).for_each(|at| starts[at] += starts[at - 1]);
        Self { is_known, starts, entries: pairs.into_iter().map(|(_, entry)| entry).collect() }
    }

    #[inline]
    pub(super) fn get(&self, word: WordId) -> &[Entry] {
        let at = word as usize;
        if self.is_known.get(at / 64).is_none_or(|bits| bits & (1 << (word % 64)) == 0) {
            return &[];
        }
        &self.entries[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}
