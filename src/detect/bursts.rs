//! Bursts in one series: baseline, alarm, then onset and end of each run, with the runs masked and all of it done again.

use chrono::TimeDelta;

use super::baseline::{Baseline, fit};
use super::cusum::{Run, scan};
use super::shape::{Shape, count, mean};
use super::{Settings, end, onset, threshold};
use crate::model::{Burst, CountSeries};

/// Fits with bursts masked until they settle.
const NUM_ROUNDS: usize = 3;
/// Widening of a masked run on either side, as a share of its length.
const MASK_MARGIN: f64 = 0.25;

/// A mild rise before a surge is less than this share of its height ...
const MILD_SHARE: f64 = 0.12;
/// ... and lasts at least this long.
const MILD_SECS: f64 = 3600.0;
const MIN_MILD_BINS: f64 = 6.0;

/// The time of day raises a rate by less than this factor.
const MAX_SWING: f64 = 8.0;

/// What was found in one series.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// Bursts in time order, apart from each other.
    pub bursts: Vec<Burst>,
    /// Expected count of each bin when nothing is wrong; as long as the series.
    pub baseline: Vec<f64>,
    /// 90 % interval of every expected count: from the count divided by this to the count times it; at least 1.
    pub baseline_factor: f64,
    /// `true` where there were fewer than three observed days: the baseline rests on the quietest
    /// parts and on the prior, and no season is known.
    pub too_little_history: bool,
}

impl Default for Detection {
    fn default() -> Self {
        Self { bursts: Vec::new(), baseline: Vec::new(), baseline_factor: 1.0, too_little_history: false }
    }
}

/// Finds bursts in one series. A series whose bins do not fit its grid, or whose times leave the
/// calendar, has none.
pub fn bursts(series: &CountSeries, settings: &Settings) -> Detection {
    if !is_sound(series) {
        return Detection { baseline: vec![0.0; series.bins.len()], too_little_history: true, ..Detection::default() };
    }
    let settings = settings.in_range();
    let mut mask = vec![false; series.bins.len()];
    let mut baseline = fit(series, &mask, settings.prior);
    let mut runs = Vec::new();
    for round in 0..NUM_ROUNDS {
        let thresholds = threshold::fit(series, &baseline, &settings);
        let found = join(scan(series, &baseline, &thresholds, settings.min_excess), series, settings.join_secs);
        let settled = round > 0 && found == runs;
        runs = found;
        if settled || round + 1 == NUM_ROUNDS {
            break;
        }
        mask = masked(series.bins.len(), &runs);
        baseline = fit(series, &mask, settings.prior);
    }
    if let Some(level) = level_before_surge(series, &baseline, &runs) {
        let mut raised = baseline.clone();
        for mean in &mut raised.mean {
            *mean = mean.max(level);
        }
        let thresholds = threshold::fit(series, &raised, &settings);
        let again = join(scan(series, &raised, &thresholds, settings.min_excess), series, settings.join_secs);
        // The surges themselves must stand above the higher level too.
        let surge = |run: &Run| Shape::of(series, &baseline, run).reaches(1.0);
        if runs.iter().all(|run| again.iter().any(|new| (new.first..new.last).contains(&surge(run)))) {
            (runs, baseline) = (again, raised);
        }
    }
    let found = (0..runs.len()).filter_map(|index| describe(series, &baseline, &runs, index)).collect();
    Detection {
        bursts: found,
        baseline: baseline.mean,
        baseline_factor: baseline.factor,
        too_little_history: baseline.too_little,
    }
}

/// Whether the bins fit the grid and all its times (and those a day around them) are dates.
fn is_sound(series: &CountSeries) -> bool {
    let grid = series.grid;
    let secs = i64::try_from(grid.len).ok().and_then(|len| len.checked_mul(i64::from(grid.bin_secs)));
    let margin = i64::from(grid.bin_secs).saturating_mul(100).max(864_000);
    let reach = |secs: i64| TimeDelta::try_seconds(secs).and_then(|delta| grid.start.checked_add_signed(delta));
    grid.bin_secs > 0
        && grid.len == series.bins.len()
        && secs.and_then(|secs| reach(secs.saturating_add(margin))).is_some()
        && reach(-margin).is_some()
}

/// Where no season is known, a mild rise that lasts may be the time of day: the level of the longest
/// such stretch before a surge. `None` where there is none, or where the season is known.
fn level_before_surge(series: &CountSeries, baseline: &Baseline, runs: &[Run]) -> Option<f64> {
    let least = (MILD_SECS / f64::from(series.grid.bin_secs)).max(MIN_MILD_BINS) as usize;
    let mild = |run: &Run| {
        let surge = Shape::of(series, baseline, run).surges(MILD_SHARE);
        let counts: Vec<f64> = (run.first..surge).filter_map(|index| count(series, index)).collect();
        (counts.len() >= least).then(|| counts.iter().sum::<f64>() / counts.len() as f64)
    };
    let levels = runs.iter().filter_map(mild);
    let known = mean(baseline, 0);
    levels.filter(|&level| baseline.too_little && level > known && level < MAX_SWING * known).max_by(f64::total_cmp)
}

/// Joins runs with less observed quiet between them than `join_secs` (and two bins).
fn join(runs: Vec<Run>, series: &CountSeries, join_secs: u32) -> Vec<Run> {
    let least = (f64::from(join_secs) / f64::from(series.grid.bin_secs)).max(2.0);
    let mut joined: Vec<Run> = Vec::new();
    for run in runs {
        match joined.last_mut() {
            Some(last) if ((last.last..run.first).filter(|&i| count(series, i).is_some()).count() as f64) < least => {
                last.last = run.last;
                last.closed = run.closed;
                last.score = last.score.max(run.score);
            }
            _ => joined.push(run),
        }
    }
    joined
}

fn masked(len: usize, runs: &[Run]) -> Vec<bool> {
    let mut mask = vec![false; len];
    for run in runs {
        let margin = ((run.last - run.first) as f64 * MASK_MARGIN).ceil() as usize;
        for place in &mut mask[run.first.saturating_sub(margin)..(run.last + margin).min(len)] {
            *place = true;
        }
    }
    mask
}

/// Onset, peak and end of the run at `index`.
fn describe(series: &CountSeries, baseline: &Baseline, runs: &[Run], index: usize) -> Option<Burst> {
    let run = runs.get(index)?;
    let after = index.checked_sub(1).and_then(|before| runs.get(before)).map_or(0, |before| before.last);
    let before = runs.get(index + 1).map_or(series.bins.len(), |next| next.first);
    let shape = Shape::of(series, baseline, run);
    let onset = onset::estimate(series, baseline, run, &shape, after);
    let end = end::estimate(series, baseline, run, &shape, before).map(|mut end| {
        end.at = end.at.max(onset.at);
        end.high = end.high.max(end.at);
        end.low = end.low.map(|low| low.max(onset.at).min(end.at));
        end
    });
    let (peak, value) =
        (run.first..run.last).filter_map(|index| count(series, index).map(|count| (index, count))).fold(
            None,
            |best: Option<(usize, f64)>, item| if best.is_some_and(|b| b.1 >= item.1) { best } else { Some(item) },
        )?;
    Some(Burst {
        onset,
        alarm_at: series.grid.time(run.alarm + 1),
        peak_at: series.grid.time(peak),
        peak_value: value,
        peak_expected: mean(baseline, peak),
        end,
        score: run.score,
    })
}
