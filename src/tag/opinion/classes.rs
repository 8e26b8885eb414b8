//! Word classes: words that play the same part in what people say of a service, from `lexicons/class/<lang>.toml`.
//!
//! A linear model sees words; classes tell it that "buffers", "freezes" and "kicks me out" are of one kind, so that what it
//! learned of one holds of the others (as word clusters do in Miller, Guinness and Zamanian, "Name Tagging with Word
//! Clusters and Discriminative Training", NAACL 2004; these were written by hand).

mod describe;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use super::entries::{Entries, LONGEST};
use super::tokens::{Token, bare};
use crate::model::Lang;
use crate::normalize::words::Words;
use crate::tag::Inside;

/// Classes, one bit each.
pub(in crate::tag) type Set = u64;

/// Within how many words a part of a service and its failure are told together.
const TOLD_WITHIN: usize = 8;
/// Classes that turn around what follows.
const NEGATIONS: [&str; 2] = ["not", "cannot"];
/// What people use of a service: messages, screens, payments.
const PART: &str = "part";
/// What services do.
const WORK: &str = "work";
/// Classes of which one is enough to say that something fails.
const FAILURES: [&str; 5] = ["fail", "failed", "sign", "problem", "cannot"];

/// The classes of all languages, read from their files when the first post needs them.
#[derive(Debug, Default)]
pub struct Classes {
    files: Vec<(Lang, String)>,
    table: OnceLock<Table>,
}

/// All classes, by bit, and the entries of each language.
#[derive(Debug, Default)]
pub(super) struct Table {
    names: Vec<String>,
    /// Bits of the classes that are known by name here.
    part: Set,
    work: Set,
    failures: Set,
    negations: Set,
    langs: Vec<(Lang, Entries)>,
}

impl Classes {
    /// From a file for each language: a table of class names, each with a list of entries (a word, two or three words side
    /// by side, or a beginning of words with a star behind it).
    pub fn new(files: Vec<(Lang, String)>) -> Self {
        Self { files, table: OnceLock::new() }
    }

    /// Reads the files now.
    ///
    /// # Errors
    /// Where one of them is no such table, or an entry can match nothing; the language of the file comes with the message.
    pub fn checked(self) -> Result<Self, (Lang, String)> {
        let table = self.read()?;
        Ok(Self { table: OnceLock::from(table), ..self })
    }

    fn read(&self) -> Result<Table, (Lang, String)> {
        let mut table = Table::default();
        for (lang, text) in &self.files {
            table.add(*lang, text).map_err(|detail| (*lang, detail))?;
        }
        let [part, work, failures, negations] =
            [&[PART][..], &[WORK], &FAILURES, &NEGATIONS].map(|names| table.bits(names));
        Ok(Table { part, work, failures, negations, ..table })
    }

    /// Files that cannot be read have no say: only those inside the program are not checked, and a test holds them.
    pub(super) fn table(&self) -> &Table {
        self.table.get_or_init(|| self.read().unwrap_or_default())
    }
}

impl Inside<'_> {
    /// The classes of each token; they are the same however services are masked.
    pub(super) fn class_sets(&self, tokens: &[Token<'_>]) -> &[Set] {
        let table = self.attachment.lexicon.classes.table();
        self.class_sets.get_or_init(|| table.sets(self.lang.lang(), self.text.words, tokens))
    }
}

impl Table {
    fn add(&mut self, lang: Lang, text: &str) -> Result<(), String> {
        let table: BTreeMap<String, Vec<String>> = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut entries = Entries::default();
        for (name, written) in table {
            let bit = self.bit(&name).ok_or("there are more than 64 classes")?;
            for entry in &written {
                entries
                    .add(entry, bit, name == PART)
                    .map_err(|detail| format!("class '{name}': '{entry}' {detail}"))?;
            }
        }
        self.langs.push((lang, entries));
        Ok(())
    }

    /// The bit of a class, given now if it is new.
    fn bit(&mut self, name: &str) -> Option<Set> {
        let number = self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        1_u64.checked_shl(number as u32)
    }

