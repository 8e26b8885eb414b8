//! Finds lexicon patterns in folded words: an index from their rarest words to patterns, then a check of each.

use std::cell::OnceCell;

use rustc_hash::FxHashMap;

use super::lexicon::anchor::{Anchor, SLOT_WORDS};
use super::lexicon::pattern::{ANY, Atom, Firsts, Node, Pattern, WordSet};
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
    /// Made when the first pattern is tried, to which most texts do not come.
    sets: OnceCell<Sets>,
    /// Where services may be named, by first word.
    pub places: Vec<Place>,
}

/// The forms of words as sets.
struct Sets {
    /// Of each word.
    own: Vec<WordSet>,
    /// Of each word and of all behind it in its sentence.
    ahead: Vec<WordSet>,
    /// Of each sentence.
    whole: Vec<WordSet>,
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

    fn sets(&self) -> &Sets {
        self.sets.get_or_init(|| {
            let mut own = vec![WordSet::default(); self.words.len()];
            for (at, set) in own.iter_mut().enumerate() {
                self.forms(at).iter().filter(|(id, _)| *id != UNKNOWN).for_each(|(id, _)| set.add(*id));
            }
            let mut ahead = own.clone();
            for at in (1..ahead.len()).rev() {
                if !self.words.starts_sentence(at) {
                    ahead[at - 1] = ahead[at - 1].and(ahead[at]);
                }
            }
            let mut whole = vec![WordSet::default(); self.words.num_sentences()];
            for (word, set) in self.words.iter().zip(&own) {
                let sentence = &mut whole[usize::from(word.sentence)];
                *sentence = sentence.and(*set);
            }
            Sets { own, ahead, whole }
        })
    }

    /// The words around one in its sentence, up to so many on either side.
    fn around(&self, met: usize, most: usize) -> WordSet {
        let sentence = self.words.word(met).sentence;
        let is_near = |at: &usize| self.words.word(*at).sentence == sentence;
        let before = (0..met).rev().take(most).take_while(is_near);
        let behind = (met..self.words.len()).take(most + 1).take_while(is_near);
        before.chain(behind).fold(WordSet::default(), |all, at| all.and(self.sets().own[at]))
    }

    /// Whether the words that a pattern cannot do without may follow: most patterns end here.
    fn may_match(&self, pattern: &Pattern, at: usize) -> bool {
        pattern.needs.iter().all(|words| words.may_meet(self.sets().ahead[at]))
    }

    /// Whether one of the sequences of a step may begin at a word.
    fn may_begin(&self, firsts: WordSet, at: usize) -> bool {
        self.sets().own.get(at).is_some_and(|forms| firsts.may_meet(*forms))
    }

