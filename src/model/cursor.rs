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

/// What a repair took back, and the feed is to tell again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// Up to when it had told everything: once it has again, nothing of this is missing any more.
    pub until: Time,
    /// Stretches that are missing until then, in time order, apart from each other.
    pub gaps: Vec<Gap>,
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
    /// What a repair wound it back behind, until it has told that again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
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
            let since = since.map_or(until, |since| since.min(until));
            if self.since.is_none()
                && let Some(first) = self.again.as_ref().and_then(|again| again.gaps.first())
            {
                // It began anew, and what it told before that moment it will not tell again.
                let gap = Gap { from: first.from, to: since };
                self.since = Some(since.min(first.from));
                self.add_gaps([FeedGap { gap, cause: GapCause::Damaged }]);
            }
            self.since.get_or_insert(since);
        }
        self.until = self.until.max(until);
        if self.again.as_ref().is_some_and(|again| self.until >= Some(again.until)) {
            self.again = None;
        }
        self.add_gaps(gaps.iter().cloned());
    }

    /// All that is missing now: the gaps, and what is still to be told again; in time order, apart from each other.
    pub fn missing(&self) -> Vec<FeedGap> {
        let again = self.again.iter().flat_map(|again| &again.gaps);
        let again = again.map(|gap| FeedGap { gap: *gap, cause: GapCause::Damaged });
        let mut missing = Self { gaps: self.gaps.clone(), ..Self::default() };
        missing.add_gaps(again);
        missing.gaps
    }

    fn add_gaps(&mut self, gaps: impl IntoIterator<Item = FeedGap>) {
        let num_before = self.gaps.len();
        self.gaps.extend(gaps.into_iter().filter(|gap| gap.gap.from < gap.gap.to));
        if self.gaps.len() == num_before {
            return;
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta};

    fn at(min: i64) -> Time {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(min)
    }

    fn gap(from: i64, to: i64) -> Gap {
        Gap { from: at(from), to: at(to) }
    }

    #[test]
    fn what_is_told_again_is_missing_until_it_has_been() {
        let again = Some(Again { until: at(50), gaps: vec![gap(3, 4), gap(40, 50)] });
        let wound = FeedProgress { since: Some(at(0)), until: Some(at(40)), again, ..FeedProgress::default() };
        let mut progress = wound.clone();
        progress.advance(None, None, Some(at(49)), &[]);
        let stretches = |progress: &FeedProgress| progress.missing().iter().map(|gap| gap.gap).collect::<Vec<_>>();
        assert_eq!(stretches(&progress), [gap(3, 4), gap(40, 50)], "not all of it is there");
        progress.advance(None, None, Some(at(51)), &[]);
        assert_eq!((stretches(&progress), progress.again), (vec![], None));
        // Its source has forgotten a part of it meanwhile.
        let mut progress = wound.clone();
        progress.advance(None, None, Some(at(51)), &[FeedGap { gap: gap(40, 45), cause: GapCause::CursorLost }]);
        assert_eq!(stretches(&progress), [gap(40, 45)]);
        // Without a place it begins anew, and what came before that is lost.
        let mut progress = FeedProgress { since: None, until: None, ..wound };
        progress.advance(None, Some(at(42)), Some(at(60)), &[]);
        assert_eq!((stretches(&progress), progress.since, progress.again), (vec![gap(3, 42)], Some(at(3)), None));
    }
}
