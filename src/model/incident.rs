//! An incident: bursts of one service that belong together. Our judgment, to be rebuilt from counts.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Migration, ServiceId, Time, TimeEstimate};

/// What kind of failure the words and places speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The service failed.
    Outage,
    /// A court or a government closed it.
    Block,
    /// Too little to tell.
    Unclear,
}

/// Whether it was over when the data ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Still above the baseline at the end of the data.
    Ongoing,
    /// Back to normal.
    Ended,
}

/// The highest rate of complaints.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Peak {
    /// Beginning of the highest bin.
    pub at: Time,
    /// Complaints a minute in it.
    pub per_min: f64,
}

/// A post shown as a witness; its text is hostile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quote {
    /// Id of the post.
    pub id: String,
    /// Text as posted, without control characters.
    pub text: String,
    /// Language code or `und`.
    pub lang: String,
    /// When it was posted.
    pub at: Time,
    /// Link to the original.
    pub url: Option<String>,
}

/// Bursts of one service that belong together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Incident {
    /// Stable for the same posts: service and onset, as `whatsapp-20211004T1540Z`.
    pub id: String,
    /// What fails.
    pub service: ServiceId,
    /// Outage or block.
    pub verdict: Verdict,
    /// When it began.
    pub onset: TimeEstimate,
    /// When the alarm could first be given.
    pub alarm_at: Time,
    /// When it ended; `null` while ongoing.
    pub end: Option<TimeEstimate>,
    /// Ongoing or ended.
    pub phase: Phase,
    /// Highest rate.
    pub peak: Peak,
    /// Log-likelihood ratio of the strongest burst, in nats.
    pub score: f64,
    /// Complaints between onset and end, copies included.
    pub num_complaints: u64,
    /// Distinct authors of them (an estimate above 1,024).
    pub num_authors: u64,
    /// Share of the complaints by language code; sums to 1.
    pub langs: BTreeMap<String, f64>,
    /// Share of the complaints by claimed country (`??` where none is claimed); sums to 1.
    pub countries: BTreeMap<String, f64>,
    /// Where people go, strongest first; empty is a result.
    pub migrations: Vec<Migration>,
    /// A few witnesses.
    pub quotes: Vec<Quote>,
}
