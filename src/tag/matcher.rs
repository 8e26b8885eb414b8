//! Finds lexicon patterns in folded words: an index from first words to patterns, then a check of each.

use rustc_hash::FxHashMap;

use super::lexicon::pattern::{ANY, Atom, Node, Pattern, WordSet};
use super::lexicon::vocabulary::{Vocabulary, WordId};
use crate::normalize::fold::clitic_starts;
use crate::normalize::words::{Break, WordKind, Words};

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

/// A text made ready: each word's numbers in the vocabulary, with and without clitics.
pub struct Text<'a> {
    /// The words.
    pub words: &'a Words,
    forms: Vec<(WordId, u32)>,
    starts: Vec<u32>,
    /// The forms of each word.
    sets: Vec<WordSet>,
    /// The forms of each word and of all behind it in its sentence.
    ahead: Vec<WordSet>,
    /// Where services may be named, by first word.
    pub places: Vec<Place>,
}

/// A form that no pattern knows.
const UNKNOWN: WordId = WordId::MAX - 1;

impl<'a> Text<'a> {
    /// Looks every word up.
    pub fn new(words: &'a Words, vocabulary: &Vocabulary) -> Self {
        let mut forms = Vec::with_capacity(words.len() + 8);
        let mut starts = Vec::with_capacity(words.len() + 1);
        let mut sets = vec![WordSet::default(); words.len()];
        for (i, set) in sets.iter_mut().enumerate() {
            starts.push(forms.len() as u32);
            if matches!(words.word(i).kind, WordKind::Link | WordKind::Mention) {
                continue;
            }
            let word = words.text(i);
            for at in clitic_starts(word) {
                let id = vocabulary.get(&word[at..]);
                if let Some(id) = id {
                    set.add(id);
                }
                forms.push((id.unwrap_or(UNKNOWN), at as u32));
            }
        }
        starts.push(forms.len() as u32);
        let mut ahead = sets.clone();
        for i in (1..ahead.len()).rev() {
            if !words.starts_sentence(i) {
                ahead[i - 1] = ahead[i - 1].and(ahead[i]);
            }
        }
        Self { words, forms, starts, sets, ahead, places: Vec::new() }
    }

    /// Whether the words that a pattern cannot do without may follow: most patterns end here.
    fn may_match(&self, pattern: &Pattern, at: usize) -> bool {
        pattern.needs.iter().all(|words| words.may_meet(self.ahead[at]))
    }

    /// Whether one of the sequences of a step may begin at a word.
    fn may_begin(&self, firsts: WordSet, at: usize) -> bool {
        self.sets.get(at).is_some_and(|forms| firsts.may_meet(*forms))
    }

