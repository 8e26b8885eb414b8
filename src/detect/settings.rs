//! What a user may choose about detection.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of [`super::bursts`] and [`super::incidents`]. Values out of range are brought into it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Expected false alarms in a week of one service's ordinary posts.
    pub false_alarms_per_week: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { false_alarms_per_week: 0.1 }
    }
}
