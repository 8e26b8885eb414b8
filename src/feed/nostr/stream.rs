//! The notes of all relays as one stream: each once, none that was taken back, with a place for each relay.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::event::{Event, Told};
use super::relay::{FromRelay, Relay, What};
use super::seen::Seen;
use crate::feed::http::Url;
use crate::feed::push::{Gathered, WINDOW};
use crate::feed::{Batch, Deletion, Feed, FeedContext, FeedError, place};
use crate::model::{Cursor, PostId, Time};

/// Events that wait to be gathered; relays are held back beyond.
const NUM_WAITING: usize = 1000;
/// Notes whose end is remembered.
const MOST_EXPIRING: usize = 10_000;
/// How long a note may be on its way to us.
const ON_THE_WAY: TimeDelta = TimeDelta::seconds(5);

/// Up to when each relay has told everything, in seconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct Place(BTreeMap<String, i64>);

/// A feed of notes.
pub(super) struct Nostr {
    context: FeedContext,
    relays: Vec<Url>,
    /// Ends its tasks when it is dropped.
    tasks: JoinSet<()>,
    incoming: Option<mpsc::Receiver<FromRelay>>,
    states: Vec<State>,
    gathered: Gathered,
    seen: Seen,
    /// Posts that were taken back, for relays that have them still.
    gone: Seen,
    /// When notes are to vanish.
    expiring: BTreeSet<(i64, String)>,
    place: Place,
    told: Option<Cursor>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// Connecting, or telling what it has stored.
    Behind,
    Live,
    Failed {
        outlook: Outlook,
        words: String,
    },
}

/// Whether a relay that failed will work again, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outlook {
    /// Another try may help.
    MayPass,
    /// It wants to be left alone, until a moment if it named one.
    Waits(Option<Instant>),
    /// Not before somebody changes something.
    Final,
}

impl Feed for Nostr {
    fn next_batch<'a>(&'a mut self, after: Option<&'a Cursor>) -> BoxFuture<'a, Result<Batch, FeedError>> {
        Box::pin(self.gather(after))
    }
}

impl Nostr {
    /// A feed that has not connected yet.
    pub(super) fn new(context: FeedContext, relays: Vec<Url>) -> Self {
        Self {
            context,
            relays,
            tasks: JoinSet::new(),
            incoming: None,
            states: Vec::new(),
            gathered: Gathered::default(),
            seen: Seen::default(),
            gone: Seen::default(),
            expiring: BTreeSet::new(),
            place: Place::default(),
            told: None,
        }
    }

    /// Begins to read all relays, each from its own place.
    fn start(&mut self, after: Option<&Cursor>) -> Result<(), FeedError> {
        self.place = place::read(after)?.unwrap_or_default();
        // A relay that is new here begins where the others are.
        let latest = self.place.0.values().copied().max();
        let (sender, incoming) = mpsc::channel(NUM_WAITING);
        (self.tasks, self.incoming) = (JoinSet::new(), Some(incoming));
        (self.gathered, self.seen) = (Gathered::default(), Seen::default());
        self.states = vec![State::Behind; self.relays.len()];
        self.told = after.cloned();
        for (number, url) in self.relays.iter().enumerate() {
            let since = self.place.0.get(&super::key(url)).copied().or(latest);
            let options = self.context.net.options().clone();
            let relay = Relay { number, url: url.clone(), options, since, sender: sender.clone() };
            self.tasks.spawn(relay.run());
        }
        Ok(())
    }

    async fn gather(&mut self, after: Option<&Cursor>) -> Result<Batch, FeedError> {
        if self.incoming.is_none() || self.told.as_ref() != after {
            self.start(after)?;
        }
        let deadline = Instant::now() + WINDOW;
        while !self.gathered.is_full() {
            let Some(incoming) = &mut self.incoming else { break };
            match timeout_at(deadline, incoming.recv()).await {
                Ok(Some(from)) => self.take(from),
                // The tasks end only when this is dropped.
                Ok(None) | Err(_) => break,
            }
        }
        let now = Utc::now();
        self.expire(now);
        if self.gathered.is_empty()
            && let Some(error) = self.failure()
        {
            return Err(error);
        }
        let is_live = self.states.contains(&State::Live);
        let until = if is_live { Some(now - ON_THE_WAY) } else { self.place.0.values().max().map(|secs| time(*secs)) };
        let cursor = (!self.place.0.is_empty()).then(|| place::write(&self.place));
        let batch = self.gathered.take(cursor.filter(|cursor| self.told.as_ref() != Some(cursor)), until);
        self.told = batch.cursor.clone().or(self.told.take());
        Ok(batch)
    }