    fn forms(&self, at: usize) -> &[(WordId, u32)] {
        &self.forms[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// Matches a pattern with its first word at `at`.
    pub fn match_at(&self, pattern: &Pattern, at: usize) -> Option<(usize, Captures)> {
        if !self.may_match(pattern, at) {
            return None;
        }
        let mut captures = Captures::default();
        self.nodes(&pattern.nodes, at, at, &mut captures).map(|to| (to, captures))
    }

    /// Whether a pattern matches anywhere so that it shares a word with `from..to`.
    pub fn touches(&self, pattern: &Pattern, from: usize, to: usize) -> bool {
        (from.saturating_sub(10)..to).any(|at| {
            let mut captures = Captures { least_end: from + 1, ..Captures::default() };
            self.nodes(&pattern.nodes, at, at, &mut captures).is_some()
        })
    }

    /// Whether a pattern matches anywhere.
    pub fn contains(&self, pattern: &Pattern) -> bool {
        (0..self.words.len()).any(|at| self.match_at(pattern, at).is_some())
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
            Node::Either { alternatives, optional, heads, .. } => {
                let depth = captures.slots.len();
                let forms = self.forms(at);
                let may_be = |head: WordId| head == ANY || forms.iter().any(|(form, _)| *form == head);
                for (atoms, _) in alternatives.iter().zip(heads).filter(|(_, head)| may_be(**head)) {
                    if let Some(next) = self.atoms(atoms, at, first, captures)
                        && let Some(end) = self.nodes(rest, next, first, captures)
                    {
                        return Some(end);
                    }
                    captures.slots.truncate(depth);
                }
                optional.then(|| self.nodes(rest, at, first, captures)).flatten()
            }
        }
    }

    fn atoms(&self, atoms: &[Atom], mut at: usize, first: usize, captures: &mut Captures) -> Option<usize> {
        for atom in atoms {
            if at >= self.words.len() || !self.is_same_sentence(first, at) {
                return None;
            }
            at = match atom {
                Atom::Word(id) => self.forms(at).iter().any(|(form, _)| form == id).then_some(at + 1)?,
                Atom::Prefix(stem) => {
                    let word = self.words.text(at);
                    self.forms(at)
                        .iter()
                        .any(|(_, from)| word[*from as usize..].starts_with(&**stem))
                        .then_some(at + 1)?
                }
                Atom::Number => self.words.text(at).starts_with(|c: char| c.is_ascii_digit()).then_some(at + 1)?,
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

/// Patterns by the words with which they may begin.
#[derive(Debug, Default)]
pub struct Index {
    /// By number of the word, which leaves no holes worth a map.
    by_word: Vec<Vec<u32>>,
    by_stem: FxHashMap<[u8; 3], Vec<u32>>,
    by_slot: Vec<u32>,
    by_number: Vec<u32>,
    /// Patterns by the words of their key: each is tried only on a text that has one of them.
    by_key: Vec<Vec<u32>>,
    /// One bit for each pattern: whether it has no key.
    keyless: Vec<u64>,
    patterns: Vec<(usize, Pattern)>,
}

impl Index {
    /// Adds a pattern; `tag` comes back in its hits.
    pub fn add(&mut self, tag: usize, pattern: Pattern) {
        let number = self.patterns.len() as u32;
        let (at, bit) = bit_of(number);
        self.keyless.resize(at + 1, 0);
        if pattern.key.is_empty() {
            self.keyless[at] |= bit;
        }
        for &word in &pattern.key {
            grown(&mut self.by_key, word).push(number);
        }
        let put = |list: &mut Vec<u32>| {
            if list.last() != Some(&number) {
                list.push(number);
            }
        };
        pattern.first_atoms(|atom| match atom {
            Atom::Word(id) => put(grown(&mut self.by_word, *id)),
            Atom::Prefix(stem) => put(self.by_stem.entry(stem_key(stem).unwrap_or_default()).or_default()),
            Atom::Number => put(&mut self.by_number),
            Atom::Service | Atom::To | Atom::From => put(&mut self.by_slot),
        });
        self.patterns.push((tag, pattern));
    }

    /// Calls `found` for the first match of each pattern at each word.
    pub fn find(&self, text: &Text<'_>, mut found: impl FnMut(Hit)) {
        let mut tried = self.keyless.clone();
        for &number in text.forms.iter().filter_map(|(id, _)| self.by_key.get(*id as usize)).flatten() {
            let (at, bit) = bit_of(number);
            tried[at] |= bit;
        }
        let mut seen: Vec<u32> = Vec::new();
        for at in 0..text.words.len() {
            seen.clear();
            let mut attempt = |numbers: &[u32]| {
                // No list holds a number twice, so only the lists before this one are looked through.
                let num_earlier = seen.len();
                let is_tried = |number: u32| {
                    let (at, bit) = bit_of(number);
                    tried[at] & bit != 0
                };
                for &number in numbers.iter().filter(|&&number| is_tried(number)) {
                    let (tag, pattern) = &self.patterns[number as usize];
                    if !text.may_match(pattern, at) || seen[..num_earlier].contains(&number) {
                        continue;
                    }
                    seen.push(number);
                    if let Some((to, Captures { slots, gaps, .. })) = text.match_at(pattern, at) {
                        found(Hit { tag: *tag, from: at, to, slots, gaps });
                    }
                }
            };
            let word = text.words.text(at);
            for (id, from) in text.forms(at) {
                if let Some(numbers) = self.by_word.get(*id as usize) {
                    attempt(numbers);
                }
                if !self.by_stem.is_empty()
                    && let Some(numbers) = stem_key(&word[*from as usize..]).and_then(|key| self.by_stem.get(&key))
                {
                    attempt(numbers);
                }
            }
            if word.starts_with(|c: char| c.is_ascii_digit()) {
                attempt(&self.by_number);
            }
            let index = text.places.partition_point(|place| place.from < at);
            if text.places.get(index).is_some_and(|place| place.from == at) {
                attempt(&self.by_slot);
            }
        }
    }
}

/// The list of a word, made if there is none yet.
fn grown(lists: &mut Vec<Vec<u32>>, word: WordId) -> &mut Vec<u32> {
    let at = word as usize;
    lists.resize(lists.len().max(at + 1), Vec::new());
    &mut lists[at]
}

/// Where the bit of a pattern is.
fn bit_of(number: u32) -> (usize, u64) {
    (number as usize / 64, 1 << (number % 64))
}

/// The first three bytes, which any stem of three letters has.
fn stem_key(text: &str) -> Option<[u8; 3]> {
    text.as_bytes().get(..3)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Matches `pattern` anywhere in `text`, in which "zap" and "insta" are services.
    fn is_hit(pattern: &str, text: &str) -> bool {
        let mut vocabulary = Vocabulary::default();
        let pattern = Pattern::parse(pattern, &mut vocabulary).unwrap();
        let words = Words::plain(text);
        let mut text = Text::new(&words, &vocabulary);
        text.places = (0..words.len())
            .filter(|&i| matches!(words.text(i), "zap" | "insta"))
            .map(|i| Place { from: i, to: i + 1, service: 0 })
            .collect();
        let mut index = Index::default();
        index.add(7, pattern);
        let mut count = 0;
        index.find(&text, |hit| count += hit.tag);
        count > 0
    }

    #[test]
    fn patterns_match_words() {
        for (pattern, text, expected) in [
            ("caiu", "o zap caiu", true),
            ("caiu", "caiuzinho", false),
            ("trav* tudo", "travando tudo", true),
            ("$S ..2 caiu", "zap já me caiu", true),
            ("$S ..2 caiu", "zap já me foi e caiu", false),
            ("$S ..3 caiu", "zap. e caiu", false),
            ("caiu o? $S", "caiu insta", true),
            ("$S down >", "zap down 😭 #help", true),
            ("$S down >", "zap down to earth", false),
            ("< down", "@joe down", true),
            ("< down", "all down", false),
            ("< $S down", "insta e zap down", true),
            ("< $S down", "meu zap down", false),
            ("$N (horas|h) sem", "3 horas sem zap", true),
            ("can't send", "cant send", true),
            ("طاح", "وطاح الواتس", true),
            ("واتساب", "بالواتساب", true),
            ("a|b (c d|e)? f", "b c d f", true),
            ("a|b (c d|e)? f", "b f", true),
            ("a|b (c d|e)? f", "b c f", false),
        ] {
            assert_eq!(is_hit(pattern, text), expected, "{pattern} / {text}");
        }
    }
}
