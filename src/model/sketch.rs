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

#[cfg(test)]
mod tests {
    use super::*;

    /// A well mixed number (SplitMix64).
    fn mixed(number: u64) -> u64 {
        let mut z = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    #[test]
    fn intervals_hold_nine_times_of_ten() {
        let num_keys = 5_000;
        let holds = |run: u64| {
            let set: Distinct = (1..=num_keys).map(|key| mixed(run << 32 | key)).collect();
            let (low, high) = Distinct::interval(set.count());
            low < high && (low..=high).contains(&num_keys)
        };
        let num_held = (0..400).filter(|run| holds(*run)).count();
        assert!((340..=380).contains(&num_held), "{num_held} of 400");
        assert_eq!((Distinct::interval(0), Distinct::interval(1_023)), ((0, 0), (1_023, 1_023)), "exact is exact");
    }
}
