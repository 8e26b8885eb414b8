//! Thresholds from the false alarms that are allowed (Siegmund, Sequential Analysis 1985; Tartakovsky et al. 2014, ch. 8).
//!
//! For independent counts the mean time between false alarms of one sum is about
//! `exp(h) / (information * overshoot^2)` bins. Real counts come in clumps that no simple law
//! holds, so where there is enough history it must agree: of complaints the tail of the sums' own
//! maxima is fitted, and the higher of both thresholds counts; of other counts see `history`.

use super::baseline::Baseline;
use super::cusum::{FACTORS, block_maxima};
use super::history::History;
use super::negative_binomial::Ratio;
use super::settings::Settings;
use super::tail::{Blocks, MIN_BLOCKS, Tail, WEEK_SECS};
use crate::model::CountSeries;

/// A bin this long can be a whole burst; of shorter ones two must agree.
const LONE_BIN_SECS: u32 = 1800;
/// Share of a threshold that one short bin can bring.
const CAP_SHARE: f64 = 0.6;

/// A threshold per factor; `None` where the factor lies within the ordinary wander of the rate.
#[derive(Debug, Clone)]
pub(super) struct Thresholds {
    nats: [Option<f64>; FACTORS.len()],
    one_bin_is_enough: bool,
    /// What an alarm must stand out from besides, where counts are not complaints.
    pub(super) history: Option<History>,
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

/// Thresholds for a series so that all sums together give as many false alarms as are allowed.
pub(super) fn fit(series: &CountSeries, baseline: &Baseline, settings: &Settings) -> Thresholds {
    let per_week = settings.false_alarms_per_week;
    // A rate that ordinarily wanders by this much from hour to hour is no burst.
    let wander = 1.0 + 2.0 * baseline.hourly_dispersion.sqrt();
    let least = if baseline.too_little { wander.max(4.0) } else { wander };
    let in_use = |factor: f64| factor >= least.min(30.0);
    let share = per_week / FACTORS.iter().filter(|&&factor| in_use(factor)).count().max(1) as f64;
    let nats = FACTORS.map(|factor| in_use(factor).then(|| by_formula(series, baseline, factor, share)));
    let one_bin_is_enough = series.grid.bin_secs >= LONE_BIN_SECS;
    let by_formula = Thresholds { nats, one_bin_is_enough, history: None };
    if settings.prior.is_some() {
        return raised_by_history(series, baseline, &by_formula, per_week);
    }
    Thresholds { history: History::fit(series, baseline, per_week), ..by_formula }
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

/// Raises all thresholds by one factor so that the highest values that the sums reached in each
/// quarter of a day pass them as seldom as wanted. All of the history counts here, bursts too: what
/// a series does every week is ordinary for it, and of its highest values it is only used that
/// they are high.
fn raised_by_history(series: &CountSeries, baseline: &Baseline, base: &Thresholds, per_week: f64) -> Thresholds {
    let blocks = Blocks::of(series.grid.bin_secs);
    let mut raised = base.clone();
    // What one bin can bring depends on the threshold, so a second round is needed.
    for _ in 0..2 {
        let mut highest = block_maxima(series, baseline, &raised, blocks.num_bins);
        if highest.len() < MIN_BLOCKS {
            break;
        }
        let Some(tail) = Tail::fit(&mut highest) else { break };
        let times = tail.exceeded_by(per_week / blocks.per_week);
        let higher = |which: usize| base.of(which).zip(raised.of(which)).map(|(base, now)| base.max(now * times));
        raised.nats = std::array::from_fn(higher);
    }
    raised
}
