//! Places in feeds, and when each feed was listening: what is saved together with the posts it covers.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FeedId, Gap, Time};

/// Gaps that are kept apart for one feed: they travel in every commit, so a feed that tells of ever new ones must not
/// grow it without end.
const MOST_GAPS: usize = 1_000;

/// A place in one feed: opaque to everybody but the feed that made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(Arc<str>);

impl Cursor {
    /// Wraps what a feed needs to go on from a place.
    pub fn new(place: impl AsRef<str>) -> Self {
        Self(Arc::from(place.as_ref()))
    }

    /// What the feed wrote.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a feed saw nothing for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GapCause {
    /// The program did not run.
    Stopped,
    /// The feed could not be reached, or answered with errors.
    Unreachable,
    /// The feed no longer held what came after the cursor.
    CursorLost,
    /// More came than the feed hands out at once.
    Overrun,
    /// The feed asked to wait.
    Throttled,
    /// What was told of it was lost with a damaged part of the index.
    Damaged,
}

/// A stretch in which one feed saw nothing, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FeedGap {
    /// When.
    #[serde(flatten)]
    pub gap: Gap,
    /// Why.
    pub cause: GapCause,
}

/// How far one feed has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedProgress {
    /// Where it goes on; `None` before the first batch.
    pub cursor: Option<Cursor>,
    /// First moment of which the feed told.
    pub since: Option<Time>,
    /// Up to when it has told everything, the gaps aside.
    pub until: Option<Time>,
    /// Stretches in between of which it told nothing, in time order, apart from each other.
    #[serde(default)]
    pub gaps: Vec<FeedGap>,
    /// Posts taken from it, repeated ones aside.
    #[serde(default)]
    pub num_posts: u64,
}

impl FeedProgress {
    /// Notes that the feed told everything from `since` (which counts at its first word only) up to `until`, and what
    /// it says it will never tell. Gaps stay in time order and apart; a cause holds for the whole of what it is joined
    /// with. Without `until` it told nothing.
    pub fn advance(&mut self, cursor: Option<Cursor>, since: Option<Time>, until: Option<Time>, gaps: &[FeedGap]) {
        if cursor.is_some() {
            self.cursor = cursor;
        }
        if let Some(until) = until {
            self.since.get_or_insert(since.map_or(until, |since| since.min(until)));
        }
        self.until = self.until.max(until);
        if gaps.is_empty() {
            return;
        }
        self.gaps.extend(gaps.iter().filter(|gap| gap.gap.from < gap.gap.to).cloned());
        self.gaps.sort_by_key(|gap| (gap.gap.from, gap.gap.to));
        self.gaps.dedup_by(|next, last| {
            let is_joined = next.gap.from <= last.gap.to;
            if is_joined {
                last.gap.to = last.gap.to.max(next.gap.to);
            }
            is_joined
        });
        while self.gaps.len() > MOST_GAPS {
            let between = |at: &usize| self.gaps[at + 1].gap.from - self.gaps[*at].gap.to;
            let Some(nearest) = (0..self.gaps.len() - 1).min_by_key(between) else { break };
            let joined = self.gaps.remove(nearest + 1);
            self.gaps[nearest].gap.to = joined.gap.to;
        }
    }
}

/// How far all feeds have come: travels in the commit that holds the posts up to there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// By feed.
    pub feeds: BTreeMap<FeedId, FeedProgress>,
}
