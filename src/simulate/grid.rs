//! The detector's benchmark: many small corpora over a grid of baselines, peaks and lags, and what was found in them.
//!
//! It knows nothing of any detector: a closure brings a [`Simulation`] and gives back what it
//! [`Found`], from the tally of a perfect reading or from the posts.

use std::thread;

use chrono::TimeDelta;

use super::dice::{Dice, mix};
use super::scenario::{Response, Scenario};
use super::score::Score;
use super::{SimulateError, Simulation, builtin, simulate};
use crate::model::{ServiceId, Time, TimeEstimate};

/// Shortest and longest outage in minutes.
const DURATION_MIN: [f64; 2] = [60.0, 120.0];
/// The outage begins up to so many seconds after its place in the base scenario, so that bins do not line up with it.
const JITTER_SECS: usize = 3_600;

/// One incident that a detector reports.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// What fails.
    pub service: ServiceId,
    /// When it began.
    pub onset: TimeEstimate,
    /// When the alarm could first be given.
    pub alarm_at: Time,
    /// When it ended; `None` while it goes on.
    pub end: Option<TimeEstimate>,
}

/// A point of the grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Complaints per minute on an ordinary day.
    pub baseline_per_min: f64,
    /// Complaints per minute at full response.
    pub peak_per_min: f64,
    /// Minutes until people have noticed.
    pub lag_min: f64,
}

/// How to walk the grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// Outages per cell.
    pub num_runs: u32,
    /// Quiet weeks per baseline, each a corpus of its own.
    pub num_quiet_weeks: u32,
    /// Shape of the rise.
    pub response: Response,
    /// Over-dispersion, see [`Scenario::dispersion`].
    pub dispersion: f64,
    /// Seed of everything.
    pub seed: u64,
    /// Threads, at least 1; the result does not depend on it.
    pub num_threads: usize,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            num_runs: 100,
            num_quiet_weeks: 20,
            response: Response::Linear,
            dispersion: 0.1,
            seed: 1,
            num_threads: 1,
        }
    }
}

/// The eight cells: baseline 0.05 and 0.5, peak 5 and 20 a minute, lag 3 and 8 minutes.
pub fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for baseline_per_min in [0.05, 0.5] {
        for peak_per_min in [5.0, 20.0] {
            for lag_min in [3.0, 8.0] {
                cells.push(Cell { baseline_per_min, peak_per_min, lag_min });
            }
        }
    }
    cells
}

/// Runs the outages of one cell.
///
/// # Errors
/// Those of [`simulate`].
pub fn run_cell<D>(cell: Cell, plan: &Plan, detect: D) -> Result<Score, SimulateError>
where
    D: Fn(&Simulation) -> Vec<Found> + Sync,
{
    let base = base(cell.baseline_per_min, plan)?;
    let key = (cell.baseline_per_min * 100.0 + cell.peak_per_min * 10_000.0 + cell.lag_min * 1e6).round() as u64;
    in_parallel(plan.num_runs, plan.num_threads, |run| {
        let seed = mix(mix(plan.seed ^ key) ^ u64::from(run));
        let mut dice = Dice::new(seed, 0);
        let mut scenario = base.clone();
        for outage in &mut scenario.outages {
            outage.start += TimeDelta::seconds(dice.below(JITTER_SECS) as i64);
            outage.duration_min = DURATION_MIN[0] + (DURATION_MIN[1] - DURATION_MIN[0]) * dice.unit();
            outage.peak_per_min = cell.peak_per_min;
            outage.lag_min = cell.lag_min;
            outage.response = plan.response;
        }
        let simulation = simulate(&scenario, seed)?;
        Ok(Score::of(simulation.truth(), &detect(&simulation)))
    })
}

/// Runs quiet weeks at one baseline: everything that is found in them is false.
///
/// # Errors
/// Those of [`simulate`].
pub fn run_quiet<D>(baseline_per_min: f64, plan: &Plan, detect: D) -> Result<Score, SimulateError>
where
    D: Fn(&Simulation) -> Vec<Found> + Sync,
{
    let mut quiet = base(baseline_per_min, plan)?;
    quiet.outages.clear();
    quiet.duration_min = 7.0 * 1_440.0;
    in_parallel(plan.num_quiet_weeks, plan.num_threads, |week| {
        let simulation = simulate(&quiet, mix(mix(plan.seed) ^ (u64::from(week) << 32)))?;
        Ok(Score::of(simulation.truth(), &detect(&simulation)))
    })
}

fn base(baseline_per_min: f64, plan: &Plan) -> Result<Scenario, SimulateError> {
    let mut scenario = builtin::load("grid")?;
    scenario.dispersion = plan.dispersion;
    if let Some(service) = scenario.services.first_mut() {
        service.baseline_per_min = baseline_per_min;
    }
    Ok(scenario)
}

/// Scores of 0..`num` added up in their order, whatever thread made them.
fn in_parallel<R>(num: u32, num_threads: usize, run: R) -> Result<Score, SimulateError>
where
    R: Fn(u32) -> Result<Score, SimulateError> + Sync,
{
    let num_threads = num_threads.max(1);
    let run = &run;
    let parts: Vec<Vec<(u32, Result<Score, SimulateError>)>> = thread::scope(|scope| {
        let start = |first: u32| {
            scope.spawn(move || (first..num).step_by(num_threads).map(|index| (index, run(index))).collect::<Vec<_>>())
        };
        let threads: Vec<_> = (0..num_threads as u32).map(start).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let mut all: Vec<_> = parts.into_iter().flatten().collect();
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().try_fold(Score::default(), |mut sum, (_, score)| {
        sum.add(score?);
        Ok(sum)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Finds what there is, five minutes late.
    fn cheat(simulation: &Simulation) -> Vec<Found> {
        let late = TimeDelta::minutes(5);
        let estimate = |at: Time| TimeEstimate { low: Some(at - late), at: at + late, high: at + late };
        let outages = simulation.truth().outages.iter();
        outages
            .map(|outage| Found {
                service: outage.service.clone(),
                onset: estimate(outage.from),
                alarm_at: outage.from + late,
                end: Some(estimate(outage.to)),
            })
            .collect()
    }

    #[test]
    fn a_perfect_detector_has_a_perfect_score_on_any_number_of_threads() {
        let plan = Plan { num_runs: 6, num_quiet_weeks: 1, ..Plan::default() };
        let score = run_cell(cells()[0], &plan, cheat).unwrap();
        assert_eq!(score.recall(), Some(1.0));
        assert_eq!(score.delay(0.5), Some(5.0));
        assert_eq!(score, run_cell(cells()[0], &Plan { num_threads: 3, ..plan }, cheat).unwrap());
        let quiet = run_quiet(0.05, &plan, cheat).unwrap();
        assert_eq!(quiet.false_alarms_per_week(), Some(0.0));
        assert_eq!(quiet.recall(), None);
    }
}
