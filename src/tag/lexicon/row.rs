//! Lexicon rows: what the files say, checked.

use serde::Deserialize;

use super::files::LexiconFile;
use super::pattern::Pattern;
use super::vocabulary::Vocabulary;
use super::{Lexicon, LexiconError, compile_patterns};
use crate::model::{Lang, TermId};

/// The folders of `lexicons/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// "It fails".
    Outage,
    /// "It works again".
    Restored,
    /// "Somebody else says so".
    News,
    /// "We go to the other one".
    Move,
    /// Words that turn a claim around.
    Cue,
}

impl Section {
    /// All sections.
    pub const ALL: [Self; 5] = [Self::Outage, Self::Restored, Self::News, Self::Move, Self::Cue];

    /// Name of the folder.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Outage => "outage",
            Self::Restored => "restored",
            Self::News => "news",
            Self::Move => "move",
            Self::Cue => "cue",
        }
    }
}

/// What a claim needs beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Needs {
    /// A service in the post.
    Service,
    /// Nothing: it says by itself that an online service fails (or that people move).
    Nothing,
    /// Moves only: a failing service in the post.
    Outage,
    /// Failures and returns only: that the sentence says the opposite of another service. What is left out of "Facebook
    /// works, Instagram doesn't" is said there.
    Contrast,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NewsRole {
    /// Somebody else is the source.
    Relay,
    /// A company speaks of its own failure.
    Statement,
    /// A form that only the press uses.
    Headline,
    /// A court or a government closes a service.
    Block,
}

/// What a cue does; see lexicons/README.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each is a row of the table in lexicons/README.md")]
pub enum Role {
    Negation,
    Past,
    Live,
    Hypothetical,
    Check,
    Wish,
    Device,
    OtherSense,
    Promo,
    Grumble,
    Fiction,
    Here,
    Same,
    #[serde(rename = "self")]
    Own,
    Venue,
    Contrast,
    Because,
    And,
}

/// How far a cue reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The claim's clause.
    Clause,
    /// The claim's sentence.
    Sentence,
    /// The whole post.
    Post,
    /// What stands behind the cue in its sentence.
    Before,
}

/// What a row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowKind {
    /// A service fails.
    Outage {
        /// Only in a question.
        question: bool,
    },
    /// A service works.
    Restored {
        /// It never failed for the author.
        works_for_me: bool,
    },
    /// Somebody else says so.
    News(NewsRole),
    /// People go elsewhere.
    Move {
        /// They refuse to.
        refuse: bool,
    },
    /// A word that turns a claim around.
    Cue {
        /// How.
        role: Role,
        /// How far.
        scope: Scope,
    },
}

/// One row.
#[derive(Debug)]
pub struct Row {
    /// Its id.
    pub id: TermId,
    /// Language of the file.
    pub lang: Lang,
    /// What it says.
    pub kind: RowKind,
    /// What it needs beside it.
    pub needs: Needs,
    /// Whether it speaks of "the app", "your site": of something that whoever is addressed would name.
    pub about_addressee: bool,
    /// Cues of the past only: "now" in the same sentence does not beat it.
    pub is_firm: bool,
    /// Symptom or role, for people.
    pub note: String,
    /// It fires where one of these matches.
    pub patterns: Vec<Pattern>,
    /// It is silent where one of these touches the match.
    pub not: Vec<Pattern>,
    /// Patterns as written, for `caiu lexicon list` and for finding shadowed rows.
    pub written: Vec<String>,
    /// Texts on which it must fire.
    pub matches: Vec<String>,
    /// Texts on which it must stay silent.
    pub rejects: Vec<String>,
}

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
    let raw: RawFile = toml::from_str(&file.text)
        .map_err(|error| LexiconError::Form { file: file.name.clone(), detail: error.to_string() })?;
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

impl Role {
    fn scope(self) -> Scope {
        match self {
            Self::Negation | Self::Here => Scope::Clause,
            Self::Hypothetical | Self::Wish => Scope::Before,
            Self::Promo | Self::Fiction | Self::Same => Scope::Post,
            _ => Scope::Sentence,
        }
    }
}
