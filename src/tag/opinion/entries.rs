//! The words of all classes of one language, and how they begin: a small filter that is asked before a dictionary is.

use std::hash::Hasher;

use rustc_hash::{FxHashMap, FxHasher};

use super::classes::Set;
use crate::normalize::words::Words;

/// Most words of an entry.
pub(super) const LONGEST: usize = 3;
/// Fewest letters of a stem.
const SHORTEST_STEM: usize = 3;
/// Words of 64 bits that tell how entries begin.
const HEAD_WORDS: usize = 1 << 10;

/// The entries of one language, folded.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// Whole words, with a space between those of one entry.
    whole: FxHashMap<Box<str>, Set>,
    /// Beginnings of words.
    stems: FxHashMap<Box<str>, Set>,
    /// How entries begin: most words of a post begin like none of them.
    heads: Heads,
    /// How those of what people use of a service begin.
    part_heads: Heads,
}

impl Entries {
    /// Adds an entry of a class, as it is written; `is_part`: of the class of what people use of a service.
    ///
    /// # Errors
    /// Where it can match nothing; the message goes on behind the entry.
    pub(super) fn add(&mut self, entry: &str, bit: Set, is_part: bool) -> Result<(), &'static str> {
        let stem = entry.strip_suffix('*');
        let folded = Words::plain(stem.unwrap_or(entry));
        let parts: Vec<&str> = (0..folded.len()).map(|at| folded.text(at)).collect();
        if parts.is_empty() || parts.len() > LONGEST {
            return Err("is not one to three words");
        }
        if stem.is_some() && (parts.len() > 1 || parts[0].chars().count() < SHORTEST_STEM) {
            return Err("is no beginning of at least three letters of a word");
        }
        self.heads.add(parts[0]);
        if is_part {
            self.part_heads.add(parts[0]);
        }
        let map = if stem.is_some() { &mut self.stems } else { &mut self.whole };
        *map.entry(parts.join(" ").into()).or_default() |= bit;
        Ok(())
    }

    /// The classes of one word.
    pub(super) fn of(&self, word: &str) -> Set {
        if !self.heads.has(word) {
            return 0;
        }
        let ends = word.char_indices().map(|(at, _)| at).chain([word.len()]).skip(SHORTEST_STEM);
        let begins = ends.filter_map(|end| self.stems.get(&word[..end])).fold(0, |all, set| all | set);
        begins | self.whole.get(word).copied().unwrap_or_default()
    }

    /// The classes of two or three words, with a space between them.
    pub(super) fn joined(&self, words: &str) -> Set {
        self.whole.get(words).copied().unwrap_or_default()
    }

    /// Whether some entry may begin like this word.
    pub(super) fn may_begin(&self, word: &str) -> bool {
        self.heads.has(word)
    }

    /// The same of what people use of a service.
    pub(super) fn may_be_part(&self, word: &str) -> bool {
        self.part_heads.has(word)
    }
}

/// Which first letters there are, as bits at their hashes: one that shares its bit with another is looked up in vain.
#[derive(Debug)]
struct Heads(Box<[u64; HEAD_WORDS]>);

impl Default for Heads {
    fn default() -> Self {
        Self(Box::new([0; HEAD_WORDS]))
    }
}

impl Heads {
    /// Adds the first letters of a word.
    fn add(&mut self, word: &str) {
        let (place, bit) = Self::place(word);
        self.0[place] |= bit;
    }

    /// Whether some word may begin like this one.
    fn has(&self, word: &str) -> bool {
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
