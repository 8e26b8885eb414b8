//! The stream of a server: how it is asked to go on from a place, and what it says that it no longer has.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::frame::{self, Event};
use crate::feed::http::Url;
use crate::feed::push::{self, Place as _, Protocol, Pulse, SoFar};
use crate::feed::socket::{Frame, Socket};
use crate::feed::{FeedContext, FeedError};
use crate::model::Time;

/// A place behind a frame; its number means something to one server only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) server: String,
    pub(super) seq: u64,
    /// Up to when everything was told, in milliseconds since 1970.
    pub(super) at_ms: i64,
}

impl push::Place for Place {
    fn at(&self) -> Time {
        DateTime::from_timestamp_millis(self.at_ms).unwrap_or_default()
    }

    fn set_at(&mut self, at: Time) {
        self.at_ms = at.timestamp_millis();
    }
}

/// The repository changes of one server.
pub(super) struct Firehose {
    url: Url,
    /// By how many frames to jump over one that cannot be taken.
    jump: u64,
}

/// What a connection has told so far.
pub(super) struct Link {
    /// From when on the server said it does not have what came next, until its first event says up to when.
    lost_since: Option<Time>,
}

impl Firehose {
    /// Over the server at a link.
    pub(super) fn new(url: Url) -> Self {
        Self { url, jump: 1 }
    }

    /// Host and port, as places name them.
    fn server(&self) -> String {
        let port = self.url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{port}", self.url.host_str().unwrap_or_default())
    }

    /// The server's last words. A number beyond all of its own shows that it began to count anew: then nothing but the
    /// present is left to go on from.
    fn refused(context: &FeedContext, name: &str, message: &str, place: Option<&mut Place>) -> FeedError {
        if let Some(place) = place
            && name == "FutureCursor"
        {
            tracing::warn!(feed = %context.id, "the server counts anew; going on from the present");
            place.server = String::new();
        }
        FeedError::Transient(format!("the server says {name}: {message}"))
    }
}

impl Protocol for Firehose {
    type Place = Place;
    type Link = Link;

    async fn connect(&mut self, context: &FeedContext, so_far: &mut SoFar<Place>) -> Result<(Socket, Link), FeedError> {
        let mut url = self.url.clone();
        // A number of another server means nothing to this one.
        let server = self.server();
        let known = so_far.place.as_ref().filter(|place| place.server == server);
        let is_known = known.is_some();
        if let Some(place) = known {
            url.query_pairs_mut().append_pair("cursor", &place.seq.to_string());
        }
        let socket = Socket::connect(&url, &[], context.net.options()).await?;
        tracing::info!(feed = %context.id, %server, "connected");
        if let Some(place) = so_far.place.as_mut().filter(|_| !is_known) {
            let now = Utc::now();
            so_far.gathered.lost(place.at(), now);
            place.set_at(now);
        }
        Ok((socket, Link { lost_since: None }))
    }

    fn take(
        &mut self,
        context: &FeedContext,
        link: &mut Link,
        frame: Frame,
        so_far: &mut SoFar<Place>,
        pulse: &mut Pulse,
    ) -> Result<(), FeedError> {
        let gathered = &mut so_far.gathered;
        let Frame::Binary(bytes) = frame else {
            gathered.reject(frame::BROKEN);
            return Ok(());
        };
        let (seq, at, events) = match frame::read(&bytes) {
            Ok(frame::Frame::Events { seq, at, events }) => (seq, at, events),
            Ok(frame::Frame::Info(name)) => {
                tracing::warn!(feed = %context.id, %name, "a remark of the server");
                if name == "OutdatedCursor" {
                    link.lost_since = so_far.place.as_ref().map(push::Place::at);
                }
                return Ok(());
            }
            Ok(frame::Frame::Error(name, message)) => {
                return Err(Self::refused(context, &name, &message, so_far.place.as_mut()));
            }
            Err(reason) => {
                gathered.reject(reason);
                return Ok(());
            }
        };
        pulse.beat(at);
        if let (Some(since), Some(at)) = (link.lost_since, at) {
            gathered.lost(since, at);
            link.lost_since = None;
        }
        let at_ms = pulse.last.map_or(0, |at| at.timestamp_millis());
        so_far.place = Some(Place { server: self.server(), seq, at_ms });
        self.jump = 1;
        for event in events {
            match event {
                Event::Post(incoming) => gathered.post(*incoming),
                Event::Deleted(deletion) => gathered.delete(deletion),
                Event::Other(reason) => gathered.reject(reason),
            }
        }
        Ok(())
    }

    fn jump_over(&mut self, so_far: &mut SoFar<Place>) {
        if let Some(place) = &mut so_far.place {
            place.seq = place.seq.saturating_add(self.jump);
            self.jump = self.jump.saturating_mul(2);
        }
    }

    /// The number is what it is asked by; the time only says from when on something was lost.
    fn idle_until(&self, _: &Link, pulse: &Pulse) -> Option<Time> {
        pulse.until()
    }
}
