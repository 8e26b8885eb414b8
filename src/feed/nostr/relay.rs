//! One relay: a task that keeps a connection, pages back to a place, and hands over checked events.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::Utc;
use serde_json::value::RawValue;
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, sleep, timeout};

use super::event::Event;
use crate::feed::http::{NetOptions, Url};
use crate::feed::socket::{Frame, Socket};
use crate::feed::{FeedError, lines};

/// Events that a page is asked for; relays give fewer if they like.
const PAGE_EVENTS: usize = 500;
/// Events from which on a page counts as full, where it is as large as the largest.
const FULL_PAGE: usize = 50;
/// Most pages that are read back.
const MOST_PAGES: usize = 400;
/// How long a relay may take for the next message of a page.
const PAGE_PATIENCE: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Pause after a relay has said that it wants an account or that we ask too much.
const REFUSED_PAUSE: Duration = Duration::from_secs(300);
/// How much before its place a relay is asked to begin, in seconds: events reach relays late.
const OVERLAP_SECS: i64 = 120;

/// What a relay tells, with its number among the relays.
#[derive(Debug)]
pub(super) struct FromRelay {
    pub(super) relay: usize,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    /// The connection stands.
    Connected,
    /// An event; whether it came as it was published, not from the store.
    Event { event: Box<Event>, is_live: bool },
    /// Something that is no event, and why.
    Rejected(&'static str),
    /// Everything up to this moment, in seconds since 1970, has been told; from here on as it is published.
    CaughtUp(i64),
    /// What lies between these moments is more than the relay hands out.
    Overrun(i64, i64),
    /// The connection ended.
    Failed(FeedError),
}

/// A relay and where it goes on.
pub(super) struct Relay {
    pub(super) number: usize,
    pub(super) url: Url,
    pub(super) options: NetOptions,
    /// Place in seconds since 1970; `None` begins with the present.
    pub(super) since: Option<i64>,
    pub(super) sender: Sender<FromRelay>,
}

/// Nobody listens any more.
struct Closed;

enum End {
    /// Nobody listens any more.
    Closed,
    Failed(FeedError),
}

impl From<Closed> for End {
    fn from(_: Closed) -> Self {
        Self::Closed
    }
}

impl From<FeedError> for End {
    fn from(error: FeedError) -> Self {
        Self::Failed(error)
    }
}

impl Relay {
    /// Connects again and again until nobody listens.
    pub(super) async fn run(mut self) {
        let mut pause = FIRST_PAUSE;
        loop {
            let started = Instant::now();
            let error = match self.listen().await {
                Ok(()) => FeedError::Transient("the relay closed the connection".to_owned()),
                Err(End::Failed(error)) => error,
                Err(End::Closed) => return,
            };
            if started.elapsed() > LONGEST_PAUSE {
                pause = FIRST_PAUSE;
            }
            let wait = match &error {
                FeedError::Throttled { retry_after } => retry_after.unwrap_or(REFUSED_PAUSE),
                FeedError::Fatal(_) => REFUSED_PAUSE,
                FeedError::Transient(_) => pause,
            };
            if self.tell(What::Failed(error)).await.is_err() {
                return;
            }
            sleep(wait).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn tell(&self, what: What) -> Result<(), Closed> {
        self.sender.send(FromRelay { relay: self.number, what }).await.map_err(|_| Closed)
    }

    async fn listen(&mut self) -> Result<(), End> {
        let mut socket = Socket::connect(&self.url, &[], &self.options).await?;
        let now = Utc::now().timestamp();
        // At the very start too: an author's clock may be behind, and the relay tells nothing from before.
        let since = self.since.unwrap_or(now).min(now) - OVERLAP_SECS;
        let ask = |sub: &str, until: Option<i64>| {
            let mut filter = serde_json::json!({"kinds": [1, 5], "since": since, "limit": PAGE_EVENTS});
            if let Some(until) = until {
                filter["until"] = until.into();
            }
            serde_json::json!(["REQ", sub, filter]).to_string()
        };
        socket.send(ask("live", None)).await?;
        self.tell(What::Connected).await?;
        // Stored events come newest first and at most so many at a time: page back until there is nothing new.
        let mut page = Page { sub: "live".to_owned(), ..Page::default() };
        let (mut num_pages, mut largest) = (1, 0);
        loop {
            let message = match page.is_done {
                true => socket.next().await?,
                false => timeout(PAGE_PATIENCE, socket.next())
                    .await
                    .map_err(|_| FeedError::Transient("the relay does not end its stored events".to_owned()))??,
            };
            let Some(frame) = message else { return Ok(()) };
            let text = match frame {
                Frame::Text(text) => text,
                Frame::Binary(_) => {
                    self.tell(What::Rejected("broken message")).await?;
                    continue;
                }
                Frame::TooLong => {
                    // It would come again with the same question, so what is stored is given up.
                    self.tell(What::Rejected(lines::TOO_LONG)).await?;
                    self.tell(What::Overrun(since, now)).await?;
                    self.since = None;
                    return Err(FeedError::Transient("the relay sent a giant message".to_owned()).into());
                }
            };
            let Ok(parts) = serde_json::from_str::<Vec<&RawValue>>(&text) else {
                self.tell(What::Rejected("broken message")).await?;
                continue;
            };
            let word = |nth: usize| parts.get(nth).and_then(|part| serde_json::from_str::<String>(part.get()).ok());
            match (word(0).as_deref(), word(1).unwrap_or_default()) {
                (Some("EVENT"), sub) => {
                    let is_live = sub == "live" && page.live_began;
                    match parts.get(2).map_or(Err("broken message"), |json| Event::read(json.get())) {
                        Ok(event) => {
                            if sub == page.sub && !page.is_done {
                                page.note(&event);
                            }
                            if is_live && page.is_done {
                                self.since = self.since.max(Some(event.created_at.min(Utc::now().timestamp())));
                            }
                            self.tell(What::Event { event: Box::new(event), is_live }).await?;
                        }
                        Err(reason) => self.tell(What::Rejected(reason)).await?,
                    }
                }
                (Some("EOSE"), sub) if sub == page.sub && !page.is_done => {
                    page.live_began = true;
                    if sub != "live" {
                        socket.send(serde_json::json!(["CLOSE", sub]).to_string()).await?;
                    }
                    largest = largest.max(page.num_events);
                    if let Some(moment) = page.overfull(largest) {
                        self.tell(What::Overrun(moment, moment + 1)).await?;
                    }
                    let next = page.next(largest, since);
                    match next {
                        Some(until) if num_pages < MOST_PAGES => {
                            num_pages += 1;
                            let sub = format!("page{num_pages}");
                            socket.send(ask(&sub, Some(until))).await?;
                            page.begin(sub, until);
                        }
                        left => {
                            if let Some(until) = left {
                                self.tell(What::Overrun(since, until)).await?;
                            }
                            page.is_done = true;
                            self.since = self.since.max(Some(now));
                            self.tell(What::CaughtUp(now)).await?;
                        }
                    }
                }
                (Some("CLOSED"), sub) if sub == "live" || sub == page.sub => {
                    return Err(refused(&word(2).unwrap_or_default()).into());
                }
                (Some("NOTICE"), words) => {
                    let words: String = words.chars().take(200).collect();
                    tracing::debug!(relay = %super::name(&self.url), %words, "a notice");
                }
                (Some("AUTH" | "EOSE" | "CLOSED" | "OK" | "COUNT"), _) => {}
                _ => self.tell(What::Rejected("broken message")).await?,
            }
        }
    }
}

/// Why a relay ended a subscription, by the first word (NIP-01).
fn refused(words: &str) -> FeedError {
    let words: String = words.chars().take(200).collect();
    match words.split(':').next().unwrap_or_default() {
        "auth-required" | "restricted" | "blocked" => FeedError::Fatal(format!("the relay refuses: {words}")),
        "rate-limited" => FeedError::Throttled { retry_after: None },
        _ => FeedError::Transient(format!("the relay ended the subscription: {words}")),
    }
}

/// The stored events of one question.
#[derive(Debug, Default)]
struct Page {
    sub: String,
    /// Up to when it was asked for; `None` to the present.
    until: Option<i64>,
    num_events: usize,
    /// Ids of the oldest moment so far, which the next page brings again.
    at_oldest: BTreeSet<String>,
    oldest: Option<i64>,
    /// Ids of the oldest moment of the page before.
    known: BTreeSet<String>,
    num_new: usize,
    is_done: bool,
    /// Whether the stored events of the first question have ended.
    live_began: bool,
}

impl Page {
    fn begin(&mut self, sub: String, until: i64) {
        self.until = Some(until);
        self.known = std::mem::take(&mut self.at_oldest);
        (self.sub, self.num_events, self.num_new, self.oldest) = (sub, 0, 0, None);
    }

    fn note(&mut self, event: &Event) {
        self.num_events += 1;
        if !self.known.contains(&event.id) {
            self.num_new += 1;
        }
        let oldest = *self.oldest.get_or_insert(event.created_at);
        if event.created_at < oldest {
            self.at_oldest.clear();
            self.oldest = Some(event.created_at);
        }
        // Only one page's worth is held, whatever a relay sends.
        if event.created_at <= oldest && self.at_oldest.len() < 4 * PAGE_EVENTS {
            self.at_oldest.insert(event.id.clone());
        }
    }

    /// Up to when to ask next; `None` where everything back to `since` was told, or the relay does as it likes.
    fn next(&self, largest: usize, since: i64) -> Option<i64> {
        let oldest = self.oldest.filter(|oldest| self.until.is_none_or(|until| *oldest <= until))?;
        let is_full = self.num_events >= largest.max(2);
        let next = match self.num_new {
            0 if !is_full => None,
            // The moment has as many events as a page holds: what is before it lies behind them.
            0 => Some(oldest - 1),
            _ => Some(oldest),
        };
        next.filter(|until| *until >= since)
    }

    /// The moment that has more events than a page holds, so that some of them are out of reach.
    fn overfull(&self, largest: usize) -> Option<i64> {
        self.oldest.filter(|_| self.num_new == 0 && self.num_events == largest && largest >= FULL_PAGE)
    }
}
