//! An incident as it is answered: as reports have it, with what became of it, and with the intervals that shares and numbers
//! have beside it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::detect::wilson;
use crate::model::{Distinct, Incident, Known, Share, Time};
use crate::pipeline::journal::Change;
use crate::report::burst::round;
use crate::report::round_incident;
use crate::report::wording::ranked;

/// An incident with what became of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct IncidentRow {
    /// As last written.
    incident: Incident,
    /// The last change.
    change: Change,
    /// Changes so far.
    num_revisions: u64,
    /// When it was first told.
    opened_at: Time,
    /// When it was last told.
    changed_at: Time,
    /// 90 % interval of the number of authors: that number alone where it is exact, below 1,024.
    num_authors_interval: [u64; 2],
    /// Languages of its complaints, greatest share first.
    langs: Vec<PartRow>,
    /// Countries that its complaints claim (`??` where none is claimed), greatest share first.
    countries: Vec<PartRow>,
}

/// A part of the complaints of an incident.
#[derive(Debug, Serialize, JsonSchema)]
struct PartRow {
    /// Code of the language or the country.
    code: String,
    /// Complaints in it: posts, copies included.
    num_complaints: u64,
    /// Share of all complaints, which are posts, with its 90 % interval (Wilson): as wide as so many independent posts make it
    /// as there are authors, since what one author writes is in one language and from one place.
    share: Share,
}

impl IncidentRow {
    /// Of an incident of the journal.
    pub(super) fn of(known: &Known) -> Self {
        let incident = &known.incident;
        Self {
            incident: rounded(incident),
            change: known.change,
            num_revisions: known.num_entries,
            opened_at: known.opened_at,
            changed_at: known.changed_at,
            num_authors_interval: Distinct::interval(incident.num_authors).into(),
            langs: parts(incident, &incident.langs),
            countries: parts(incident, &incident.countries),
        }
    }
}

/// Shares of an incident's complaints with their intervals, greatest first.
fn parts(incident: &Incident, shares: &BTreeMap<String, f64>) -> Vec<PartRow> {
    let independent = incident.num_authors.min(incident.num_complaints);
    let part = |(code, share): (String, f64)| {
        let interval = wilson(share, independent);
        let [low, mid, high] = [interval.low, interval.mid, interval.high].map(|share| round(share, 1e4));
        let num_complaints = (share * incident.num_complaints as f64).round() as u64;
        PartRow { code, num_complaints, share: Share { low, mid, high } }
    };
    ranked(shares).into_iter().map(part).collect()
}

/// An incident in the form in which reports have it.
pub(super) fn rounded(incident: &Incident) -> Incident {
    let mut rounded = incident.clone();
    match round_incident(&mut rounded) {
        Ok(()) => rounded,
        Err(_) => incident.clone(),
    }
}
