//! The alarm: cumulative sums of log-likelihood ratios (Page, Biometrika 1954; Lorden, Ann. Math. Stat. 1971).
//!
//! Several sums run side by side, one for each factor by which the rate may have risen. A run
//! begins when one of them passes its threshold and closes when a sum against a raised rate says
//! that the rate is ordinary again; missing bins move nothing.

use super::baseline::Baseline;
use super::negative_binomial::Ratio;
use super::threshold::Thresholds;
use crate::model::{Bin, CountSeries};

/// Factors by which the rate may have risen.
pub(super) const FACTORS: [f64; 6] = [2.0, 3.0, 5.0, 10.0, 30.0, 100.0];
/// Evidence that closes a run, in nats: wrong in about 1 of 100.
const CLOSING_NATS: f64 = 4.6;
/// Factor above the baseline that still counts as raised.
const RAISED_FACTOR: f64 = 3.0;
/// Share of a run's height that still counts as raised.
const RAISED_SHARE: f64 = 0.05;
/// The same where the data end before the closing is certain.
const RAISED_SHARE_AT_END: f64 = 0.15;

/// A stretch above the baseline, as bins of the series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Run {
    /// First bin whose count spoke for the rise.
    pub(super) first: usize,
    /// Bin after which the alarm could be given.
    pub(super) alarm: usize,
    /// First bin that is ordinary again, or the length of the series.
    pub(super) last: usize,
    /// Whether it was over when the data ended.
    pub(super) closed: bool,
    /// The highest sum, in nats.
    pub(super) score: f64,
}

/// One sum: value, where it last left zero, counts above expectation since then.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    value: f64,
    since: usize,
    excess: f64,
}

impl Sum {
    fn add(&mut self, index: usize, nats: f64, excess: f64) {
        if self.value <= 0.0 {
            *self = Self { value: 0.0, since: index, excess: 0.0 };
        }
        self.value = (self.value + nats).max(0.0);
        self.excess += excess;
    }
}

/// Finds the runs of a series, in time order and apart from each other.
pub(super) fn scan(series: &CountSeries, baseline: &Baseline, thresholds: &Thresholds, min_excess: f64) -> Vec<Run> {
    let window = thresholds.history.as_ref().map_or(usize::MAX, |history| history.window);
    let mut runs = Vec::new();
    let mut sums = [Sum::default(); FACTORS.len()];
    let mut index = 0;
    while index < series.bins.len() {
        let Some((count, mean)) = observed(series, baseline, index) else {
            index += 1;
            continue;
        };
        let stands_out = thresholds.history.as_ref().is_none_or(|history| history.stands_out(index));
        let mut alarm: Option<usize> = None;
        for (which, (sum, &factor)) in sums.iter_mut().zip(&FACTORS).enumerate() {
            let Some(threshold) = thresholds.of(which) else { continue };
            if count == 0.0 && sum.value <= 0.0 {
                continue;
            }
            let nats = Ratio::new(mean, factor * mean, baseline.dispersion).at(count);
            sum.add(index, nats.min(thresholds.cap_of(which)), count - mean);
            if !stands_out {
                // What is ordinary for the series may last for days; the sum must be able to forget it.
                sum.value = sum.value.min(threshold);
            } else if sum.value >= threshold && sum.excess >= min_excess {
                alarm = Some(alarm.map_or(sum.since, |first| first.min(sum.since)));
            }
        }
        if let Some(first) = alarm {
            // What came before the stretch that stands out was ordinary for the series.
            let first = first.max((index + 1).saturating_sub(window));
            let run = follow(series, baseline, first, index, sums, thresholds);
            index = run.last.max(index + 1);
            runs.push(run);
            sums = [Sum::default(); FACTORS.len()];
        } else {
            index += 1;
        }
    }
    runs
}