    /// Whether a match may begin at a word.
    fn may_begin_with(&self, firsts: Firsts, at: usize) -> bool {
        firsts.has_other
            || firsts.words.may_meet(self.sets().own[at])
            || (firsts.has_slot && self.places.iter().any(|place| place.from == at))
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
        (from.saturating_sub(10)..to).filter(|&at| self.may_match(pattern, at)).any(|at| {
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
            Node::Either { alternatives, optional, heads, .. } => {
                let depth = captures.slots.len();
                let mut next = 0;
                while let Some(sequence) = self.next_begun(heads, at, next) {
                    if let Some(behind) = self.atoms(&alternatives[usize::from(sequence)], at, first, captures)
                        && let Some(end) = self.nodes(rest, behind, first, captures)
                    {
                        return Some(end);
                    }
                    captures.slots.truncate(depth);
                    next = sequence + 1;
                }
                optional.then(|| self.nodes(rest, at, first, captures)).flatten()
            }
        }
    }

    /// The first sequence from `next` on that may begin with the word at `at`.
    fn next_begun(&self, heads: &[(WordId, u16)], at: usize, next: u16) -> Option<u16> {
        let begun = |head: WordId| {
            let found = heads.partition_point(|&known| known < (head, next));
            heads.get(found).filter(|known| known.0 == head).map(|known| known.1)
        };
        self.forms(at).iter().map(|&(form, _)| form).chain([ANY]).filter_map(begun).min()
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

/// Patterns by their anchors.
#[derive(Debug, Default)]
pub struct Index {
    patterns: Vec<(usize, Pattern)>,
    by_word: Lists,
    /// By the first three letters, which any stem has.
    by_stem: FxHashMap<[char; 3], Vec<(Box<str>, Entry)>>,
    by_slot: Vec<Entry>,
    by_number: Vec<Entry>,
}

/// A pattern in a list, with what most often tells that it does not match: the pattern itself is far away in memory.
#[derive(Debug, Clone)]
struct Entry {
    needs: [WordSet; 2],
    firsts: Firsts,
    number: u32,
    /// As in [`Anchor`].
    least: u16,
    most: u16,
    num_slots: u16,
    reach: u16,
}

/// Lists by word, in one piece.
#[derive(Debug, Default)]
struct Lists {
    /// One bit for each word that has a list.
    is_known: Vec<u64>,
    /// Where the list of each word begins, and where the last ends.
    starts: Vec<u32>,
    entries: Vec<Entry>,
}

impl Lists {
    fn new(mut pairs: Vec<(WordId, Entry)>) -> Self {
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
    fn get(&self, word: WordId) -> &[Entry] {
        let at = word as usize;
        if self.is_known.get(at / 64).is_none_or(|bits| bits & (1 << (word % 64)) == 0) {
            return &[];
        }
        &self.entries[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
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
        index.patterns = patterns;
        index
    }

    /// The first match of each pattern at each word, by word and then by pattern.
    pub fn find(&self, text: &Text<'_>) -> Vec<Hit> {
        let mut hits: Vec<(u32, Hit)> = Vec::new();
        for at in 0..text.words.len() {
            for &(id, from) in text.forms(at) {
                self.attempt(self.by_word.get(id), at, text, &mut hits);
                if !self.by_stem.is_empty() {
                    let form = &text.words.text(at)[from as usize..];
                    let stems = stem_key(form).and_then(|key| self.by_stem.get(&key)).into_iter().flatten();
                    let begun = stems.filter(|(stem, _)| form.starts_with(&**stem));
                    begun.for_each(|(_, entry)| self.attempt(std::slice::from_ref(entry), at, text, &mut hits));
                }
            }
            if !self.by_number.is_empty() && begins_with_digit(text.words.text(at)) {
                self.attempt(&self.by_number, at, text, &mut hits);
            }
        }
        for place in &text.places {
            self.attempt(&self.by_slot, place.from, text, &mut hits);
        }
        // A pattern may have met several of its anchors in one match.
        hits.sort_unstable_by_key(|(number, hit)| (hit.from, *number));
        hits.dedup_by_key(|(number, hit)| (hit.from, *number));
        hits.into_iter().map(|(_, hit)| hit).collect()
    }

    /// Tries patterns at every word from which their anchor may be where it was met.
    fn attempt(&self, entries: &[Entry], met: usize, text: &Text<'_>, hits: &mut Vec<(u32, Hit)>) {
        if entries.is_empty() {
            return;
        }
        let widest = text.places.iter().map(|place| place.to - place.from).max().unwrap_or(1);
        let sentence = text.words.word(met).sentence;
        let whole = text.sets().whole[usize::from(sentence)];
        let near = if widest > SLOT_WORDS.into() { whole } else { text.around(met, NEAR) };
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
                if !text.may_begin_with(entry.firsts, from) {
                    continue;
                }
                let (tag, pattern) = &self.patterns[entry.number as usize];
                if let Some((to, Captures { slots, gaps, .. })) = text.match_at(pattern, from) {
                    hits.push((entry.number, Hit { tag: *tag, from, to, slots, gaps }));
                }
            }
        }
    }
}

fn begins_with_digit(word: &str) -> bool {
    word.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

/// The first three letters, which any stem has.
fn stem_key(text: &str) -> Option<[char; 3]> {
    let mut letters = text.chars();
    Some([letters.next()?, letters.next()?, letters.next()?])
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
        let hits = Index::new(vec![(7, pattern)]).find(&text);
        hits.iter().any(|hit| hit.tag == 7)
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
            ("down", "up and down. down", true),
            ("$S (is|was)? so slow", "my insta was so slow", true),
            ("it ..2 crashes", "crashes it now. it just now crashes", true),
            ("it ..2 crashes", "it. crashes", false),
            ("(no|sem) (a b|c trav*)", "sem c travou", true),
            ("$N", "since 10h", true),
            ("< $S", "zap", true),
        ] {
            assert_eq!(is_hit(pattern, text), expected, "{pattern} / {text}");
        }
    }
}
