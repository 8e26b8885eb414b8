//! Whether the last posts are still there and unchanged: polling alone is never told of deletions.

use std::time::Duration;

use serde_json::value::RawValue;
use tokio::time::Instant;

use super::timeline::Status;
use super::{Mastodon, PLATFORM};
use crate::feed::http::Answer;
use crate::feed::place::Recent;
use crate::feed::{Batch, FeedError};

/// Ids in one question (the most that Mastodon answers).
const MAX_IDS: usize = 20;
/// Questions in one check.
const MAX_QUESTIONS: usize = 2;

/// When and how to check.
#[derive(Debug)]
pub(super) struct Recheck {
    every: Option<Duration>,
    last: Option<Instant>,
    /// Posts before the last one that were checked.
    skip: usize,
    way: Way,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// `/api/v1/statuses?id[]=…`, from Mastodon 4.3 on.
    Many,
    /// `/api/v1/statuses/:id`, one by one.
    Single,
    /// The server shows no status to us.
    Closed,
}

impl Recheck {
    /// From the configuration.
    pub(super) fn new(secs: f64) -> Result<Self, String> {
        let every = if secs == 0.0 { None } else { Some(crate::feed::pause("recheck_secs", secs, 1.0)?) };
        Ok(Self { every, last: None, skip: 0, way: Way::Many })
    }
}

impl Mastodon {
    /// Checks the next few of the last posts, where it is time.
    pub(super) async fn recheck(&mut self, recent: &mut Recent, batch: &mut Batch) -> Result<(), FeedError> {
        let Some(every) = self.recheck.every else { return Ok(()) };
        if self.recheck.last.is_some_and(|last| last.elapsed() < every) || self.recheck.way == Way::Closed {
            return Ok(());
        }
        self.recheck.last = Some(Instant::now());
        for _ in 0..MAX_QUESTIONS {
            let keys = recent.keys(self.recheck.skip, MAX_IDS);
            if keys.is_empty() {
                return Ok(());
            }
            self.recheck.skip += keys.len();
            if self.recheck.way == Way::Many && !self.ask_many(&keys, recent, batch).await? {
                self.recheck.way = Way::Single;
            }
            if self.recheck.way == Way::Single {
                return self.ask_singly(&keys, recent, batch).await;
            }
        }
        Ok(())
    }

    /// Says whether the server knows the question.
    async fn ask_many(&self, keys: &[String], recent: &mut Recent, batch: &mut Batch) -> Result<bool, FeedError> {
        let mut url = self.url("/api/v1/statuses");
        url.query_pairs_mut().extend_pairs(keys.iter().map(|key| ("id[]", key)));
        let answer = match self.net.get(&url, &self.headers()).await {
            Ok(answer) if answer.status == 200 => answer,
            Ok(_) | Err(FeedError::Fatal(_)) => return Ok(false),
            Err(error) => return Err(error),
        };
        let Ok(entries) = answer.json::<Vec<&RawValue>>() else { return Ok(false) };
        let found: Vec<Status> = entries.iter().take(MAX_IDS).filter_map(|json| Status::read(json.get())).collect();
        // A server that knows none of them has not understood, and nothing is concluded from silence.
        if !found.iter().any(|status| keys.contains(&status.key)) {
            return Ok(keys.len() > 1);
        }
        for key in keys.iter().filter(|key| !found.iter().any(|status| status.key == **key)) {
            recent.forget(batch, PLATFORM, key);
        }
        for status in found.into_iter().filter(|status| keys.contains(&status.key)) {
            self.take(status, recent, batch);
        }
        Ok(true)
    }

    async fn ask_singly(&mut self, keys: &[String], recent: &mut Recent, batch: &mut Batch) -> Result<(), FeedError> {
        let (mut gone, mut num_found) = (Vec::new(), 0);
        for key in keys.iter().take(MAX_IDS / 2) {
            let mut url = self.url("/api/v1/statuses/");
            if let Ok(mut path) = url.path_segments_mut() {
                path.pop_if_empty().push(key);
            }
            let answer: Answer = match self.net.get(&url, &self.headers()).await {
                Ok(answer) => answer,
                Err(FeedError::Fatal(_)) => {
                    tracing::info!(feed = %self.id, "the server shows no single posts without a token: deletions are not noticed");
                    self.recheck.way = Way::Closed;
                    return Ok(());
                }
                Err(error) => return Err(error),
            };
            match (answer.status, Status::read(&answer.text())) {
                (404 | 410, _) => gone.push(key),
                (200, Some(status)) if status.key == *key => {
                    num_found += 1;
                    self.take(status, recent, batch);
                }
                _ => {}
            }
        }
        if num_found > 0 {
            gone.into_iter().for_each(|key| recent.forget(batch, PLATFORM, key));
        }
        Ok(())
    }
}
