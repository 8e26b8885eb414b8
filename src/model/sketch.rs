//! Distinct counts that add up: a k-minimum-values sketch, exact up to 1,024 (Beyer et al., SIGMOD 2007).

use std::collections::BTreeSet;

/// Keys kept; below it the count is exact, above it the standard error is about 1/sqrt(K) = 3 %.
pub const K: usize = 1024;

/// A set of 64-bit keys that can be merged in any order and any grouping with the same result.
/// Keys must be well mixed (hashes).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Distinct {
    smallest: BTreeSet<u64>,
}

impl Distinct {
    /// Adds a key.
    pub fn add(&mut self, key: u64) {
        if self.smallest.len() < K {
            self.smallest.insert(key);
        } else if self.smallest.last().is_some_and(|&last| key < last) && self.smallest.insert(key) {
            self.smallest.pop_last();
        }
    }

    /// Adds all keys of another one.
    pub fn merge(&mut self, other: &Self) {
        for &key in &other.smallest {
            self.add(key);
        }
    }

    /// The number of distinct keys: exact below [`K`], estimated from there on.
    pub fn count(&self) -> u64 {
        match self.smallest.last() {
            Some(&last) if self.smallest.len() == K => {
                let fraction = (last as f64 + 1.0) / (u64::MAX as f64 + 1.0);
                ((K as f64 - 1.0) / fraction).round() as u64
            }
            _ => self.smallest.len() as u64,
        }
    }

    /// The 90 % interval of a number that [`Self::count`] gave: nothing but the number below [`K`], where it is exact.
    pub fn interval(count: u64) -> (u64, u64) {
        if count < K as u64 {
            return (count, count);
        }
        // 1.645 standard errors on either side.
        let off = 1.645 / (K as f64 - 2.0).sqrt();
        ((count as f64 / (1.0 + off)).round() as u64, (count as f64 / (1.0 - off)).round() as u64)
    }

    /// The keys that are kept, ascending: all of them below [`K`], a sample from there on.
    pub fn keys(&self) -> impl Iterator<Item = u64> + '_ {
        self.smallest.iter().copied()
    }
}

impl FromIterator<u64> for Distinct {
    fn from_iter<I: IntoIterator<Item = u64>>(keys: I) -> Self {
        let mut set = Self::default();
        for key in keys {
            set.add(key);
        }
        set
    }
}
