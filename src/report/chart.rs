//! What the chart of one incident is drawn from; the caller has it from the detector.

use crate::model::{Bin, Grid};

/// The complaints of one incident over time; all three have `grid.len` entries.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The time axis: should reach some way before the onset and behind the end.
    pub grid: Grid,
    /// Complaints per bin.
    pub observed: Vec<Bin>,
    /// Expected complaints per bin (not per minute): the baseline.
    pub expected: Vec<f64>,
}
