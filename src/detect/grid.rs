//! A series looked at in coarser steps: whole hours for baselines, blocks for short stretches.

use crate::model::{Bin, CountSeries};

const HOUR_SECS: i64 = 3600;

/// Counts and usable bins of each hour since the series began (or of each bin, where bins are longer).
#[derive(Debug, Clone)]
pub(super) struct Cells {
    /// Summed counts of the usable bins.
    pub(super) counts: Vec<f64>,
    /// Number of usable bins.
    pub(super) usable: Vec<f64>,
    /// Bins that an hour holds.
    pub(super) bins_per_cell: f64,
    /// Seconds since 1970 at which the first cell begins.
    origin_secs: i64,
    /// Width of a cell, at least an hour.
    cell_secs: i64,
}

impl Cells {
    /// Sums a series over hours; bins that are missing or masked are left out.
    pub(super) fn new(series: &CountSeries, mask: &[bool]) -> Self {
        let bin_secs = i64::from(series.grid.bin_secs.max(1));
        let start = series.grid.start.timestamp();
        let mut cells = Self {
            counts: Vec::new(),
            usable: Vec::new(),
            bins_per_cell: (HOUR_SECS as f64 / bin_secs as f64).max(1.0),
            origin_secs: if bin_secs < HOUR_SECS { start - start.rem_euclid(HOUR_SECS) } else { start },
            cell_secs: bin_secs.max(HOUR_SECS),
        };
        for (index, bin) in series.bins.iter().enumerate() {
            let cell = cells.cell_of(series, index);
            if cell >= cells.counts.len() {
                cells.counts.resize(cell + 1, 0.0);
                cells.usable.resize(cell + 1, 0.0);
            }
            if let (Bin::Observed(count), Some(false)) = (bin, mask.get(index)) {
                cells.counts[cell] += f64::from(*count);
                cells.usable[cell] += 1.0;
            }
        }
        cells
    }

    /// The cell that holds a bin of the series from which the cells were made.
    pub(super) fn cell_of(&self, series: &CountSeries, index: usize) -> usize {
        let secs = series.grid.start.timestamp() + index as i64 * i64::from(series.grid.bin_secs.max(1));
        usize::try_from((secs - self.origin_secs).div_euclid(self.cell_secs)).map_or(index, |cell| cell.min(index))
    }

    fn hour_since_1970(&self, cell: usize) -> i64 {
        (self.origin_secs + cell as i64 * self.cell_secs).div_euclid(HOUR_SECS)
    }

    /// Hour of the week of a cell, 0 = Monday midnight UTC.
    pub(super) fn hour_of_week(&self, cell: usize) -> usize {
        // 1970-01-01 was a Thursday.
        (self.hour_since_1970(cell) + 72).rem_euclid(168) as usize
    }

    /// Day since the first cell's.
    pub(super) fn day(&self, cell: usize) -> usize {
        let days = self.hour_since_1970(cell).div_euclid(24) - self.hour_since_1970(0).div_euclid(24);
        usize::try_from(days).unwrap_or_default()
    }

    /// Usable days in all.
    pub(super) fn usable_days(&self) -> f64 {
        self.usable.iter().sum::<f64>() / self.bins_per_cell * self.cell_secs as f64 / 86_400.0
    }

    /// Cells of which every bin is usable: (cell, count).
    pub(super) fn whole(&self) -> impl Iterator<Item = (usize, f64)> + Clone + '_ {
        let full = self.bins_per_cell - 0.5;
        self.counts
            .iter()
            .zip(&self.usable)
            .enumerate()
            .filter(move |(_, (_, usable))| **usable >= full)
            .map(|(cell, (count, _))| (cell, *count))
    }
}

/// The middle value by a fraction (0.5 the median); `None` of nothing.
pub(super) fn quantile(values: &mut [f64], fraction: f64) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let position = fraction.clamp(0.0, 1.0) * last as f64;
    let (low, share) = (position.floor() as usize, position.fract());
    let below = *values.get(low)?;
    let above = *values.get((low + 1).min(last))?;
    Some(below + share * (above - below))
}
