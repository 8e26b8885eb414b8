//! The stream of a server (server-sent events): posts, edits and deletions as they happen.

use std::pin::Pin;
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use sse_stream::{Sse, SseByteStream};
use tokio::time::{Instant, timeout_at};

use super::timeline::Status;
use super::{Mastodon, PLATFORM, Place, Timeline};
use crate::corpus::Reason;
use crate::feed::http::Url;
use crate::feed::{Batch, Deletion, FeedError, Next, place};

/// Longest wait for the first event of a batch.
const FIRST_EVENT: Duration = Duration::from_secs(20);
/// How long events are gathered after it.
const GATHER: Duration = Duration::from_secs(1);
/// Most events of a batch.
const MAX_EVENTS: usize = 200;
/// Most bytes between two blank lines: a decoder would hold an event without end in memory.
const MAX_EVENT_BYTES: usize = 1 << 20;

/// An open stream.
pub(super) type Events = Pin<Box<dyn Stream<Item = Result<Sse, sse_stream::Error>> + Send>>;

impl Mastodon {
    /// Opens the stream where there can be one. A refusal is told once, and polling goes on without it.
    pub(super) async fn open_stream(&mut self) -> Option<Events> {
        if self.is_stream_refused {
            return None;
        }
        let url = self.stream_url().await;
        let mut headers = self.headers();
        headers.push(("accept", "text/event-stream"));
        match self.net.stream(&url, &headers).await {
            Ok(chunks) => Some(events(chunks)),
            Err(FeedError::Fatal(said)) => {
                tracing::warn!(feed = %self.id, "no stream ({said}): the timeline is polled instead");
                self.is_stream_refused = true;
                None
            }
            // Asked again with the next batch; until then the timeline is polled.
            Err(error) => {
                tracing::info!(feed = %self.id, "no stream now ({error}): the timeline is polled");
                None
            }
        }
    }

    /// The stream may have a host of its own, which the server names.
    async fn stream_url(&self) -> Url {
        let named = async {
            let answer = self.net.get(&self.url("/api/v2/instance"), &[]).await.ok()?;
            let instance: serde_json::Value = answer.json().ok()?;
            let base = instance["configuration"]["urls"]["streaming"].as_str()?;
            // wss:// and ws:// name the same place as https:// and http://.
            let url = Url::parse(&base.replacen("ws", "http", usize::from(base.starts_with("ws")))).ok()?;
            // The token must not travel in clear where the server itself is reached over TLS.
            (url.scheme() == self.server.scheme() && url.has_host()).then_some(url)
        };
        let mut url = named.await.unwrap_or_else(|| self.server.clone());
        let suffix = if self.settings.timeline == Timeline::Local { "/local" } else { "" };
        match self.settings.tags.first() {
            Some(tag) => {
                url.set_path(&format!("/api/v1/streaming/hashtag{suffix}"));
                url.query_pairs_mut().append_pair("tag", tag);
            }
            None if self.settings.timeline == Timeline::Remote => url.set_path("/api/v1/streaming/public/remote"),
            None => url.set_path(&format!("/api/v1/streaming/public{suffix}")),
        }
        url
    }

    /// Gathers what the stream tells for a moment; a stream that ends is opened anew with the next batch.
    pub(super) async fn listen(&mut self, mut events: Events, mut place: Place) -> Result<Batch, FeedError> {
        let mut batch = Batch::empty(Next::Now);
        let mut deadline = Instant::now() + FIRST_EVENT;
        let mut is_open = true;
        for num_events in 0..MAX_EVENTS {
            let event = match timeout_at(deadline, events.next()).await {
                Err(_) => break,
                Ok(Some(Ok(event))) => event,
                Ok(ended) => {
                    if let Some(Err(error)) = ended {
                        tracing::debug!(feed = %self.id, "the stream broke: {error}");
                    }
                    is_open = false;
                    batch.next = Next::After(Duration::from_secs(1));
                    break;
                }
            };
            if num_events == 0 {
                deadline = deadline.min(Instant::now() + GATHER);
            }
            self.take_event(&event, &mut place, &mut batch);
        }
        batch.cursor = Some(place::write(&place));
        *self.stream_mut() = is_open.then_some(events);
        Ok(batch)
    }

    fn take_event(&self, event: &Sse, place: &mut Place, batch: &mut Batch) {
        let data = event.data.as_deref().unwrap_or_default();
        match event.event.as_deref() {
            Some("update" | "status.update") => match Status::read(data) {
                Some(status) => _ = self.take(status, &mut place.recent, batch),
                None => batch.reject(Reason::UnknownForm.name()),
            },
            Some("delete") => {
                let key = data.trim().trim_matches('"');
                if place.recent.knows(key) {
                    return place.recent.forget(batch, PLATFORM, key);
                }
                // One from before those that are remembered: the index knows what this server called it.
                match self.local_name(key) {
                    Some(name) => batch.deletions.push(Deletion::Named { platform: PLATFORM.to_owned(), name }),
                    None => batch.reject(Reason::UnknownForm.name()),
                }
            }
            Some(_) => batch.reject(Reason::NotAPost.name()),
            None => {}
        }
    }
}

fn events(chunks: impl Stream<Item = Result<Vec<u8>, FeedError>> + Send + 'static) -> Events {
    let (mut num_bytes, mut last) = (0_usize, 0_u8);
    let capped = chunks.map(move |chunk| {
        let chunk = chunk?;
        for byte in chunk.iter().copied().filter(|byte| *byte != b'\r') {
            num_bytes = if byte == b'\n' && last == b'\n' { 0 } else { num_bytes + 1 };
            last = byte;
        }
        if num_bytes > MAX_EVENT_BYTES {
            return Err(FeedError::Transient(format!("an event of more than {MAX_EVENT_BYTES} bytes")));
        }
        Ok(std::io::Cursor::new(chunk))
    });
    Box::pin(SseByteStream::new(Box::pin(capped)))
}
