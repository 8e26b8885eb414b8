//! Events that were taken from a connection and not yet handed over, as the batches that they become.

use std::collections::VecDeque;

use crate::feed::{Batch, Deletion, Incoming, Next, lines};
use crate::model::{Cursor, FeedGap, Gap, GapCause, Time};

/// Most events of a batch.
const MOST_EVENTS: usize = 1000;

/// Events that were taken from a connection and not yet handed over. It outlives the call that gathers, so that a
/// dropped call loses nothing.
#[derive(Debug)]
pub(in crate::feed) struct Gathered {
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
    pub(in crate::feed) fn is_full(&self) -> bool {
        self.num_events >= MOST_EVENTS || self.batches.len() > 1
    }

    /// Whether nothing waits.
    pub(in crate::feed) fn is_empty(&self) -> bool {
        self.num_events == 0
    }

    /// Adds a post, new or edited.
    pub(in crate::feed) fn post(&mut self, incoming: Incoming) {
        let post = &incoming.post;
        let is_hit = |deletion: &Deletion| match deletion {
            Deletion::Post { id, .. } => id.as_str() == post.id,
            Deletion::Named { name, .. } => Some(name) == incoming.local_name.as_ref(),
            Deletion::Author { author, .. } => Some(author) == post.author.as_ref(),
        };
        if self.batches.back().is_some_and(|batch| batch.deletions.iter().any(is_hit)) {
            self.batches.push_back(Batch::empty(Next::Now));
        }
        self.last().posts.push(incoming);
    }

    /// Adds a deletion.
    pub(in crate::feed) fn delete(&mut self, deletion: Deletion) {
        self.last().deletions.push(deletion);
    }

    /// Counts a record that is no post.
    pub(in crate::feed) fn reject(&mut self, reason: &str) {
        lines::reject(reason, self.last());
    }

    /// Adds a stretch that will never be told, if it is one.
    pub(in crate::feed) fn lost(&mut self, from: Time, to: Time) {
        if from < to {
            self.last().gaps.push(FeedGap { gap: Gap { from, to }, cause: GapCause::CursorLost });
        }
    }

    /// The next batch; `cursor` is the place behind everything that was gathered.
    pub(in crate::feed) fn take(&mut self, cursor: Option<Cursor>, until: Option<Time>) -> Batch {
        let mut batch = self.batches.pop_front().unwrap_or_else(|| Batch::empty(Next::Now));
        if self.batches.is_empty() {
            *self = Self::default();
            (batch.cursor, batch.until) = (cursor, until);
        } else {
            // Only the last one tells up to when this is all; without a word, the one who asked would take the present.
            batch.has_own_clock = true;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PostId, RawPost};

    fn post(id: &str, author: &str) -> Incoming {
        let post = RawPost { id: id.to_owned(), author: Some(author.to_owned()), ..RawPost::default() };
        Incoming::new(post, None)
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
        let own_clocks: Vec<bool> = told.iter().map(|batch| batch.has_own_clock).collect();
        assert_eq!(own_clocks, [true, true, false], "and so is the time up to which everything is told");
    }
}
