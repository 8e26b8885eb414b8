//! Services: how they are called, and when the word means something else.

use serde::Deserialize;

use super::files::LexiconFile;
use super::pattern::Pattern;
use super::vocabulary::Vocabulary;
use super::{LexiconError, compile_patterns};
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
    #[serde(default, rename = "domains")]
    _domains: Vec<String>,
    #[serde(default)]
    countries: Vec<String>,
    #[serde(default, rename = "home")]
    _home: bool,
}

/// Parses `services.toml` and adds its services.
pub(super) fn compile(
    file: &LexiconFile,
    services: &mut Vec<Service>,
    vocabulary: &mut Vocabulary,
) -> Result<(), LexiconError> {
    let raw: RawFile = toml::from_str(&file.text)
        .map_err(|error| LexiconError::Form { file: file.name.clone(), detail: error.to_string() })?;
    for service in raw.service {
        let wrong = |detail: &str| LexiconError::Row {
            file: file.name.clone(),
            row: service.id.clone(),
            detail: detail.to_owned(),
        };
        if services.iter().any(|known| known.id.as_str() == service.id) {
            return Err(wrong("this id stands twice"));
        }
        if service.names.is_empty() && service.weak.is_empty() {
            return Err(wrong("it has no names"));
        }
        let mut names = Vec::new();
        for (texts, is_weak) in [(&service.names, false), (&service.weak, true)] {
            let patterns = compile_patterns(&file.name, &service.id, texts, vocabulary)?;
            names.extend(patterns.into_iter().map(|pattern| Name { pattern, is_weak }));
        }
        services.push(Service {
            id: ServiceId::new(&service.id),
            names,
            hints: compile_patterns(&file.name, &service.id, &service.hints, vocabulary)?,
            not: compile_patterns(&file.name, &service.id, &service.not, vocabulary)?,
            handles: service.handles.iter().map(|h| h.trim_start_matches('@').to_lowercase()).collect(),
            countries: service.countries.iter().map(Country::new).collect(),
            category: service.category,
        });
    }
    Ok(())
}
