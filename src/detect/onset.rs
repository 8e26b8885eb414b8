//! When a burst began: posterior of a ramp from the baseline over an unknown lag (ramp models: Hinkley, Biometrika 1971; log-logistic lag: Bennett, Applied Statistics 1983).
//!
//! People notice a failure one after the other, so the rate climbs in a straight line or along a
//! log-logistic curve; a step model would put the onset late. The grid runs over start, lag and
//! height; lag and height are summed out.

use super::baseline::Baseline;
use super::cusum::Run;
use super::negative_binomial::ln_likelihood;
use super::posterior::Posterior;
use super::shape::{Shape, count, mean};
use crate::model::{CountSeries, TimeEstimate};

/// How far before a run's first bin the onset may lie.
const LEAD_SECS: f64 = 3600.0;
const MIN_LEAD_BINS: usize = 8;
/// Share of the height at which the climb is taken to be over.
const CLIMBED: f64 = 0.6;
/// Factors on the height that fits best on the whole.
const HEIGHTS: [f64; 5] = [0.7, 0.85, 1.0, 1.2, 1.45];
const MAX_POINTS: usize = 160;

/// Estimates the onset of a run; `after` is the first bin that belongs to no earlier run.
pub(super) fn estimate(
    series: &CountSeries,
    baseline: &Baseline,
    run: &Run,
    shape: &Shape,
    after: usize,
) -> TimeEstimate {
    let grid = series.grid;
    let lead = ((LEAD_SECS / f64::from(grid.bin_secs.max(1))).ceil() as usize).max(MIN_LEAD_BINS);
    let climbed = shape.reaches(CLIMBED).max(run.alarm.min(run.first + lead));
    let end = (climbed + 1 + ((climbed - run.first) / 2).max(4)).min(run.last);
    // Through a gap the onset may lie anywhere, so the grid begins where somebody was listening.
    let mut begin = run.first.saturating_sub(lead).max(after.min(run.first));
    while begin > after && count(series, begin).is_none() {
        begin -= 1;
    }
    let first_seen = (0..run.first).find(|&index| count(series, index).is_some()).unwrap_or(run.first);
    let open = begin <= first_seen;
    let earliest = if open { first_seen as f64 - lead as f64 } else { begin as f64 };

    let data: Vec<(f64, f64, f64)> = (begin..end)
        .filter_map(|index| count(series, index).map(|count| (index as f64, count, mean(baseline, index))))
        .collect();
    // What has climbed has begun, even if the alarm comes later.
    let latest = (run.alarm.min(shape.reaches(CLIMBED)) + 1).min(end) as f64;
    let mut posterior = Posterior::over(earliest, latest, MAX_POINTS);
    let ordinary: Vec<f64> = data.iter().map(|&(_, c, mean)| ln_likelihood(c, mean, baseline.dispersion)).collect();
    let longest = (end as f64 - earliest).max(1.0);
    let mut climb = vec![0.0; data.len()];
    for (place, start) in posterior.positions() {
        let from = data.partition_point(|&(index, _, _)| index + 1.0 <= start);
        let before: f64 = ordinary[..from].iter().sum();
        let mut lag = 0.25;
        while lag <= longest {
            for climb_of in [linear, log_logistic] {
                for (value, &(index, _, _)) in climb.iter_mut().zip(&data).skip(from) {
                    *value = climb_of(index + 1.0 - start, lag) - climb_of(index - start, lag);
                }
                let after = &data[from..];
                let excess: f64 = after.iter().map(|(_, count, mean)| count - mean).sum();
                let height = excess / climb[from..].iter().sum::<f64>().max(1e-6);
                if height <= 0.0 {
                    continue;
                }
                for factor in HEIGHTS {
                    let during: f64 = after
                        .iter()
                        .zip(&climb[from..])
                        .map(|((_, c, mean), climb)| {
                            ln_likelihood(*c, mean + factor * height * climb, shape.dispersion)
                        })
                        .sum();
                    posterior.add(place, before + during);
                }
            }
            lag *= 1.6;
        }
    }
    let [low, at, high] = posterior.interval().unwrap_or([run.first as f64, run.first as f64, (run.alarm + 1) as f64]);
    let seen = first_seen as f64;
    TimeEstimate {
        low: (!open || low >= seen).then(|| grid.time_at(low)),
        at: grid.time_at(if open { at.max(seen) } else { at }),
        high: grid.time_at(if open { high.max(seen) } else { high }),
    }
}

/// Time spent at full height up to `t` bins after the start of a climb in a straight line over `lag`.
fn linear(t: f64, lag: f64) -> f64 {
    let t = t.max(0.0);
    if t < lag { 0.5 * t * t / lag } else { t - 0.5 * lag }
}

/// The same for a log-logistic climb of shape 2 that has done nine tenths after `lag`.
fn log_logistic(t: f64, lag: f64) -> f64 {
    let (t, scale) = (t.max(0.0), lag / 3.0);
    t - scale * (t / scale).atan()
}
