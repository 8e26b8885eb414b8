//! The filtered stream: one JSON object a line, kept alive by empty lines, by a rule that is ours.

use std::pin::Pin;
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};

use super::{Envelope, Place, X, take};
use crate::corpus::Reason;
use crate::feed::{Batch, FeedError, Next};

/// Longest wait for the first post of a batch.
const FIRST_POST: Duration = Duration::from_secs(20);
/// How long posts are gathered after it.
const GATHER: Duration = Duration::from_secs(1);
/// Most posts of a batch.
const MAX_LINES: usize = 200;
/// Longest line.
const MAX_LINE_BYTES: usize = 1 << 20;
/// Name of our rule: others of the same app bring posts that nobody asked this feed for.
const TAG: &str = "caiu";

type Chunks = Pin<Box<dyn Stream<Item = Result<Vec<u8>, FeedError>> + Send>>;

/// An open stream, with the beginning of a line.
pub(super) struct Lines {
    chunks: Chunks,
    rest: Vec<u8>,
}

impl Lines {
    /// The next line; `None` when the stream has ended. Dropping the future loses nothing.
    async fn next(&mut self) -> Option<Result<Vec<u8>, FeedError>> {
        loop {
            if let Some(end) = memchr::memchr(b'\n', &self.rest) {
                return Some(Ok(self.rest.drain(..=end).collect()));
            }
            if self.rest.len() > MAX_LINE_BYTES {
                return Some(Err(FeedError::Transient(format!("a line of more than {MAX_LINE_BYTES} bytes"))));
            }
            match self.chunks.next().await? {
                Ok(chunk) => self.rest.extend_from_slice(&chunk),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

#[derive(Deserialize)]
struct Rules {
    #[serde(default)]
    data: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    id: String,
    value: Option<String>,
    tag: Option<String>,
}

#[derive(Deserialize)]
struct Matched {
    #[serde(default)]
    matching_rules: Vec<Rule>,
}

impl X {
    /// Opens the stream with our rule in place; `None` where it cannot be had now, and the search goes on alone.
    pub(super) async fn open_stream(&mut self) -> Result<Option<Lines>, FeedError> {
        self.set_rule().await?;
        let mut url = self.url("/2/tweets/search/stream");
        self.add_fields(&mut url);
        match self.net.stream(&url, &[("authorization", &self.bearer)]).await {
            Ok(chunks) => Ok(Some(Lines { chunks: Box::pin(chunks), rest: Vec::new() })),
            Err(FeedError::Fatal(said)) if said.starts_with("HTTP 400") && said.contains(".fields") => {
                self.is_new_dialect = !self.is_new_dialect;
                Ok(None)
            }
            Err(FeedError::Fatal(said)) => Err(FeedError::Fatal(said).with_remedy("set mode = \"search\"")),
            Err(error) => {
                tracing::info!(feed = %self.id, "no stream now ({error}): X is searched instead");
                Ok(None)
            }
        }
    }

    async fn set_rule(&self) -> Result<(), FeedError> {
        let url = self.url("/2/tweets/search/stream/rules");
        let headers = [("authorization", self.bearer.as_str()), ("content-type", "application/json")];
        let answer = self.net.get(&url, &headers).await.map_err(|error| error.with_remedy("check token"))?;
        let rules: Rules = answer.json()?;
        let ours: Vec<&Rule> = rules.data.iter().filter(|rule| rule.tag.as_deref() == Some(TAG)).collect();
        if ours.len() == 1 && ours[0].value.as_ref() == Some(&self.settings.query) {
            return Ok(());
        }
        if !ours.is_empty() {
            let ids: Vec<&str> = ours.iter().map(|rule| rule.id.as_str()).collect();
            let body = serde_json::json!({"delete": {"ids": ids}});
            self.net.post(&url, &headers, body.to_string()).await?;
        }
        let body = serde_json::json!({"add": [{"value": self.settings.query, "tag": TAG}]});
        let added = self.net.post(&url, &headers, body.to_string()).await;
        added.map(drop).map_err(|error| error.with_remedy("check query"))
    }

    /// Gathers what the stream tells for a moment; one that ends is opened anew with the next batch.
    pub(super) async fn listen(
        &mut self,
        mut lines: Lines,
        place: &mut Place,
        batch: &mut Batch,
    ) -> Result<(), FeedError> {
        batch.next = Next::Now;
        let mut deadline = Instant::now() + FIRST_POST;
        for _ in 0..MAX_LINES {
            // Asked before each line: a flood must not run over the budget.
            if self.left(place).is_err() {
                return Ok(());
            }
            let line = match timeout_at(deadline, lines.next()).await {
                Err(_) => break,
                Ok(Some(Ok(line))) => line,
                Ok(ended) => {
                    if let Some(Err(error)) = ended {
                        tracing::debug!(feed = %self.id, "the stream broke: {error}");
                    }
                    // The first of the pauses that X prescribes; the search fills what is missed.
                    batch.next = Next::After(Duration::from_secs(5));
                    return Ok(());
                }
            };
            let line = String::from_utf8_lossy(&line);
            if line.trim().is_empty() {
                continue;
            }
            if note(&line, place, batch) {
                deadline = deadline.min(Instant::now() + GATHER);
            } else {
                return Ok(());
            }
        }
        place.until_secs = chrono::Utc::now().timestamp();
        // A little before the last one, because posts come out of order; what is read twice is told once.
        place.since = place.recent.anchor(10).map(str::to_owned).or(place.since.take());
        *self.stream_mut() = Some(lines);
        Ok(())
    }
}

/// Takes one line; `false` where the server says that it is going to hang up.
fn note(line: &str, place: &mut Place, batch: &mut Batch) -> bool {
    match serde_json::from_str::<Envelope<'_>>(line) {
        Ok(envelope @ Envelope { data: Some(_), .. }) => {
            let matched: Matched = serde_json::from_str(line).unwrap_or(Matched { matching_rules: Vec::new() });
            let is_ours = |rule: &Rule| rule.tag.as_deref() == Some(TAG);
            if matched.matching_rules.is_empty() || matched.matching_rules.iter().any(is_ours) {
                _ = take(line, &envelope, place, batch);
            } else {
                place.spent.add(1);
                batch.reject("another rule's post");
            }
            true
        }
        Ok(Envelope { errors: Some(_), .. }) => false,
        _ => {
            batch.reject(Reason::UnknownForm.name());
            true
        }
    }
}
