//! Counts that vary more than chance: the negative binomial by mean and dispersion (Lawless, Can. J. Stat. 1987).
//!
//! The variance is `mean + dispersion * mean^2`; a dispersion near zero is Poisson.

use super::grid::Cells;

/// Smallest dispersion: below it the formulas lose digits and the law is Poisson for all purposes.
const MIN_DISPERSION: f64 = 1e-6;
/// Dispersion believed before looking, and the weight of that belief in units of summed squared means.
const PRIOR: (f64, f64) = (0.1, 20.0);

/// Log-likelihood of `count` at `mean`, without the terms that do not depend on the mean.
pub(super) fn ln_likelihood(count: f64, mean: f64, dispersion: f64) -> f64 {
    let dispersion = dispersion.max(MIN_DISPERSION);
    let mean = mean.max(1e-12);
    count * mean.ln() - (count + dispersion.recip()) * (dispersion * mean).ln_1p()
}

/// The log-likelihood ratio of two means as a straight line in the count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ratio {
    slope: f64,
    intercept: f64,
}

impl Ratio {
    /// Of `high` against `low`, both above zero.
    pub(super) fn new(low: f64, high: f64, dispersion: f64) -> Self {
        let dispersion = dispersion.max(MIN_DISPERSION);
        let rise = (dispersion * high).ln_1p() - (dispersion * low).ln_1p();
        Self { slope: (high / low).ln() - rise, intercept: -rise / dispersion }
    }

    /// At a count, in nats.
    pub(super) fn at(&self, count: f64) -> f64 {
        self.slope * count + self.intercept
    }

    /// Rise per count, in nats.
    pub(super) fn per_count(&self) -> f64 {
        self.slope
    }
}

/// Dispersion of counts around their means by moments, outliers clipped, shrunk toward [`PRIOR`]
/// where the counts are too few to tell. Each item is (count, mean); the result is in 0.001..=20.
pub(super) fn dispersion<I: Iterator<Item = (f64, f64)> + Clone>(items: &I) -> f64 {
    let mut estimate: f64 = 1.0;
    for _ in 0..3 {
        let (mut above, mut squares) = (PRIOR.0 * PRIOR.1, PRIOR.1);
        for (count, mean) in items.clone() {
            let sd = (mean + estimate * mean * mean).sqrt();
            let count = count.min(mean + 6.0 * sd + 2.0);
            above += (count - mean) * (count - mean) - count;
            squares += mean * mean;
        }
        estimate = (above / squares).clamp(0.001, 20.0);
    }
    estimate
}

/// Dispersion of whole hours, which also holds how the rate itself wanders from hour to hour.
pub(super) fn hourly_dispersion(cells: &Cells, expected: &[f64]) -> f64 {
    dispersion(&cells.whole().filter_map(|(hour, count)| expected.get(hour).map(|&mean| (count, mean))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratio_is_the_difference_of_likelihoods() {
        for (low, high, dispersion) in [(0.05, 0.8, 0.0), (3.0, 6.0, 0.5), (50.0, 400.0, 2.0)] {
            for count in [0.0, 1.0, 7.0, 300.0] {
                let want = ln_likelihood(count, high, dispersion) - ln_likelihood(count, low, dispersion);
                let got = Ratio::new(low, high, dispersion).at(count);
                assert!((got - want).abs() < 1e-6 * (1.0 + want.abs()), "{low} {high} {count}: {got} {want}");
            }
        }
    }

    #[test]
    fn dispersion_of_a_known_spread() {
        // Half of the counts at 5 and half at 15: variance 25, mean 10, so (25 - 10) / 100.
        let items = (0..2000).map(|i| (if i % 2 == 0 { 5.0 } else { 15.0 }, 10.0));
        assert!((dispersion(&items) - 0.15).abs() < 0.01);
        assert!((dispersion(&std::iter::empty()) - 0.1).abs() < 1e-9);
    }
}
