//! Services: how they are called, and when the word means something else.

use serde::Deserialize;

use super::files::LexiconFile;
use super::pattern::Pattern;
use super::syntax::compile_patterns;
use super::vocabulary::Vocabulary;
use super::{Lexicon, LexiconError};
use crate::model::{Country, ServiceId};

/// One way to call a service.
#[derive(Debug)]
pub struct Name {
    /// As a pattern of plain words.
    pub pattern: Pattern,
    /// Whether the word has other meanings, so that something must speak for it.
    pub is_weak: bool,
}

/// One service.
#[derive(Debug)]
pub struct Service {
    /// Canonical id.
    pub id: ServiceId,
    /// `messenger`, `telecom`, …
    pub category: String,
    /// How it is called.
    pub names: Vec<Name>,
    /// Words that speak for a weak name.
    pub hints: Vec<Pattern>,
    /// Where the word is not the service.
    pub not: Vec<Pattern>,
    /// Its own accounts, folded.
    pub handles: Vec<String>,
    /// Countries, for services of one or few.
    pub countries: Vec<Country>,
    /// Whether people only go there ("I'll text you"), and its failure is somebody else's.
    pub only_destination: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    service: Vec<RawService>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawService {
    id: String,
    category: String,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    weak: Vec<String>,
    #[serde(default)]
    hints: Vec<String>,
    #[serde(default)]
    not: Vec<String>,
    #[serde(default)]
    handles: Vec<String>,
    #[serde(default)]
    countries: Vec<String>,
    #[serde(default)]
    only_destination: bool,
}

/// Parses `services.toml` and adds its services; those that are wrong go to `wrong`.
pub(super) fn compile(
    file: &LexiconFile,
    lexicon: &mut Lexicon,
    wrong: &mut Vec<LexiconError>,
) -> Result<(), LexiconError> {
    let raw: RawFile = file.parsed()?;
    for service in raw.service {
        let id = service.id.clone();
        let is_known = lexicon.services.iter().any(|known| known.id.as_str() == id);
        let compiled =
            if is_known { Err("this id stands twice".to_owned()) } else { service.compile(&mut lexicon.vocabulary) };
        match compiled {
            Ok(service) => lexicon.services.push(service),
            Err(detail) => wrong.push(LexiconError::Row { file: file.name.clone(), row: id, detail }),
        }
    }
    Ok(())
}

impl RawService {
    fn compile(self, vocabulary: &mut Vocabulary) -> Result<Service, String> {
        if self.names.is_empty() && self.weak.is_empty() {
            return Err("it has no names".to_owned());
        }
        let mut names = Vec::new();
        for (texts, is_weak) in [(&self.names, false), (&self.weak, true)] {
            names.extend(compile_patterns(texts, vocabulary)?.into_iter().map(|pattern| Name { pattern, is_weak }));
        }
        Ok(Service {
            id: ServiceId::new(&self.id),
            names,
            hints: compile_patterns(&self.hints, vocabulary)?,
            not: compile_patterns(&self.not, vocabulary)?,
            handles: self.handles.iter().map(|h| h.trim_start_matches('@').to_lowercase()).collect(),
            countries: self.countries.iter().map(Country::new).collect(),
            category: self.category,
            only_destination: self.only_destination,
        })
    }
}
