//! Distinct counts that add up: a k-minimum-values sketch, exact up to 1,024 (Beyer et al., SIGMOD 2007).

use std::cmp::Ordering;

/// Keys kept; below it the count is exact, above it the standard error is about 1/sqrt(K) = 3 %.
pub const K: usize = 1024;
/// Up to so many keys are added one by one; more are joined in one pass.
const FEW: usize = 4;

/// A set of 64-bit keys that can be merged in any order and any grouping with the same result.
/// Keys must be well mixed (hashes).
///
/// Most sets of a tally hold a key or two, for weeks: they take no more room than these.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Distinct {
    /// Ascending, each once.
    smallest: Vec<u64>,
}

impl Distinct {
    /// Adds a key.
    pub fn add(&mut self, key: u64) {
        let Err(place) = self.smallest.binary_search(&key) else { return };
        if place == K {
            return;
        }
        if self.smallest.len() == K {
            self.smallest.pop();
        } else if self.smallest.len() == self.smallest.capacity() {
            self.smallest.reserve_exact(self.smallest.len().max(1));
        }
        self.smallest.insert(place, key);
    }

    /// Adds all keys of another one.
    pub fn merge(&mut self, other: &Self) {
        if other.smallest.len() <= FEW {
            return other.smallest.iter().for_each(|key| self.add(*key));
        }
        let mut both = Vec::with_capacity((self.smallest.len() + other.smallest.len()).min(K));
        let (mut mine, mut theirs) = (self.smallest.as_slice(), other.smallest.as_slice());
        while both.len() < K {
            let (Some(one), Some(another)) = (mine.first(), theirs.first()) else {
                let rest = if mine.is_empty() { theirs } else { mine };
                both.extend(rest.iter().take(K - both.len()));
                break;
            };
            let order = one.cmp(another);
            both.push(*one.min(another));
            mine = &mine[usize::from(order != Ordering::Greater)..];
            theirs = &theirs[usize::from(order != Ordering::Less)..];
        }
        self.smallest = both;
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
    use std::collections::BTreeSet;

    /// A well mixed number (SplitMix64).
    fn mixed(number: u64) -> u64 {
        let mut z = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    #[test]
    fn it_is_the_set_of_the_smallest_whatever_the_order_and_grouping() {
        let model =
            |keys: &[u64]| keys.iter().copied().collect::<BTreeSet<_>>().into_iter().take(K).collect::<Vec<_>>();
        for num in [0, 1, 2, 5, 700, 1_023, 1_024, 1_025, 3_000] {
            // Every third key comes twice.
            let keys: Vec<u64> = (0..num).map(|number| mixed(number / 3 * 2 + number % 3)).collect();
            let whole: Distinct = keys.iter().copied().collect();
            assert_eq!(whole.keys().collect::<Vec<_>>(), model(&keys), "{num}");
            for size in [1, 3, 7, 600, 2_000] {
                let mut parts = Distinct::default();
                keys.chunks(size).rev().for_each(|part| parts.merge(&part.iter().copied().collect()));
                assert_eq!(parts, whole, "{num} in parts of {size}");
            }
        }
        let one: Distinct = [7].into_iter().collect();
        assert_eq!(one.smallest.capacity(), 1, "one key takes the room of one");
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