    /// What to tell where no relay works; the relay that may work soonest is the reason to ask again.
    fn failure(&self) -> Option<FeedError> {
        let (mut all, mut best) = (Vec::new(), Outlook::Final);
        for (state, url) in self.states.iter().zip(&self.relays) {
            let State::Failed { outlook, words } = state else { return None };
            best = best.min(*outlook);
            all.push(format!("{}: {words}", url.host_str().unwrap_or_default()));
        }
        let words = all.join("; ");
        Some(match best {
            Outlook::MayPass => FeedError::Transient(words),
            Outlook::Waits(until) => {
                let left = |until: Instant| until.saturating_duration_since(Instant::now());
                FeedError::Throttled { retry_after: until.map(left) }
            }
            Outlook::Final => FeedError::Fatal(words),
        })
    }

    fn take(&mut self, FromRelay { relay, what }: FromRelay) {
        let (key, name) = (super::key(&self.relays[relay]), super::name(&self.relays[relay]));
        match what {
            What::Event { event, is_live } => {
                let now = Utc::now();
                // Before that, what lies between the place and the event has not been told.
                if is_live && self.states[relay] == State::Live {
                    // A date in the future would pass over everything until then.
                    self.reach(&key, event.created_at.min(now.timestamp()));
                }
                self.take_event(&event, is_live.then_some(now), now);
            }
            What::Connected => self.states[relay] = State::Behind,
            What::Rejected(reason) => self.gathered.reject(reason),
            What::CaughtUp(secs) => {
                tracing::info!(feed = %self.context.id, relay = %name, "caught up");
                self.reach(&key, secs);
                self.states[relay] = State::Live;
            }
            What::Overrun(from, to) => self.gathered.lost(time(from), time(to)),
            What::Failed(error) => {
                let words = error.to_string();
                tracing::info!(feed = %self.context.id, relay = %name, %words, "the connection ended");
                let outlook = match error {
                    FeedError::Transient(_) => Outlook::MayPass,
                    FeedError::Throttled { retry_after } => {
                        Outlook::Waits(retry_after.map(|wait| Instant::now() + wait))
                    }
                    FeedError::Fatal(_) => Outlook::Final,
                };
                self.states[relay] = State::Failed { outlook, words };
            }
        }
    }

    fn reach(&mut self, relay: &str, secs: i64) {
        let place = self.place.0.entry(relay.to_owned()).or_insert(secs);
        *place = secs.max(*place);
    }

    fn take_event(&mut self, event: &Event, witnessed_at: Option<Time>, now: Time) {
        if !self.seen.insert(&event.id) {
            return;
        }
        match event.told(witnessed_at, now) {
            Ok(Told::Note { incoming, expires_at }) => {
                if self.gone.contains(&incoming.post.id) {
                    return self.gathered.reject("deleted");
                }
                if let Some(secs) = expires_at.filter(|_| self.expiring.len() < MOST_EXPIRING) {
                    self.expiring.insert((secs, incoming.post.id.clone()));
                }
                self.gathered.post(*incoming);
            }
            Ok(Told::Deletions(deletions)) => {
                for deletion in deletions {
                    if let Deletion::Post { id, .. } = &deletion {
                        self.gone.insert(id.as_str());
                    }
                    self.gathered.delete(deletion);
                }
            }
            Err(reason) => self.gathered.reject(reason),
        }
    }

    /// Takes back the notes whose time is over.
    fn expire(&mut self, now: Time) {
        while let Some((secs, _)) = self.expiring.first()
            && *secs <= now.timestamp()
            && let Some((_, id)) = self.expiring.pop_first()
        {
            self.gathered.delete(Deletion::Post { platform: "nostr".to_owned(), id: PostId::new(id) });
        }
    }
}

fn time(secs: i64) -> Time {
    DateTime::from_timestamp(secs, 0).unwrap_or_default()
}
