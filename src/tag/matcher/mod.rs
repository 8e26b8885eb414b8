//! Finds lexicon patterns in folded words: an index from their rarest words to patterns, then a check of each.

mod lists;
mod text;

use std::cell::OnceCell;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::lexicon::anchor::{Anchor, SLOT_WORDS};
use super::lexicon::pattern::{Atom, Node, Pattern, WordSet};
use lists::{Entry, Lists};
pub use text::Text;

/// A place where a service may be named: words `from..to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// First word.
    pub from: usize,
    /// Word behind the last.
    pub to: usize,
    /// Index of the service in the lexicon.
    pub service: usize,
}

/// Which slot a service stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// `$S`.
    Service,
    /// `$TO`.
    To,
    /// `$FROM`.
    From,
}

/// A match of a pattern: words `from..to`, and the places (by index) that its slots took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Whatever the index was built with.
    pub tag: usize,
    /// First word.
    pub from: usize,
    /// Word behind the last.
    pub to: usize,
    /// Slots in order.
    pub slots: Vec<(Slot, usize)>,
    /// Words that gaps of the pattern passed over, as ranges: the row does not speak about them.
    pub gaps: Vec<(usize, usize)>,
}

/// What a match took beside plain words.
#[derive(Default)]
pub struct Captures {
    slots: Vec<(Slot, usize)>,
    gaps: Vec<(usize, usize)>,
    /// A match that ends before this word is none.
    least_end: usize,
}

/// Patterns by their anchors.
#[derive(Debug, Default)]
pub struct Index {
    /// Tag and steps by number of the pattern.
    patterns: Vec<(usize, Arc<[Node]>)>,
    by_word: Lists,
    /// By the first three letters, which any stem has.
    by_stem: FxHashMap<[char; 3], Vec<(Box<str>, Entry)>>,
    by_slot: Vec<Entry>,
    by_number: Vec<Entry>,
}

/// A word at which patterns are tried.
struct Met {
    at: usize,
    /// Words of the longest name in the text.
    widest: usize,
    /// The words around it, once somebody asks.
    near: OnceCell<WordSet>,
}

/// Words to either side that most patterns do not reach beyond.
const NEAR: usize = 7;

impl Index {
    /// Indexes patterns, each with a tag that comes back in its hits.
    pub fn new(patterns: Vec<(usize, Pattern)>) -> Self {
        let mut index = Self::default();
        let mut by_word = Vec::new();
        for ((_, pattern), number) in patterns.iter().zip(0..) {
            let Anchor { least, most, num_slots, reach, .. } = pattern.anchor;
            let entry = Entry { needs: pattern.needs, firsts: pattern.firsts, number, least, most, num_slots, reach };
            let put = |list: &mut Vec<Entry>| {
                if list.last().is_none_or(|last| last.number != number) {
                    list.push(entry.clone());
                }
            };
            for atom in &pattern.anchor.atoms {
                match atom {
                    Atom::Word(id) => by_word.push((*id, entry.clone())),
                    Atom::Prefix(stem) => {
                        let key = stem_key(stem).unwrap_or_default();
                        index.by_stem.entry(key).or_default().push((stem.clone(), entry.clone()));
                    }
                    Atom::Number => put(&mut index.by_number),
                    Atom::Service | Atom::To | Atom::From => put(&mut index.by_slot),
                }
            }
        }
        index.by_word = Lists::new(by_word);
        index.patterns = patterns.into_iter().map(|(tag, pattern)| (tag, pattern.nodes)).collect();
        index
    }

    /// The first match of each pattern at each word, by word and then by pattern.
    pub fn find(&self, text: &Text<'_>) -> Vec<Hit> {
        let mut hits: Vec<(u32, Hit)> = Vec::new();
        let widest = text.places.iter().map(|place| place.to - place.from).max().unwrap_or(1);
        for at in 0..text.words.len() {
            let met = Met { at, widest, near: OnceCell::new() };
            for &(id, from) in text.forms(at) {
                self.attempt(self.by_word.get(id), &met, text, &mut hits);
                if !self.by_stem.is_empty() {
                    let form = &text.words.text(at)[from as usize..];
                    let stems = stem_key(form).and_then(|key| self.by_stem.get(&key)).into_iter().flatten();
                    let begun = stems.filter(|(stem, _)| form.starts_with(&**stem));
                    begun.for_each(|(_, entry)| self.attempt(std::slice::from_ref(entry), &met, text, &mut hits));
                }
            }
            if !self.by_number.is_empty() && begins_with_digit(text.words.text(at)) {
                self.attempt(&self.by_number, &met, text, &mut hits);
            }
        }
        for place in &text.places {
            let met = Met { at: place.from, widest, near: OnceCell::new() };
            self.attempt(&self.by_slot, &met, text, &mut hits);
        }
        // A pattern may have met several of its anchors in one match.
        hits.sort_unstable_by_key(|(number, hit)| (hit.from, *number));
        hits.dedup_by_key(|(number, hit)| (hit.from, *number));
        hits.into_iter().map(|(_, hit)| hit).collect()
    }

    /// Tries patterns at every word from which their anchor may be where it was met.
    fn attempt(&self, entries: &[Entry], met: &Met, text: &Text<'_>, hits: &mut Vec<(u32, Hit)>) {
        if entries.is_empty() {
            return;
        }
        let Met { at: met, widest, ref near } = *met;
        let sentence = text.words.word(met).sentence;
        let whole = text.sets().whole[usize::from(sentence)];
        let near = *near.get_or_init(|| if widest > SLOT_WORDS.into() { whole } else { text.around(met, NEAR) });
        for entry in entries {
            let words = if usize::from(entry.reach) <= NEAR { near } else { whole };
            if !entry.needs.iter().all(|need| need.may_meet(words)) {
                continue;
            }
            let Some(last) = met.checked_sub(entry.least.into()) else { continue };
            let room = usize::from(entry.most) + usize::from(entry.num_slots) * (widest - 1);
            for from in (met.saturating_sub(room)..=last).rev() {
                if text.words.word(from).sentence != sentence {
                    break;
                }
                if !text.may_begin_with(entry.firsts, from) || !text.may_follow(&entry.needs, from) {
                    continue;
                }
                let (tag, nodes) = &self.patterns[entry.number as usize];
                if let Some((to, Captures { slots, gaps, .. })) = text.match_at(nodes, from) {
                    hits.push((entry.number, Hit { tag: *tag, from, to, slots, gaps }));
                }
            }
        }
    }
}

#[inline]
fn begins_with_digit(word: &str) -> bool {
    word.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

/// The first three letters, which any stem has.
fn stem_key(text: &str) -> Option<[char; 3]> {
    let mut letters = text.chars();
    Some([letters.next()?, letters.next()?, letters.next()?])
}

#[cfg(test)]
mod tests;
