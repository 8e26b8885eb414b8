//! One text against one pattern: words with their numbers, and the check of a match.

use std::cell::OnceCell;

use super::{Captures, Place, Slot, begins_with_digit};
use crate::normalize::fold::clitic_starts;
use crate::normalize::words::{Break, WordKind, Words};
use crate::tag::lexicon::pattern::{ANY, Atom, Firsts, Head, Node, Pattern, WordSet};
use crate::tag::lexicon::vocabulary::{Vocabulary, WordId};

/// A text made ready: each word's numbers in the vocabulary, with and without clitics.
pub struct Text<'a> {
    /// The words.
    pub words: &'a Words,
    forms: Vec<(WordId, u32)>,
    starts: Vec<u32>,
    /// Made when the first pattern is tried, to which most texts do not come.
    sets: OnceCell<Sets>,
    /// Where services may be named, by first word.
    pub places: Vec<Place>,
}

/// The forms of words as sets.
pub(super) struct Sets {
    /// Of each word.
    own: Vec<WordSet>,
    /// Of each word and of all behind it in its sentence.
    ahead: Vec<WordSet>,
    /// Of each sentence.
    pub(super) whole: Vec<WordSet>,
}

/// A form that no pattern knows.
const UNKNOWN: WordId = WordId::MAX - 1;

impl<'a> Text<'a> {
    /// Looks every word up.
    pub fn new(words: &'a Words, vocabulary: &Vocabulary) -> Self {
        let mut forms = Vec::with_capacity(words.len() + words.len() / 2 + 8);
        let mut starts = Vec::with_capacity(words.len() + 1);
        for (at, word) in words.iter().enumerate() {
            starts.push(forms.len() as u32);
            if matches!(word.kind, WordKind::Link | WordKind::Mention) {
                continue;
            }
            let word = words.text(at);
            let mut put = |from: usize| forms.push((vocabulary.get(&word[from..]).unwrap_or(UNKNOWN), from as u32));
            if word.is_ascii() { put(0) } else { clitic_starts(word).for_each(put) }
        }
        starts.push(forms.len() as u32);
        Self { words, forms, starts, sets: OnceCell::new(), places: Vec::new() }
    }

    #[inline]
    pub(super) fn sets(&self) -> &Sets {
        self.sets.get_or_init(|| {
            let mut own = vec![WordSet::default(); self.words.len()];
            for (at, set) in own.iter_mut().enumerate() {
                self.forms(at).iter().filter(|(id, _)| *id != UNKNOWN).for_each(|(id, _)| set.add(*id));
            }
            let mut ahead = own.clone();
            for at in (1..ahead.len()).rev() {
                if !self.words.starts_sentence(at) {
                    ahead[at - 1] = ahead[at - 1].union(ahead[at]);
                }
            }
            let mut whole = vec![WordSet::default(); self.words.num_sentences()];
            for (word, set) in self.words.iter().zip(&own) {
                let sentence = &mut whole[usize::from(word.sentence)];
                *sentence = sentence.union(*set);
            }
            Sets { own, ahead, whole }
        })
    }

    /// The words around one in its sentence, up to so many on either side.
    pub(super) fn around(&self, met: usize, most: usize) -> WordSet {
        let sentence = self.words.word(met).sentence;
        let is_near = |at: &usize| self.words.word(*at).sentence == sentence;
        let before = (0..met).rev().take(most).take_while(is_near);
        let behind = (met..self.words.len()).take(most + 1).take_while(is_near);
        before.chain(behind).fold(WordSet::default(), |all, at| all.union(self.sets().own[at]))
    }

    /// Whether the words that a pattern cannot do without may follow: most patterns end here.
    #[inline]
    pub(super) fn may_follow(&self, needs: &[WordSet; 2], at: usize) -> bool {
        needs.iter().all(|words| words.may_meet(self.sets().ahead[at]))
    }

    /// Whether one of the sequences of a step may begin at a word.
    fn may_begin(&self, firsts: WordSet, at: usize) -> bool {
        self.sets().own.get(at).is_some_and(|forms| firsts.may_meet(*forms))
    }

    /// Whether a match may begin at a word.
    #[inline]
    pub(super) fn may_begin_with(&self, firsts: Firsts, at: usize) -> bool {
        firsts.has_other
            || firsts.words.may_meet(self.sets().own[at])
            || (firsts.has_slot && self.places.iter().any(|place| place.from == at))
    }

