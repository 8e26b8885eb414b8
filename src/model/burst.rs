//! A burst: a run of bins above the baseline in one series. A statistical fact, not a judgment.

use super::{Time, TimeEstimate};

/// Where a series stood above its baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct Burst {
    /// Estimated start of the rise.
    pub onset: TimeEstimate,
    /// When the alarm could first be given.
    pub alarm_at: Time,
    /// Beginning of the highest bin.
    pub peak_at: Time,
    /// Count in the highest bin.
    pub peak_value: f64,
    /// Expected count in that bin.
    pub peak_expected: f64,
    /// Estimated return to normal; `None` while it goes on.
    pub end: Option<TimeEstimate>,
    /// Log-likelihood ratio gathered at its highest, in nats.
    pub score: f64,
}
