//! One reading of a dump: threads that read ahead, and the clock by which posts become due.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::corpus::{self, Input, ReadOptions};
use crate::feed::{Batch, FeedError, Incoming, Next, lines};
use crate::model::{FeedId, RawPost, Time};
use crate::normalize::date;

/// Longest time in which posts are gathered.
const WINDOW: Duration = Duration::from_millis(250);
/// Most posts of a batch.
const MOST_POSTS: usize = 1000;
/// Records that are read ahead.
const NUM_AHEAD: usize = 4096;

enum Item {
    Post { post: Box<RawPost>, at: Option<Time> },
    Rejected(&'static str),
    Failed(String),
}

/// A reading that goes on in threads of its own, which end when this is dropped.
pub(super) struct Run {
    items: mpsc::Receiver<Item>,
    /// Read, and not yet due.
    next: Option<Item>,
    /// Told, and not yet handed over.
    pub(super) batch: Batch,
    pub(super) num_records: u64,
    clock: Option<Clock>,
    pub(super) has_ended: bool,
}

/// The present of the replay.
#[derive(Debug, Clone, Copy)]
struct Clock {
    started: Instant,
    first: Time,
    speed: f64,
    /// Latest date that was told: the clock never runs back.
    latest: Time,
}

impl Clock {
    fn now(&self) -> Time {
        let secs = self.started.elapsed().as_secs_f64() * self.speed;
        self.first + TimeDelta::microseconds((secs * 1e6) as i64)
    }

    /// When a post of a date is to be told; with speed 0 at once.
    fn due(&self, at: Time) -> Instant {
        let secs = (at - self.first).num_microseconds().unwrap_or(i64::MAX).max(0) as f64 / 1e6;
        let wait = if self.speed > 0.0 { secs / self.speed } else { 0.0 };
        // A date that lies years ahead must not overflow the clock.
        self.started + Duration::from_secs_f64(wait.min(1e9))
    }
}

impl Run {
    /// Begins behind the first `num_known` records.
    pub(super) fn start(inputs: Vec<Input>, id: &FeedId, num_known: u64) -> Self {
        let (sender, items) = mpsc::channel(NUM_AHEAD);
        let id = id.clone();
        std::thread::spawn(move || {
            let options = ReadOptions { threads: 1, ..ReadOptions::default() };
            let now = Utc::now();
            let work = |record: corpus::Record<'_>| match record.post {
                Ok(mut post) => {
                    if record.is_numbered {
                        post.id = format!("{id}:{}", post.id);
                    }
                    let at = post.created_at.as_ref().and_then(|raw| date::parse(raw, None, now).ok());
                    Item::Post { post: Box::new(post), at }
                }
                Err(rejected) => Item::Rejected(rejected.reason.name()),
            };
            let mut num_read = 0;
            let sink = |item| {
                num_read += 1;
                if num_read <= num_known {
                    return Ok(());
                }
                sender.blocking_send(item).map_err(|_| std::io::ErrorKind::BrokenPipe.into())
            };
            if let Err(error) = corpus::run(&inputs, &options, &mut |_| {}, work, sink) {
                // Nobody listens where the feed was dropped.
                let _ = sender.blocking_send(Item::Failed(error.to_string()));
            }
        });
        Self {
            items,
            next: None,
            batch: Batch::empty(Next::Now),
            num_records: num_known,
            clock: None,
            has_ended: false,
        }
    }

    /// Gathers what is due within a window. Everything is kept here, so that the call may be dropped at any point.
    pub(super) async fn gather(&mut self, speed: f64) -> Result<(), FeedError> {
        let deadline = Instant::now() + WINDOW;
        while self.batch.posts.len() < MOST_POSTS && !self.has_ended {
            if self.next.is_none() {
                match timeout_at(deadline, self.items.recv()).await {
                    Err(_) => break,
                    Ok(None) => self.has_ended = true,
                    Ok(item) => self.next = item,
                }
            }
            if let Some(Item::Post { at: Some(at), .. }) = &self.next {
                let at = *at;
                let new = || Clock { started: Instant::now(), first: at, speed, latest: at };
                let clock = self.clock.get_or_insert_with(new);
                let due = clock.due(at);
                if due > deadline {
                    sleep_until(deadline).await;
                    break;
                }
                sleep_until(due).await;
                clock.latest = clock.latest.max(at);
            }
            match self.next.take() {
                Some(Item::Post { post, .. }) => {
                    self.batch.posts.push(Incoming::new(*post, None));
                }
                Some(Item::Rejected(reason)) => lines::reject(reason, &mut self.batch),
                Some(Item::Failed(words)) => return Err(FeedError::Fatal(words)),
                None => continue,
            }
            self.num_records += 1;
        }
        Ok(())
    }

    /// Up to when everything was told: the replay's present, but not beyond a post that waits.
    pub(super) fn until(&self) -> Option<Time> {
        let clock = self.clock?;
        match &self.next {
            Some(Item::Post { at: Some(at), .. }) => Some(clock.now().min(*at).max(clock.latest)),
            _ => Some(clock.latest),
        }
    }
}
