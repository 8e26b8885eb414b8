//! `GET /api/v1/live`: server-sent events about what came and what changed. One broadcaster writes each event once, whoever
//! listens; a client that is too slow is told what it missed, and holds nobody up.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use futures_util::stream;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use tokio::sync::broadcast::{self, error::RecvError};

use super::app::App;
use super::minutes::Came;
use super::problem::{Failures, Problem};
use crate::model::{ServiceId, Time};
use crate::pipeline::journal::Entry;
use crate::report::burst::stamp;

/// Events that wait for the slowest client; what is older is lost to it.
pub(super) const QUEUE: usize = 256;
/// A silent connection is shown to be alive so often.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Most lines of the journal that are told again to a client that comes back.
const MOST_AGAIN: usize = 1_000;

/// One event, as it goes over the wire.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// Line of the journal, where it is of one.
    line: Option<u64>,
    frame: Bytes,
}

/// What came with commits.
pub(super) fn counts_event(seq: u64, at: Option<Time>, came: &BTreeMap<ServiceId, Came>) -> Event {
    let one = |(id, came): (&ServiceId, &Came)| {
        (id.to_string(), json!({ "complaints": came.complaints, "posts": came.posts }))
    };
    let services: serde_json::Map<_, _> = came.iter().map(one).collect();
    Event {
        line: None,
        frame: frame(EventName::Counts, None, &json!({ "seq": seq, "at": at.map(stamp), "services": services })),
    }
}

/// A line of the journal.
pub(super) fn incident_event(entry: &Entry) -> Event {
    Event { line: Some(entry.seq), frame: frame(EventName::Incident, Some(entry.seq), entry) }
}

/// An event of the stream by its fields.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct LiveEvent {
    /// What it is.
    event: EventName,
    /// Number of the line of the journal, where it is of one: to be sent as Last-Event-ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// JSON, as the name says.
    data: String,
}

/// What an event is.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum EventName {
    /// The beginning of the stream.
    Hello,
    /// What came.
    Counts,
    /// A line of the journal.
    Incident,
    /// What a slow client missed.
    Lagged,
}

impl EventName {
    fn as_str(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Counts => "counts",
            Self::Incident => "incident",
            Self::Lagged => "lagged",
        }
    }
}

/// An event in the form of the stream; JSON holds no line ends.
fn frame(event: EventName, id: Option<u64>, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_default();
    let LiveEvent { event, id, data } = LiveEvent { event, id: id.map(|id| id.to_string()), data };
    let id = id.map_or_else(String::new, |id| format!("id: {id}\n"));
    format!("event: {}\n{id}data: {data}\n\n", event.as_str()).into()
}

/// A stream of what comes and changes.
///
/// Events: `hello` {seq, at} at the beginning; `counts` {seq, at, services: {id: {complaints, posts}}} with what came, at
/// most once a second; `incident` {seq, at, change, incident} for each line of the journal, with its number as id;
/// `lagged` {missed} where the client was too slow. With `Last-Event-ID`, the incidents since then come first.
#[utoipa::path(get, path = "/api/v1/live", tag = "live",
    params(("Last-Event-ID" = Option<String>, Header, description = "Id of the last incident that was received.")),
    responses((status = 200, description = "Server-sent events, without end; each has these fields.", content_type = "text/event-stream", body = LiveEvent),
        Failures))]
pub(super) async fn live(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Problem> {
    let place = Place::take(&app)?;
    // Listening begins before the past is read, so that nothing falls between the two.
    let receiver = app.events.subscribe();
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|id| id.trim().parse().ok());
    let board = app.board();
    let mut first =
        vec![frame(EventName::Hello, None, &json!({ "seq": board.version.seq, "at": board.at.map(stamp) }))];
    let mut told_line = 0;
    if let Some(last) = last {
        let book = app.book();
        let missed: &[Entry] = book.after(last);
        told_line = book.line();
        if missed.len() > MOST_AGAIN {
            first.push(frame(EventName::Lagged, None, &json!({ "missed": missed.len() })));
        } else {
            first.extend(missed.iter().map(|entry| incident_event(entry).frame));
        }
    }
    first.reverse();
    let listener = Listener { first, told_line, receiver, _place: place };
    let body = Body::from_stream(stream::unfold(listener, |mut listener| async move {
        let frame = listener.next().await?;
        Some((Ok::<_, Infallible>(frame), listener))
    }));
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Some proxies hold answers back until they are long enough.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// One client.
struct Listener {
    /// Told before anything else, last first.
    first: Vec<Bytes>,
    /// Lines of the journal up to here were told already.
    told_line: u64,
    receiver: broadcast::Receiver<Event>,
    _place: Place,
}

impl Listener {
    /// What to send next; `None` where the server ends.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(frame) = self.first.pop() {
            return Some(frame);
        }
        loop {
            match tokio::time::timeout(HEARTBEAT, self.receiver.recv()).await {
                Ok(Ok(event)) if event.line.is_some_and(|line| line <= self.told_line) => {}
                Ok(Ok(event)) => return Some(event.frame),
                Ok(Err(RecvError::Lagged(missed))) => {
                    return Some(frame(EventName::Lagged, None, &json!({ "missed": missed })));
                }
                Ok(Err(RecvError::Closed)) => return None,
                Err(_) => return Some(Bytes::from_static(b": alive\n\n")),
            }
        }
    }
}

/// A place among those who listen, given up with the connection.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(app: &App) -> Result<Self, Problem> {
        let place = Self(Arc::clone(&app.num_listeners));
        if app.num_listeners.fetch_add(1, Ordering::Relaxed) >= app.options.access.most_listeners {
            return Err(
                Problem::busy("too many clients listen; ask /api/v1/overview now and then instead").retry_after(30)
            );
        }
        Ok(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
