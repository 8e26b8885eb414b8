//! The stream of posts: keeps a connection, goes on from a place, and tells what a server no longer has.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::BoxFuture;
use tokio::time::{Instant, timeout_at};

use super::event::{self, Event, Message};
use super::instance::{Connection, Dictionary, Instance};
use super::place::{self, Place};
use crate::feed::push::{Gathered, Pulse, WINDOW};
use crate::feed::socket::Frame;
use crate::feed::{Batch, Feed, FeedContext, FeedError, Next, lines};
use crate::model::Cursor;

/// A first event of v1 that is later than the place by more than this shows that the server no longer had what lay
/// between: v1 moves an old place up without a word.
const CLAMPED: TimeDelta = TimeDelta::minutes(10);
/// How far the place moves on at once while nothing happens.
const IDLE: Duration = Duration::from_secs(30);
/// Pause after a message that cannot be taken.
const PAUSE: Duration = Duration::from_secs(1);
/// How much of the past a giant message may hide, the first time; twice as much each further time.
const FIRST_JUMP: TimeDelta = TimeDelta::seconds(1);

/// A feed of posts.
pub(super) struct Jetstream {
    context: FeedContext,
    instances: Vec<Instance>,
    /// Which instance is tried next.
    turn: usize,
    compress: bool,
    v1_dictionary: Option<Dictionary>,
    link: Option<Link>,
    gathered: Gathered,
    /// The place behind what has been gathered.
    place: Option<Place>,
    /// The place behind what was handed out.
    told: Option<Cursor>,
    /// By how much to jump over a message that cannot be taken.
    jump: TimeDelta,
}

/// A connection and what it has told so far.
struct Link {
    connection: Connection,
    pulse: Pulse,
    /// The place that it was asked to go on from, until its first event.
    asked: Option<Place>,
    /// Whether the server said that the place is older than what it holds.
    is_outdated: bool,
}

impl Feed for Jetstream {
    fn next_batch<'a>(&'a mut self, after: Option<&'a Cursor>) -> BoxFuture<'a, Result<Batch, FeedError>> {
        Box::pin(self.gather(after))
    }
}

