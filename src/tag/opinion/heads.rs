//! How words begin: a small filter that is asked before a dictionary is.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::classes::SHORTEST_STEM;

/// Words of 64 bits that tell how entries begin.
const HEAD_WORDS: usize = 1 << 10;
/// Which first letters there are, as bits at their hashes: one that shares its bit with another is looked up in vain.
#[derive(Debug)]
pub(super) struct Heads(Box<[u64; HEAD_WORDS]>);

impl Default for Heads {
    fn default() -> Self {
        Self(Box::new([0; HEAD_WORDS]))
    }
}

impl Heads {
    /// Adds the first letters of a word.
    pub(super) fn add(&mut self, word: &str) {
        let (place, bit) = Self::place(word);
        self.0[place] |= bit;
    }

    /// Whether some word may begin like this one.
    pub(super) fn has(&self, word: &str) -> bool {
        let (place, bit) = Self::place(word);
        self.0[place] & bit != 0
    }

    /// The bit of as many first letters as the shortest stem has.
    fn place(word: &str) -> (usize, u64) {
        let head = word.char_indices().nth(SHORTEST_STEM).map_or(word, |(end, _)| &word[..end]);
        let mut hasher = FxHasher::default();
        hasher.write(head.as_bytes());
        let hash = hasher.finish();
        ((hash >> 32) as usize % HEAD_WORDS, 1 << (hash >> 58))
    }
}
