//! One task for each feed: asks for batches, waits where a server wants it, backs off from errors, stops when told.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use chrono::Utc;
use futures_util::FutureExt;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use tracing::{debug, info, warn};

use super::forget::Forget;
use crate::config::LimitSettings;
use crate::feed::{Batch, Feed, FeedError, Next};
use crate::index::IndexError;
use crate::model::{Cursor, FeedId, Time};

/// Pause of a feed that cannot work until somebody changes something; a server may change its mind too.
const FATAL_PAUSE: Duration = Duration::from_secs(3600);

/// What a feed tells the index.
#[derive(Debug)]
pub struct Told {
    /// Which feed.
    pub feed: FeedId,
    /// What happened.
    pub what: What,
}

/// What happened at a feed.
#[derive(Debug)]
pub enum What {
    /// Posts, or the news that there were none.
    Batch {
        /// What the feed handed over.
        batch: Batch,
        /// When it was asked: up to then it has told everything, unless the batch says otherwise.
        asked_at: Time,
    },
    /// It did not answer.
    Trouble {
        /// In words.
        words: String,
        /// Whether the server only asked to wait.
        is_throttled: bool,
        /// Pause before the next try.
        pause: Duration,
    },
    /// It has no more posts, and never will.
    Ended,
    /// Nothing happened: somebody wants something forgotten.
    Forget {
        /// What.
        what: Forget,
        /// Gets the number of posts that are gone.
        done: oneshot::Sender<Result<usize, IndexError>>,
    },
}

/// Makes a feed anew; after a panic nothing in the old one can be trusted.
pub type Reopen = Box<dyn Fn() -> Result<Box<dyn Feed>, String> + Send>;

/// Runs a feed from `cursor` until it ends or `stop` turns true. The queue holds it back when the index is busy.
pub async fn run(
    id: FeedId,
    mut feed: Box<dyn Feed>,
    reopen: Reopen,
    mut cursor: Option<Cursor>,
    limits: LimitSettings,
    queue: mpsc::Sender<Told>,
    mut stop: watch::Receiver<bool>,
) {
    let mut backoff = backoff(&limits);
    let mut num_errors = 0;
    // A feed that breaks off again and again with a word in between has not recovered: the pauses grow until it has
    // answered for as long as it last rested.
    let mut rested: Option<(Instant, Duration)> = None;
    loop {
        let asked_at = Utc::now();
        // Called inside the future: a feed may also panic before it makes one.
        let asked = AssertUnwindSafe(async { feed.next_batch(cursor.as_ref()).await }).catch_unwind();
        let answer = tokio::select! {
            answer = asked => answer,
            _ = stop.wait_for(|is_stopped| *is_stopped) => return,
        };
        let (what, pause) = match answer {
            Ok(Ok(batch)) => {
                if num_errors > 0 && rested.is_none_or(|(since, pause)| since.elapsed() >= pause) {
                    info!(feed = %id, "the feed answers again");
                    num_errors = 0;
                    backoff = self::backoff(&limits);
                }
                cursor = batch.cursor.clone().or(cursor);
                let pause = match batch.next {
                    Next::Now => Some(Duration::ZERO),
                    Next::After(pause) => Some(pause),
                    Next::End => None,
                };
                (What::Batch { batch, asked_at }, pause)
            }
            Ok(Err(error)) => {
                num_errors += 1;
                let pause = pause_after(&error, &mut backoff, num_errors, &limits);
                let is_throttled = matches!(error, FeedError::Throttled { .. });
                rested = (!is_throttled).then(|| (Instant::now() + pause, pause));
                let words = error.to_string();
                match is_throttled {
                    true => debug!(feed = %id, pause_secs = pause.as_secs_f64(), "{words}"),
                    false => warn!(feed = %id, pause_secs = pause.as_secs_f64(), "{words}"),
                }
                (What::Trouble { words, is_throttled, pause }, Some(pause))
            }
            Err(_) => {
                num_errors += 1;
                let pause = Duration::from_secs_f64(limits.longest_pause_secs);
                warn!(feed = %id, "the feed panicked; it is opened anew");
                match reopen() {
                    Ok(fresh) => feed = fresh,
                    Err(words) => warn!(feed = %id, "{words}"),
                }
                let words = "the feed panicked".to_owned();
                (What::Trouble { words, is_throttled: false, pause }, Some(pause))
            }
        };
        if queue.send(Told { feed: id.clone(), what }).await.is_err() {
            return;
        }
        let Some(pause) = pause else {
            let _ = queue.send(Told { feed: id, what: What::Ended }).await;
            return;
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.wait_for(|is_stopped| *is_stopped) => return,
        }
    }
}

