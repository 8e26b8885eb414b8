//! What feeds with an open connection share: what has been gathered, and up to when it is all.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use tokio::time::Instant;

use super::{Batch, Deletion, Incoming, Next};
use crate::model::{Cursor, FeedGap, Gap, GapCause, Time};

/// Longest time in which events are gathered.
pub(super) const WINDOW: Duration = Duration::from_millis(500);
/// Most events of a batch.
const MOST_EVENTS: usize = 1000;
/// How far behind the present an event may be for the feed to have caught up, and how long a pause says the same.
const BEHIND_SECS: i64 = 10;
/// How long an event may be on its way to us.
const ON_THE_WAY_SECS: i64 = 2;

/// Events that were taken from a connection and not yet handed over. It outlives the call that gathers, so that a
/// dropped call loses nothing.
#[derive(Debug)]
pub(super) struct Gathered {
    /// Never empty. A batch tells its deletions after its posts, so a post that comes after its own deletion
    /// begins another batch.
    batches: VecDeque<Batch>,
    num_events: usize,
}

impl Default for Gathered {
    fn default() -> Self {
        Self { batches: VecDeque::from([Batch::empty(Next::Now)]), num_events: 0 }
    }
}

impl Gathered {
    /// Whether enough has been gathered to hand it over.
    pub(super) fn is_full(&self) -> bool {
        self.num_events >= MOST_EVENTS || self.batches.len() > 1
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.num_events == 0
    }

    /// Adds a post, new or edited.
    pub(super) fn post(&mut self, incoming: Incoming) {
        let post = &incoming.post;
        let is_hit = |deletion: &Deletion| match deletion {
            Deletion::Post { id, .. } => id.as_str() == post.id,
            Deletion::Author { author, .. } => Some(author) == post.author.as_ref(),
        };
        if self.batches.back().is_some_and(|batch| batch.deletions.iter().any(is_hit)) {
            self.batches.push_back(Batch::empty(Next::Now));
        }
        self.last().posts.push(incoming);
    }

    /// Adds a deletion.
    pub(super) fn delete(&mut self, deletion: Deletion) {
        self.last().deletions.push(deletion);
    }

    /// Counts a record that is no post.
    pub(super) fn reject(&mut self, reason: &str) {
        super::lines::reject(reason, self.last());
    }

    /// Adds a stretch that will never be told, if it is one.
    pub(super) fn lost(&mut self, from: Time, to: Time) {
        if from < to {
            self.last().gaps.push(FeedGap { gap: Gap { from, to }, cause: GapCause::CursorLost });
        }
    }

    /// The next batch; `cursor` is the place behind everything that was gathered.
    pub(super) fn take(&mut self, cursor: Option<Cursor>, until: Option<Time>) -> Batch {
        let mut batch = self.batches.pop_front().unwrap_or_else(|| Batch::empty(Next::Now));
        if self.batches.is_empty() {
            *self = Self::default();
            (batch.cursor, batch.until) = (cursor, until);
        }
        batch
    }

    fn last(&mut self) -> &mut Batch {
        self.num_events += 1;
        if self.batches.is_empty() {
            self.batches.push_back(Batch::empty(Next::Now));
        }
        let last = self.batches.len() - 1;
        &mut self.batches[last]
    }
}

/// How far a connection has come in time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pulse {
    /// When the last event happened, by the server's clock.
    pub(super) last: Option<Time>,
    heard_at: Instant,
}

impl Pulse {
    /// Of a connection that was just opened to go on from a moment.
    pub(super) fn new(last: Option<Time>) -> Self {
        Self { last, heard_at: Instant::now() }
    }

    /// Notes an event; events are not always in order of time.
    pub(super) fn beat(&mut self, at: Option<Time>) {
        self.last = self.last.max(at.map(|at| at.min(Utc::now())));
        self.heard_at = Instant::now();
    }

    /// How long nothing has come.
    pub(super) fn quiet(&self) -> Duration {
        self.heard_at.elapsed()
    }

    /// Up to when everything has been told: to the last event, or nearly to the present where that was caught up with.
    pub(super) fn until(&self) -> Option<Time> {
        let now = Utc::now();
        let behind = TimeDelta::seconds(BEHIND_SECS);
        let is_quiet = self.quiet() >= Duration::from_secs(BEHIND_SECS.unsigned_abs());
        let has_caught_up = is_quiet || self.last.is_some_and(|last| now - last < behind);
        let nearly_now = now - TimeDelta::seconds(ON_THE_WAY_SECS) - TimeDelta::from_std(WINDOW).unwrap_or_default();
        if has_caught_up { self.last.max(Some(nearly_now)) } else { self.last }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PostId, RawPost};

    fn post(id: &str, author: &str) -> Incoming {
        let post = RawPost { id: id.to_owned(), author: Some(author.to_owned()), ..RawPost::default() };
        Incoming { post, witnessed_at: None }
    }

    #[test]
    fn a_post_that_comes_after_its_deletion_stays() {
        let mut gathered = Gathered::default();
        gathered.post(post("1", "a"));
        gathered.delete(Deletion::Post { platform: "p".to_owned(), id: PostId::new("1") });
        gathered.post(post("2", "a"));
        gathered.post(post("1", "a"));
        gathered.delete(Deletion::Author { platform: "p".to_owned(), author: "b".to_owned() });
        gathered.post(post("3", "b"));
        let cursor = Some(Cursor::new("c"));
        let mut told = Vec::new();
        while !gathered.is_empty() {
            told.push(gathered.take(cursor.clone(), None));
        }
        let shapes: Vec<_> =
            told.iter().map(|batch| (batch.posts.len(), batch.deletions.len(), batch.cursor.is_some())).collect();
        assert_eq!(shapes, [(2, 1, false), (1, 1, false), (1, 0, true)], "the place is told with the last one");
    }

    #[test]
    fn the_present_is_told_only_where_it_was_reached() {
        let now = Utc::now();
        let hour_ago = now - TimeDelta::hours(1);
        let mut pulse = Pulse::new(Some(hour_ago));
        assert_eq!(pulse.until(), Some(hour_ago), "it may take the server a while to begin");
        pulse.beat(Some(now - TimeDelta::minutes(30)));
        assert_eq!(pulse.until(), Some(now - TimeDelta::minutes(30)));
        pulse.beat(Some(now - TimeDelta::seconds(4)));
        assert!(pulse.until().unwrap() > now - TimeDelta::seconds(4));
        pulse.beat(Some(now + TimeDelta::days(1)));
        assert!(pulse.until().unwrap() <= Utc::now(), "a server's clock may be ahead");
    }
}
