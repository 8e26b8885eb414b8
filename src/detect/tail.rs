//! The tail of a sample as a generalized Pareto law, fitted in groups (Pickands, Ann. Stat. 1975; for alarms: Siffer et al., KDD 2017).
//!
//! Only the body of the tail is fitted: of its highest values it is only used that they are high,
//! since what is looked for hides among them. The shape is drawn toward zero (exponential).

use super::grid::quantile;

/// Where the tail begins and where its values count as merely high, as shares of the sample.
const BEGIN: f64 = 0.8;
const CENSOR: f64 = 0.96;
/// Groups between the two.
const NUM_GROUPS: usize = 12;
/// Mean of the exponential belief about the shape.
const SHAPE_PRIOR: f64 = 0.1;

pub(super) const WEEK_SECS: f64 = 604_800.0;
/// A stretch of a series that gives one value of a sample, its highest.
const BLOCK_SECS: u32 = 21_600;
/// Blocks that a sample needs (two weeks).
pub(super) const MIN_BLOCKS: usize = 56;

/// The blocks of a series: bins of one of them, at least one, and how many there are in a week.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blocks {
    pub(super) num_bins: usize,
    pub(super) per_week: f64,
}

impl Blocks {
    /// Those of a series with bins so long, in seconds.
    pub(super) fn of(bin_secs: u32) -> Self {
        let bin_secs = bin_secs.max(1);
        let num_bins = (BLOCK_SECS / bin_secs).max(1);
        Self { num_bins: num_bins as usize, per_week: WEEK_SECS / (f64::from(num_bins) * f64::from(bin_secs)) }
    }
}

/// A fitted tail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tail {
    begin: f64,
    /// Share of the sample above `begin`.
    share: f64,
    scale: f64,
    shape: f64,
}

impl Tail {
    /// Fits the upper fifth of a sample; `None` where its values do not differ. Sorts the sample.
    pub(super) fn fit(sample: &mut [f64]) -> Option<Self> {
        let begin = quantile(sample, BEGIN)?;
        let mut edges: Vec<f64> = (1..=NUM_GROUPS)
            .filter_map(|group| quantile(sample, BEGIN + (CENSOR - BEGIN) * group as f64 / NUM_GROUPS as f64))
            .map(|edge| edge - begin)
            .filter(|&edge| edge > 1e-9)
            .collect();
        edges.dedup_by(|a, b| *a - *b < 1e-9);
        let above = |edge: f64| (sample.len() - sample.partition_point(|&value| value <= begin + edge)) as f64;
        let groups: Vec<(f64, f64, f64)> = std::iter::once(0.0)
            .chain(edges.iter().copied())
            .zip(edges.iter().copied().chain(std::iter::once(f64::INFINITY)))
            .map(|(from, to)| (from, to, above(from) - above(to)))
            .collect();
        let largest = *edges.last()?;
        let (mut best, mut best_fit) = (None, f64::NEG_INFINITY);
        for shape in (0..=16).map(|step| f64::from(step) * 0.08) {
            for scale in (0..60).map(|step| largest * 0.02 * 1.12_f64.powi(step)) {
                let fit = groups
                    .iter()
                    .map(|&(from, to, num)| {
                        num * (beyond(from, scale, shape) - beyond(to, scale, shape)).max(1e-300).ln()
                    })
                    .sum::<f64>()
                    - shape / SHAPE_PRIOR;
                if fit > best_fit {
                    best_fit = fit;
                    best = Some(Self { begin, share: above(0.0) / sample.len() as f64, scale, shape });
                }
            }
        }
        best
    }

    /// The value that this share of the sample exceeds.
    pub(super) fn exceeded_by(&self, share: f64) -> f64 {
        let odds = (self.share / share.max(1e-12)).max(1.0);
        let rise = if self.shape < 1e-6 { odds.ln() } else { (odds.powf(self.shape) - 1.0) / self.shape };
        self.begin + self.scale * rise
    }
}

/// Share of the tail beyond an excess.
fn beyond(excess: f64, scale: f64, shape: f64) -> f64 {
    if excess.is_infinite() {
        0.0
    } else if shape < 1e-6 {
        (-excess / scale).exp()
    } else {
        (1.0 + shape * excess / scale).powf(-shape.recip())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_far_out() {
        let num = 4000;
        let uniform = |i: usize| (i as f64 + 0.5) / num as f64;
        let mut exponential: Vec<f64> = (0..num).map(|i| -uniform(i).ln()).collect();
        let tail = Tail::fit(&mut exponential).unwrap();
        assert!((tail.exceeded_by(1e-5) / 11.5 - 1.0).abs() < 0.2, "{tail:?}");
        let mut pareto: Vec<f64> = (0..num).map(|i| uniform(i).powf(-0.5)).collect();
        let tail = Tail::fit(&mut pareto).unwrap();
        assert!((tail.exceeded_by(1e-4) / 100.0 - 1.0).abs() < 0.45, "{tail:?}");
        assert_eq!(Tail::fit(&mut [1.0; 500]), None);
        assert_eq!(Tail::fit(&mut []), None);
    }
}
