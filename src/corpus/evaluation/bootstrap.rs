//! 95 % intervals by resampling rows: the percentile bootstrap (Efron, "Bootstrap methods", Annals of Statistics 7, 1979).

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::Serialize;

use super::{FIGURES, Points};

/// Fewest rows with which an interval is given: over less it says more about the rows than about the reading.
pub const MIN_ROWS: usize = 10;

/// What lies outside of an interval, on each side.
const TAIL: f64 = 0.025;

/// A 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

/// One value for each of [`FIGURES`].
pub type PerFigure<T> = [Option<T>; FIGURES.len()];

/// How to resample. The same seed and rows give the same intervals on every machine.
#[derive(Debug, Clone, Copy)]
pub struct Bootstrap {
    /// How often; 0 for no intervals.
    pub num_resamples: usize,
    /// Seed.
    pub seed: u64,
}

impl Bootstrap {
    /// Intervals of the figures over these rows; `None` below [`MIN_ROWS`] rows, and for what most resamples have not.
    pub fn intervals(&self, rows: &[Points]) -> PerFigure<Interval> {
        self.over(rows.len(), |chosen| sum(rows, chosen).figures())
    }

    /// Intervals of `now - before` over pairs of readings of the same rows.
    pub fn differences(&self, now: &[Points], before: &[Points]) -> PerFigure<Interval> {
        self.over(now.len().min(before.len()), |chosen| {
            difference(&sum(now, chosen).figures(), &sum(before, chosen).figures())
        })
    }

    fn over(&self, num_rows: usize, figures: impl Fn(&[usize]) -> PerFigure<f64>) -> PerFigure<Interval> {
        if num_rows < MIN_ROWS {
            return [None; FIGURES.len()];
        }
        // The key is set by hand, because the crate may spread a short seed differently one day.
        let mut key = [0; 32];
        key[..8].copy_from_slice(&self.seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        let mut values: [Vec<f64>; FIGURES.len()] = Default::default();
        let mut chosen = vec![0; num_rows];
        for _ in 0..self.num_resamples {
            for row in &mut chosen {
                *row = ((u128::from(rng.next_u64()) * num_rows as u128) >> 64) as usize;
            }
            for (values, value) in values.iter_mut().zip(figures(&chosen)) {
                values.extend(value);
            }
        }
        values.map(|values| interval(values, self.num_resamples))
    }
}

/// `now - before` where both are there.
pub fn difference(now: &PerFigure<f64>, before: &PerFigure<f64>) -> PerFigure<f64> {
    std::array::from_fn(|figure| Some(now[figure]? - before[figure]?))
}

fn sum(rows: &[Points], chosen: &[usize]) -> Points {
    let mut sum = Points::default();
    for &row in chosen {
        sum += rows[row];
    }
    sum
}

fn interval(mut values: Vec<f64>, num_resamples: usize) -> Option<Interval> {
    if values.len() * 2 <= num_resamples {
        return None;
    }
    values.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| values.get(((values.len() - 1) as f64 * share).round() as usize).copied();
    Some(Interval { low: at(TAIL)?, high: at(1.0 - TAIL)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::evaluation::Ratio;

    fn rows(num_right: usize, num: usize) -> Vec<Points> {
        let row = |right: bool| Points { accuracy: Ratio { num: usize::from(right), of: 1 }, ..Points::default() };
        (0..num).map(|number| row(number < num_right)).collect()
    }

    const KIND: usize = 9;

    #[test]
    fn an_interval_is_that_of_the_binomial() {
        let bootstrap = Bootstrap { num_resamples: 4000, seed: 1 };
        let interval = bootstrap.intervals(&rows(160, 200))[KIND].unwrap();
        // 0.8 and 1.96 standard errors of 0.0283.
        assert!((interval.low - 0.745).abs() < 0.011 && (interval.high - 0.855).abs() < 0.011, "{interval:?}");
        assert_eq!(bootstrap.intervals(&rows(160, 200))[KIND], Some(interval), "the same seed");
        let other = Bootstrap { seed: 2, ..bootstrap };
        assert_ne!(other.intervals(&rows(97, 311)), bootstrap.intervals(&rows(97, 311)), "another seed");
    }

    #[test]
    fn pairs_are_resampled_together() {
        let bootstrap = Bootstrap { num_resamples: 1000, seed: 1 };
        let (now, before) = (rows(100, 200), rows(90, 200));
        let paired = bootstrap.differences(&now, &before)[KIND].unwrap();
        // Ten of 200 rows differ, all one way: the difference is never below zero, though each figure is uncertain.
        assert!(paired.low > 0.0 && paired.high < 0.1, "{paired:?}");
        assert_eq!(bootstrap.differences(&now, &now)[KIND], Some(Interval { low: 0.0, high: 0.0 }));
    }

    #[test]
    fn what_is_not_there_has_no_interval() {
        let bootstrap = Bootstrap { num_resamples: 100, seed: 1 };
        assert_eq!(bootstrap.intervals(&rows(5, MIN_ROWS - 1))[KIND], None);
        assert_eq!(bootstrap.intervals(&rows(5, 50))[0], None, "no complaint, no precision");
        assert_eq!(Bootstrap { num_resamples: 0, seed: 1 }.intervals(&rows(5, 50))[KIND], None);
    }
}
