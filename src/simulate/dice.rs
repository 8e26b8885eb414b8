//! Random numbers that are the same on every machine and in every version: ChaCha8 and our own distributions.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::portable::{exp, ln};

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream `stream` of `seed`: streams do not touch each other, so that a change in one
    /// part of a scenario leaves the others as they were.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(stream);
        Self(rng)
    }

    /// Uniform in 0..1, 1 excluded.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in 0..`len`; 0 for `len` 0.
    pub fn below(&mut self, len: usize) -> usize {
        ((u128::from(self.0.next_u64()) * len as u128) >> 64) as usize
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of `items`, all alike; `None` without items.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }

    /// Index of one of `weights`, by weight; `None` where they sum to nothing.
    pub fn weighted(&mut self, weights: impl Iterator<Item = f64> + Clone) -> Option<usize> {
        let total: f64 = weights.clone().sum();
        let mut left = self.unit() * total;
        let mut last = None;
        for (index, weight) in weights.enumerate().filter(|(_, weight)| *weight > 0.0) {
            last = Some(index);
            left -= weight;
            if left < 0.0 {
                break;
            }
        }
        last
    }

    /// Poisson with this mean (0 and below give 0): inversion in parts of 16, which stays exact.
    pub fn poisson(&mut self, mean: f64) -> u32 {
        let mut left = mean;
        let mut count = 0;
        while left > 0.0 {
            let part = left.min(16.0);
            left -= part;
            let mut at = self.unit();
            let mut probability = exp(-part);
            let mut n = 0;
            while at >= probability && n < 200 {
                at -= probability;
                n += 1;
                probability *= part / f64::from(n);
            }
            count += n;
        }
        count
    }

    /// Gamma with mean 1 and this variance (1 for variance 0): Marsaglia and Tsang (2000).
    pub fn gamma(&mut self, variance: f64) -> f64 {
        if variance <= 0.0 {
            return 1.0;
        }
        let shape = 1.0 / variance;
        let boosted = if shape < 1.0 { shape + 1.0 } else { shape };
        let d = boosted - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        let draw = loop {
            let normal = self.normal();
            let v = 1.0 + c * normal;
            let v = v * v * v;
            if v > 0.0 && ln(self.unit().max(f64::MIN_POSITIVE)) < 0.5 * normal * normal + d - d * v + d * ln(v) {
                break d * v;
            }
        };
        let shrink = if shape < 1.0 { exp(ln(self.unit().max(f64::MIN_POSITIVE)) / shape) } else { 1.0 };
        draw * shrink * variance
    }

    fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * (-2.0 * ln(square) / square).sqrt();
            }
        }
    }
}

/// Mixes a number into 64 well-spread bits (the finalizer of SplitMix64).
pub fn mix(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(draws: &[f64]) -> (f64, f64) {
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        (mean, draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / draws.len() as f64)
    }

    #[test]
    fn poisson_has_its_mean_and_variance() {
        for mean in [0.02, 0.8, 7.0, 90.0] {
            let mut dice = Dice::new(1, 2);
            let draws: Vec<f64> = (0..40_000).map(|_| f64::from(dice.poisson(mean))).collect();
            let (m, v) = moments(&draws);
            assert!((m / mean - 1.0).abs() < 0.1, "mean {m} for {mean}");
            assert!((v / mean - 1.0).abs() < 0.1, "variance {v} for {mean}");
        }
    }

    #[test]
    fn gamma_has_mean_one_and_its_variance() {
        for variance in [0.05, 0.5, 2.0] {
            let mut dice = Dice::new(3, 0);
            let draws: Vec<f64> = (0..60_000).map(|_| dice.gamma(variance)).collect();
            let (m, v) = moments(&draws);
            assert!((m - 1.0).abs() < 0.03, "mean {m}");
            assert!((v / variance - 1.0).abs() < 0.1, "variance {v} for {variance}");
        }
        assert_eq!(Dice::new(1, 1).gamma(0.0), 1.0);
    }

    #[test]
    fn streams_are_fixed_and_apart() {
        let first = |seed, stream| Dice::new(seed, stream).unit();
        assert_eq!(first(7, 0), first(7, 0));
        assert_ne!(first(7, 0), first(7, 1));
        assert_ne!(first(7, 0), first(8, 0));
        assert_eq!(Dice::new(7, 0).below(0), 0);
        assert_eq!(Dice::new(7, 0).weighted([0.0, 2.0, 0.0].into_iter()), Some(1));
        assert_eq!(Dice::new(7, 0).weighted([0.0].into_iter()), None);
    }
}
