//! Outage or block: from the words of the claims and from how much they come from one country.

use std::collections::BTreeMap;

use statrs::distribution::{Beta, ContinuousCDF};

use crate::model::Verdict;

/// Share of the claims that speak of a block from which it is one whatever the place.
const BLOCK_SHARE: f64 = 0.3;
/// The same where the claims come from one country.
const BLOCK_SHARE_ONE_COUNTRY: f64 = 0.12;
/// Share of the claimed countries that makes "one country", and how many claims that takes.
const ONE_COUNTRY: (f64, u64) = (0.8, 10);
/// Witnesses below which nothing is called a block.
const MIN_BLOCK: u64 = 3;

/// Judges from the independent claims, those of them that speak of a block, and the claims per
/// country (`??` where none is claimed). 90 % intervals by Jeffreys.
pub(super) fn judge(num_claims: u64, num_block: u64, countries: &BTreeMap<String, u64>) -> Verdict {
    let num_block = num_block.min(num_claims);
    let named = || countries.iter().filter(|(country, _)| country.as_str() != "??").map(|(_, num)| *num);
    let (total, most): (u64, u64) = (named().sum(), named().max().unwrap_or_default());
    let one_country = total >= ONE_COUNTRY.1 && most as f64 >= ONE_COUNTRY.0 * total as f64;
    let enough = if one_country { BLOCK_SHARE_ONE_COUNTRY } else { BLOCK_SHARE };
    let share = num_block as f64 / num_claims.max(1) as f64;
    if num_block >= MIN_BLOCK && share >= enough {
        Verdict::Block
    } else if beta_quantile(num_block as f64 + 0.5, (num_claims - num_block) as f64 + 0.5, 0.95) < BLOCK_SHARE {
        Verdict::Outage
    } else {
        Verdict::Unclear
    }
}

/// Quantile of a beta law; the mean where the parameters are none.
pub(super) fn beta_quantile(a: f64, b: f64, share: f64) -> f64 {
    match Beta::new(a, b) {
        Ok(beta) => beta.inverse_cdf(share),
        Err(_) => 0.5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts() {
        let places = |items: &[(&str, u64)]| items.iter().map(|(c, n)| ((*c).to_owned(), *n)).collect();
        for (claims, block, countries, want) in [
            (200, 4, places(&[("BR", 60), ("US", 50)]), Verdict::Outage),
            (200, 4, places(&[("BR", 110)]), Verdict::Outage),
            (200, 30, places(&[("BR", 110), ("PT", 5)]), Verdict::Block),
            (200, 30, places(&[("BR", 60), ("US", 50)]), Verdict::Outage),
            (200, 70, places(&[("??", 200)]), Verdict::Block),
            (3, 0, places(&[]), Verdict::Unclear),
            (0, 0, places(&[]), Verdict::Unclear),
            (4, 2, places(&[]), Verdict::Unclear),
        ] {
            assert_eq!(judge(claims, block, &countries), want, "{claims} {block} {countries:?}");
        }
    }
}
