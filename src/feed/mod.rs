//! The outside world -> `RawPost`s: one file per kind of feed, one line each in `KINDS`.
//!
//! A feed is pulled: the runner asks for the next batch, saves it with the place behind it, and asks
//! again. A feed that is pushed (a websocket) keeps its connection and hands over what has arrived. After
//! an error the runner asks again from the last saved place, so a feed need not remember what it handed out.

pub mod address;
mod atproto;
mod bluesky;
mod file;
mod hackernews;
pub mod http;
mod lemmy;
mod lines;
mod mastodon;
mod nostr;
pub mod pace;
mod place;
mod push;
mod reddit;
mod replay;
mod roots;
mod rss;
pub mod socket;
#[cfg(test)]
mod socket_conformance;
#[cfg(test)]
mod socket_server;
mod stdin;
mod telegram;
mod x;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Serialize;

use crate::model::{Cursor, FeedGap, FeedId, PostId, RawPost, Time};

/// A post as a feed handed it over.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// The post; its own date is only a claim.
    pub post: RawPost,
    /// When a third party (a relay) saw it; `None` where only the claim is known.
    pub witnessed_at: Option<Time>,
    /// What the server that told it calls it, with the server, where its deletion is told by that and not by its id.
    pub local_name: Option<String>,
}

impl Incoming {
    /// A post that was seen by a third party, or is only known by its claim.
    pub fn new(post: RawPost, witnessed_at: Option<Time>) -> Self {
        Self { post, witnessed_at, local_name: None }
    }
}

/// Something that was taken back at its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deletion {
    /// One post.
    Post {
        /// Platform, as its `RawPost` had it.
        platform: String,
        /// Id, as its `RawPost` had it.
        id: PostId,
    },
    /// One post, by what the server that tells of it calls it.
    Named {
        /// Platform.
        platform: String,
        /// As [`Incoming::local_name`] had it.
        name: String,
    },
    /// All posts of an account that is gone or was taken down.
    Author {
        /// Platform.
        platform: String,
        /// Author in clear, as `RawPost::author` had it; it leaves this room only as a keyed hash.
        author: String,
    },
}

/// When the runner should ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// At once: there is more.
    Now,
    /// After a pause.
    After(Duration),
    /// Never: the feed has ended (a file, standard input).
    End,
}

/// What a feed told in one go.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// New and edited posts, in the order of the feed: a post with a known id replaces it.
    pub posts: Vec<Incoming>,
    /// What was taken back, after the posts of this batch.
    pub deletions: Vec<Deletion>,
    /// Records that were no posts, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// The place behind this batch; `None` leaves the place as it was.
    pub cursor: Option<Cursor>,
    /// From when on the feed tells everything, asked at its first batch; `None` where that is the present.
    pub since: Option<Time>,
    /// Up to when the feed has told everything; `None` where it cannot say (then the moment of the request holds).
    pub until: Option<Time>,
    /// Whether the feed's time runs apart from ours, as that of a dump does: then a batch without `until` says nothing
    /// about what was told.
    pub has_own_clock: bool,
    /// Stretches of which the feed says, or shows, that it will never tell.
    pub gaps: Vec<FeedGap>,
    /// When to ask again.
    pub next: Next,
}

impl Batch {
    /// A batch with nothing in it.
    pub fn empty(next: Next) -> Self {
        Self {
            posts: Vec::new(),
            deletions: Vec::new(),
            rejected: BTreeMap::new(),
            cursor: None,
            since: None,
            until: None,
            has_own_clock: false,
            gaps: Vec::new(),
            next,
        }
    }

    /// Counts a record that was no post.
    pub fn reject(&mut self, reason: &str) {
        *self.rejected.entry(reason.to_owned()).or_default() += 1;
    }
}

/// Why there is no batch: sorted by what the runner does about it.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// Ask again later, at the time the server said if it said one.
    #[error("the server asks to wait{}", .retry_after.map(|wait| format!(" {} s", wait.as_secs())).unwrap_or_default())]
    Throttled {
        /// How long.
        retry_after: Option<Duration>,
    },
    /// Ask again with growing pauses.
    #[error("{0}")]
    Transient(String),
    /// Asking again is of no use until somebody changes the configuration or the server; the message says what.
    #[error("{0}")]
    Fatal(String),
}

