//! The truth of a simulated corpus: what a perfect program would find.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::rate;
use super::scenario::{Outage, Scenario, Trap};
use crate::model::{Country, Gap, Kind, Lang, ServiceId, Time, Verdict};

/// What happened in the corpus.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// Name of the scenario.
    pub scenario: String,
    /// Its title; says that the corpus is simulated.
    pub title: String,
    /// Seed of the random numbers.
    pub seed: u64,
    /// Beginning of the corpus.
    pub from: Time,
    /// End of the corpus.
    pub to: Time,
    /// Posts in it.
    pub num_posts: u64,
    /// What broke, by start.
    pub outages: Vec<TrueOutage>,
    /// What only looked like it.
    pub traps: Vec<Trap>,
}

/// One outage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrueOutage {
    /// What failed.
    pub service: ServiceId,
    /// Outage or block.
    pub verdict: Verdict,
    /// When it failed.
    pub from: Time,
    /// When it was repaired.
    pub to: Time,
    /// Minutes until people had noticed.
    pub lag_min: f64,
    /// Complaints a minute at full response, over the baseline.
    pub peak_per_min: f64,
    /// Complaints about the service between `from` and `to`.
    pub num_complaints: u64,
    /// Posts that state a move from the service between `from` and `to`, or name no origin.
    pub num_moves: u64,
    /// Share of the moves by where they go, as the scenario sets them; sums to 1, empty without moves.
    pub moves: BTreeMap<ServiceId, f64>,
}

/// What a careful reader would say of one post.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PostTruth {
    /// Language that it is written in.
    pub lang: Lang,
    /// Country of the author.
    pub country: Country,
    /// What the post does.
    pub kind: Kind,
    /// Services that fail, are back, or either, as in a reading.
    pub down: Vec<ServiceId>,
    /// Moves as `[from, to]`; `from` is `null` where the text does not say it.
    pub moves: Vec<(Option<ServiceId>, ServiceId)>,
}

impl Truth {
    /// Stretches without posts, in time order.
    pub fn gaps(&self) -> Vec<Gap> {
        let mut gaps: Vec<Gap> = self
            .traps
            .iter()
            .filter_map(|trap| match trap {
                Trap::Gap { start, duration_min } => Some(Gap { from: *start, to: rate::after(*start, *duration_min) }),
                _ => None,
            })
            .collect();
        gaps.sort_by_key(|gap| gap.from);
        gaps
    }
}

/// The truth of a scenario that came out as these events.
pub(super) fn of(scenario: &Scenario, seed: u64, events: &[Event]) -> Truth {
    let mut outages: Vec<TrueOutage> = scenario.outages.iter().map(|outage| true_outage(outage, events)).collect();
    outages.sort_by(|a, b| (a.from, &a.service).cmp(&(b.from, &b.service)));
    Truth {
        scenario: scenario.name.clone(),
        title: scenario.title.clone(),
        seed,
        from: scenario.start,
        to: rate::after(scenario.start, scenario.duration_min),
        num_posts: events.len() as u64,
        outages,
        traps: scenario.traps.clone(),
    }
}

fn true_outage(outage: &Outage, events: &[Event]) -> TrueOutage {
    let to = rate::after(outage.start, outage.duration_min);
    let during = || events.iter().filter(|event| event.at >= outage.start && event.at < to);
    let is_complaint = |event: &&Event| event.kind() == Kind::Complaint && event.down().contains(&outage.service);
    let is_move = |event: &&Event| event.to.is_some() && event.service.as_ref() == Some(&outage.service);
    let total: f64 = outage.moves.values().sum();
    TrueOutage {
        service: outage.service.clone(),
        verdict: outage.verdict,
        from: outage.start,
        to,
        lag_min: outage.lag_min,
        peak_per_min: outage.peak_per_min,
        num_complaints: during().filter(is_complaint).count() as u64,
        num_moves: during().filter(is_move).count() as u64,
        moves: outage
            .moves
            .iter()
            .filter(|(_, weight)| **weight > 0.0)
            .map(|(to, weight)| (to.clone(), weight / total))
            .collect(),
    }
}