impl Jetstream {
    /// A feed that has not connected yet.
    pub(super) fn new(
        context: FeedContext,
        instances: Vec<Instance>,
        compress: bool,
        v1_dictionary: Option<Dictionary>,
    ) -> Self {
        Self {
            context,
            instances,
            turn: 0,
            compress,
            v1_dictionary,
            link: None,
            gathered: Gathered::default(),
            place: None,
            told: None,
            jump: FIRST_JUMP,
        }
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
            match timeout_at(deadline, link.connection.socket.next()).await {
                Err(_) => break,
                Ok(Ok(Some(Frame::TooLong))) => {
                    self.jump_over();
                    next = Next::After(PAUSE);
                    break;
                }
                Ok(Ok(Some(frame))) => self.take(frame)?,
                Ok(Ok(None)) => self.leave(FeedError::Transient("the server closed the connection".to_owned()))?,
                Ok(Err(error)) => self.leave(error)?,
            }
        }
        self.idle();
        let cursor = self.place.as_ref().map(Place::cursor).filter(|cursor| self.told.as_ref() != Some(cursor));
        let until = self.link.as_ref().map_or_else(|| self.place.as_ref().map(Place::at), |link| link.pulse.until());
        let batch = Batch { next, ..self.gathered.take(cursor, until) };
        self.told = batch.cursor.clone().or(self.told.take());
        Ok(batch)
    }

    /// Tries each instance once, beginning with the one whose turn it is.
    async fn connect(&mut self) -> Result<Link, FeedError> {
        let (net, id, after) = (&self.context.net, &self.context.id, self.place.as_ref());
        let mut failure = FeedError::Fatal("there is no instance".to_owned());
        for _ in 0..self.instances.len() {
            let instance = &self.instances[self.turn % self.instances.len()];
            let host = instance.host();
            let dictionary = match (self.compress, instance.is_v2()) {
                (true, true) => instance.dictionary(net).await.unwrap_or_default(),
                (true, false) => self.v1_dictionary.clone(),
                (false, _) => None,
            };
            if self.compress && dictionary.is_none() {
                tracing::warn!(feed = %id, %host, "no dictionary, so messages come unpacked");
            }
            match instance.connect(net, after, dictionary.as_ref()).await {
                Ok(connection) => {
                    tracing::info!(feed = %id, %host, "connected");
                    let pulse = Pulse::new(after.map(Place::at));
                    return Ok(Link { connection, pulse, asked: after.cloned(), is_outdated: false });
                }
                Err(error) => {
                    tracing::info!(feed = %id, %host, %error, "no connection");
                    // What may pass is the better reason to ask again.
                    if matches!(failure, FeedError::Fatal(_)) || matches!(error, FeedError::Throttled { .. }) {
                        failure = at_host(&host, error);
                    }
                    self.turn += 1;
                }
            }
        }
        Err(failure)
    }

    fn take(&mut self, frame: Frame) -> Result<(), FeedError> {
        let Some(link) = &mut self.link else { return Ok(()) };
        let text = match frame {
            Frame::Text(text) => Some(text),
            Frame::Binary(bytes) => link.connection.unpack(&bytes),
            Frame::TooLong => None,
        };
        let Some(text) = text else {
            self.gathered.reject("cannot be unpacked");
            return Ok(());
        };
        let Message { event, at, seq } = match event::read(&text) {
            Ok(message) => message,
            Err(reason) => {
                self.gathered.reject(reason);
                return Ok(());
            }
        };
        match event {
            Event::Error(words) => return self.leave(FeedError::Transient(format!("the server says {words}"))),
            Event::Info(name) => {
                link.is_outdated |= name == "OutdatedCursor";
                tracing::info!(feed = %self.context.id, %name, "a remark of the server");
                return Ok(());
            }
            _ => {}
        }
        link.pulse.beat(at);
        if let (Some(asked), Some(at)) = (link.asked.take(), at) {
            // A number below the one that was asked for: the server began to count anew, and started at the present.
            let counts_anew = seq.zip(link.connection.asked_seq).is_some_and(|(seq, asked)| seq < asked);
            let is_clamped = !link.connection.is_v2 && at - asked.at() > CLAMPED;
            if link.is_outdated || counts_anew || is_clamped {
                tracing::warn!(feed = %self.context.id, "the server no longer has what came after the last place");
                self.gathered.lost(asked.at(), at);
            }
        }
        let place = self.place.get_or_insert_default();
        if let Some(at) = at {
            place.us = place.us.max(place::micros(at));
        }
        if link.connection.is_v2 {
            place.seq = seq.map(|seq| (link.connection.host.clone(), seq)).or(place.seq.take());
        }
        self.jump = FIRST_JUMP;
        match event {
            Event::Post(incoming) => self.gathered.post(*incoming),
            Event::Deleted(deletion) => self.gathered.delete(deletion),
            Event::Other(reason) => self.gathered.reject(&reason),
            Event::Info(_) | Event::Error(_) => {}
        }
        Ok(())
    }

    /// Gives a connection up; the error is told once what was gathered has been handed over.
    fn leave(&mut self, error: FeedError) -> Result<(), FeedError> {
        self.link = None;
        self.turn += 1;
        tracing::info!(feed = %self.context.id, %error, "the connection ended");
        if self.gathered.is_empty() { Err(error) } else { Ok(()) }
    }

    /// While nothing happens the place moves on, so that a quiet night is not taken for a loss after a restart. By the
    /// server's clock: the last event's time and what has passed since.
    fn idle(&mut self) {
        if let (Some(link), Some(place)) = (&self.link, &mut self.place)
            && let (Some(last), quiet) = (link.pulse.last, link.pulse.quiet())
            && let Ok(quiet) = TimeDelta::from_std(quiet.saturating_sub(IDLE / 2))
            && link.asked.is_none()
            && last + quiet - place.at() >= TimeDelta::from_std(IDLE).unwrap_or_default()
        {
            place.pass(last + quiet);
        }
    }

    /// A message above the limit stands at the place and would come again: the place jumps over it.
    fn jump_over(&mut self) {
        self.link = None;
        self.gathered.reject(lines::TOO_LONG);
        if let Some(place) = &mut self.place {
            let from = place.at();
            place.pass(from + self.jump);
            place.seq = None;
            self.gathered.lost(from, place.at());
            self.jump = (self.jump * 2).min(TimeDelta::hours(1));
        }
    }
}

/// The error with the name of the host.
fn at_host(host: &str, error: FeedError) -> FeedError {
    match error {
        FeedError::Transient(words) => FeedError::Transient(format!("{host}: {words}")),
        FeedError::Fatal(words) => FeedError::Fatal(format!("{host}: {words}")),
        throttled @ FeedError::Throttled { .. } => throttled,
    }
}
