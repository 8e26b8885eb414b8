//! What feeds tell -> the index: the one thread that writes. Posts, counts and progress go into the same commit.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use tokio::sync::{mpsc, watch};
use tracing::{error, info};

use super::clocks::time_of;
use super::forget::Forget;
use super::outage::Outages;
use super::runner::{Told, What};
use super::state::State;
use crate::feed::{Batch, Deletion, Incoming};
use crate::index::{Added, Committed, IndexError, IndexWriter, Keep, Recorded, Retention};
use crate::model::{Checkpoint, Country, FeedGap, FeedId, Gap, Lang, Time};
use crate::normalize::{AuthorSecret, normalize};
use crate::tag::Tagger;

/// First pause after a commit that failed; it doubles up to a minute.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Time between two looks for what is too old or too much.
const RETIRE_EVERY: Duration = Duration::from_secs(3600);
/// Tries to commit when the program is to end.
const LAST_TRIES: u32 = 3;

/// What a feed's posts get where they claim nothing.
#[derive(Debug, Clone, Default)]
pub struct Claims {
    /// Language.
    pub lang: Option<Lang>,
    /// Country.
    pub country: Option<Country>,
}

/// How often to commit.
#[derive(Debug, Clone, Copy)]
pub struct Rhythm {
    /// Longest time between two commits.
    pub every: Duration,
    /// Most posts between two commits.
    pub posts: usize,
}

/// The writing end of the live path.
pub struct Ingest {
    /// The index.
    pub writer: IndexWriter,
    /// Who reads the posts.
    pub tagger: Arc<Tagger>,
    /// What authors are hashed with.
    pub secret: AuthorSecret,
    /// Which posts are kept.
    pub keep: Keep,
    /// By feed.
    pub claims: BTreeMap<FeedId, Claims>,
    /// How often to commit.
    pub rhythm: Rhythm,
    /// What the program tells about itself.
    pub state: Arc<State>,
    /// Feeds that do not answer.
    pub outages: Outages,
    /// How far the feeds have come, including what is not committed.
    pub checkpoint: Checkpoint,
    /// What is let go, and when the next look for it is due.
    pub retention: Retention,
    /// When to look for what is too old or too much.
    pub next_retire: Instant,
    /// Turns true when the program is to end.
    pub stop: watch::Receiver<bool>,
}

impl Ingest {
    /// Takes what feeds tell until all of them are gone; `committed` is called after each commit.
    ///
    /// A commit that fails holds everything back: nothing new is taken until the disk takes what there is.
    /// Blocks, so it wants a thread of its own that a tokio runtime made.
    ///
    /// # Errors
    /// Where the index is damaged, or the last commits before the end fail.
    pub fn run(
        mut self,
        mut queue: mpsc::Receiver<Told>,
        mut committed: impl FnMut(&Committed, &Checkpoint),
    ) -> Result<Checkpoint, IndexError> {
        let runtime = tokio::runtime::Handle::current();
        let mut last_commit = Instant::now();
        let (mut num_waiting, mut is_changed) = (0, false);
        loop {
            let wait = self.rhythm.every.saturating_sub(last_commit.elapsed());
            let told = match is_changed {
                true => runtime.block_on(async { tokio::time::timeout(wait, queue.recv()).await }),
                false => Ok(queue.blocking_recv()),
            };
            let told = match told {
                Ok(Some(Told { what: What::Forget { what, done }, .. })) => {
                    let _ = done.send(self.forget(&what, &mut committed)?);
                    continue;
                }
                told => told,
            };
            let is_over = matches!(told, Ok(None));
            if let Ok(Some(told)) = told {
                if !is_changed {
                    last_commit = last_commit.max(Instant::now() - self.rhythm.every);
                }
                num_waiting += self.take(told)?;
                is_changed = true;
            }
            let is_due = num_waiting >= self.rhythm.posts || last_commit.elapsed() >= self.rhythm.every || is_over;
            if is_changed && is_due {
                self.commit(is_over, &mut committed)?;
                (last_commit, num_waiting, is_changed) = (Instant::now(), 0, false);
            }
            if is_over {
                self.writer.close()?;
                return Ok(self.checkpoint);
            }
        }
    }

    /// Forgets something, saves that, and brings it off the disk.
    fn forget(
        &mut self,
        what: &Forget,
        committed: &mut impl FnMut(&Committed, &Checkpoint),
    ) -> Result<Result<usize, IndexError>, IndexError> {
        let num_gone = match what.apply(&mut self.writer, self.secret) {
            Ok(num_gone) => num_gone,
            Err(error) => return Ok(Err(error)),
        };
        if num_gone > 0 {
            self.commit(false, committed)?;
            if let Err(error) = self.writer.purge() {
                return Ok(Err(error));
            }
        }
        Ok(Ok(num_gone))
    }

