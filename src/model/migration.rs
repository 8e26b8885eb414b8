//! Where people went during an incident: stated moves, and mentions above their own baseline.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ServiceId, Share};

/// The estimate for one alternative over one incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Migration {
    /// Where they go.
    pub to: ServiceId,
    /// Share of all authors who state a move in this incident that go there.
    pub share: Share,
    /// Posts that state the move, copies included.
    pub num_stated: u64,
    /// Distinct authors of them.
    pub num_authors: u64,
    /// Mentions of the alternative during the incident over its own expected mentions;
    /// `null` where there is no baseline to compare with.
    pub lift: Option<Share>,
    /// Probability of as many mentions or stated moves by chance, corrected over alternatives (Holm).
    pub p_value: f64,
}