impl FeedError {
    /// Adds to a refusal what a person can do about it; other errors stay as they are.
    #[must_use]
    pub fn with_remedy(self, remedy: &str) -> Self {
        match self {
            Self::Fatal(said) => Self::Fatal(format!("{said}; {remedy}")),
            other => other,
        }
    }
}

/// One configured stream of posts.
pub trait Feed: Send {
    /// The next batch behind `after` (`None`: from now on, or from the beginning where a feed has one).
    ///
    /// Returns within a minute, with an empty batch where nothing came. Dropping the future loses nothing:
    /// the next call names the place from which to go on.
    fn next_batch<'a>(&'a mut self, after: Option<&'a Cursor>) -> BoxFuture<'a, Result<Batch, FeedError>>;
}

impl fmt::Debug for dyn Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Feed")
    }
}

/// What every feed gets when it is opened.
#[derive(Debug, Clone)]
pub struct FeedContext {
    /// Its name in the configuration.
    pub id: FeedId,
    /// The HTTP client, and the limits that hold for websockets too.
    pub net: http::Net,
}

impl FeedContext {
    /// Reads the settings of a kind; the error names the key and, for one that is misspelled, what would be right.
    ///
    /// # Errors
    /// Words for a person.
    pub fn settings<T: serde::de::DeserializeOwned>(&self, table: toml::Table) -> Result<T, String> {
        T::deserialize(toml::Value::Table(table)).map_err(|error| error.message().to_owned())
    }
}

/// A link of the configuration; one without a scheme is taken as https.
///
/// # Errors
/// Words that name the key.
pub fn link(key: &str, written: &str) -> Result<http::Url, String> {
    let whole = if written.contains("://") { written.to_owned() } else { format!("https://{written}") };
    match http::Url::parse(&whole) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        _ => Err(format!("{key} = \"{written}\" is no link; write one such as https://example.org")),
    }
}

/// Seconds between two looks, as the configuration gives them.
///
/// # Errors
/// Words that name the key.
pub fn pause(key: &str, secs: f64, least: f64) -> Result<Duration, String> {
    if (least..=86_400.0).contains(&secs) {
        Ok(Duration::from_secs_f64(secs))
    } else {
        Err(format!("{key} = {secs}: write {least} to 86400 seconds"))
    }
}

/// A secret of the configuration: `env:NAME` is read from the environment, and anything else is refused, so that
/// no secret stands in a file. Never shown.
#[derive(Clone, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Secret(String);

impl Secret {
    /// One that was had elsewhere than in a file.
    pub fn new(secret: String) -> Self {
        Self(secret)
    }

    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl TryFrom<String> for Secret {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let Some(name) = written.strip_prefix("env:") else {
            return Err("a secret is written env:NAME and set in the environment, not in the file".to_owned());
        };
        std::env::var(name).map(Self).map_err(|_| format!("the variable {name} is not set in the environment"))
    }
}

/// Makes a feed of its settings (the table of `[[feed]]` without the common keys); the error names the key.
pub type Open = fn(&FeedContext, toml::Table) -> Result<Box<dyn Feed>, String>;

/// A kind of feed, as `caiu feeds` tells of it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct FeedKind {
    /// Name in the configuration.
    pub name: &'static str,
    /// What it covers.
    pub covers: &'static str,
    /// Account, key or program that it needs; "nothing" where none.
    pub needs: &'static str,
    /// Limits that a user meets: rate, look-back, what is never told.
    pub limits: &'static str,
    /// How it was tested: the real server, or the description of the interface that its test bodies follow.
    pub tested_with: &'static str,
    /// Whether it tells everything again where it begins without a place.
    #[serde(skip)]
    pub has_beginning: bool,
    /// Makes one.
    #[serde(skip)]
    pub open: Open,
}

/// All kinds, in the order in which `caiu feeds` lists them: a new kind is a file and a line here.
pub const KINDS: &[FeedKind] = &[
    bluesky::KIND,
    atproto::KIND,
    nostr::KIND,
    mastodon::KIND,
    hackernews::KIND,
    rss::KIND,
    lemmy::KIND,
    reddit::KIND,
    telegram::KIND,
    x::KIND,
    file::KIND,
    stdin::KIND,
    replay::KIND,
];
