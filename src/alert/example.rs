//! A made-up incident for the tests of this room; minute 0 is noon.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};

use crate::model::incident::Peak;
use crate::model::{Change, Entry, Incident, Migration, Phase, ServiceId, Share, Time, TimeEstimate, Verdict};

pub(crate) fn at(min: i64) -> Time {
    DateTime::from_timestamp(1_795_348_800, 0).unwrap() + TimeDelta::minutes(min)
}

fn estimate(min: i64) -> TimeEstimate {
    TimeEstimate { low: Some(at(min - 2)), at: at(min), high: at(min + 3) }
}

/// An outage of whatsapp, ongoing.
pub(crate) fn incident() -> Incident {
    Incident {
        id: "whatsapp-20261122T1154Z".to_owned(),
        service: ServiceId::new("whatsapp"),
        verdict: Verdict::Outage,
        onset: estimate(-6),
        alarm_at: at(-1),
        end: None,
        phase: Phase::Ongoing,
        peak: Peak { at: at(0), per_min: 8.0 },
        score: 60.0,
        num_complaints: 45,
        num_authors: 40,
        langs: BTreeMap::from([("pt".to_owned(), 0.95), ("ar".to_owned(), 0.05)]),
        countries: BTreeMap::from([("??".to_owned(), 1.0)]),
        migrations: vec![Migration {
            to: ServiceId::new("telegram"),
            share: Share { low: 0.5, mid: 0.7, high: 0.8 },
            num_stated: 12,
            num_authors: 11,
            lift: None,
            p_value: 0.0001,
        }],
        quotes: Vec::new(),
    }
}

/// A line of the journal about [`incident`].
pub(crate) fn entry(seq: u64, min: i64, change: Change) -> Entry {
    let mut incident = incident();
    if change == Change::Ended {
        incident.phase = Phase::Ended;
        incident.end = Some(estimate(min - 5));
    }
    Entry { seq, at: at(min), change, incident }
}

/// What a receiver is told after [`entry`].
pub(crate) fn notice(event: super::Event, change: Change) -> super::Notice {
    let entry = entry(7, 30, change);
    super::Notice {
        event,
        seq: entry.seq,
        changed_at: entry.at,
        opened_at: at(0),
        incident: entry.incident,
        link: Some("https://example.org/incidents/whatsapp-20261122T1154Z".to_owned()),
        is_first: event == super::Event::Change(Change::Opened),
    }
}

/// A message with one [`notice`].
pub(crate) fn message(event: super::Event) -> super::Message {
    let change = if event == super::Event::Change(Change::Ended) { Change::Ended } else { Change::Opened };
    super::Message {
        id: "msg_0123456789abcdef0123456789abcdef".to_owned(),
        notices: vec![notice(event, change)],
        held_for: None,
        is_test: false,
    }
}
