//! A place in the stream that another server can go on from: its time, and the number that one server gave it.

use chrono::{DateTime, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::model::{Cursor, Time};

/// A place behind an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// When the event was seen, in microseconds since 1970: about the same on all servers.
    pub(super) us: u64,
    /// Its number, and the host that counts so (v2 only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) seq: Option<(String, u64)>,
}

impl Place {
    pub(super) fn parse(cursor: &Cursor) -> Option<Self> {
        serde_json::from_str(cursor.as_str()).ok()
    }

    pub(super) fn cursor(&self) -> Cursor {
        // Numbers and texts always serialize.
        Cursor::new(serde_json::to_string(self).unwrap_or_default())
    }

    pub(super) fn at(&self) -> Time {
        time(self.us)
    }

    /// The number of this place at a host, if it counted.
    pub(super) fn seq_at(&self, host: &str) -> Option<u64> {
        self.seq.as_ref().filter(|(counted_by, _)| counted_by == host).map(|(_, seq)| *seq)
    }

    /// Moves on to a later moment of which no event tells.
    pub(super) fn pass(&mut self, to: Time) {
        self.us = self.us.max(micros(to));
    }
}

/// A moment; numbers beyond all calendars become 1970.
pub(super) fn time(us: u64) -> Time {
    i64::try_from(us).ok().and_then(DateTime::from_timestamp_micros).unwrap_or_default()
}

pub(super) fn micros(time: Time) -> u64 {
    u64::try_from(time.timestamp_micros()).unwrap_or(0)
}

/// The time by which a server is asked to go on: a little earlier, because the servers' clocks are not one.
pub(super) fn with_overlap(place: &Place, overlap: TimeDelta) -> u64 {
    micros(place.at() - overlap)
}
