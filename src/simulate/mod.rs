//! Corpora with a known outage and its truth, for drills and for the detector's benchmark. Pure.
//!
//! A [`Scenario`] says what happens; [`simulate`] draws who says what and when; the posts are put
//! into words only when they are asked for, so that a benchmark can count them without.

pub mod builtin;
mod check;
mod count;
pub mod dice;
pub mod event;
pub mod grid;
mod noise;
pub mod overrides;
mod phrases;
mod plan;
pub mod portable;
pub mod rate;
pub mod scenario;
pub mod score;
pub mod truth;
mod wording;
pub mod write;

#[cfg(test)]
mod tests;

use thiserror::Error;

pub use event::{Event, Says};
pub use overrides::Overrides;
pub use scenario::{Outage, Place, Response, Scenario, Service, Trap};
pub use truth::{PostTruth, TrueOutage, Truth};

use crate::model::{Gap, RawPost, Tally};

/// Why a corpus cannot be made.
#[derive(Debug, Error)]
pub enum SimulateError {
    /// No built-in scenario has this name.
    #[error("there is no scenario '{name}': use a file, or one of {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// The text is no scenario.
    #[error("not a scenario: {0}")]
    Syntax(toml::de::Error),
    /// The phrases that come with the program are broken.
    #[error("phrases: {0}")]
    Phrases(toml::de::Error),
    /// A scenario that cannot happen.
    #[error("scenario '{scenario}': {what}")]
    Invalid {
        /// Its name.
        scenario: String,
        /// What is wrong, and what to do.
        what: String,
    },
}

/// A post with what it truly says.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedPost {
    /// As a feed would bring it; the id begins with `sim-`.
    pub post: RawPost,
    /// What a careful reader would say of it.
    pub truth: PostTruth,
}

/// A simulated corpus.
#[derive(Debug, Clone)]
pub struct Simulation {
    scenario: Scenario,
    seed: u64,
    phrases: &'static [phrases::Phrases],
    events: Vec<Event>,
    truth: Truth,
}

/// Makes the corpus of a scenario: the same for the same seed, on every machine.
///
/// # Errors
/// [`SimulateError::Invalid`] for a scenario that cannot happen or would bring too many posts.
pub fn simulate(scenario: &Scenario, seed: u64) -> Result<Simulation, SimulateError> {
    check::check(scenario)?;
    let phrases = phrases::all()?;
    let events = plan::plan(scenario, seed);
    let truth = truth::of(scenario, seed, &events);
    Ok(Simulation { scenario: scenario.clone(), seed, phrases, events, truth })
}

impl Simulation {
    /// What happened.
    pub fn truth(&self) -> &Truth {
        &self.truth
    }

    /// Who says what and when, in time order.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Stretches in which nobody was listening, in time order.
    pub fn gaps(&self) -> Vec<Gap> {
        self.truth.gaps()
    }

    /// The posts in words, in time order.
    pub fn posts(&self) -> impl Iterator<Item = SimulatedPost> + '_ {
        wording::posts(&self.scenario, self.seed, self.phrases, &self.events)
    }

    /// The tally of a perfect reading, in bins of `bin_secs` seconds (at least 1).
    pub fn tally(&self, bin_secs: u32) -> Tally {
        count::tally(&self.events, bin_secs)
    }
}
