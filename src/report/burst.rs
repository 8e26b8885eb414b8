//! A burst as JSON has it: times to the second, numbers rounded to what they can bear.

use chrono::SecondsFormat;
use schemars::JsonSchema;
use serde::Serialize;

use super::json::{round_estimate, whole_second};
use crate::model::{Burst, Time, TimeEstimate};

/// Where a series stood above its baseline.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct BurstRow {
    /// Estimated start of the rise, with its 90 % interval.
    pub onset: TimeEstimate,
    /// When the alarm could first be given.
    pub alarm_at: Time,
    /// Its highest bin.
    pub peak: PeakRow,
    /// Estimated return to normal, with its 90 % interval; `null` while it goes on.
    pub end: Option<TimeEstimate>,
    /// Log-likelihood ratio gathered at its highest, in nats.
    pub score: f64,
}

/// The highest bin of a burst.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PeakRow {
    /// Its beginning.
    pub at: Time,
    /// Count in it.
    pub value: f64,
    /// Expected count in it.
    pub expected: f64,
}

impl BurstRow {
    /// The row of a burst.
    pub fn of(burst: &Burst) -> Self {
        let rounded = |mut estimate: TimeEstimate| {
            round_estimate(&mut estimate);
            estimate
        };
        Self {
            onset: rounded(burst.onset),
            alarm_at: whole_second(burst.alarm_at),
            peak: PeakRow {
                at: whole_second(burst.peak_at),
                value: burst.peak_value,
                expected: round(burst.peak_expected, 1e4),
            },
            end: burst.end.map(rounded),
            score: round(burst.score, 10.0),
        }
    }
}

/// A moment as JSON has it.
pub fn stamp(time: Time) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A number rounded to so many parts of one.
pub fn round(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}
