//! What happens in a simulated corpus: who says what and when, before it is put into words.

use serde::Deserialize;

use super::truth::PostTruth;
use crate::model::{Country, Kind, Lang, ServiceId, Time};

/// What a post does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Says {
    /// The service fails.
    Complaint,
    /// Two services fail.
    Pair,
    /// Something fails and is not named.
    Unnamed,
    /// A court or a government closed the service.
    Blocked,
    /// The service is back.
    Restored,
    /// Somebody else says that the service fails.
    News,
    /// Somebody else says that the service is closed by a court or a government.
    BlockNews,
    /// News about a service that works.
    Headline,
    /// The service is named, and nothing is wrong.
    Mention,
    /// Looks like a complaint and is none.
    NearMiss,
    /// The service fails, and the author goes to another one.
    MoveDown,
    /// The author goes from the service to another one, without a word of failure.
    MoveFrom,
    /// The author goes to a service; from where is not said.
    MoveBare,
    /// It failed once.
    Past,
    /// No service at all.
    Chatter,
    /// A copy of one long complaint.
    Copy,
}

/// One post before it is put into words.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When, to the second.
    pub at: Time,
    /// What it does.
    pub says: Says,
    /// About which service; `None` for chatter.
    pub service: Option<ServiceId>,
    /// The other one that fails, for [`Says::Pair`].
    pub also: Option<ServiceId>,
    /// Where the author goes, for moves.
    pub to: Option<ServiceId>,
    /// Language of the post.
    pub lang: Lang,
    /// Country of the author.
    pub country: Country,
    /// Number of the author.
    pub author: u32,
    /// Number of the text that it copies, for [`Says::Copy`].
    pub copy_of: Option<u32>,
}

impl Says {
    /// The kind that a careful reader would see.
    pub fn kind(self) -> Kind {
        match self {
            Self::Complaint | Self::Pair | Self::Unnamed | Self::Blocked | Self::MoveDown | Self::Copy => {
                Kind::Complaint
            }
            Self::Restored => Kind::Restored,
            Self::News | Self::BlockNews => Kind::News,
            Self::Headline
            | Self::Mention
            | Self::NearMiss
            | Self::MoveFrom
            | Self::MoveBare
            | Self::Past
            | Self::Chatter => Kind::Other,
        }
    }
}

impl Event {
    /// The kind that a careful reader would see.
    pub fn kind(&self) -> Kind {
        self.says.kind()
    }

    /// Services that fail or are back: sorted, no doubles.
    pub fn down(&self) -> Vec<ServiceId> {
        if self.kind() == Kind::Other || self.says == Says::Unnamed {
            return Vec::new();
        }
        sorted([self.service.clone(), self.also.clone()])
    }

    /// Services that are named: sorted, no doubles.
    pub fn named(&self) -> Vec<ServiceId> {
        match self.says {
            Says::Unnamed | Says::Chatter => Vec::new(),
            Says::MoveBare => sorted([self.to.clone(), None]),
            _ => {
                let mut named = sorted([self.service.clone(), self.also.clone()]);
                named.extend(self.to.clone());
                named.sort();
                named.dedup();
                named
            }
        }
    }

    /// Whether it speaks of a block by a court or a government.
    pub fn speaks_of_block(&self) -> bool {
        matches!(self.says, Says::Blocked | Says::BlockNews)
    }

    /// Moves as `(from, to)`.
    pub fn moves(&self) -> Vec<(Option<ServiceId>, ServiceId)> {
        let from = if self.says == Says::MoveBare { None } else { self.service.clone() };
        self.to.iter().map(|to| (from.clone(), to.clone())).collect()
    }

    /// All of it, as it is written beside the post.
    pub fn truth(&self) -> PostTruth {
        PostTruth {
            lang: self.lang,
            country: self.country.clone(),
            kind: self.kind(),
            down: self.down(),
            moves: self.moves(),
        }
    }
}

fn sorted(services: [Option<ServiceId>; 2]) -> Vec<ServiceId> {
    let mut list: Vec<ServiceId> = services.into_iter().flatten().collect();
    list.sort();
    list.dedup();
    list
}
