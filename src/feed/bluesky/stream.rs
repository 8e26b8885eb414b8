//! The stream of posts: which server is asked, how it is asked to go on, and what it shows that it no longer has.

use chrono::{TimeDelta, Utc};

use super::event::{self, Event, Message};
use super::instance::{Connection, Dictionary, Instance};
use super::place::Place;
use crate::feed::push::{Place as _, Protocol, Pulse, SoFar};
use crate::feed::socket::{Frame, Socket};
use crate::feed::{FeedContext, FeedError};
use crate::model::Time;

/// A first event that is later than the place by more than this, and is not the one that the place stands behind, shows
/// that the server no longer had what lay between: it moves an old place up without a word.
const CLAMPED: TimeDelta = TimeDelta::minutes(10);
/// How much of the past a giant message may hide, the first time; twice as much each further time.
const FIRST_JUMP: TimeDelta = TimeDelta::seconds(1);

/// Jetstream over several servers.
pub(super) struct Jetstream {
    instances: Vec<Instance>,
    /// Which instance is tried next.
    turn: usize,
    compress: bool,
    v1_dictionary: Option<Dictionary>,
    /// By how much to jump over a message that cannot be taken.
    jump: TimeDelta,
}

/// A connection and what it has told so far.
pub(super) struct Link {
    connection: Connection,
    /// The place that it was asked to go on from, until its first event.
    asked: Option<Place>,
    /// Whether the server said that the place is older than what it holds.
    is_outdated: bool,
}

impl Link {
    /// Whether the first event, of this moment and number, shows that the server lacks what came before it.
    fn lacks(&self, asked: &Place, at: Time, seq: Option<u64>) -> bool {
        let numbers = seq.zip(self.connection.asked_seq);
        // A number below the one that was asked for: the server began to count anew, and started at the present.
        let counts_anew = numbers.is_some_and(|(seq, asked)| seq < asked);
        let is_the_same = numbers.is_some_and(|(seq, asked)| seq == asked);
        self.is_outdated || counts_anew || (!is_the_same && at - asked.at() > CLAMPED)
    }
}

impl Jetstream {
    /// Over servers in the order in which they are tried.
    pub(super) fn new(instances: Vec<Instance>, compress: bool, v1_dictionary: Option<Dictionary>) -> Self {
        Self { instances, turn: 0, compress, v1_dictionary, jump: FIRST_JUMP }
    }
}

impl Protocol for Jetstream {
    type Place = Place;
    type Link = Link;

    /// Tries each instance once, beginning with the one whose turn it is.
    async fn connect(&mut self, context: &FeedContext, so_far: &mut SoFar<Place>) -> Result<(Socket, Link), FeedError> {
        let (net, id, after) = (&context.net, &context.id, so_far.place.as_ref());
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
                Ok((socket, connection)) => {
                    tracing::info!(feed = %id, %host, "connected");
                    return Ok((socket, Link { connection, asked: after.cloned(), is_outdated: false }));
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

    fn take(
        &mut self,
        context: &FeedContext,
        link: &mut Link,
        frame: Frame,
        so_far: &mut SoFar<Place>,
        pulse: &mut Pulse,
    ) -> Result<(), FeedError> {
        let text = match frame {
            Frame::Text(text) => Some(text),
            Frame::Binary(bytes) => link.connection.unpack(&bytes),
            Frame::TooLong => None,
        };
        let gathered = &mut so_far.gathered;
        let Some(text) = text else {
            gathered.reject("cannot be unpacked");
            return Ok(());
        };
        let Message { event, at, seq } = match event::read(&text) {
            Ok(message) => message,
            Err(reason) => {
                gathered.reject(reason);
                return Ok(());
            }
        };
        match event {
            Event::Error(words) => return Err(FeedError::Transient(format!("the server says {words}"))),
            Event::Info(name) => {
                link.is_outdated |= name == "OutdatedCursor";
                tracing::info!(feed = %context.id, %name, "a remark of the server");
                return Ok(());
            }
            _ => {}
        }
        pulse.beat(at);
        if let (Some(asked), Some(at)) = (link.asked.take(), at)
            && link.lacks(&asked, at, seq)
        {
            tracing::warn!(feed = %context.id, "the server no longer has what came after the last place");
            gathered.lost(asked.at(), at);
        }
        let place = so_far.place.get_or_insert_default();
        if let Some(at) = at {
            // A server's clock that is ahead must not make the place pass over what is still to come.
            place.pass(at.min(Utc::now()));
        }
        // A number that stays while the time moves on would have everything since then told again.
        let of_another = |place: &Place| place.seq_at(&link.connection.host).is_none();
        if !link.connection.is_v2 || of_another(place) {
            place.seq = None;
        }
        if link.connection.is_v2
            && let Some(seq) = seq
        {
            place.seq = Some((link.connection.host.clone(), seq));
        }
        self.jump = FIRST_JUMP;
        match event {
            Event::Post(incoming) => gathered.post(*incoming),
            Event::Deleted(deletion) => gathered.delete(deletion),
            Event::Other(reason) => gathered.reject(&reason),
            Event::Info(_) | Event::Error(_) => {}
        }
        Ok(())
    }

    fn jump_over(&mut self, so_far: &mut SoFar<Place>) {
        let Some(place) = &mut so_far.place else { return };
        let from = place.at();
        place.pass((from + self.jump).min(Utc::now()));
        place.seq = None;
        so_far.gathered.lost(from, place.at());
        self.jump = (self.jump * 2).min(TimeDelta::hours(1));
    }

    /// By the server's clock, because that is what it is asked by; before the first event it has said nothing.
    fn idle_until(&self, link: &Link, pulse: &Pulse) -> Option<Time> {
        pulse.until_there().filter(|_| link.asked.is_none())
    }

    fn left(&mut self) {
        self.turn += 1;
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
