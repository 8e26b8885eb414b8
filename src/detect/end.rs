//! When the failure ended: posterior of the moment from which complaints fall back faster than before (change-point posterior, Smith, Biometrika 1975).
//!
//! While a service fails people complain at a rate that changes slowly (they tire); within minutes
//! of its recovery they stop, and a little late talk stays. The grid runs over the end, the slow
//! change before it, the speed of the fall and the share of late talk; the height is what the
//! counts then ask for.

use super::baseline::Baseline;
use super::cusum::Run;
use super::negative_binomial::ln_likelihood;
use super::posterior::Posterior;
use super::shape::{Shape, count, mean};
use crate::model::{CountSeries, TimeEstimate};

/// Stretch before the last high bin that shows the slow change.
const BEFORE_SECS: f64 = 5400.0;
/// Stretch after the run that shows the ordinary rate.
const AFTER_SECS: f64 = 3600.0;
const MIN_STRETCH_BINS: f64 = 8.0;
/// Share of the run's mean height that its last high bin has.
const STILL_HIGH: f64 = 0.3;
/// Slow change over the stretch before the end, in nats. Twenty posts a minute tell steps of 0.5 apart, and a fall from one of
/// half its length: where no value is near enough, the end is put wrong and the interval is too narrow.
const TIRING: [f64; 8] = [-0.5, -0.2, 0.0, 0.2, 0.4, 0.6, 0.9, 1.3];
/// Time in which complaints fall by the factor e once it works again.
const FALL_SECS: [f64; 9] = [30.0, 90.0, 150.0, 220.0, 320.0, 470.0, 700.0, 1200.0, 2400.0];
/// Share of the complaints that are late talk, and how much slower it fades.
const LATE_SHARE: [f64; 2] = [0.0, 0.12];
const LATE_SECS: f64 = 7200.0;
/// Groups into which a long window is gathered, and positions that are tried.
const MAX_GROUPS: usize = 120;
const MAX_POINTS: usize = 120;

/// Estimates the end of a run; `before` is the first bin of the next run or the series' length.
/// `None` while it goes on.
pub(super) fn estimate(
    series: &CountSeries,
    baseline: &Baseline,
    run: &Run,
    shape: &Shape,
    before: usize,
) -> Option<TimeEstimate> {
    if !run.closed {
        return None;
    }
    let bin_secs = f64::from(series.grid.bin_secs.max(1));
    let stretch = |secs: f64| (secs / bin_secs).max(MIN_STRETCH_BINS).ceil() as usize;
    let high_last = shape.leaves(STILL_HIGH);
    let begin = high_last.saturating_sub(stretch(BEFORE_SECS)).max(shape.reaches(0.6).min(high_last));
    let end = (run.last + stretch(AFTER_SECS)).min(before.max(run.last)).min(series.bins.len());
    let data = gather(series, baseline, begin, end);

    let latest = run.last.max(begin + 1) as f64;
    let mut posterior = Posterior::over(begin as f64, latest, MAX_POINTS);
    let span = (high_last - begin).max(1) as f64;
    let mut course = vec![0.0; data.len()];
    for (place, stop) in posterior.positions() {
        for tiring in TIRING {
            let at_stop = (-tiring * (stop - begin as f64) / span).exp();
            for fall in FALL_SECS {
                // A fall within a third of a bin cannot be told from a step.
                let fall_bins = (fall / bin_secs).max(0.33);
                for late in LATE_SHARE {
                    for (value, group) in course.iter_mut().zip(&data) {
                        let before = (stop.min(group.to) - group.from).max(0.0);
                        let middle = group.from + 0.5 * before;
                        let high = before * (-tiring * (middle - begin as f64) / span).exp();
                        let (from, to) = ((group.from - stop).max(0.0), (group.to - stop).max(0.0));
                        let fading = |scale: f64| scale * ((-from / scale).exp() - (-to / scale).exp());
                        let tail =
                            (1.0 - late) * fading(fall_bins) + late * fading(LATE_SECS / bin_secs + 4.0 * fall_bins);
                        *value = group.seen * (high + at_stop * tail);
                    }
                    let excess: f64 = data.iter().map(|group| group.count - group.mean).sum();
                    let height = excess / course.iter().sum::<f64>().max(1e-6);
                    if height <= 0.0 {
                        continue;
                    }
                    let sum = data
                        .iter()
                        .zip(&course)
                        .map(|(group, value)| ln_likelihood(group.count, group.mean + height * value, shape.dispersion))
                        .sum();
                    posterior.add(place, sum);
                }
            }
        }
    }
    let [low, at, high] = posterior.interval().unwrap_or([begin as f64, latest, latest]);
    let grid = series.grid;
    Some(TimeEstimate { low: Some(grid.time_at(low)), at: grid.time_at(at), high: grid.time_at(high) })
}

/// Neighboring bins taken together.
struct Group {
    from: f64,
    to: f64,
    /// Share of its bins that were observed.
    seen: f64,
    count: f64,
    mean: f64,
}

fn gather(series: &CountSeries, baseline: &Baseline, begin: usize, end: usize) -> Vec<Group> {
    let width = (end.saturating_sub(begin)).div_ceil(MAX_GROUPS).max(1);
    (begin..end)
        .step_by(width)
        .filter_map(|from| {
            let to = (from + width).min(end);
            let (mut sum, mut expected, mut num) = (0.0, 0.0, 0.0_f64);
            for index in from..to {
                if let Some(count) = count(series, index) {
                    sum += count;
                    expected += mean(baseline, index);
                    num += 1.0;
                }
            }
            (num > 0.0).then_some(Group {
                from: from as f64,
                to: to as f64,
                seen: num / (to - from) as f64,
                count: sum,
                mean: expected,
            })
        })
        .collect()
}