    fn entries(&self, lang: Option<Lang>) -> Option<&Entries> {
        self.langs.iter().find(|(known, _)| Some(*known) == lang).map(|(_, entries)| entries)
    }

    /// The bits of classes.
    fn bits(&self, names: &[&str]) -> Set {
        (0..self.names.len())
            .filter(|&bit| names.contains(&self.names[bit].as_str()))
            .fold(0, |all, bit| all | 1 << bit)
    }

    /// Whether some word may be in the class of what people use of a service: asked before anything is worked out.
    pub(super) fn may_name_part(&self, lang: Option<Lang>, words: &Words) -> bool {
        let Some(entries) = self.entries(lang) else { return false };
        let mut texts = (0..words.len()).map(|at| words.text(at));
        texts.any(|word| entries.may_be_part(word) || entries.may_be_part(bare(word)))
    }

    /// Whether single words say that something fails, or that it does not work, wherever they stand.
    pub(super) fn says_failing(&self, lang: Option<Lang>, words: &Words) -> bool {
        let Some(entries) = self.entries(lang) else { return false };
        let all = (0..words.len()).fold(0, |all, at| {
            let word = words.text(at);
            all | entries.of(word) | entries.of(bare(word))
        });
        self.is_failing(all)
    }

    /// Whether classes that stand together say that something fails.
    fn is_failing(&self, set: Set) -> bool {
        set & self.failures != 0 || (set & self.negations != 0 && set & self.work != 0)
    }

    /// Whether classes say that something people use of a service fails: both close to each other in one sentence.
    pub(super) fn tell_of_failing(&self, sets: &[Set], tokens: &[Token<'_>]) -> bool {
        let is_told = |range: Range<usize>| {
            let all = sets[range].iter().fold(0, |all, set| all | set);
            all & self.part != 0 && self.is_failing(all)
        };
        sentences(tokens).any(|Range { start, end }| {
            let last = end.saturating_sub(TOLD_WITHIN).max(start);
            (start..=last).any(|from| is_told(from..(from + TOLD_WITHIN).min(end)))
        })
    }

    /// Names of the classes in a set.
    pub(super) fn names(&self, set: Set) -> impl Iterator<Item = &str> {
        self.names.iter().enumerate().filter(move |(bit, _)| set >> bit & 1 == 1).map(|(_, name)| name.as_str())
    }

    /// The classes of each token of a post in a language; none where nobody has written the language's classes.
    fn sets(&self, lang: Option<Lang>, words: &Words, tokens: &[Token<'_>]) -> Vec<Set> {
        let mut sets = vec![0; tokens.len()];
        let Some(entries) = self.entries(lang) else { return sets };
        // As written: numbers are masked in tokens, and "404" is a sign of failure.
        let text = |token: &Token<'_>| {
            (token.mention.is_none() && !token.words.is_empty()).then(|| words.text(token.words.start))
        };
        let mut joined = String::new();
        for (at, token) in tokens.iter().enumerate() {
            let Some(first) = text(token) else { continue };
            sets[at] |= entries.of(first) | entries.of(token.bare);
            if !entries.may_begin(first) {
                continue;
            }
            joined.clear();
            joined.push_str(first);
            for next in at + 1..(at + LONGEST).min(tokens.len()) {
                let Some(word) = text(&tokens[next]) else { break };
                joined.push(' ');
                joined.push_str(word);
                let set = entries.joined(&joined);
                sets[at..=next].iter_mut().for_each(|cell| *cell |= set);
            }
        }
        sets
    }
}

/// The sentences, as runs of tokens without their ends.
fn sentences<'t>(tokens: &'t [Token<'_>]) -> impl Iterator<Item = Range<usize>> + use<'t> {
    let mut from = 0;
    tokens.split(|token| token.words.is_empty()).map(move |sentence| {
        let range = from..from + sentence.len();
        from = range.end + 1;
        range
    })
}

#[cfg(test)]
mod tests;
