//! Estimates: a moment or a share is never a bare number.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A moment in UTC.
pub type Time = DateTime<Utc>;

/// A moment with its 90 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TimeEstimate {
    /// Lower bound; `null` where the data begin inside, so that it may be any time before.
    pub low: Option<Time>,
    /// Best single value.
    pub at: Time,
    /// Upper bound.
    pub high: Time,
}

/// A ratio with its 90 % interval (a share in 0..=1, or a lift of 0 and more).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// Lower bound.
    pub low: f64,
    /// Best single value.
    pub mid: f64,
    /// Upper bound.
    pub high: f64,
}
