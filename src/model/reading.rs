//! The judgment on one post.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LangGuess, ServiceId, TermId};

/// What a post does, by the annotation guide: exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The author's own observation, now, that a service fails.
    Complaint,
    /// The author says that a service works again, or works for them.
    Restored,
    /// A relayed account.
    News,
    /// Everything else.
    Other,
}

impl Kind {
    /// All kinds, in the order of tables.
    pub const ALL: [Self; 4] = [Self::Complaint, Self::Restored, Self::News, Self::Other];

    /// The name as it is written in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complaint => "complaint",
            Self::Restored => "restored",
            Self::News => "news",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = String;
    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .ok_or_else(|| format!("'{name}' is no kind: use complaint, restored, news or other"))
    }
}

/// Somebody uses `to` in place of `from`; `from` is unknown where the text does not say it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Move {
    /// Where they come from.
    pub from: Option<ServiceId>,
    /// Where they go.
    pub to: ServiceId,
}

/// Why: which row, and where in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The lexicon row.
    pub term: TermId,
    /// Bytes of the post's text, on character bounds.
    pub span: Range<u32>,
}

/// The judgment on one post, with its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Language of most of the words.
    pub lang: LangGuess,
    /// What the post does.
    pub kind: Kind,
    /// Services that fail (complaint), are back (restored) or either (news): sorted, no doubles.
    pub down: Vec<ServiceId>,
    /// Moves, sorted, no doubles.
    pub moves: Vec<Move>,
    /// Every service that the post names, failing or not: sorted, no doubles.
    pub named: Vec<ServiceId>,
    /// Whether the post speaks of a block by a court or a government.
    pub speaks_of_block: bool,
    /// Rows that decided, in the order of the text.
    pub evidence: Vec<Evidence>,
}

impl Reading {
    /// The reading of a post that says nothing of interest.
    pub fn nothing(lang: LangGuess) -> Self {
        Self {
            lang,
            kind: Kind::Other,
            down: Vec::new(),
            moves: Vec::new(),
            named: Vec::new(),
            speaks_of_block: false,
            evidence: Vec::new(),
        }
    }
}
