//! What a pattern of a lexicon row is once it is read.

use std::sync::Arc;

use super::anchor::Anchor;
use super::vocabulary::WordId;

/// One thing that stands at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Atom {
    /// A word.
    Word(WordId),
    /// Any word that begins so.
    Prefix(Box<str>),
    /// Any service (`$S`).
    Service,
    /// The service that people go to (`$TO`).
    To,
    /// The service that they leave (`$FROM`).
    From,
    /// A number (`$N`).
    Number,
}

/// One step of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// One of these sequences.
    Either {
        /// The sequences.
        alternatives: Vec<Vec<Atom>>,
        /// Whether it may be missing.
        optional: bool,
        /// How each sequence begins, in the order of [`Head::word`] and [`Head::sequence`].
        heads: Box<[Head]>,
        /// All of them.
        firsts: WordSet,
    },
    /// Up to so many words of any kind.
    Gap(u8),
    /// The beginning of a sentence.
    Start,
    /// The end of a sentence.
    End,
}

/// How a sequence of [`Node::Either`] begins, so that few need to be looked at themselves, far away in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its first word; [`ANY`] where it is something else.
    pub word: WordId,
    /// Its second word; [`ANY`] where it is something else or nothing.
    pub second: WordId,
    /// Its number among the alternatives.
    pub sequence: u16,
    /// How many words that is, where these are all of it; 0 where there is more.
    pub num_words: u8,
}

/// A parsed pattern; its copies share their steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// Its steps.
    pub nodes: Arc<[Node]>,
    /// By what it is looked for.
    pub anchor: Anchor,
    /// Words of which one must stand in the match, for two more steps.
    pub needs: [WordSet; 2],
    /// With what a match may begin.
    pub firsts: Firsts,
}

/// With what the matches of a pattern begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Firsts {
    /// Words.
    pub words: WordSet,
    /// Whether a service is among it.
    pub has_slot: bool,
    /// Whether it may be anything else.
    pub has_other: bool,
}

/// Stands for whatever is no word of its own.
pub const ANY: WordId = WordId::MAX;

/// Words by their numbers, so coarse that it may hold more than was put in, and never less. (Twice as many bits take as long
/// in all.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WordSet(u128);

impl WordSet {
    /// Every word there is, known or not.
    pub const ALL: Self = Self(u128::MAX);

    /// These words; all there are where [`ANY`] is among them.
    pub fn of(words: &[WordId]) -> Self {
        let mut set = Self::default();
        words.iter().for_each(|&word| set.add(word));
        if words.contains(&ANY) { Self::ALL } else { set }
    }

    /// Puts a word in.
    pub fn add(&mut self, word: WordId) {
        self.0 |= 1 << (word % u128::BITS);
    }

    /// The words of either.
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// How much it holds, and so how little it tells.
    pub fn num_bits(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether a word that is in `words` may be in this set.
    #[inline]
    pub fn may_meet(self, words: Self) -> bool {
        self == Self::ALL || self.0 & words.0 != 0
    }
}

impl Pattern {
    /// Whether the pattern itself names a service by a slot.
    pub fn has_slot(&self) -> bool {
        let is_slot = |atom: &Atom| matches!(atom, Atom::Service | Atom::To | Atom::From);
        self.nodes.iter().any(|node| match node {
            Node::Either { alternatives, .. } => alternatives.iter().flatten().any(is_slot),
            _ => false,
        })
    }
}
