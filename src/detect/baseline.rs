//! What to expect when nothing is wrong: a robust level, a season where history allows it (after Farrington et al., JRSS A 1996).
//!
//! Past bursts are masked and outliers clipped; a missing bin is left out, never zero. With less
//! than [`ENOUGH_DAYS`] of history the level is taken from the quietest parts, since bursts only
//! go up, and the result says so.

use super::grid::{Cells, quantile};
use super::negative_binomial::{dispersion, hourly_dispersion};
use super::season;
use super::settings::RatePrior;
use super::share::Z_90;
use crate::model::{Bin, CountSeries};

/// Usable days below which the baseline is called a guess.
pub(super) const ENOUGH_DAYS: f64 = 3.0;
/// Days on either side that make the level of a day.
const LEVEL_DAYS: usize = 7;
/// Counts that the overall level weighs in the level of a day.
const LEVEL_COUNTS: f64 = 20.0;
/// Blocks into which a short series is cut.
const NUM_BLOCKS: usize = 12;

/// Expected counts and how much the real ones vary around them.
#[derive(Debug, Clone)]
pub(super) struct Baseline {
    /// Expected count of each bin, above zero.
    pub(super) mean: Vec<f64>,
    /// How far the level itself may be too low, as a factor of at least 1.
    pub(super) guard: f64,
    /// 90 % interval of the level: from the mean divided by this factor to the mean times it.
    pub(super) factor: f64,
    /// Dispersion of single bins.
    pub(super) dispersion: f64,
    /// Dispersion of whole hours.
    pub(super) hourly_dispersion: f64,
    /// Whether there was too little history to know.
    pub(super) too_little: bool,
}

/// Fits a baseline to the bins that are observed and not masked (`mask` is as long as the series).
pub(super) fn fit(series: &CountSeries, mask: &[bool], prior: Option<RatePrior>) -> Baseline {
    let cells = Cells::new(series, mask);
    let days = cells.usable_days();
    let bin_min = f64::from(series.grid.bin_secs.max(1)) / 60.0;
    let too_little = days < ENOUGH_DAYS;
    let floor = 1e-6 * bin_min;
    let (expected, cells, mask) = if too_little {
        let (level, mask) = short_level(series, mask, prior, days, bin_min);
        (vec![level; cells.counts.len()], Cells::new(series, &mask), mask)
    } else {
        let factors = season::fit(&cells, days);
        let levels = daily_levels(&cells, &factors);
        let of_cell = |cell| levels.get(cells.day(cell)).copied().unwrap_or(floor) * factors.of(&cells, cell);
        ((0..cells.counts.len()).map(of_cell).collect(), cells, mask.to_vec())
    };
    let counts_used: f64 = cells.counts.iter().sum();
    let mean: Vec<f64> = (0..series.bins.len())
        .map(|index| expected.get(cells.cell_of(series, index)).copied().unwrap_or(floor).max(floor))
        .collect();
    let observed = series.bins.iter().zip(&mean).zip(&mask).filter_map(|((bin, &mean), &masked)| match bin {
        Bin::Observed(count) if !masked => Some((f64::from(*count), mean)),
        _ => None,
    });
    let dispersion = dispersion(&observed);
    let per_hour: Vec<f64> = expected.iter().map(|mean| mean.max(floor) * cells.bins_per_cell).collect();
    let hourly_dispersion = hourly_dispersion(&cells, &per_hour);
    Baseline {
        hourly_dispersion,
        factor: level_factor(counts_used, cells.usable_days() * 24.0, hourly_dispersion),
        guard: 1.0 + (counts_used + 1.0).sqrt().recip(),
        mean,
        dispersion,
        too_little,
    }
}

/// How far a level that rests on so many counts in so many hours may lie off, as a factor of at least 1 (90 %): chance of the
/// counts, and what whole hours vary beyond it.
pub fn level_factor(num_counts: f64, hours: f64, hourly_dispersion: f64) -> f64 {
    let variance = (num_counts + 1.0).recip() + hourly_dispersion / hours.max(1.0);
    (Z_90 * variance.sqrt()).exp()
}

