//! Charts: a series with its baseline and what was found in it, as SVG (inlined in a page or standing alone) and PNG.
//!
//! ```
//! use caiu::model::{Bin, CountSeries, Grid};
//! use caiu::report::chart::{Chart, Counted, Look, Theme, draw_series, png};
//!
//! let grid = Grid { start: chrono::DateTime::UNIX_EPOCH, bin_secs: 60, len: 3 };
//! let series = CountSeries { grid, bins: vec![Bin::Observed(1), Bin::Missing, Bin::Observed(4)] };
//! let chart = Chart::new(series, vec![1.0; 3]);
//! let look = Look { theme: Theme::Light, title: "whatsapp".to_owned(), ..Look::default() };
//! let svg = draw_series(&chart, &[], Counted::Posts, &look).unwrap_or_default();
//! assert!(svg.starts_with("<svg") && png(&svg, 1.0).is_ok());
//! ```

mod axis;
mod canvas;
mod draw;
mod look;
mod marks;
mod png;

use std::ops::Range;

use chrono::TimeDelta;

use crate::model::{Bin, CountSeries, Grid, Incident, Time};

pub use draw::{Counted, draw_incident, draw_series};
pub use look::{Look, Size, Theme};
pub use png::png;

/// A count over time with its baseline; both have `grid.len` entries. Around an incident the grid should
/// reach some way before the onset and behind the end; what is far away from both is not drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The time axis.
    pub grid: Grid,
    /// Complaints per bin.
    pub observed: Vec<Bin>,
    /// Expected complaints per bin (not per minute): the baseline.
    pub expected: Vec<f64>,
}

/// One drawn column: one bin, or several where there are more bins than room.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Column {
    pub(super) from: Time,
    pub(super) to: Time,
    /// Complaints a minute over the observed bins; `None` where nothing was observed.
    pub(super) per_min: Option<f64>,
    /// Expected complaints a minute.
    pub(super) expected_per_min: f64,
}

/// Least time that is drawn before the onset and behind the end.
const MIN_MARGIN_MINS: i64 = 30;

impl Chart {
    /// A series with the expected count of each of its bins.
    pub fn new(series: CountSeries, expected: Vec<f64>) -> Self {
        Self { grid: series.grid, observed: series.bins, expected }
    }

    /// Whether there is one entry for each bin.
    fn is_sound(&self) -> bool {
        self.observed.len() == self.grid.len && self.expected.len() == self.grid.len && self.grid.bin_secs > 0
    }

    /// The whole series in at most `max_len` columns of equal width; empty where the lengths do not agree.
    pub(super) fn all_columns(&self, max_len: usize) -> Vec<Column> {
        self.columns_of(0..self.grid.len, max_len)
    }

    /// The incident with a third of its length around it, in at most `max_len` columns of equal
    /// width; empty where the series does not hold the incident or the lengths do not agree.
    pub(super) fn columns(&self, incident: &Incident, max_len: usize) -> Vec<Column> {
        self.columns_of(self.window(incident), max_len)
    }

    fn columns_of(&self, range: Range<usize>, max_len: usize) -> Vec<Column> {
        if !self.is_sound() || range.is_empty() {
            return Vec::new();
        }
        let bins_per_column = range.len().div_ceil(max_len.max(1));
        let column = |from: usize| self.column(from..(from + bins_per_column).min(range.end));
        range.clone().step_by(bins_per_column).map(column).collect()
    }

    fn window(&self, incident: &Incident) -> Range<usize> {
        let grid = &self.grid;
        let from = incident.onset.low.unwrap_or(grid.start).max(grid.start);
        let grid_end = grid.time(grid.len);
        let to = incident.end.map_or(grid_end, |end| end.high).min(grid_end);
        let margin = ((to - from) / 3).max(TimeDelta::minutes(MIN_MARGIN_MINS));
        let place = |time: Time| {
            let bins = (time - grid.start).num_seconds().div_euclid(i64::from(grid.bin_secs.max(1)));
            usize::try_from(bins).unwrap_or(0).min(grid.len)
        };
        place(from - margin)..place(to + margin)
    }

    fn column(&self, bins: Range<usize>) -> Column {
        let minutes = f64::from(self.grid.bin_secs) / 60.0;
        let seen: Vec<u32> = self.observed[bins.clone()].iter().filter_map(|bin| bin.count()).collect();
        let sum: f64 = seen.iter().copied().map(f64::from).sum();
        let expected: f64 = self.expected[bins.clone()].iter().sum();
        Column {
            from: self.grid.time(bins.start),
            to: self.grid.time(bins.end),
            per_min: (!seen.is_empty()).then(|| sum / (seen.len() as f64 * minutes)),
            expected_per_min: expected / (bins.len() as f64 * minutes),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::Bin;
    use crate::report::example;

    #[test]
    fn columns_keep_the_rate_and_the_gaps() {
        let report = example::report();
        let incident = &report.incidents[1];
        let mut chart = example::charts().remove(&incident.id).unwrap();
        chart.observed.fill(Bin::Observed(6));
        chart.observed[250..280].fill(Bin::Missing);
        for max_len in [1000, 100] {
            let columns = chart.columns(incident, max_len);
            assert!(columns.len() <= max_len);
            assert!(columns.windows(2).all(|pair| pair[0].to == pair[1].from));
            assert!(columns.iter().any(|column| column.per_min.is_none()));
            assert!(columns.iter().all(|column| column.per_min.is_none_or(|rate| (rate - 6.0).abs() < 1e-9)));
            assert!(columns[0].from <= incident.onset.low.unwrap());
            assert!(columns.last().unwrap().to >= incident.end.unwrap().high);
        }
    }

    #[test]
    fn a_chart_that_does_not_fit_is_empty() {
        let report = example::report();
        let mut chart = example::charts().remove(&report.incidents[1].id).unwrap();
        chart.expected.pop();
        assert!(chart.columns(&report.incidents[1], 100).is_empty());
    }
}
