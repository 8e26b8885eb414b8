//! Feeds with an open connection: what connects, gathers and hands over is one for all; a protocol says how it connects
//! and what its messages mean.

mod gathered;
mod pulse;

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};

use super::socket::{Frame, Socket};
use super::{Batch, Feed, FeedContext, FeedError, Next, lines, place};
use crate::model::{Cursor, Time};

pub(super) use gathered::Gathered;
pub(super) use pulse::Pulse;

/// Longest time in which events are gathered.
pub(super) const WINDOW: Duration = Duration::from_millis(500);
/// Pause after a message that cannot be taken.
const PAUSE: Duration = Duration::from_secs(1);
/// How far a place moves on at once while nothing happens.
const IDLE: TimeDelta = TimeDelta::seconds(30);

/// A place behind an event.
pub(super) trait Place: Clone + Serialize + DeserializeOwned + Send {
    /// Up to when everything before it was told.
    fn at(&self) -> Time;

    /// Sets that moment.
    fn set_at(&mut self, at: Time);
}

/// What tells one protocol from another.
pub(super) trait Protocol: Send {
    /// What a restart needs.
    type Place: Place;
    /// What belongs to one connection beside the socket.
    type Link: Send;

    /// Connects so that the server goes on behind `so_far.place`, and notes what it shows that it no longer has.
    fn connect(
        &mut self,
        context: &FeedContext,
        so_far: &mut SoFar<Self::Place>,
    ) -> impl Future<Output = Result<(Socket, Self::Link), FeedError>> + Send;

    /// Takes a message; an error is the end of the connection.
    fn take(
        &mut self,
        context: &FeedContext,
        link: &mut Self::Link,
        frame: Frame,
        so_far: &mut SoFar<Self::Place>,
        pulse: &mut Pulse,
    ) -> Result<(), FeedError>;

    /// A message above the limit stands behind the place and would come again: the place jumps over it.
    fn jump_over(&mut self, so_far: &mut SoFar<Self::Place>);

    /// Up to when the place may move on while nothing happens; `None` where it must not.
    fn idle_until(&self, link: &Self::Link, pulse: &Pulse) -> Option<Time>;

    /// A connection ended.
    fn left(&mut self) {}
}

/// What was gathered, and the place behind it.
#[derive(Debug)]
pub(super) struct SoFar<P> {
    pub(super) gathered: Gathered,
    pub(super) place: Option<P>,
}

/// A feed over connections of one protocol.
pub(super) struct Pushed<P: Protocol> {
    context: FeedContext,
    protocol: P,
    line: Option<Line<P::Link>>,
    so_far: SoFar<P::Place>,
    /// The place behind what was handed out.
    told: Option<Cursor>,
    /// Why the last connection ended, until that is told: what it gathered goes first, but the one who asks must hear
    /// of the end, or a server that hangs up after every event would be called without a pause.
    trouble: Option<FeedError>,
}

/// A connection and how far it has come.
struct Line<L> {
    socket: Socket,
    pulse: Pulse,
    link: L,
}

impl<P: Protocol> Pushed<P> {
    /// A feed that has not connected yet.
    pub(super) fn new(context: FeedContext, protocol: P) -> Self {
        let so_far = SoFar { gathered: Gathered::default(), place: None };
        Self { context, protocol, line: None, so_far, told: None, trouble: None }
    }

    async fn gather(&mut self, after: Option<&Cursor>) -> Result<Batch, FeedError> {
        if self.told.as_ref() != after {
            // What was handed out was not taken: go on from where the asker is.
            let place = saved(after)?;
            self.line = None;
            self.so_far = SoFar { gathered: Gathered::default(), place };
            self.told = after.cloned();
        }
        if self.so_far.gathered.is_empty()
            && let Some(error) = self.trouble.take()
        {
            return Err(error);
        }
        let deadline = Instant::now() + WINDOW;
        let mut next = Next::Now;
        while !self.so_far.gathered.is_full() {
            let line = match &mut self.line {
                Some(line) => line,
                // What was gathered before the connection broke goes first.
                None if !self.so_far.gathered.is_empty() => break,
                None => {
                    let (socket, link) = self.protocol.connect(&self.context, &mut self.so_far).await?;
                    let pulse = Pulse::new(self.so_far.place.as_ref().map(Place::at));
                    self.line.insert(Line { socket, pulse, link })
                }
            };
            let heard = timeout_at(deadline, line.socket.next()).await;
            line.pulse.hear(line.socket.heard_at());
            let taken = match heard {
                Err(_) => break,
                Ok(Ok(Some(Frame::TooLong))) => {
                    self.line = None;
                    self.so_far.gathered.reject(lines::TOO_LONG);
                    self.protocol.jump_over(&mut self.so_far);
                    next = Next::After(PAUSE);
                    break;
                }
                Ok(Ok(Some(frame))) => {
                    self.protocol.take(&self.context, &mut line.link, frame, &mut self.so_far, &mut line.pulse)
                }
                Ok(Ok(None)) => Err(FeedError::Transient("the server closed the connection".to_owned())),
                Ok(Err(error)) => Err(error),
            };
            if let Err(error) = taken {
                self.leave(error)?;
            }
        }
        Ok(self.hand_over(next))
    }

    fn hand_over(&mut self, next: Next) -> Batch {
        if let (Some(line), Some(place)) = (&self.line, &mut self.so_far.place)
            && let Some(until) = self.protocol.idle_until(&line.link, &line.pulse)
            && until - place.at() >= IDLE
        {
            // So that a quiet night is not taken for a loss after a restart.
            place.set_at(until);
        }
        let place = self.so_far.place.as_ref();
        let until = self.line.as_ref().map_or_else(|| place.map(Place::at), |line| line.pulse.until());
        let cursor = place.map(place::write).filter(|cursor| self.told.as_ref() != Some(cursor));
        let batch = Batch { next, ..self.so_far.gathered.take(cursor, until) };
        self.told = batch.cursor.clone().or(self.told.take());
        batch
    }

    /// Gives a connection up; the error is told at once where nothing waits to be handed over, else behind that.
    fn leave(&mut self, error: FeedError) -> Result<(), FeedError> {
        self.line = None;
        self.protocol.left();
        tracing::info!(feed = %self.context.id, %error, "the connection ended");
        if self.so_far.gathered.is_empty() {
            return Err(error);
        }
        self.trouble = Some(error);
        Ok(())
    }
}

/// A saved place; one in the future, by a clock that was ahead, would pass over everything until then.
fn saved<P: Place>(after: Option<&Cursor>) -> Result<Option<P>, FeedError> {
    let mut place: Option<P> = place::read(after)?;
    let now = Utc::now();
    if let Some(place) = place.as_mut().filter(|place| place.at() > now) {
        place.set_at(now);
    }
    Ok(place)
}

impl<P: Protocol> Feed for Pushed<P> {
    fn next_batch<'a>(&'a mut self, after: Option<&'a Cursor>) -> BoxFuture<'a, Result<Batch, FeedError>> {
        Box::pin(self.gather(after))
    }
}