    #[inline]
    pub(super) fn forms(&self, at: usize) -> &[(WordId, u32)] {
        &self.forms[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    #[inline]
    fn has_form(&self, at: usize, word: WordId) -> bool {
        self.forms(at).iter().any(|(form, _)| *form == word)
    }

    /// Matches the steps of a pattern with its first word at `at`.
    pub(super) fn match_at(&self, nodes: &[Node], at: usize) -> Option<(usize, Captures)> {
        let mut captures = Captures::default();
        self.nodes(nodes, at, at, &mut captures).map(|to| (to, captures))
    }

    /// Whether a pattern matches anywhere so that it shares a word with `from..to`.
    pub fn touches(&self, pattern: &Pattern, from: usize, to: usize) -> bool {
        // A match stands in one sentence.
        let sentence = self.words.word(from).sentence;
        let is_near = |at: &usize| *at >= from || self.words.word(*at).sentence == sentence;
        let may_be = |at: &usize| self.may_begin_with(pattern.firsts, *at) && self.may_follow(&pattern.needs, *at);
        (from.saturating_sub(10)..to).filter(|at| is_near(at) && may_be(at)).any(|at| {
            let mut captures = Captures { least_end: from + 1, ..Captures::default() };
            self.nodes(&pattern.nodes, at, at, &mut captures).is_some()
        })
    }

    fn nodes(&self, nodes: &[Node], at: usize, first: usize, captures: &mut Captures) -> Option<usize> {
        let Some((node, rest)) = nodes.split_first() else {
            return (at > first && at >= captures.least_end).then_some(at);
        };
        match node {
            Node::Start => self.only_marks_before(at).then(|| self.nodes(rest, at, first, captures)).flatten(),
            Node::End => self.only_marks_from(at).then(|| self.nodes(rest, at, first, captures)).flatten(),
            Node::Gap(most) => (0..=usize::from(*most))
                .take_while(|skip| *skip == 0 || self.is_same_sentence(first, at + skip - 1))
                .find_map(|skip| {
                    let depth = captures.gaps.len();
                    if skip > 0 {
                        captures.gaps.push((at, at + skip));
                    }
                    let end = self.nodes(rest, at + skip, first, captures);
                    if end.is_none() {
                        captures.gaps.truncate(depth);
                    }
                    end
                }),
            Node::Either { optional, firsts, .. } if !self.may_begin(*firsts, at) => {
                optional.then(|| self.nodes(rest, at, first, captures)).flatten()
            }
            Node::Either { alternatives, optional, heads, firsts } => {
                let depth = captures.slots.len();
                let mut next = 0;
                let has_any = *firsts == WordSet::ALL;
                while let Some(head) = self.next_begun(heads, has_any, at, next) {
                    let has_second = || self.is_same_sentence(first, at + 1) && self.has_form(at + 1, head.second);
                    let behind = match head.num_words {
                        1 => self.is_same_sentence(first, at).then_some(at + 1),
                        2 => has_second().then_some(at + 2),
                        _ if head.word != ANY && head.second != ANY && !has_second() => None,
                        _ => self.atoms(&alternatives[usize::from(head.sequence)], at, first, captures),
                    };
                    if let Some(behind) = behind
                        && let Some(end) = self.nodes(rest, behind, first, captures)
                    {
                        return Some(end);
                    }
                    captures.slots.truncate(depth);
                    next = head.sequence + 1;
                }
                optional.then(|| self.nodes(rest, at, first, captures)).flatten()
            }
        }
    }

    /// The first sequence from `next` on that may begin with the word at `at`; some begin with no word if `has_any`.
    fn next_begun(&self, heads: &[Head], has_any: bool, at: usize, next: u16) -> Option<Head> {
        let begun = |word: WordId| {
            let found = heads.partition_point(|head| (head.word, head.sequence) < (word, next));
            heads.get(found).filter(|head| head.word == word)
        };
        let mut first = if has_any { begun(ANY) } else { None };
        for &(form, _) in self.forms(at) {
            let found = if form == UNKNOWN { None } else { begun(form) };
            first = found.filter(|found| first.is_none_or(|first| found.sequence < first.sequence)).or(first);
        }
        first.copied()
    }

    fn atoms(&self, atoms: &[Atom], mut at: usize, first: usize, captures: &mut Captures) -> Option<usize> {
        for atom in atoms {
            if at >= self.words.len() || !self.is_same_sentence(first, at) {
                return None;
            }
            at = match atom {
                Atom::Word(id) => self.has_form(at, *id).then_some(at + 1)?,
                Atom::Prefix(stem) => {
                    let word = self.words.text(at);
                    self.forms(at)
                        .iter()
                        .any(|(_, from)| word[*from as usize..].starts_with(&**stem))
                        .then_some(at + 1)?
                }
                Atom::Number => begins_with_digit(self.words.text(at)).then_some(at + 1)?,
                Atom::Service => self.slot(Slot::Service, at, captures)?,
                Atom::To => self.slot(Slot::To, at, captures)?,
                Atom::From => self.slot(Slot::From, at, captures)?,
            };
        }
        Some(at)
    }

    fn slot(&self, slot: Slot, at: usize, captures: &mut Captures) -> Option<usize> {
        let index = self.places.partition_point(|place| place.from < at);
        let place = self.places.get(index).filter(|place| place.from == at)?;
        captures.slots.push((slot, index));
        Some(place.to)
    }

    fn is_same_sentence(&self, a: usize, b: usize) -> bool {
        b < self.words.len() && self.words.word(a).sentence == self.words.word(b).sentence
    }

    /// Whether nothing but mentions, hashtags, links, emoji and the beginning of a list of services
    /// ("insta, face e zap") stands before `at` in its sentence.
    fn only_marks_before(&self, at: usize) -> bool {
        let is_name = |i: usize| self.places.iter().any(|place| (place.from..place.to).contains(&i));
        let is_list = |i: usize| is_name(i) || (i > 0 && is_name(i - 1) && (is_name(i + 1) || is_name(i + 2)));
        at < self.words.len()
            && (0..at)
                .rev()
                .take_while(|&i| self.is_same_sentence(i, at))
                .all(|i| self.words.word(i).kind != WordKind::Plain || is_list(i))
    }

    /// Whether nothing but marks follows in the sentence that ends before `at`.
    fn only_marks_from(&self, at: usize) -> bool {
        at > 0
            && (at..self.words.len())
                .take_while(|&i| self.words.word(i).before != Break::Sentence)
                .all(|i| self.words.word(i).kind != WordKind::Plain)
    }
}
