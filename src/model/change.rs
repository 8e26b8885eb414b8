//! What becomes of an incident over time: the lines of the journal, and what is known after them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Incident, Phase, Time};

/// What happened to an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It was first seen.
    Opened,
    /// An estimate moved.
    Revised,
    /// It is over.
    Ended,
    /// It goes on after all.
    Reopened,
    /// What came later does not bear it out.
    Withdrawn,
}

impl Change {
    /// Its name, as in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Revised => "revised",
            Self::Ended => "ended",
            Self::Reopened => "reopened",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Number of the line, from 1.
    pub seq: u64,
    /// When it was written.
    pub at: Time,
    /// What happened.
    pub change: Change,
    /// The incident as it is known from now on; its `id` never changes.
    pub incident: Incident,
}

impl Entry {
    /// Whether the incident goes on, as far as this line knows.
    pub fn is_ongoing(&self) -> bool {
        self.change != Change::Withdrawn && self.incident.phase == Phase::Ongoing
    }
}

/// An incident with what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// As last written.
    pub incident: Incident,
    /// The last change.
    pub change: Change,
    /// Lines about it.
    pub num_entries: u64,
    /// Number of its last line.
    pub seq: u64,
    /// When its first line was written.
    pub opened_at: Time,
    /// When its last line was written.
    pub changed_at: Time,
}

impl Known {
    /// Whether it stands: what came later has not taken it back.
    pub fn is_open(&self) -> bool {
        self.change != Change::Withdrawn
    }

    /// Whether it stands and goes on.
    pub fn is_ongoing(&self) -> bool {
        self.is_open() && self.incident.phase == Phase::Ongoing
    }

    /// Its last line.
    pub fn last(&self) -> Entry {
        Entry { seq: self.seq, at: self.changed_at, change: self.change, incident: self.incident.clone() }
    }

    /// What is known after the first line about an incident.
    pub fn first(entry: &Entry) -> Self {
        Self {
            incident: entry.incident.clone(),
            change: entry.change,
            num_entries: 1,
            seq: entry.seq,
            opened_at: entry.at,
            changed_at: entry.at,
        }
    }

    /// Takes the next line about it.
    pub fn follow(&mut self, entry: &Entry) {
        self.incident = entry.incident.clone();
        self.change = entry.change;
        self.num_entries += 1;
        self.seq = entry.seq;
        self.changed_at = entry.at;
    }
}
