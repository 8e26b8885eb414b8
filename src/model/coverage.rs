//! When somebody was listening, and when not.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Time;

/// A stretch of time, `from` included, `to` not, in which nothing was observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// First moment that was not observed.
    pub from: Time,
    /// First moment that was observed again.
    pub to: Time,
}

/// What the posts cover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Time of the first post; `null` without posts.
    pub from: Option<Time>,
    /// Time of the last post.
    pub to: Option<Time>,
    /// Posts read.
    pub num_posts: u64,
    /// Stretches without observation, in time order, apart from each other.
    pub gaps: Vec<Gap>,
}