/// Follows a run from its alarm to where it closes.
fn follow(
    series: &CountSeries,
    baseline: &Baseline,
    first: usize,
    alarm: usize,
    mut sums: [Sum; FACTORS.len()],
    thresholds: &Thresholds,
) -> Run {
    let mut score = sums.iter().map(|sum| sum.value).fold(0.0, f64::max);
    let mut height = Height::over(series, baseline, first, alarm);
    let (mut closing, mut closing_at_end) = (Sum::default(), Sum::default());
    for index in alarm + 1..series.bins.len() {
        let Some((count, mean)) = observed(series, baseline, index) else { continue };
        for (which, (sum, &factor)) in sums.iter_mut().zip(&FACTORS).enumerate() {
            if thresholds.of(which).is_some() {
                sum.add(index, Ratio::new(mean, factor * mean, baseline.dispersion).at(count), count - mean);
                score = score.max(sum.value);
            }
        }
        height.add(count - mean);
        let back = |share: f64| {
            let raised = (RAISED_FACTOR * mean).max(mean + share * height.highest);
            -Ratio::new(mean, raised, baseline.dispersion).at(count)
        };
        closing.add(index, back(RAISED_SHARE), 0.0);
        closing_at_end.add(index, back(RAISED_SHARE_AT_END), 0.0);
        if closing.value >= CLOSING_NATS {
            return Run { first, alarm, last: closing.since, closed: true, score };
        }
    }
    let closed = closing_at_end.value >= CLOSING_NATS;
    let last = if closed { closing_at_end.since } else { series.bins.len() };
    Run { first, alarm, last, closed, score }
}

/// The height of a run: the highest smoothed count above the baseline.
struct Height {
    smooth: f64,
    highest: f64,
}

impl Height {
    /// Weight of the newest bin in the smoothing.
    const NEWEST: f64 = 0.2;

    fn over(series: &CountSeries, baseline: &Baseline, first: usize, alarm: usize) -> Self {
        let mut height = Self { smooth: 0.0, highest: 0.0 };
        for index in first..=alarm {
            if let Some((count, mean)) = observed(series, baseline, index) {
                height.add(count - mean);
            }
        }
        height
    }

    fn add(&mut self, excess: f64) {
        self.smooth += Self::NEWEST * (excess - self.smooth);
        self.highest = self.highest.max(self.smooth);
    }
}

/// Count and guarded expectation of a bin; `None` where nobody was listening.
fn observed(series: &CountSeries, baseline: &Baseline, index: usize) -> Option<(f64, f64)> {
    match (series.bins.get(index)?, baseline.mean.get(index)?) {
        (Bin::Observed(count), mean) => Some((f64::from(*count), mean * baseline.guard)),
        (Bin::Missing, _) => None,
    }
}

/// The highest share of its threshold that any sum reaches in each block of so many bins. One
/// excursion counts in the block of its highest value only, and a sum that has fallen by twice the
/// closing evidence begins anew, so that one burst does not fill the blocks around it.
pub(super) fn block_maxima(
    series: &CountSeries,
    baseline: &Baseline,
    thresholds: &Thresholds,
    per_block: usize,
) -> Vec<f64> {
    let per_block = per_block.max(1);
    let mut maxima = vec![0.0_f64; series.bins.len().div_ceil(per_block)];
    let mut num_seen = vec![0; maxima.len()];
    let mut sums = [Excursion::default(); FACTORS.len()];
    for index in 0..series.bins.len() {
        let Some((count, mean)) = observed(series, baseline, index) else { continue };
        if let Some(num) = num_seen.get_mut(index / per_block) {
            *num += 1;
        }
        for (which, (sum, &factor)) in sums.iter_mut().zip(&FACTORS).enumerate() {
            let Some(threshold) = thresholds.of(which) else { continue };
            if count == 0.0 && sum.value <= 0.0 {
                continue;
            }
            let nats = Ratio::new(mean, factor * mean, baseline.dispersion).at(count);
            sum.value += nats.min(thresholds.cap_of(which));
            if sum.value > sum.peak {
                (sum.peak, sum.peak_at) = (sum.value, index);
            }
            if sum.value <= 0.0 || sum.value < sum.peak - 2.0 * CLOSING_NATS || index + 1 == series.bins.len() {
                if let Some(highest) = maxima.get_mut(sum.peak_at / per_block) {
                    *highest = highest.max(sum.peak / threshold);
                }
                *sum = Excursion::default();
            }
        }
    }
    let half_seen = |(highest, num): (f64, usize)| (2 * num >= per_block).then_some(highest);
    maxima.into_iter().zip(num_seen).filter_map(half_seen).collect()
}

/// A sum on its way from zero to zero.
#[derive(Debug, Clone, Copy, Default)]
struct Excursion {
    value: f64,
    peak: f64,
    peak_at: usize,
}
