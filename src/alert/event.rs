//! What a receiver is told about an incident.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::Change;

/// The difference between what a receiver knows and what is known now; as text its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// As in the journal, between two states that may lie many lines apart.
    Change(Change),
    /// It ends and goes on again and again: told once, then nothing until it is steady.
    Flapping,
}

impl Event {
    /// All of them, in the order in which they are explained.
    pub const ALL: [Self; 6] = [
        Self::Change(Change::Opened),
        Self::Change(Change::Revised),
        Self::Change(Change::Ended),
        Self::Change(Change::Reopened),
        Self::Change(Change::Withdrawn),
        Self::Flapping,
    ];

    /// Its name, in the configuration and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Change(change) => change.name(),
            Self::Flapping => "flapping",
        }
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::ALL.into_iter().find(|event| event.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(|event| format!("`{}`", event.name())).join(", ");
            D::Error::custom(format!("unknown variant `{name}`, expected one of {names}"))
        })
    }
}
