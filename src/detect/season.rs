//! Hour of day and hour of week as factors on the level, shrunk toward 1 where counts are few.

use super::grid::{Cells, quantile};

/// Usable days from which the hours of the week are told apart.
const WEEKLY_DAYS: f64 = 21.0;
/// Counts that "no season" weighs in each slot.
const SHRINK_COUNTS: f64 = 10.0;

/// One factor per hour of the week, 1 on average.
#[derive(Debug, Clone)]
pub(super) struct Factors([f64; 168]);

impl Factors {
    /// Of a cell.
    pub(super) fn of(&self, cells: &Cells, cell: usize) -> f64 {
        self.0.get(cells.hour_of_week(cell)).copied().unwrap_or(1.0)
    }
}

/// Fits hour-of-day factors, and hour-of-week factors on top of them from [`WEEKLY_DAYS`] on.
/// The caller sees to it that there are a few days at least.
pub(super) fn fit(cells: &Cells, days: f64) -> Factors {
    let mut factors = Factors([1.0; 168]);
    let of_day = slot_factors::<24>(cells, &factors, |hour| hour % 24);
    let smooth = |hour: usize| 0.25 * of_day[(hour + 23) % 24] + 0.5 * of_day[hour] + 0.25 * of_day[(hour + 1) % 24];
    for (hour, factor) in factors.0.iter_mut().enumerate() {
        *factor = smooth(hour % 24);
    }
    if days >= WEEKLY_DAYS {
        let of_week = slot_factors::<168>(cells, &factors, |hour| hour);
        for (factor, week) in factors.0.iter_mut().zip(of_week) {
            *factor *= week;
        }
    }
    let mean = factors.0.iter().sum::<f64>() / 168.0;
    for factor in &mut factors.0 {
        *factor = (*factor / mean).clamp(0.05, 20.0);
    }
    factors
}

/// Clipped counts of each slot over those expected from `known`, shrunk toward 1.
fn slot_factors<const N: usize>(cells: &Cells, known: &Factors, slot: impl Fn(usize) -> usize) -> [f64; N] {
    let mut per_slot: Vec<Vec<(f64, f64)>> = vec![Vec::new(); N];
    for cell in (0..cells.counts.len()).filter(|&cell| cells.usable[cell] > 0.0) {
        if let Some(slot) = per_slot.get_mut(slot(cells.hour_of_week(cell))) {
            slot.push((cells.counts[cell], cells.usable[cell] * known.of(cells, cell)));
        }
    }
    let sums: Vec<(f64, f64)> = per_slot
        .iter()
        .map(|items| {
            let mut rates: Vec<f64> = items.iter().map(|(count, weight)| count / weight).collect();
            let median = quantile(&mut rates, 0.5).unwrap_or(0.0);
            items.iter().fold((0.0, 0.0), |sum, (count, weight)| {
                let expected = median * weight;
                let cap = (2.5 * expected).max(expected + 4.0 * (expected + 1.0).sqrt());
                (sum.0 + count.min(cap), sum.1 + weight)
            })
        })
        .collect();
    let total = sums.iter().fold((0.0, 0.0), |sum, item| (sum.0 + item.0, sum.1 + item.1));
    let level = (total.0 + 0.5) / f64::max(total.1, 1.0);
    std::array::from_fn(|slot| {
        let (count, weight) = sums.get(slot).copied().unwrap_or((0.0, 0.0));
        (count + SHRINK_COUNTS) / (weight * level + SHRINK_COUNTS)
    })
}
