//! Which services a post names, and whether an everyday word is one of them.

mod everyday;

use std::cell::OnceCell;

use rustc_hash::FxHashMap;

use super::lexicon::Lexicon;
use super::matcher::{Index, Place, Text};
use crate::normalize::words::{Break, WordKind};
pub(super) use everyday::BEHIND_DETERMINER;

/// A place at which a service may be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mention {
    /// Where and which.
    pub place: Place,
    /// Whether it counts, or what speaks for or against it.
    pub standing: Standing,
}

/// Why a mention counts or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The name means nothing else.
    Strong,
    /// An everyday word with something that speaks for the service.
    Supported(&'static str),
    /// An everyday word that only a failure or a move said directly of it can make a service.
    Open,
    /// Another sense of the word.
    Rejected(&'static str),
}

impl Standing {
    /// Whether the mention is a service.
    pub fn counts(self) -> bool {
        matches!(self, Self::Strong | Self::Supported(_))
    }
}

/// Finds names of services.
#[derive(Debug)]
pub struct Names {
    index: Index,
    /// Service and weakness by tag of the index.
    tags: Vec<(usize, bool)>,
    /// Words that speak for a weak name, by service.
    hints: Index,
    handles: FxHashMap<String, usize>,
}

/// What a service's own accounts add to its name.
const HANDLE_TAILS: [&str; 27] = [
    "", "app", "help", "support", "cares", "care", "br", "brasil", "pt", "portugal", "us", "usa", "uk", "india", "in",
    "ng", "nigeria", "arabia", "ksa", "mena", "official", "oficial", "ajuda", "status", "comms", "service", "team",
];

/// What stands before the name in accounts that answer questions.
const HANDLE_HEAD: &str = "ask";

/// Small words with which a written name may begin ("o teams"): the place of the name leaves them out.
const LEADING: [&str; 22] = [
    "o", "a", "os", "as", "do", "da", "no", "na", "ao", "pro", "pra", "pelo", "pela", "meu", "minha", "esse", "essa",
    "the", "my", "your", "on", "app",
];

impl Names {
    /// Indexes the names and accounts of all services.
    pub fn new(lexicon: &Lexicon) -> Self {
        let (mut tags, mut patterns, mut hints) = (Vec::new(), Vec::new(), Vec::new());
        let mut handles = FxHashMap::default();
        for (number, service) in lexicon.services.iter().enumerate() {
            for name in &service.names {
                patterns.push((tags.len(), name.pattern.clone()));
                tags.push((number, name.is_weak));
            }
            hints.extend(service.hints.iter().map(|hint| (number, hint.clone())));
            for handle in std::iter::once(service.id.as_str()).chain(service.handles.iter().map(String::as_str)) {
                handles.entry(handle.to_owned()).or_insert(number);
            }
        }
        Self { index: Index::new(patterns), tags, hints: Index::new(hints), handles }
    }

    /// The service of an account: the first in the lexicon where tails make one name of two.
    fn of_handle(&self, handle: &str) -> Option<usize> {
        let bare = HANDLE_TAILS.iter().filter_map(|tail| handle.strip_suffix(tail));
        let names = bare.flat_map(|bare| [Some(bare), bare.strip_prefix(HANDLE_HEAD)]).flatten();
        names.filter_map(|name| self.handles.get(name.trim_matches('_'))).min().copied()
    }

    /// Finds all mentions and sets `text.places` to their places, in order, apart from each other.
    pub fn find(&self, lexicon: &Lexicon, text: &mut Text<'_>) -> Vec<Mention> {
        let mut found: Vec<(Place, bool)> = Vec::new();
        for hit in self.index.find(text) {
            let (service, is_weak) = self.tags[hit.tag];
            // "Facebook, Messenger" are two names, whatever a name of two words says.
            if (hit.from + 1..hit.to).any(|at| text.words.word(at).before != Break::None) {
                continue;
            }
            let is_small = |&at: &usize| at + 1 < hit.to && LEADING.contains(&text.words.text(at));
            let from = (hit.from..hit.to).find(|at| !is_small(at)).unwrap_or(hit.from);
            found.push((Place { from, to: hit.to, service }, is_weak));
        }
        for at in 0..text.words.len() {
            if text.words.word(at).kind == WordKind::Mention
                && let Some(service) = self.of_handle(text.words.text(at).trim_matches('_'))
            {
                found.push((Place { from: at, to: at + 1, service }, false));
            }
        }
        found.sort_by_key(|(place, is_weak)| (place.from, std::cmp::Reverse(place.to), *is_weak));
        let mut mentions: Vec<Mention> = Vec::new();
        for (place, is_weak) in found {
            if mentions.last().is_none_or(|last| last.place.to <= place.from) {
                let standing = if is_weak { Standing::Open } else { Standing::Strong };
                mentions.push(Mention { place, standing });
            }
        }
        let hinted = OnceCell::new();
        let has_hint = |service: usize| {
            let hinted = hinted.get_or_init(|| self.hints.find(text));
            hinted.iter().any(|hit| hit.tag == service)
        };
        for i in 0..mentions.len() {
            mentions[i].standing = everyday::judge(lexicon, text, &mentions, i, &has_hint);
        }
        text.places = mentions.iter().map(|mention| mention.place).collect();
        mentions
    }
}
