//! What happens to incidents, told to receivers: one file per kind, a worker for each receiver, nothing lost over a restart.
//!
//! [`Desk`] takes the lines of the journal and never waits. What each receiver knows is kept in an outbox beside the
//! index; [`Policy`] compares it with what is known now, so that many changes become one message about the latest state.

mod alertmanager;
pub mod atom;
mod board;
mod chat;
mod command;
mod desk;
mod discord;
mod email;
mod event;
mod matrix;
mod outbox;
mod payload;
mod policy;
mod post;
mod quiet;
mod settings;
mod slack;
mod telegram;
mod trial;
mod webhook;
mod words;
mod worker;

#[cfg(test)]
pub(crate) mod example;

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Serialize;

pub use desk::Desk;
pub use event::Event;
pub use outbox::Outbox;
pub use policy::Policy;
pub use settings::ReceiverConfig;
pub use trial::{Tried, try_receivers};

use crate::feed::http::Net;
use crate::model::{Incident, Time};

/// One incident in a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// What happened.
    pub event: Event,
    /// Line of the journal that this rests on; 0 for a test.
    pub seq: u64,
    /// When that line was written.
    pub changed_at: Time,
    /// When the first line about the incident was written.
    pub opened_at: Time,
    /// The incident as of that line.
    pub incident: Incident,
    /// Page about it, where the configuration gives one.
    pub link: Option<String>,
    /// Whether the receiver hears of this incident for the first time.
    pub is_first: bool,
}

/// What a receiver gets at once: one incident, or several that were held back for its quiet hours.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The same on every retry, also after a restart: a receiver that has seen it may drop it.
    pub id: String,
    /// One; several only for kinds with [`AlertKind::takes_digests`].
    pub notices: Vec<Notice>,
    /// The quiet hours in which they were held, such as `22:00–07:00 America/Sao_Paulo`.
    pub held_for: Option<String>,
    /// Whether nothing of it happened.
    pub is_test: bool,
}

/// Why a message was not taken: sorted by what the worker does about it. The words hold no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The receiver asks to wait.
    #[error("it asks to wait{}", .retry_after.map(|wait| format!(" {} s", wait.as_secs_f64().ceil())).unwrap_or_default())]
    Throttled {
        /// How long.
        retry_after: Option<Duration>,
    },
    /// It may work later: the same message is tried again with growing pauses.
    #[error("{0}")]
    Failed(String),
    /// This message will never be taken: it is given up, the next one is tried.
    #[error("{0}")]
    Refused(String),
}

/// One configured place that is told.
pub trait Receiver: Send {
    /// Hands over a message. Dropping the future gives the try up; the same message may be handed over again.
    fn send<'a>(&'a mut self, message: &'a Message) -> BoxFuture<'a, Result<(), SendError>>;

    /// Pause after which a receiver that forgets wants to hear again of what goes on.
    fn repeat_every(&self) -> Option<Duration> {
        None
    }

    /// Tells again what was told before and still goes on, or all that was told for a receiver that keeps a document;
    /// called after [`Receiver::repeat_every`] and after every change of what was told.
    fn repeat<'a>(&'a mut self, _told: &'a [Notice]) -> BoxFuture<'a, Result<(), SendError>> {
        Box::pin(async { Ok(()) })
    }
}

impl fmt::Debug for dyn Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receiver")
    }
}

/// What every receiver gets when it is opened.
#[derive(Debug, Clone)]
pub struct AlertContext {
    /// Its name in the configuration.
    pub id: String,
    /// The HTTP client.
    pub net: Net,
}

impl AlertContext {
    /// Reads the settings of a kind; the error names the key.
    ///
    /// # Errors
    /// Words for a person.
    pub fn settings<T: serde::de::DeserializeOwned>(&self, table: toml::Table) -> Result<T, String> {
        T::deserialize(toml::Value::Table(table)).map_err(|error| error.message().to_owned())
    }
}

/// A receiver that is open, with what it wants to hear.
pub type Opened = (ReceiverConfig, Box<dyn Receiver>);

/// Makes a receiver of its settings (the table of `[[alert]]` without the common keys); the error names the key.
pub type Open = fn(&AlertContext, toml::Table) -> Result<Box<dyn Receiver>, String>;

/// A kind of receiver, as `caiu alert list` tells of it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct AlertKind {
    /// Name in the configuration.
    pub name: &'static str,
    /// What it does.
    pub tells: &'static str,
    /// Keys without which it does not open.
    pub needs: &'static str,
    /// How it was tested: the real program, or the description of the interface.
    pub tested_with: &'static str,
    /// Whether several incidents that were held back come as one message.
    #[serde(skip)]
    pub takes_digests: bool,
    /// Whether it is told of everything that is known, however long over: a document, not a call.
    #[serde(skip)]
    pub keeps_all: bool,
    /// Makes one.
    #[serde(skip)]
    pub open: Open,
}

/// Says what each number is, to whoever collects them.
pub fn describe_metrics() {
    metrics::describe_counter!("caiu_alerts_total", "Tries to tell a receiver, by what became of them");
    metrics::describe_gauge!("caiu_alert_waiting", "Whether a message is on its way to a receiver");
    metrics::describe_gauge!("caiu_alert_resting", "Whether a receiver has failed so often that it is tried rarely");
}

/// All kinds: a new kind is a file and a line here.
pub const KINDS: &[AlertKind] = &[
    webhook::KIND,
    alertmanager::KIND,
    email::KIND,
    slack::KIND,
    discord::KIND,
    telegram::KIND,
    matrix::KIND,
    command::KIND,
    atom::KIND,
];