    /// Commits; where that fails, waits and tries again, when the program is to end only a few times.
    fn commit(&mut self, is_last: bool, committed: &mut impl FnMut(&Committed, &Checkpoint)) -> Result<(), IndexError> {
        let (mut pause, mut num_tries) = (FIRST_PAUSE, 0);
        loop {
            let began = Instant::now();
            match self.writer.commit(&self.checkpoint) {
                Ok(done) => {
                    if num_tries > 0 {
                        info!("the index takes posts again");
                    }
                    self.state.committed(began.elapsed(), &self.checkpoint);
                    committed(&done, &self.checkpoint);
                    self.retire();
                    return Ok(());
                }
                Err(error) => {
                    num_tries += 1;
                    error!(pause_secs = pause.as_secs(), "nothing new is taken until this is mended: {error}");
                    self.state.commit_failed(&error.to_string());
                    let is_stopping = is_last || *self.stop.borrow();
                    if is_stopping && num_tries >= LAST_TRIES {
                        return Err(error);
                    }
                    self.wait(pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// Lets go of days that are too old or too much; what fails is tried again at the next time.
    fn retire(&mut self) {
        if self.retention == Retention::default() || Instant::now() < self.next_retire {
            return;
        }
        self.next_retire = Instant::now() + RETIRE_EVERY;
        match self.writer.retire(&self.retention, Utc::now()) {
            Ok(days) => days.iter().for_each(|day| info!(day = %day.day, posts = day.num_posts, "let go of a day")),
            Err(error) => error!("nothing was let go: {error}"),
        }
    }

    /// Waits, but not longer than until somebody wants to stop.
    fn wait(&mut self, pause: Duration) {
        let is_stopping = *self.stop.borrow();
        if is_stopping {
            return std::thread::sleep(FIRST_PAUSE);
        }
        let stopped = self.stop.wait_for(|is_stopped| *is_stopped);
        let _ = tokio::runtime::Handle::current().block_on(async { tokio::time::timeout(pause, stopped).await });
    }

    /// Takes one message; the number of posts in it comes back.
    fn take(&mut self, told: Told) -> Result<usize, IndexError> {
        let Told { feed, what } = told;
        match what {
            What::Batch { batch, asked_at } => self.batch(&feed, batch, asked_at),
            What::Trouble { words, is_throttled, .. } => {
                self.state.trouble(&feed, &words, is_throttled);
                self.outages.trouble(&feed, Utc::now(), is_throttled);
                Ok(0)
            }
            What::Ended => {
                self.state.ended(&feed);
                Ok(0)
            }
            // Done before it comes here, since it wants a commit of its own.
            What::Forget { .. } => Ok(0),
        }
    }

    fn batch(&mut self, feed: &FeedId, batch: Batch, asked_at: Time) -> Result<usize, IndexError> {
        let now = Utc::now();
        let claims = self.claims.get(feed).cloned().unwrap_or_default();
        let num_posts = batch.posts.len();
        let is_told_again = self.checkpoint.feeds.get(feed).is_some_and(|progress| progress.again.is_some());
        let mut num_new = 0;
        for incoming in batch.posts {
            let recorded = self.post(feed, incoming, &claims, now)?;
            num_new += u64::from(match recorded {
                Recorded::Counted | Recorded::Kept(Added::New) => true,
                // Its number went back to where it was before them.
                Recorded::Kept(Added::Unchanged | Added::Replaced) => is_told_again,
                Recorded::Kept(Added::TakenBack) | Recorded::SeenBefore => false,
            });
            self.state.recorded(feed, recorded);
        }
        for deletion in batch.deletions {
            let num_hit = match deletion {
                Deletion::Post { platform, id } => usize::from(self.writer.delete_post(Some(&platform), &id)?),
                Deletion::Named { platform, name } => usize::from(self.writer.delete_named(Some(&platform), &name)?),
                Deletion::Author { platform, author } => {
                    self.writer.delete_author(self.secret.key(Some(&platform), &author))?
                }
            };
            self.state.deleted(feed, num_hit);
        }
        let mut gaps: Vec<FeedGap> = batch.gaps.iter().map(|gap| up_to(gap, now)).collect();
        self.outages.answer(feed, &mut gaps);
        self.state.heard(feed, &batch.rejected, &gaps);
        let progress = self.checkpoint.feeds.entry(feed.clone()).or_default();
        // A server's clock, or one post of the year 2099, must not lead the search for incidents beyond the present.
        let until = batch.until.or((!batch.has_own_clock).then_some(asked_at)).map(|until| until.min(now));
        progress.advance(batch.cursor, batch.since, until, &gaps);
        progress.num_posts += num_new;
        Ok(num_posts)
    }

    fn post(&mut self, feed: &FeedId, incoming: Incoming, claims: &Claims, now: Time) -> Result<Recorded, IndexError> {
        let (at, clock) = time_of(&incoming, now);
        self.state.timed(feed, clock);
        let mut raw = incoming.post;
        if raw.lang.is_none() {
            raw.lang = claims.lang.map(|lang| lang.to_string());
        }
        if raw.country.is_none() {
            raw.country = claims.country.as_ref().map(ToString::to_string);
        }
        let tagged = self.tagger.tag(normalize(raw, Some(at), self.secret));
        self.writer.record_named(feed, &tagged, incoming.local_name.as_deref(), now, self.keep)
    }
}

fn up_to(gap: &FeedGap, now: Time) -> FeedGap {
    FeedGap { gap: Gap { from: gap.gap.from.min(now), to: gap.gap.to.min(now) }, cause: gap.cause }
}
