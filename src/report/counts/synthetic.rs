//! Made-up keys for counts that come without: as many as counted, spread like hashes, the same every time.

use sha2::{Digest, Sha256};

use crate::model::sketch::K;
use crate::model::{CellKey, Distinct};

/// A set whose count is `number` (up to a billion to the last digit), made from the row (`seed`) alone.
pub(super) fn distinct(seed: u64, number: u64) -> Distinct {
    if number < K as u64 {
        let mut keys = Distinct::default();
        let mut counter = seed;
        // Two equal keys are next to impossible, yet the count must be right.
        while keys.count() < number {
            keys.add(mix(counter));
            counter = counter.wrapping_add(1);
        }
        return keys;
    }
    // The K smallest of `number` keys: one in each of K equal steps, the last where the estimate
    // (K - 1) / fraction gives the number back.
    let step = |index: u128| u64::try_from((index << 64) / u128::from(number)).unwrap_or(u64::MAX);
    let last = K as u128 - 1;
    (0..last)
        .map(|index| {
            let (from, to) = (step(index), step(index + 1));
            from + mix(seed.wrapping_add(index as u64)) % (to - from).max(1)
        })
        .chain([step(last)])
        .collect()
}

/// The seed of a row's column: other rows and columns get other keys.
pub(super) fn seed(row: u64, key: &CellKey, column: &str) -> u64 {
    let digest = Sha256::digest(format!("{row}\n{column}\n{key:?}"));
    digest.iter().take(8).fold(0, |seed, &byte| seed << 8 | u64::from(byte))
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
fn mix(counter: u64) -> u64 {
    let mut z = counter.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_kept() {
        for number in [0, 1, 2, 1023, 1024, 1025, 3000, 123_456, 9_876_543, 1 << 30] {
            assert_eq!(distinct(7, number).count(), number);
            assert_eq!(distinct(u64::MAX, number), distinct(u64::MAX, number));
        }
        assert!(distinct(7, u64::MAX).count() > 1 << 60);
    }

    #[test]
    fn rows_add_up() {
        let mut sum = Distinct::default();
        for row in 0..40 {
            sum.merge(&distinct(mix(row + 1000), 2_000));
        }
        let error = (sum.count() as f64 - 80_000.0).abs() / 80_000.0;
        assert!(error < 0.1, "{}", sum.count());
    }
}
