//! When nobody was listening: stretches without any post where many were expected.

use chrono::{DateTime, TimeDelta};

use crate::model::{Bin, CellKind, Coverage, Gap, Grid, Tally, Time};

/// A gap is at least this long ...
const MIN_GAP_SECS: i64 = 600;
/// ... and at least this many posts were to be expected in it.
const MIN_EXPECTED: f64 = 20.0;
/// Stretch on either side that says how many.
const BESIDE_SECS: i64 = 7200;
/// Share of a bin that may be unobserved before all of it is missing.
const MAX_UNSEEN: f64 = 0.25;

/// What a tally covers: the given gaps and those that the number of all posts shows.
pub(super) fn coverage(tally: &Tally, extra: &[Gap]) -> Coverage {
    let all: Vec<(i64, f64)> = tally
        .cells
        .iter()
        .filter(|(key, cell)| key.kind == CellKind::All && cell.posts > 0)
        .map(|(key, cell)| (key.at.timestamp(), cell.posts as f64))
        .collect();
    let time = |key: Option<(&crate::model::CellKey, &crate::model::Cell)>| key.map(|(key, _)| key.at);
    let mut gaps = inferred(&all, i64::from(tally.bin_secs));
    gaps.extend(extra.iter().filter(|gap| gap.from < gap.to));
    gaps.sort_unstable_by_key(|gap| (gap.from, gap.to));
    let mut apart: Vec<Gap> = Vec::new();
    for gap in gaps {
        match apart.last_mut() {
            Some(last) if gap.from <= last.to => last.to = last.to.max(gap.to),
            _ => apart.push(gap),
        }
    }
    Coverage {
        from: time(tally.cells.first_key_value()),
        to: time(tally.cells.last_key_value()),
        num_posts: all.iter().map(|(_, posts)| *posts as u64).sum(),
        gaps: apart,
    }
}

/// Stretches between bins with posts that are too long to be chance, by the smaller of the
/// rates just before and just after.
fn inferred(all: &[(i64, f64)], bin_secs: i64) -> Vec<Gap> {
    let rate = |items: &[(i64, f64)], from: i64, to: i64| {
        let begin = items.partition_point(|&(at, _)| at < from);
        let end = items.partition_point(|&(at, _)| at < to);
        let posts: f64 = items.get(begin..end).unwrap_or_default().iter().map(|(_, posts)| posts).sum();
        posts / (to - from).max(1) as f64
    };
    let (Some(first), Some(last)) = (all.first(), all.last()) else { return Vec::new() };
    all.windows(2)
        .filter_map(|pair| {
            let (from, to) = (pair.first()?.0 + bin_secs, pair.last()?.0);
            let secs = to - from;
            if secs < MIN_GAP_SECS {
                return None;
            }
            // Beside a gap there may be less data than the stretch is long.
            let before = rate(all, (from - BESIDE_SECS).max(first.0), from);
            let after = rate(all, to, (to + BESIDE_SECS).min(last.0 + bin_secs));
            let time = |secs: i64| DateTime::from_timestamp(secs, 0);
            (before.min(after) * secs as f64 >= MIN_EXPECTED).then_some(Gap { from: time(from)?, to: time(to)? })
        })
        .collect()
}

/// Marks the bins of a grid that the gaps take: `Missing` there, nothing observed elsewhere.
pub(super) fn empty_bins(grid: &Grid, gaps: &[Gap]) -> Vec<Bin> {
    let mut unseen_secs = vec![0_i64; grid.len];
    let end = grid.time(grid.len);
    for gap in gaps {
        let (from, to): (Time, Time) = (gap.from.max(grid.start), gap.to.min(end));
        if from >= to {
            continue;
        }
        let first = (from - grid.start).num_seconds() / i64::from(grid.bin_secs);
        let last = (to - grid.start - TimeDelta::seconds(1)).num_seconds().max(0) / i64::from(grid.bin_secs);
        for index in (first..=last).filter_map(|index| usize::try_from(index).ok()) {
            if let Some(unseen) = unseen_secs.get_mut(index) {
                *unseen += (grid.time(index + 1).min(to) - grid.time(index).max(from)).num_seconds();
            }
        }
    }
    let most = MAX_UNSEEN * f64::from(grid.bin_secs);
    unseen_secs.iter().map(|&secs| if secs as f64 > most { Bin::Missing } else { Bin::Observed(0) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Cell, CellKey};

    fn at(min: i64) -> Time {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(min)
    }

    fn check(posts_per_min: u64, silence: std::ops::Range<i64>, extra: &[(i64, i64)], want: &[(i64, i64)]) {
        let mut tally = Tally::new(60);
        for min in (0..600).filter(|min| !silence.contains(min)) {
            let key = CellKey { at: at(min), service: None, lang: None, country: None, kind: CellKind::All };
            tally.cells.insert(key, Cell { posts: posts_per_min, ..Cell::default() });
        }
        let extra: Vec<Gap> = extra.iter().map(|&(from, to)| Gap { from: at(from), to: at(to) }).collect();
        let coverage = coverage(&tally, &extra);
        let want: Vec<Gap> = want.iter().map(|&(from, to)| Gap { from: at(from), to: at(to) }).collect();
        assert_eq!(coverage.gaps, want);
        assert_eq!(coverage.num_posts, posts_per_min * (600 - (silence.end - silence.start) as u64));
    }

    #[test]
    fn gaps_are_long_silences_between_many_posts() {
        check(5, 100..130, &[], &[(100, 130)]);
        check(5, 100..108, &[], &[]);
        check(1, 100..115, &[], &[]);
        check(5, 100..130, &[(120, 140), (200, 190), (300, 310)], &[(100, 140), (300, 310)]);
        check(5, 10..595, &[], &[(10, 595)]);
    }

    #[test]
    fn bins_under_gaps_are_missing() {
        let grid = Grid { start: at(0), bin_secs: 300, len: 4 };
        let gap = |from, to| Gap { from: at(from), to: at(to) };
        let bins = empty_bins(&grid, &[gap(-50, 1), gap(7, 12)]);
        assert_eq!(bins, [Bin::Observed(0), Bin::Missing, Bin::Missing, Bin::Observed(0)]);
        assert_eq!(empty_bins(&grid, &[gap(-5, 999)]), [Bin::Missing; 4]);
    }
}
