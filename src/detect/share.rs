//! Shares of a whole with their intervals (Wilson, J. Am. Stat. Assoc. 1927).

use crate::model::Share;

/// Standard deviations on either side of the mean that hold 90 % of a normal law.
pub(super) const Z_90: f64 = 1.644_853_626_951_472_7;

/// A share in 0..=1 that was seen among `num` independent ones, with its 90 % Wilson interval; all is open where `num` is 0.
pub fn wilson(share: f64, num: u64) -> Share {
    let mid = share.clamp(0.0, 1.0);
    if num == 0 {
        return Share { low: 0.0, mid, high: 1.0 };
    }
    let num = num as f64;
    let pull = Z_90 * Z_90 / num;
    let center = (mid + pull / 2.0) / (1.0 + pull);
    let half = Z_90 * (mid * (1.0 - mid) / num + pull / (4.0 * num)).sqrt() / (1.0 + pull);
    Share { low: (center - half).clamp(0.0, mid), mid, high: (center + half).clamp(mid, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_as_tables_have_them() {
        // Both ends solve (p - share)^2 = z^2 p (1 - p) / n, which is what Wilson's interval is.
        for (share, num) in [(0.5, 20), (0.1, 50), (0.9, 7), (0.02, 1_000)] {
            let Share { low, mid, high } = wilson(share, num);
            for p in [low, high] {
                let off = (p - share).powi(2) - Z_90 * Z_90 * p * (1.0 - p) / num as f64;
                assert!(off.abs() < 1e-12, "{share} of {num}: {p}");
            }
            assert!(low < mid && mid < high && mid == share);
        }
        let (none, all) = (wilson(0.0, 10), wilson(1.0, 10));
        assert!(none.low == 0.0 && none.high > 0.1 && none.high < 0.3, "{none:?}");
        assert!(all.high == 1.0 && all.low > 0.7 && all.low < 0.9, "{all:?}");
        assert_eq!(wilson(0.3, 0), Share { low: 0.0, mid: 0.3, high: 1.0 });
    }
}