fn backoff(limits: &LimitSettings) -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_secs_f64(limits.first_pause_secs))
        .with_max_delay(Duration::from_secs_f64(limits.longest_pause_secs))
        .with_factor(2.0)
        .with_jitter()
        .without_max_times()
        .build()
}

fn pause_after(
    error: &FeedError,
    backoff: &mut ExponentialBackoff,
    num_errors: u32,
    limits: &LimitSettings,
) -> Duration {
    let longest = Duration::from_secs_f64(limits.longest_pause_secs);
    let mut grown = || backoff.next().unwrap_or(longest);
    match error {
        FeedError::Throttled { retry_after: Some(wait) } => (*wait).max(Duration::from_secs_f64(0.1)),
        FeedError::Fatal(_) => FATAL_PAUSE.max(longest),
        // Jitter may go beyond the longest pause; many errors in a row rest the circuit for the whole of it.
        _ if num_errors >= limits.errors_to_rest => longest,
        FeedError::Throttled { retry_after: None } | FeedError::Transient(_) => grown().min(longest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::BoxFuture;
    use std::collections::VecDeque;

    type Step = fn() -> Result<Batch, FeedError>;

    struct Scripted(VecDeque<Step>);

    impl Feed for Scripted {
        fn next_batch<'a>(&'a mut self, after: Option<&'a Cursor>) -> BoxFuture<'a, Result<Batch, FeedError>> {
            let step = self.0.pop_front();
            let place: u32 = after.map_or(0, |cursor| cursor.as_str().parse().unwrap());
            Box::pin(async move {
                let Some(step) = step else { return Ok(Batch::empty(Next::End)) };
                let mut batch = step()?;
                batch.cursor = Some(Cursor::new((place + 1).to_string()));
                Ok(batch)
            })
        }
    }

    async fn told(steps: Vec<Step>) -> Vec<(String, u64)> {
        let (queue, mut out) = mpsc::channel(4);
        let (_keep, stop) = watch::channel(false);
        let reopen: Reopen = Box::new(|| Ok(Box::new(Scripted(VecDeque::new()))));
        let feed = Box::new(Scripted(steps.into()));
        let limits = LimitSettings { errors_to_rest: 3, ..LimitSettings::default() };
        let task = tokio::spawn(run(FeedId::new("f"), feed, reopen, None, limits, queue, stop));
        let mut seen = Vec::new();
        while let Some(told) = out.recv().await {
            seen.push(match told.what {
                What::Batch { batch, .. } => (batch.cursor.map_or("-".to_owned(), |c| c.as_str().to_owned()), 0),
                What::Trouble { words, pause, .. } => (words, pause.as_secs()),
                What::Ended => ("ended".to_owned(), 0),
                What::Forget { .. } => ("forget".to_owned(), 0),
            });
        }
        task.await.unwrap();
        seen
    }

    #[tokio::test(start_paused = true)]
    async fn a_word_between_two_errors_is_no_recovery_and_a_minute_of_them_is() {
        let good: Step = || Ok(Batch::empty(Next::Now));
        let later: Step = || Ok(Batch::empty(Next::After(Duration::from_secs(60))));
        let error: Step = || Err(FeedError::Transient("gone".to_owned()));
        let seen = told(vec![error, good, error, good, error]).await;
        assert_eq!(seen[4].1, 300, "the circuit rests: {seen:?}");
        let seen = told(vec![error, later, good, error, later, good, error]).await;
        assert!(seen[6].1 <= 2, "each of them is the first: {seen:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn feeds_go_on_behind_errors_waits_and_panics() {
        let good: Step = || Ok(Batch::empty(Next::Now));
        let wait: Step = || Err(FeedError::Throttled { retry_after: Some(Duration::from_secs(42)) });
        let error: Step = || Err(FeedError::Transient("gone".to_owned()));
        let panic: Step = || panic!("a feed may be wrong");
        let seen = told(vec![good, wait, good, error, error, error, good, panic]).await;
        let words: Vec<&str> = seen.iter().map(|(words, _)| words.as_str()).collect();
        assert_eq!(words[..3], ["1", "the server asks to wait 42 s", "2"]);
        assert_eq!(words[3..6], ["gone"; 3]);
        assert_eq!(words[6..], ["3", "the feed panicked", "-", "ended"]);
        assert_eq!(seen[1].1, 42);
        assert!(seen[3].1 <= 2 && seen[4].1 <= 4, "pauses grow from a second: {seen:?}");
        assert_eq!(seen[5].1, 300, "the circuit rests");
    }
}
