//! The stream of a server: keeps a connection, goes on from a place, and tells what the server no longer has.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};

use super::frame::{self, Event};
use crate::feed::http::Url;
use crate::feed::push::{Gathered, Pulse, WINDOW};
use crate::feed::socket::{Frame, Socket};
use crate::feed::{Batch, Feed, FeedContext, FeedError, Next, lines};
use crate::model::{Cursor, Time};

/// Pause after a message that cannot be taken.
const PAUSE: Duration = Duration::from_secs(1);
/// How far the time of a place moves on at once while nothing happens.
const IDLE: TimeDelta = TimeDelta::seconds(30);

/// A place behind a frame; its number means something to one server only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) server: String,
    pub(super) seq: u64,
    /// Up to when everything was told, in milliseconds since 1970.
    pub(super) at_ms: i64,
}

impl Place {
    fn parse(cursor: &Cursor) -> Option<Self> {
        serde_json::from_str(cursor.as_str()).ok()
    }

    pub(super) fn cursor(&self) -> Cursor {
        // Numbers and texts always serialize.
        Cursor::new(serde_json::to_string(self).unwrap_or_default())
    }

    fn at(&self) -> Time {
        DateTime::from_timestamp_millis(self.at_ms).unwrap_or_default()
    }
}

/// A feed of posts.
pub(super) struct Firehose {
    context: FeedContext,
    url: Url,
    link: Option<Link>,
    gathered: Gathered,
    /// The place behind what has been gathered.
    place: Option<Place>,
    /// The place behind what was handed out.
    told: Option<Cursor>,
    /// By how many frames to jump over one that cannot be taken.
    jump: u64,
}

/// A connection and what it has told so far.
struct Link {
    socket: Socket,
    pulse: Pulse,
    /// From when on the server said it does not have what came next, until its first event says up to when.
    lost_since: Option<Time>,
}

impl Feed for Firehose {
    fn next_batch<'a>(&'a mut self, after: Option<&'a Cursor>) -> BoxFuture<'a, Result<Batch, FeedError>> {
        Box::pin(self.gather(after))
    }
}

impl Firehose {
    /// A feed that has not connected yet.
    pub(super) fn new(context: FeedContext, url: Url) -> Self {
        let gathered = Gathered::default();
        Self { context, url, link: None, gathered, place: None, told: None, jump: 1 }
    }

    async fn gather(&mut self, after: Option<&Cursor>) -> Result<Batch, FeedError> {
        if self.told.as_ref() != after {
            // What was handed out was not taken: go on from where the asker is.
            self.link = None;
            self.gathered = Gathered::default();
            self.told = after.cloned();
            self.place = after.and_then(Place::parse);
        }
        let deadline = Instant::now() + WINDOW;
        let mut next = Next::Now;
        while !self.gathered.is_full() {
            let link = match &mut self.link {
                Some(link) => link,
                // What was gathered before the connection broke goes first.
                None if !self.gathered.is_empty() => break,
                None => {
                    let link = self.connect().await?;
                    self.link.insert(link)
                }
            };
            match timeout_at(deadline, link.socket.next()).await {
                Err(_) => break,
                Ok(Ok(Some(Frame::Binary(bytes)))) => self.take(&bytes)?,
                Ok(Ok(Some(Frame::Text(_)))) => self.gathered.reject("broken frame"),
                Ok(Ok(Some(Frame::TooLong))) => {
                    self.jump_over();
                    next = Next::After(PAUSE);
                    break;
                }
                Ok(Ok(None)) => self.leave(FeedError::Transient("the server closed the connection".to_owned()))?,
                Ok(Err(error)) => self.leave(error)?,
            }
        }
        let until = self.link.as_ref().map_or_else(|| self.place.as_ref().map(Place::at), |link| link.pulse.until());
        if let (Some(place), Some(until)) = (&mut self.place, until)
            && until - place.at() >= IDLE
        {
            place.at_ms = until.timestamp_millis();
        }
        let cursor = self.place.as_ref().map(Place::cursor).filter(|cursor| self.told.as_ref() != Some(cursor));
        let batch = Batch { next, ..self.gathered.take(cursor, until) };
        self.told = batch.cursor.clone().or(self.told.take());
        Ok(batch)
    }

