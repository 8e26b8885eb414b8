//! What a lexicon row says.

use serde::Deserialize;

use super::pattern::Pattern;
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

impl NewsRole {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Statement => "statement",
            Self::Headline => "headline",
            Self::Block => "block",
        }
    }
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

impl Role {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Negation => "negation",
            Self::Past => "past",
            Self::Live => "live",
            Self::Hypothetical => "hypothetical",
            Self::Check => "check",
            Self::Wish => "wish",
            Self::Device => "device",
            Self::OtherSense => "othersense",
            Self::Promo => "promo",
            Self::Grumble => "grumble",
            Self::Fiction => "fiction",
            Self::Here => "here",
            Self::Same => "same",
            Self::Own => "own",
            Self::Venue => "venue",
            Self::Contrast => "contrast",
            Self::Because => "because",
            Self::And => "and",
        }
    }

    /// How far it reaches where its row does not say.
    pub(super) fn scope(self) -> Scope {
        match self {
            Self::Negation | Self::Here => Scope::Clause,
            Self::Hypothetical | Self::Wish => Scope::Before,
            Self::Promo | Self::Fiction | Self::Same => Scope::Post,
            _ => Scope::Sentence,
        }
    }
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
