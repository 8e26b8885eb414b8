//! A place in the stream that another server can go on from: its time, and the number that one server gave it.

use chrono::{DateTime, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::feed::push;
use crate::model::Time;

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
    /// The number of this place at a host, if it counted.
    pub(super) fn seq_at(&self, host: &str) -> Option<u64> {
        self.seq.as_ref().filter(|(counted_by, _)| counted_by == host).map(|(_, seq)| *seq)
    }

    /// Moves on to a moment, if it is later.
    pub(super) fn pass(&mut self, to: Time) {
        self.us = self.us.max(micros(to));
    }
}

impl push::Place for Place {
    fn at(&self) -> Time {
        time(self.us)
    }

    fn set_at(&mut self, at: Time) {
        self.us = micros(at);
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
    micros(time(place.us) - overlap)
}