/// Level of a short series in counts per bin, and the mask with all bins that it does not rest on.
///
/// Blocks are compared: the lower quartile starts, and blocks that stand clearly above are left
/// out until nothing changes. A level that fewer than 2 % of series have when nothing is wrong is
/// not believed on less than a day: the data may lie inside the burst.
fn short_level(
    series: &CountSeries,
    mask: &[bool],
    prior: Option<RatePrior>,
    days: f64,
    bin_min: f64,
) -> (f64, Vec<bool>) {
    let usable: Vec<(usize, f64)> = series
        .bins
        .iter()
        .zip(mask)
        .enumerate()
        .filter_map(|(index, (bin, &masked))| match bin {
            Bin::Observed(count) if !masked => Some((index, f64::from(*count))),
            _ => None,
        })
        .collect();
    let width = usable.len().div_ceil(NUM_BLOCKS).max(1);
    let blocks: Vec<(f64, f64)> = usable
        .chunks(width)
        .map(|block| (block.iter().map(|(_, count)| count).sum::<f64>(), block.len() as f64))
        .collect();
    let mut rates: Vec<f64> = blocks.iter().map(|(count, num)| count / num).collect();
    let nothing = vec![true; mask.len()];
    let Some(quartile) = quantile(&mut rates, 0.25) else {
        return (prior.map_or(0.01, |prior| prior.median_per_min) * bin_min, nothing);
    };
    // A quarter of ordinary blocks lie 0.67 standard deviations below their mean.
    let low = quartile * width as f64;
    let mut level = (low + 0.67 * (low + 0.25).sqrt()) / width as f64;
    let is_ordinary = |level: f64, (count, num): (f64, f64)| {
        let expected = level * num;
        count <= expected + 3.0 * (expected + 0.1 * expected * expected).sqrt() + 1.0
    };
    let mut kept = (0.0, 0.0);
    let mut kept_at = level;
    for _ in 0..8 {
        kept_at = level;
        let ordinary = blocks.iter().filter(|&&block| is_ordinary(level, block));
        kept = ordinary.fold((0.0, 0.0), |sum, block| (sum.0 + block.0, sum.1 + block.1));
        let next = if kept.1 > 0.0 { kept.0 / kept.1 } else { level };
        if (next - level).abs() <= 1e-9 * level {
            break;
        }
        level = next;
    }
    let mut rests_on = nothing.clone();
    for (items, &block) in usable.chunks(width).zip(&blocks) {
        for (index, _) in items.iter().filter(|_| is_ordinary(kept_at, block)) {
            if let Some(place) = rests_on.get_mut(*index) {
                *place = false;
            }
        }
    }
    let Some(prior) = prior else {
        return ((kept.0 + 0.5) / f64::max(kept.1, 1.0), rests_on);
    };
    // Ten minutes of ordinary posts are the weight of the prior.
    let mean = (kept.0 + prior.median_per_min * 10.0) / (kept.1 + 10.0 / bin_min);
    let spread = (prior.high_per_min / prior.median_per_min).ln() / 1.645;
    let hardly_ever = prior.median_per_min * (2.05 * spread).exp() * bin_min;
    if days < 1.0 && mean > hardly_ever { (prior.high_per_min * bin_min, nothing) } else { (mean, rests_on) }
}

/// Level of each day in counts per bin, from the days around it, the season taken out, each
/// day clipped at three times the median day.
fn daily_levels(cells: &Cells, factors: &season::Factors) -> Vec<f64> {
    let num_days = cells.counts.len().checked_sub(1).map_or(0, |last| cells.day(last) + 1);
    let mut days = vec![(0.0, 0.0); num_days];
    for cell in 0..cells.counts.len() {
        if let Some(day) = days.get_mut(cells.day(cell)) {
            day.0 += cells.counts[cell];
            day.1 += cells.usable[cell] * factors.of(cells, cell);
        }
    }
    let mut rates: Vec<f64> = days.iter().filter(|day| day.1 > 0.0).map(|day| day.0 / day.1).collect();
    let median = quantile(&mut rates, 0.5).unwrap_or(0.0);
    for day in &mut days {
        let expected = median * day.1;
        day.0 = day.0.min(3.0 * expected + 4.0 * (expected + 1.0).sqrt());
    }
    let sum = |days: &[(f64, f64)]| days.iter().fold((0.0, 0.0), |sum, day| (sum.0 + day.0, sum.1 + day.1));
    let all = sum(&days);
    let overall = (all.0 + 0.5) / f64::max(all.1, 1.0);
    (0..num_days)
        .map(|day| {
            let near = sum(&days[day.saturating_sub(LEVEL_DAYS)..(day + LEVEL_DAYS + 1).min(num_days)]);
            (near.0 + LEVEL_COUNTS) / (near.1 + LEVEL_COUNTS / overall)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_level_holds_nine_times_of_ten() {
        for mean in [5.0_f64, 10.0, 30.0, 200.0] {
            // The probability of each count that holds the true mean in its interval, by the law of Poisson.
            let (mut held, mut ln_factorial) = (0.0, 0.0);
            for num in 0..2_000 {
                let num = f64::from(num);
                ln_factorial += num.max(1.0).ln();
                let factor = level_factor(num, 24.0, 0.0);
                if (num / factor..=num * factor).contains(&mean) {
                    held += (num * mean.ln() - mean - ln_factorial).exp();
                }
            }
            assert!((0.87..0.93).contains(&held), "{mean}: {held}");
        }
        assert!(level_factor(200.0, 24.0, 0.5) > level_factor(200.0, 240.0, 0.5), "hours that vary tell less");
        assert!(level_factor(0.0, 0.0, 0.0) >= 1.0);
    }
}
