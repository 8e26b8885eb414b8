//! What the program tells about itself while it runs: numbers for Prometheus and a picture for the terminal.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::Utc;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use tokio::sync::mpsc;

use super::clocks::Clock;
use super::coverage::lags;
use super::journal::Entry;
use super::runner::Told;
use crate::index::{Added, Recorded};
use crate::model::{Checkpoint, FeedGap, FeedId, Time};

/// One feed, as seen from outside.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FeedState {
    /// New posts since the program began.
    pub num_new: u64,
    /// Posts that came again or were changed at their source.
    pub num_again: u64,
    /// Posts that were taken back at their source.
    pub num_deleted: u64,
    /// Records that were no posts.
    pub num_rejected: u64,
    /// Errors since the program began, requests to wait aside.
    pub num_errors: u64,
    /// The last trouble, until the feed answers again.
    pub trouble: Option<String>,
    /// Whether there were errors since its last answer.
    pub is_broken: bool,
    /// Whether it has ended.
    pub is_ended: bool,
}

/// Everything, as seen from outside.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Picture {
    /// By feed.
    pub feeds: BTreeMap<FeedId, FeedState>,
    /// As of the last commit.
    pub checkpoint: Checkpoint,
    /// When the last commit was made.
    pub committed_at: Option<Time>,
    /// Why the last commit failed, until one works.
    pub commit_trouble: Option<String>,
    /// The last change of each incident that goes on, by id.
    pub incidents: BTreeMap<String, Entry>,
}

/// Shared by everybody who has something to tell.
#[derive(Debug, Default)]
pub struct State {
    picture: Mutex<Picture>,
    /// To the thread that writes; weak, so that the run ends when its feeds have.
    requests: Mutex<Option<mpsc::WeakSender<Told>>>,
}

impl State {
    /// A copy of the whole picture.
    pub fn picture(&self) -> Picture {
        self.lock().clone()
    }

    /// From now on the run takes requests here.
    pub fn takes_requests(&self, queue: &mpsc::Sender<Told>) {
        *self.requests.lock().unwrap_or_else(PoisonError::into_inner) = Some(queue.downgrade());
    }

    /// Takes lines of the journal into the picture: what goes on is shown, what is over no more.
    pub fn remember(&self, entries: impl IntoIterator<Item = Entry>) {
        let mut picture = self.lock();
        picture.incidents.extend(entries.into_iter().map(|entry| (entry.incident.id.clone(), entry)));
        picture.incidents.retain(|_, entry| entry.is_ongoing());
    }

