//! The incidents of the live path: the batch's detector over a sliding tally, and what changed since the last look.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use chrono::{DurationRound, TimeDelta};

use super::journal::{Change, Entry, Journal, Known};
use crate::detect::{self, IncidentDetail, Settings};
use crate::model::{CellKey, CellKind, Gap, Incident, Phase, Tally, Time};

/// An incident that ended this long ago is no longer revised: what it was told to be can be cited.
const FROZEN_AFTER: TimeDelta = TimeDelta::hours(48);
/// Two findings of one service this near to each other are the same incident.
const SAME_WITHIN: TimeDelta = TimeDelta::hours(2);
/// A number that grew by this factor is worth a line in the journal.
const NOTABLE_GROWTH: f64 = 1.25;

/// Follows the incidents of an index.
#[derive(Debug)]
pub struct Watch {
    tally: Tally,
    settings: Settings,
    history: TimeDelta,
}

impl Watch {
    /// Begins with nothing counted.
    pub fn new(bin_secs: u32, settings: Settings, history: TimeDelta) -> Self {
        Self { tally: Tally::new(bin_secs), settings, history }
    }

    /// Beginning of the history that is looked at when the data reach up to `horizon`.
    pub fn begins(&self, horizon: Time) -> Time {
        self.tally.bin_start(horizon - self.history)
    }

    /// Beginning of the bin that holds a moment.
    pub fn bin_start(&self, at: Time) -> Time {
        self.tally.bin_start(at)
    }

    /// Width of a bin in seconds.
    pub fn bin_secs(&self) -> u32 {
        self.tally.bin_secs
    }

    /// Puts the counts of whole bins in `from..to` in place of those that are known.
    pub fn replace(&mut self, from: Time, to: Time, counts: Tally) {
        let old: Vec<CellKey> =
            self.tally.cells.range(first_key(from)..first_key(to)).map(|(key, _)| key.clone()).collect();
        for key in old {
            self.tally.cells.remove(&key);
        }
        self.tally.cells.extend(counts.cells.into_iter().filter(|(key, _)| key.at >= from && key.at < to));
    }

    /// Looks at everything up to `horizon` (bins beyond it are not complete) and writes what changed.
    ///
    /// # Errors
    /// Where the journal cannot be written; the change is found again at the next look.
    pub fn look(&mut self, horizon: Time, gaps: &[Gap], journal: &mut Journal, now: Time) -> io::Result<Vec<Entry>> {
        let begin = self.begins(horizon);
        self.tally.cells = self.tally.cells.split_off(&first_key(begin));
        let last = self.tally.bin_start(horizon) - TimeDelta::seconds(i64::from(self.tally.bin_secs));
        let later = self.tally.cells.split_off(&first_key(last + TimeDelta::seconds(i64::from(self.tally.bin_secs))));
        // Quiet time behind the last post is observed too: it is what an end is made of.
        let edge = CellKey { at: last, ..first_key(last) };
        let is_new = !self.tally.cells.contains_key(&edge);
        self.tally.cells.entry(edge.clone()).or_default();
        let found = detect::incidents(&self.tally, &self.settings, gaps).incidents;
        if is_new {
            self.tally.cells.remove(&edge);
        }
        self.tally.cells.extend(later);
        record(found, horizon, journal, now)
    }
}

/// The smallest key of a moment: cells are ordered by time first.
fn first_key(at: Time) -> CellKey {
    CellKey { at, service: None, lang: None, country: None, kind: CellKind::All }
}

/// Compares what is found with what the journal knows, and writes the differences.
fn record(found: Vec<IncidentDetail>, horizon: Time, journal: &mut Journal, now: Time) -> io::Result<Vec<Entry>> {
    let is_frozen = |known: &Known| known.incident.end.is_some_and(|end| end.high < horizon - FROZEN_AFTER);
    let live: BTreeMap<String, Known> = journal
        .known()
        .iter()
        .filter(|(_, known)| !is_frozen(known))
        .map(|(id, known)| (id.clone(), known.clone()))
        .collect();
    let mut seen = BTreeSet::new();
    let mut entries = Vec::new();
    for mut incident in found.into_iter().map(|detail| detail.incident) {
        if incident.end.is_some_and(|end| end.high < horizon - FROZEN_AFTER) {
            continue;
        }
        let same = live
            .iter()
            .filter(|(id, known)| !seen.contains(*id) && is_same(&known.incident, &incident))
            .min_by_key(|(_, known)| (known.incident.onset.at - incident.onset.at).abs());
        let change = match same {
            None => {
                incident.id = free_id(&incident.id, journal);
                Some(Change::Opened)
            }
            Some((id, known)) => {
                incident.id.clone_from(id);
                change(known, &incident, i64::from(60))
            }
        };
        seen.insert(incident.id.clone());
        if let Some(change) = change {
            entries.push(journal.write(now, change, incident)?);
        }
    }
    for (id, known) in &live {
        let is_gone = !seen.contains(id) && known.change != Change::Withdrawn;
        if is_gone {
            entries.push(journal.write(now, Change::Withdrawn, known.incident.clone())?);
        }
    }
    Ok(entries)
}

fn is_same(known: &Incident, found: &Incident) -> bool {
    let end = |incident: &Incident| incident.end.map_or(Time::MAX_UTC - SAME_WITHIN, |end| end.high);
    known.service == found.service
        && known.onset.low.unwrap_or(known.onset.at) <= end(found) + SAME_WITHIN
        && found.onset.low.unwrap_or(found.onset.at) <= end(known) + SAME_WITHIN
}

/// An id that no other incident has: a second one of the same minute gets a number.
fn free_id(id: &str, journal: &Journal) -> String {
    let numbered = (2..).map(|number| format!("{id}-{number}"));
    std::iter::once(id.to_owned())
        .chain(numbered)
        .find(|id| !journal.known().contains_key(id))
        .unwrap_or_else(|| id.to_owned())
}

/// What changed enough to be told; estimates that moved by less than `least_secs` did not.
fn change(known: &Known, found: &Incident, least_secs: i64) -> Option<Change> {
    let old = &known.incident;
    if known.change == Change::Withdrawn {
        return Some(Change::Reopened);
    }
    match (old.phase, found.phase) {
        (Phase::Ongoing, Phase::Ended) => return Some(Change::Ended),
        (Phase::Ended, Phase::Ongoing) => return Some(Change::Reopened),
        _ => {}
    }
    let minute = |time: Option<Time>| time.and_then(|time| time.duration_trunc(TimeDelta::seconds(least_secs)).ok());
    let onset =
        |incident: &Incident| [incident.onset.low, Some(incident.onset.at), Some(incident.onset.high)].map(minute);
    let end = |incident: &Incident| incident.end.map(|end| [end.low, Some(end.at), Some(end.high)].map(minute));
    let to = |incident: &Incident| incident.migrations.iter().map(|step| step.to.clone()).collect::<BTreeSet<_>>();
    let is_grown = |old: f64, new: f64| new > old * NOTABLE_GROWTH || old > new * NOTABLE_GROWTH;
    let is_changed = onset(old) != onset(found)
        || end(old) != end(found)
        || old.verdict != found.verdict
        || to(old) != to(found)
        || is_grown(old.num_complaints as f64, found.num_complaints as f64)
        || is_grown(old.peak.per_min, found.peak.per_min);
    is_changed.then_some(Change::Revised)
}

#[cfg(test)]
mod tests;
