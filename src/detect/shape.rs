//! What a run looks like from afar: its smoothed height, where it stands, how much its counts vary.

use super::baseline::Baseline;
use super::cusum::Run;
use crate::model::CountSeries;

/// Counts above expectation that a smoothing window should hold at the height of the run.
const COUNTS_PER_WINDOW: f64 = 20.0;
/// Dispersion of a run's counts believed before looking, and its weight in summed squared means.
const PRIOR: (f64, f64) = (0.05, 200.0);

/// A run from afar.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// First bin of `smooth`.
    first: usize,
    /// Smoothed counts above expectation, per bin of the run.
    smooth: Vec<f64>,
    /// Dispersion of the counts around the run's own course.
    pub(super) dispersion: f64,
}

impl Shape {
    /// Looks at a run of a series.
    pub(super) fn of(series: &CountSeries, baseline: &Baseline, run: &Run) -> Self {
        let excess: Vec<Option<f64>> =
            (run.first..run.last).map(|index| count(series, index).map(|c| c - mean(baseline, index))).collect();
        let highest = excess.iter().flatten().copied().fold(1.0, f64::max);
        let width = ((2.0 * COUNTS_PER_WINDOW / highest).ceil() as usize).clamp(1, (excess.len() / 8).max(1));
        let smooth = (0..excess.len())
            .map(|index| {
                let window = &excess[index.saturating_sub(width / 2)..(index + width / 2 + 1).min(excess.len())];
                let (sum, num) =
                    window.iter().flatten().fold((0.0, 0.0_f64), |all, value| (all.0 + value, all.1 + 1.0));
                sum / num.max(1.0)
            })
            .collect();
        Self { first: run.first, smooth, dispersion: course_dispersion(series, run).max(baseline.dispersion.min(0.3)) }
    }

    /// First bin of the run that reaches this share of its height.
    pub(super) fn reaches(&self, share: f64) -> usize {
        let highest = self.smooth.iter().copied().fold(0.0, f64::max);
        self.first + self.smooth.iter().position(|&value| value >= share * highest).unwrap_or_default()
    }

    /// First bin of the climb to the height: all from there on have this share of it.
    pub(super) fn surges(&self, share: f64) -> usize {
        let highest = self.smooth.iter().copied().fold(0.0, f64::max);
        let top = self.reaches(0.6) - self.first;
        let below = self.smooth.iter().take(top).rposition(|&value| value < share * highest);
        self.first + below.map_or(0, |place| place + 1)
    }

    /// Last bin of the run that has this share of its weighted mean height.
    pub(super) fn leaves(&self, share: f64) -> usize {
        let positive = || self.smooth.iter().map(|value| value.max(0.0));
        let mean = positive().map(|value| value * value).sum::<f64>() / positive().sum::<f64>().max(1e-9);
        self.first + self.smooth.iter().rposition(|&value| value >= share * mean).unwrap_or_default()
    }
}

/// Count of a bin; `None` where nobody was listening.
pub(super) fn count(series: &CountSeries, index: usize) -> Option<f64> {
    series.bins.get(index)?.count().map(f64::from)
}

/// Expected count of a bin.
pub(super) fn mean(baseline: &Baseline, index: usize) -> f64 {
    baseline.mean.get(index).copied().unwrap_or(1e-9)
}

/// Dispersion from neighbors' differences, which the run's slow course does not touch.
fn course_dispersion(series: &CountSeries, run: &Run) -> f64 {
    let (mut above, mut squares) = (PRIOR.0 * PRIOR.1, PRIOR.1);
    for index in run.alarm..run.last.saturating_sub(1) {
        if let (Some(a), Some(b)) = (count(series, index), count(series, index + 1)) {
            let mean = 0.5 * (a + b);
            above += 0.5 * (a - b) * (a - b) - mean;
            squares += mean * mean;
        }
    }
    (above / squares).clamp(0.005, 2.0)
}
