//! Files of rows: what they say, checked.

use serde::Deserialize;

use super::files::LexiconFile;
use super::row::{Needs, Role, Row, RowKind, Scope, Section};
use super::syntax::compile_patterns;
use super::vocabulary::Vocabulary;
use super::{Lexicon, LexiconError};
use crate::model::{Lang, TermId};

/// What a failure is said of when no service is named.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum About {
    App,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    row: Vec<RawRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRow {
    id: String,
    pattern: Vec<String>,
    #[serde(default)]
    not: Vec<String>,
    symptom: Option<String>,
    needs: Option<Needs>,
    #[serde(default)]
    question: bool,
    about: Option<About>,
    polarity: Option<String>,
    role: Option<String>,
    scope: Option<Scope>,
    #[serde(default)]
    firm: bool,
    #[serde(default)]
    refuse: bool,
    matches: Vec<String>,
    rejects: Vec<String>,
}

/// Parses a file of rows and adds them; rows that are wrong go to `wrong`.
pub(super) fn compile(
    file: &LexiconFile,
    (section, lang): (Section, Lang),
    lexicon: &mut Lexicon,
    wrong: &mut Vec<LexiconError>,
) -> Result<(), LexiconError> {
    let raw: RawFile = file.parsed()?;
    for row in raw.row {
        let id = row.id.clone();
        match row.compile(section, lang, &mut lexicon.vocabulary) {
            Ok(row) => lexicon.rows.push(row),
            Err(detail) => wrong.push(LexiconError::Row { file: file.name.clone(), row: id, detail }),
        }
    }
    Ok(())
}

impl RawRow {
    fn compile(self, section: Section, lang: Lang, vocabulary: &mut Vocabulary) -> Result<Row, String> {
        let prefix = format!("{lang}.{}.", section.as_str());
        if !self.id.starts_with(&prefix) {
            return Err(format!("the id must begin with {prefix}"));
        }
        let kind = self.kind(section)?;
        if self.firm && !matches!(kind, RowKind::Cue { role: Role::Past, .. }) {
            return Err("firm is for cues of the past".to_owned());
        }
        let is_claim = matches!(section, Section::Outage | Section::Restored);
        if self.needs == Some(Needs::Contrast) && !is_claim {
            return Err("needs = \"contrast\" is for failures and returns".to_owned());
        }
        let usual = if section == Section::Move { Needs::Nothing } else { Needs::Service };
        Ok(Row {
            id: TermId::new(&self.id),
            lang,
            kind,
            needs: self.needs.unwrap_or(usual),
            is_firm: self.firm,
            about_addressee: self.about == Some(About::App),
            note: [self.symptom, self.role, self.polarity].into_iter().flatten().collect::<Vec<_>>().join(", "),
            patterns: compile_patterns(&self.pattern, vocabulary)?,
            not: compile_patterns(&self.not, vocabulary)?,
            written: self.pattern,
            matches: self.matches,
            rejects: self.rejects,
        })
    }

    fn kind(&self, section: Section) -> Result<RowKind, String> {
        match section {
            Section::Outage | Section::Restored if self.symptom.is_none() => Err("symptom is missing".to_owned()),
            Section::Outage => Ok(RowKind::Outage { question: self.question }),
            Section::Restored => {
                Ok(RowKind::Restored { works_for_me: self.symptom.as_deref() == Some("works-for-me") })
            }
            Section::News => self.role().map(RowKind::News),
            Section::Move => Ok(RowKind::Move { refuse: self.refuse }),
            Section::Cue => {
                let role: Role = self.role()?;
                Ok(RowKind::Cue { role, scope: self.scope.unwrap_or(role.scope()) })
            }
        }
    }

    fn role<T: serde::de::DeserializeOwned>(&self) -> Result<T, String> {
        let name = self.role.clone().ok_or("role is missing")?;
        T::deserialize(serde::de::value::StringDeserializer::<serde::de::value::Error>::new(name))
            .map_err(|error| format!("role: {error}"))
    }
}
