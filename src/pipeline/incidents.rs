//! The incidents of the live path: the batch's detector over a sliding tally, and what changed since the last look.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use chrono::{DurationRound, TimeDelta};

use super::journal::{Change, Entry, Journal, Known};
use crate::detect::{self, IncidentDetail, PerService};
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
    settings: PerService,
    history: TimeDelta,
}

impl Watch {
    /// Begins with nothing counted.
    pub fn new(bin_secs: u32, settings: PerService, history: TimeDelta) -> Self {
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

    /// Looks at everything up to `horizon` (bins beyond it are not complete), writes what changed, and puts what it
    /// wrote into `entries`.
    ///
    /// # Errors
    /// Where the journal cannot be written: what is missing is found again at the next look.
    pub fn look(
        &mut self,
        horizon: Time,
        gaps: &[Gap],
        journal: &mut Journal,
        now: Time,
        entries: &mut Vec<Entry>,
    ) -> io::Result<()> {
        let begin = self.begins(horizon);
        self.tally.cells = self.tally.cells.split_off(&first_key(begin));
        let bin = TimeDelta::seconds(i64::from(self.tally.bin_secs));
        let last = self.tally.bin_start(horizon) - bin;
        let later = self.tally.cells.split_off(&first_key(last + bin));
        // Quiet time behind the last post is observed too: it is what an end is made of.
        let edge = first_key(last);
        let is_new = !self.tally.cells.contains_key(&edge);
        self.tally.cells.entry(edge.clone()).or_default();
        let found = detect::incidents(&self.tally, &self.settings, gaps).incidents;
        if is_new {
            self.tally.cells.remove(&edge);
        }
        self.tally.cells.extend(later);
        for (change, incident) in differences(found, Span { begin, horizon }, journal.known()) {
            entries.push(journal.write(now, change, incident)?);
        }
        Ok(())
    }
}

/// What a look covers.
#[derive(Debug, Clone, Copy)]
struct Span {
    /// Where the history begins: an incident that began before it cannot be found whole.
    begin: Time,
    /// Where it ends.
    horizon: Time,
}

/// The smallest key of a moment: cells are ordered by time first.
fn first_key(at: Time) -> CellKey {
    CellKey { at, service: None, lang: None, country: None, kind: CellKind::All }
}

/// What is found and differs from what is known, in the order in which it is to be written.
fn differences(found: Vec<IncidentDetail>, span: Span, known: &BTreeMap<String, Known>) -> Vec<(Change, Incident)> {
    let mut seen = BTreeSet::new();
    let mut differences = Vec::new();
    for mut incident in found.into_iter().map(|detail| detail.incident) {
        let same = known
            .iter()
            .filter(|(id, known)| !seen.contains(*id) && is_same(known, &incident))
            .min_by_key(|(_, known)| (known.incident.onset.at - incident.onset.at).abs());
        let change = match same {
            None => {
                incident.id = free_id(&incident.id, |id| known.contains_key(id) || seen.contains(id));
                Some(Change::Opened)
            }
            Some((id, known)) => {
                incident.id.clone_from(id);
                if known.incident.onset.at < span.begin {
                    // Its beginning has left the history: what is seen of it there is a cut, not an onset.
                    incident.onset = known.incident.onset;
                }
                change(known, &incident).filter(|_| !is_frozen(known, span.horizon))
            }
        };
        seen.insert(incident.id.clone());
        differences.extend(change.map(|change| (change, incident)));
    }
    let is_gone = |(id, known): &(&String, &Known)| {
        let is_told = seen.contains(*id) || !known.is_open() || is_frozen(known, span.horizon);
        !is_told && known.incident.onset.at >= span.begin
    };
    let gone = known.iter().filter(is_gone).map(|(_, known)| (Change::Withdrawn, known.incident.clone()));
    differences.extend(gone);
    differences
}

/// Whether it ended so long ago that what was told of it stays as it is.
fn is_frozen(known: &Known, horizon: Time) -> bool {
    end_of(known).is_some_and(|end| end < horizon - FROZEN_AFTER)
}

/// The latest moment that an incident may have ended; `None` while it goes on. One that was taken back had no length.
fn end_of(known: &Known) -> Option<Time> {
    match known.is_open() {
        true => known.incident.end.map(|end| end.high),
        false => Some(known.incident.onset.high),
    }
}

fn is_same(known: &Known, found: &Incident) -> bool {
    let began = |incident: &Incident| incident.onset.low.unwrap_or(incident.onset.at);
    known.incident.service == found.service
        && found.end.is_none_or(|end| began(&known.incident) <= end.high + SAME_WITHIN)
        && end_of(known).is_none_or(|end| began(found) <= end + SAME_WITHIN)
}

/// An id that no other incident has: a second one of the same minute gets a number.
fn free_id(id: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{id}-{number}"));
    std::iter::once(id.to_owned()).chain(numbered).find(|id| !is_taken(id)).unwrap_or_else(|| id.to_owned())
}

/// What changed enough to be told; estimates that moved within a minute did not.
fn change(known: &Known, found: &Incident) -> Option<Change> {
    let old = &known.incident;
    if !known.is_open() {
        return Some(Change::Reopened);
    }
    match (old.phase, found.phase) {
        (Phase::Ongoing, Phase::Ended) => return Some(Change::Ended),
        (Phase::Ended, Phase::Ongoing) => return Some(Change::Reopened),
        _ => {}
    }
    let minute = |time: Option<Time>| time.and_then(|time| time.duration_trunc(TimeDelta::minutes(1)).ok());
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