    async fn connect(&mut self) -> Result<Link, FeedError> {
        let mut url = self.url.clone();
        // A number of another server means nothing to this one.
        let server = self.server();
        let known = self.place.as_ref().filter(|place| place.server == server);
        let is_known = known.is_some();
        if let Some(place) = known {
            url.query_pairs_mut().append_pair("cursor", &place.seq.to_string());
        }
        let socket = Socket::connect(&url, &[], self.context.net.options()).await?;
        tracing::info!(feed = %self.context.id, %server, "connected");
        if let Some(place) = self.place.as_mut().filter(|_| !is_known) {
            let now = Utc::now();
            self.gathered.lost(place.at(), now);
            place.at_ms = now.timestamp_millis();
        }
        Ok(Link { socket, pulse: Pulse::new(self.place.as_ref().map(Place::at)), lost_since: None })
    }

    /// Host and port, as places name them.
    fn server(&self) -> String {
        let port = self.url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{port}", self.url.host_str().unwrap_or_default())
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), FeedError> {
        let server = self.server();
        let Some(link) = &mut self.link else { return Ok(()) };
        let (seq, at, events) = match frame::read(bytes) {
            Ok(frame::Frame::Events { seq, at, events }) => (seq, at, events),
            Ok(frame::Frame::Info(name)) => {
                tracing::warn!(feed = %self.context.id, %name, "a remark of the server");
                if name == "OutdatedCursor" {
                    link.lost_since = self.place.as_ref().map(Place::at);
                }
                return Ok(());
            }
            Ok(frame::Frame::Error(name, message)) => return self.refused(&name, &message),
            Err(reason) => {
                self.gathered.reject(reason);
                return Ok(());
            }
        };
        link.pulse.beat(at);
        if let (Some(since), Some(at)) = (link.lost_since, at) {
            self.gathered.lost(since, at);
            link.lost_since = None;
        }
        let at_ms = link.pulse.last.map_or(0, |at| at.timestamp_millis());
        self.place = Some(Place { server, seq, at_ms });
        self.jump = 1;
        for event in events {
            match event {
                Event::Post(incoming) => self.gathered.post(*incoming),
                Event::Deleted(deletion) => self.gathered.delete(deletion),
                Event::Other(reason) => self.gathered.reject(reason),
            }
        }
        Ok(())
    }

    /// The server's last words. A number beyond all of its own shows that it began to count anew: then nothing but the
    /// present is left to go on from.
    fn refused(&mut self, name: &str, message: &str) -> Result<(), FeedError> {
        if let Some(place) = &mut self.place
            && name == "FutureCursor"
            && !place.server.is_empty()
        {
            tracing::warn!(feed = %self.context.id, "the server counts anew; going on from the present");
            place.server = String::new();
            self.link = None;
            return Ok(());
        }
        self.leave(FeedError::Transient(format!("the server says {name}: {message}")))
    }

    /// Gives a connection up; the error is told at once if nothing waits to be handed over.
    fn leave(&mut self, error: FeedError) -> Result<(), FeedError> {
        self.link = None;
        tracing::info!(feed = %self.context.id, %error, "the connection ended");
        if self.gathered.is_empty() { Err(error) } else { Ok(()) }
    }

    /// A frame above the limit stands behind the place and would come again: the place jumps over it.
    fn jump_over(&mut self) {
        self.link = None;
        self.gathered.reject(lines::TOO_LONG);
        if let Some(place) = &mut self.place {
            place.seq = place.seq.saturating_add(self.jump);
            self.jump = self.jump.saturating_mul(2);
        }
    }
}
