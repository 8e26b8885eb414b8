//! Thresholds from the false alarms that are allowed (Siegmund, Sequential Analysis 1985; Tartakovsky et al. 2014, ch. 8).
//!
//! For independent counts the mean time between false alarms of one sum is about
//! `exp(h) / (information * overshoot^2)` bins. Real counts come in clumps that no simple law
//! holds, so where there is enough history the tail of the sums' own excursions is fitted, and the
//! higher of both thresholds counts.

use super::baseline::Baseline;
use super::cusum::{FACTORS, excursions};
use super::grid::quantile;
use super::negative_binomial::Ratio;
use crate::model::{Bin, CountSeries};

const WEEK_SECS: f64 = 604_800.0;
/// Excursions from which their tail is believed.
const MIN_EXCURSIONS: usize = 200;
/// A bin this long can be a whole burst; of shorter ones two must agree.
const LONE_BIN_SECS: u32 = 1800;
/// Share of a threshold that one short bin can bring.
const CAP_SHARE: f64 = 0.6;

/// A threshold per factor; `None` where the factor lies within the ordinary wander of the rate.
#[derive(Debug, Clone)]
pub(super) struct Thresholds {
    nats: [Option<f64>; FACTORS.len()],
    one_bin_is_enough: bool,
}

impl Thresholds {
    /// Of the factor at a place in [`FACTORS`], in nats.
    pub(super) fn of(&self, which: usize) -> Option<f64> {
        self.nats.get(which).copied().flatten()
    }

    /// The most that one bin can add, in nats.
    pub(super) fn cap_of(&self, which: usize) -> f64 {
        match self.of(which) {
            Some(nats) if !self.one_bin_is_enough => CAP_SHARE * nats,
            _ => f64::INFINITY,
        }
    }
}

/// Thresholds for a series so that all sums together give `per_week` false alarms a week.
pub(super) fn fit(series: &CountSeries, baseline: &Baseline, mask: &[bool], per_week: f64) -> Thresholds {
    // A rate that ordinarily wanders by this much from hour to hour is no burst.
    let wander = 1.0 + 2.0 * baseline.hourly_dispersion.sqrt();
    let least = if baseline.too_little { wander.max(4.0) } else { wander };
    let in_use = |factor: f64| factor >= least.min(30.0);
    let share = per_week / FACTORS.iter().filter(|&&factor| in_use(factor)).count().max(1) as f64;
    let nats = FACTORS.map(|factor| {
        in_use(factor).then(|| {
            let exact = by_formula(series, baseline, factor, share);
            by_excursions(series, baseline, mask, factor, share).map_or(exact, |seen| exact.max(seen))
        })
    });
    Thresholds { nats, one_bin_is_enough: series.grid.bin_secs >= LONE_BIN_SECS }
}

/// Threshold for independent counts, averaged over the season.
fn by_formula(series: &CountSeries, baseline: &Baseline, factor: f64, per_week: f64) -> f64 {
    let bins_per_week = WEEK_SECS / f64::from(series.grid.bin_secs.max(1));
    // The rate changes by the hour, so a few hundred bins stand for all.
    let stride = (baseline.mean.len() / 500).max(1);
    let (mut sum, mut num) = (0.0, 0.0);
    for mean in baseline.mean.iter().step_by(stride) {
        let mean = mean * baseline.guard;
        let ratio = Ratio::new(mean, factor * mean, baseline.dispersion);
        let information = ratio.at(factor * mean);
        // A sum passes its threshold by up to one typical step; the Laplace transform of a
        // uniform overshoot.
        let sd = (factor * mean * (1.0 + baseline.dispersion * factor * mean)).sqrt();
        let step = ratio.per_count() * sd.max(1.0);
        let overshoot = (1.0 - (-step).exp()) / step.max(1e-9);
        sum += information * overshoot * overshoot;
        num += 1.0;
    }
    (bins_per_week * sum / f64::max(num, 1.0) / per_week).max(std::f64::consts::E).ln()
}

/// Threshold from the tail of the excursions' peaks, taken as exponential above their 90th
/// percentile; the highest tenth of the tail is only known to be high, since bursts hide there.
fn by_excursions(series: &CountSeries, baseline: &Baseline, mask: &[bool], factor: f64, per_week: f64) -> Option<f64> {
    let mut peaks = excursions(series, baseline, mask, factor);
    if peaks.len() < MIN_EXCURSIONS {
        return None;
    }
    let begin = quantile(&mut peaks, 0.9)?;
    let censor = quantile(&mut peaks, 0.99)?;
    let tail = peaks.iter().filter(|&&peak| peak > begin);
    let (num, uncensored, sum) = tail.fold((0.0, 0.0_f64, 0.0), |(num, uncensored, sum), &peak| {
        (num + 1.0, uncensored + f64::from(u8::from(peak < censor)), sum + peak.min(censor) - begin)
    });
    let decay = uncensored / f64::max(sum, 1e-9);
    let observed = series.bins.iter().zip(mask).filter(|(bin, masked)| matches!(bin, Bin::Observed(_)) && !**masked);
    let weeks = observed.count() as f64 * f64::from(series.grid.bin_secs) / WEEK_SECS;
    (decay > 0.0 && weeks > 0.0).then(|| begin + (num / weeks / per_week).max(1.0).ln() / decay)
}