    /// Where the run takes requests; `None` while it does not run.
    pub fn requests(&self) -> Option<mpsc::Sender<Told>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(mpsc::WeakSender::upgrade)
    }

    fn lock(&self) -> MutexGuard<'_, Picture> {
        self.picture.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn feed(&self, feed: &FeedId, change: impl FnOnce(&mut FeedState)) {
        change(self.lock().feeds.entry(feed.clone()).or_default());
    }

    /// A post was taken.
    pub fn recorded(&self, feed: &FeedId, recorded: Recorded) {
        let outcome = match recorded {
            Recorded::Kept(Added::New) => "kept",
            Recorded::Kept(Added::Replaced) => "replaced",
            Recorded::Kept(Added::Unchanged) | Recorded::SeenBefore => "repeated",
            Recorded::Kept(Added::TakenBack) => "taken_back",
            Recorded::Counted => "counted",
        };
        counter!("caiu_posts_total", "feed" => feed.to_string(), "outcome" => outcome).increment(1);
        self.feed(feed, |state| match outcome {
            "kept" | "counted" => state.num_new += 1,
            _ => state.num_again += 1,
        });
    }

    /// A clock was chosen for a post.
    pub fn timed(&self, feed: &FeedId, clock: Clock) {
        counter!("caiu_clock_total", "feed" => feed.to_string(), "clock" => clock.name()).increment(1);
    }

    /// Posts were taken back at their source.
    pub fn deleted(&self, feed: &FeedId, num_hit: usize) {
        counter!("caiu_deletions_total", "feed" => feed.to_string()).increment(1);
        self.feed(feed, |state| state.num_deleted += num_hit as u64);
    }

    /// A feed answered.
    pub fn heard(&self, feed: &FeedId, rejected: &BTreeMap<String, u64>, gaps: &[FeedGap]) {
        for (reason, num) in rejected {
            counter!("caiu_rejected_total", "feed" => feed.to_string(), "reason" => reason.clone()).increment(*num);
        }
        if !gaps.is_empty() {
            counter!("caiu_gaps_total", "feed" => feed.to_string()).increment(gaps.len() as u64);
        }
        self.feed(feed, |state| {
            state.num_rejected += rejected.values().sum::<u64>();
            state.trouble = None;
            if std::mem::take(&mut state.is_broken) {
                counter!("caiu_reconnects_total", "feed" => feed.to_string()).increment(1);
            }
        });
    }

    /// A feed did not answer.
    pub fn trouble(&self, feed: &FeedId, words: &str, is_throttled: bool) {
        let kind = if is_throttled { "throttled" } else { "error" };
        counter!("caiu_feed_troubles_total", "feed" => feed.to_string(), "kind" => kind).increment(1);
        self.feed(feed, |state| {
            state.num_errors += u64::from(!is_throttled);
            state.is_broken |= !is_throttled;
            state.trouble = Some(words.to_owned());
        });
    }

    /// A feed has no more posts.
    pub fn ended(&self, feed: &FeedId) {
        self.feed(feed, |state| state.is_ended = true);
    }

    /// Everything up to a checkpoint is on the disk.
    pub fn committed(&self, took: Duration, checkpoint: &Checkpoint) {
        let now = Utc::now();
        counter!("caiu_commits_total").increment(1);
        histogram!("caiu_commit_seconds").record(took.as_secs_f64());
        for (feed, lag) in lags(checkpoint, now) {
            gauge!("caiu_feed_lag_seconds", "feed" => feed.to_string()).set(lag);
        }
        if let Some(bytes) = resident_bytes() {
            gauge!("caiu_resident_bytes").set(bytes);
        }
        let mut picture = self.lock();
        picture.checkpoint = checkpoint.clone();
        picture.committed_at = Some(now);
        picture.commit_trouble = None;
    }

    /// A commit failed.
    pub fn commit_failed(&self, words: &str) {
        counter!("caiu_commit_failures_total").increment(1);
        self.lock().commit_trouble = Some(words.to_owned());
    }

    /// Incidents changed; `num_ongoing` go on.
    pub fn incidents(&self, entries: &[Entry], num_ongoing: usize) {
        gauge!("caiu_incidents_ongoing").set(num_ongoing as f64);
        for entry in entries {
            counter!("caiu_incident_changes_total", "change" => entry.change.name()).increment(1);
        }
        self.remember(entries.iter().cloned());
    }
}

/// Says what each number is, to whoever collects them; once, when collecting has begun.
pub fn describe_metrics() {
    describe_counter!("caiu_posts_total", "Posts that feeds told, by what became of them");
    describe_counter!("caiu_clock_total", "Posts by the clock that their time comes from");
    describe_counter!("caiu_deletions_total", "Posts that were taken back at their source");
    describe_counter!("caiu_rejected_total", "Records that were no posts, by reason");
    describe_counter!("caiu_gaps_total", "Stretches that a feed will never tell");
    describe_counter!("caiu_feed_troubles_total", "Times that a feed did not answer");
    describe_counter!("caiu_reconnects_total", "Times that a feed answered again after errors");
    describe_counter!("caiu_commits_total", "Commits of the index");
    describe_counter!("caiu_commit_failures_total", "Commits that the disk did not take");
    describe_counter!("caiu_incident_changes_total", "Changes of incidents, by kind");
    describe_histogram!("caiu_commit_seconds", "How long commits took");
    describe_histogram!("caiu_look_seconds", "How long the searches for incidents took");
    describe_gauge!("caiu_feed_lag_seconds", "How far behind the present a feed is");
    describe_gauge!("caiu_resident_bytes", "Memory that the process holds");
    describe_gauge!("caiu_incidents_ongoing", "Incidents that go on");
    crate::alert::describe_metrics();
}

/// Memory that the process holds, where the system tells.
fn resident_bytes() -> Option<f64> {
    const PAGE_BYTES: f64 = 4096.0;
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: f64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * PAGE_BYTES)
}
