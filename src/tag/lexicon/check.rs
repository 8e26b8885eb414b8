//! Proving a lexicon: each row's own examples, unique ids, shadowed rows, names that two services share.

use std::collections::HashMap;

use super::{Needs, RowKind};
use crate::tag::Tagger;

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Id of the row or service.
    pub row: String,
    /// What, with the text that shows it.
    pub detail: String,
}

/// Everything that is wrong, in the order of the files.
pub fn faults(tagger: &Tagger) -> Vec<Fault> {
    let lexicon = tagger.lexicon();
    let mut faults = Vec::new();
    let mut fault = |row: &str, detail: String| faults.push(Fault { row: row.to_owned(), detail });
    let mut ids: HashMap<&str, ()> = HashMap::new();
    let mut written: HashMap<(String, std::mem::Discriminant<RowKind>, bool), &str> = HashMap::new();
    for (number, row) in lexicon.rows.iter().enumerate() {
        let id = row.id.as_str();
        if ids.insert(id, ()).is_some() {
            fault(id, "this id stands twice".to_owned());
        }
        if row.matches.is_empty() || row.rejects.is_empty() {
            fault(id, "a row needs at least one text in matches and one in rejects".to_owned());
        }
        for text in &row.matches {
            if !tagger.fires(number, text) {
                fault(id, format!("does not fire on its own match: {text}"));
            }
        }
        for text in &row.rejects {
            if tagger.fires(number, text) {
                fault(id, format!("fires on a text that it should reject: {text}"));
            }
        }
        for pattern in &row.written {
            let folded = fold_pattern(pattern);
            let key = (folded, std::mem::discriminant(&row.kind), row.needs == Needs::Nothing);
            if let Some(other) = written.insert(key, id).filter(|&other| other != id) {
                fault(id, format!("is shadowed by {other}: both have the pattern '{pattern}'"));
            }
        }
    }
    let mut names: HashMap<String, &str> = HashMap::new();
    for service in &lexicon.services {
        for name in &service.names {
            let key = format!("{:?}", name.pattern.nodes);
            if let Some(other) = names.insert(key, service.id.as_str()).filter(|&other| other != service.id.as_str()) {
                fault(service.id.as_str(), format!("shares a name with {other}"));
            }
        }
    }
    faults
}

fn fold_pattern(pattern: &str) -> String {
    pattern
        .split_whitespace()
        .map(|word| word.chars().flat_map(char::to_lowercase).collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}

impl Tagger {
    /// Whether a row (by its index) fires on a text, by its own patterns and conditions.
    pub fn fires(&self, row: usize, text: &str) -> bool {
        let words = self.words(text);
        let mut prepared = crate::tag::Text::new(&words, &self.lexicon.vocabulary);
        let mut mentions = self.names.find(&self.lexicon, &mut prepared);
        let firings = self.rows.fire(&self.lexicon, &prepared, &mut mentions, true);
        [&firings.claims, &firings.news, &firings.moves, &firings.cues]
            .into_iter()
            .flatten()
            .any(|fired| fired.row == row)
    }
}
