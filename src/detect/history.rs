//! What a series' own past brings at most in twenty minutes, by the tail of its highest values (after Siffer et al., KDD 2017).
//!
//! Counts of any kind come in clumps that no simple law of chance holds, so chance alone is no test of them. Compared are
//! counts above the expected ones, not ratios: a night that is twice as loud as others is no event. A stretch is judged by
//! the four weeks before its day, as it would have been judged then; the first two weeks are judged by themselves.

use super::baseline::Baseline;
use super::shape::{count, mean};
use super::tail::{Blocks, MIN_BLOCKS, Tail};
use crate::model::CountSeries;

/// Stretch over which counts are summed.
const WINDOW_SECS: u32 = 1200;
/// Blocks of a day and of four weeks.
const BLOCKS_PER_DAY: usize = 4;
const MAX_BLOCKS: usize = 112;

/// The least excess that the past of each moment leaves unexplained.
#[derive(Debug, Clone)]
pub(super) struct History {
    /// Whether the window that ends with a bin stands out.
    stands_out: Vec<bool>,
    /// Bins in a window.
    pub(super) window: usize,
}

impl History {
    /// Reads the past of a series; `None` where it is shorter than two weeks.
    pub(super) fn fit(series: &CountSeries, baseline: &Baseline, per_week: f64) -> Option<Self> {
        let window = (WINDOW_SECS / series.grid.bin_secs.max(1)).max(1) as usize;
        let blocks = Blocks::of(series.grid.bin_secs);
        let sums = window_sums(series, baseline, window);
        let seen = block_maxima(&sums, blocks.num_bins);
        if seen.len() < MIN_BLOCKS {
            return None;
        }
        let mut stands_out = Vec::with_capacity(sums.len());
        for (day, sums) in sums.chunks(blocks.num_bins * BLOCKS_PER_DAY).enumerate() {
            let before = seen.partition_point(|&(block, _)| block < day * BLOCKS_PER_DAY).max(MIN_BLOCKS);
            let mut past: Vec<f64> =
                seen[before.saturating_sub(MAX_BLOCKS)..before].iter().map(|&(_, highest)| highest).collect();
            let least = Tail::fit(&mut past).map_or(0.0, |tail| tail.exceeded_by(per_week / blocks.per_week));
            stands_out.extend(sums.iter().map(|sum| sum.is_some_and(|sum| sum >= least)));
        }
        Some(Self { stands_out, window })
    }

    /// Whether the window that ends with this bin stands out from the past.
    pub(super) fn stands_out(&self, index: usize) -> bool {
        self.stands_out.get(index).copied().unwrap_or_default()
    }
}

/// Counts above the expected ones in the window that ends with each bin; `None` where that bin was not observed.
fn window_sums(series: &CountSeries, baseline: &Baseline, window: usize) -> Vec<Option<f64>> {
    let excess = |index| count(series, index).map(|count| count - mean(baseline, index));
    let mut sum = 0.0;
    (0..series.bins.len())
        .map(|index| {
            sum += excess(index).unwrap_or_default();
            if let Some(left) = index.checked_sub(window) {
                sum -= excess(left).unwrap_or_default();
            }
            excess(index).map(|_| sum)
        })
        .collect()
}

/// The highest sum of each block of which at least half was observed, with the block's place.
fn block_maxima(sums: &[Option<f64>], per_block: usize) -> Vec<(usize, f64)> {
    let seen = |sums: &[Option<f64>]| 2 * sums.iter().flatten().count() >= per_block;
    let highest = |sums: &[Option<f64>]| sums.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    sums.chunks(per_block)
        .enumerate()
        .filter(|&(_, sums)| seen(sums))
        .map(|(block, sums)| (block, highest(sums)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::baseline;
    use super::*;
    use crate::model::{Bin, Grid, Time};

    const PER_DAY: usize = 288;

    /// Five-minute bins with 3 to 5 counts, and a burst of ten minutes at 12:00 of each day.
    fn fit(days: usize, height: impl Fn(usize) -> u32) -> Option<History> {
        let bin = |index: usize| {
            let is_burst = (144..146).contains(&(index % PER_DAY));
            let burst = if is_burst { height(index / PER_DAY) } else { 0 };
            Bin::Observed(3 + u32::try_from(index * index % 7 % 3).unwrap() + burst)
        };
        let len = days * PER_DAY;
        let series = CountSeries {
            grid: Grid { start: Time::UNIX_EPOCH, bin_secs: 300, len },
            bins: (0..len).map(bin).collect(),
        };
        let baseline = baseline::fit(&series, &vec![false; len], None);
        History::fit(&series, &baseline, 0.1)
    }

    fn days_that_stand_out(days: usize, height: impl Fn(usize) -> u32) -> Vec<usize> {
        let history = fit(days, height).unwrap();
        let mut found: Vec<usize> =
            (0..days * PER_DAY).filter(|&index| history.stands_out(index)).map(|index| index / PER_DAY).collect();
        found.dedup();
        found
    }

    #[test]
    fn what_comes_every_day_does_not_stand_out() {
        assert_eq!(days_that_stand_out(40, |_| 0), [0; 0]);
        assert_eq!(days_that_stand_out(40, |day| if day == 20 { 200 } else { 0 }), [20]);
        assert_eq!(days_that_stand_out(40, |day| 150 + (day as u32 * 37 % 50)), [0; 0]);
        assert_eq!(days_that_stand_out(40, |day| if day == 30 { 900 } else { 150 + (day as u32 * 37 % 50) }), [30]);
    }

    #[test]
    fn the_past_judges_and_not_the_future() {
        let later = days_that_stand_out(60, |day| if day < 20 { 0 } else { 150 + (day as u32 * 37 % 50) });
        assert!(later.starts_with(&[20, 21]), "{later:?}");
        assert!(later.iter().all(|&day| day < 30), "a new habit becomes ordinary: {later:?}");
    }

    #[test]
    fn less_than_two_weeks_say_nothing() {
        assert!(fit(13, |_| 0).is_none());
        assert!(fit(14, |_| 0).is_some());
    }
}
