//! One receiver's worker: finds what is due, tells it, tries again with growing pauses, rests when nothing works.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use chrono::Utc;
use futures_util::FutureExt;
use metrics::{counter, gauge};
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tracing::{debug, error, info, warn};

use super::board::{Board, Line};
use super::outbox::{Item, Ledger, Outbox, Outcome, Sending};
use super::policy::{Standing, Step};
use super::{Event, Message, Notice, Receiver, ReceiverConfig, SendError};
use crate::model::{Change, Entry, Time};
use crate::report::file::hex;

/// Time that a receiver gets beyond its own limit before a try is given up.
const GRACE: Duration = Duration::from_secs(5);
/// Longest sleep: quiet hours are looked at again, should somebody set the clock.
const LONGEST_SLEEP: Duration = Duration::from_secs(600);

/// A receiver with all that is known of it.
pub(super) struct Worker {
    pub(super) config: ReceiverConfig,
    pub(super) receiver: Box<dyn Receiver>,
    pub(super) board: Arc<Board>,
    pub(super) outbox: Arc<Mutex<Outbox>>,
    pub(super) ledger: Ledger,
    /// Turns true when the program is to end: what is due is tried once more, nothing is waited for.
    pub(super) stop: watch::Receiver<bool>,
}

/// What is due.
#[derive(Default)]
struct Due {
    passes: Vec<Item>,
    notices: Vec<(Notice, Standing, Option<String>)>,
    next: Option<Time>,
}

impl Worker {
    /// Works until `stop`. `unfinished` is the message that may or may not have arrived before the last end.
    pub(super) async fn run(mut self, unfinished: Option<Message>) {
        let mut changes = self.board.changes();
        let mut stop = self.stop.clone();
        if let (Some(message), Some(sending)) = (unfinished, self.ledger.sending.clone())
            && !self.deliver(message, sending, true).await
        {
            return;
        }
        let (mut is_changed, mut next_repeat) = (true, Instant::now());
        loop {
            changes.borrow_and_update();
            let is_stopping = *stop.borrow();
            let mut due = self.due(Utc::now());
            if !due.passes.is_empty() {
                let passes = std::mem::take(&mut due.passes);
                self.keep(move |outbox, id| outbox.pass(id, Utc::now(), passes)).await;
            }
            let next = due.next;
            if let Some((message, sending)) = self.message(due) {
                let is_done = self.deliver(message, sending, false).await;
                is_changed = true;
                if is_done {
                    continue;
                }
                return;
            }
            if self.config.kind.keeps_all && is_changed || self.is_repeat_due(next_repeat) {
                let (is_done, pause) = self.repeat().await;
                is_changed &= !is_done;
                next_repeat = Instant::now() + pause;
            }
            if is_stopping {
                return;
            }
            let wait = next.map_or(LONGEST_SLEEP, |next| (next - Utc::now()).to_std().unwrap_or_default());
            let wake = Instant::now() + wait.clamp(Duration::from_millis(20), LONGEST_SLEEP);
            let repeats = self.receiver.repeat_every().is_some() || is_changed && self.config.kind.keeps_all;
            tokio::select! {
                _ = changes.changed() => {}
                () = sleep_until(wake) => {}
                () = sleep_until(next_repeat), if repeats => {}
                _ = stop.wait_for(|is_stopping| *is_stopping) => {}
            }
        }
    }

    /// What is to be told now, what is to be passed over, and when to look again.
    fn due(&self, now: Time) -> Due {
        let mut due = Due::default();
        self.board.read(|lines| {
            for (id, line) in lines {
                let passed = self.ledger.passed.get(id);
                match self.config.policy.step(line, passed, now) {
                    Step::Nothing => {}
                    // Found again at every look, so a line is worth it only where the incident stands otherwise.
                    Step::Pass(standing) if passed.is_some_and(|passed| passed.standing == standing) => {}
                    Step::Pass(standing) => {
                        due.passes.push(Item { incident: id.clone(), seq: line.known.seq, event: None, standing });
                    }
                    Step::Wait(until) => due.next = Some(due.next.map_or(until, |next| next.min(until))),
                    Step::Tell(event, standing) => {
                        let is_first = passed.is_none_or(|passed| passed.told_at.is_none());
                        let held = self.config.policy.held(&line.known.incident, line.known.changed_at);
                        due.notices.push((notice(&self.config, line, event, is_first), standing, held));
                    }
                }
            }
        });
        due.notices.sort_by_key(|(notice, ..)| notice.seq);
        due
    }

    /// The next message: all that was held back for quiet hours at once where the kind takes that, else the oldest.
    fn message(&self, due: Due) -> Option<(Message, Sending)> {
        let is_held = |(_, _, held): &(Notice, Standing, Option<String>)| held.is_some();
        let is_digest = self.config.kind.takes_digests && due.notices.iter().filter(|one| is_held(one)).count() > 1;
        let chosen: Vec<_> = match is_digest {
            true => due.notices.into_iter().filter(is_held).collect(),
            false => due.notices.into_iter().take(1).collect(),
        };
        let held_for = chosen.first().and_then(|(_, _, held)| held.clone());
        let items: Vec<Item> = chosen
            .iter()
            .map(|(notice, standing, _)| Item {
                incident: notice.incident.id.clone(),
                seq: notice.seq,
                event: Some(notice.event),
                standing: *standing,
            })
            .collect();
        let notices: Vec<Notice> = chosen.into_iter().map(|(notice, ..)| notice).collect();
        let id = message_id(&self.config.id, &notices);
        if notices.is_empty() {
            return None;
        }
        let sending = Sending { id: id.clone(), since: Utc::now(), items, held_for: held_for.clone() };
        Some((Message { id, notices, held_for, is_test: false }, sending))
    }

    /// Sends a message until it is taken, refused or too old; `false` where the program ends before that.
    async fn deliver(&mut self, message: Message, sending: Sending, is_begun: bool) -> bool {
        if !is_begun {
            let line = sending.clone();
            // What the disk does not take is told all the same: an alert matters more than its record.
            self.keep(move |outbox, id| outbox.begin(id, &line)).await;
        }
        let mut stop = self.stop.clone();
        let (mut backoff, mut num_failures) = (backoff(&self.config), 0);
        let waiting = gauge!("caiu_alert_waiting", "receiver" => self.config.id.clone());
        waiting.set(1.0);
        let outcome = loop {
            let error = match self.attempt(&message).await {
                Ok(()) => break Outcome::Told,
                Err(SendError::Refused(words)) => {
                    error!(receiver = self.config.id, "the message is refused and given up: {words}");
                    break Outcome::Refused;
                }
                Err(error) => error,
            };
            num_failures += 1;
            let longest = self.config.pace.longest_pause;
            let is_resting = num_failures >= self.config.pace.failures_to_rest;
            let (pause, outcome) = match &error {
                SendError::Throttled { retry_after: Some(wait) } => (*wait, "throttled"),
                SendError::Throttled { retry_after: None } => (backoff.next().unwrap_or(longest), "throttled"),
                _ if is_resting => (longest, "failed"),
                _ => (backoff.next().unwrap_or(longest).min(longest), "failed"),
            };
            self.count(outcome);
            gauge!("caiu_alert_resting", "receiver" => self.config.id.clone()).set(f64::from(u8::from(is_resting)));
            warn!(receiver = self.config.id, pause_secs = pause.as_secs_f64(), failures = num_failures, "{error}");
            if Utc::now() - sending.since > self.config.pace.give_up_after {
                error!(receiver = self.config.id, "the message could not be told for too long and is given up");
                break Outcome::GaveUp;
            }
            tokio::select! {
                () = sleep(pause) => {}
                _ = stop.wait_for(|is_stopping| *is_stopping) => return false,
            }
        };
        if num_failures > 0 && outcome == Outcome::Told {
            info!(receiver = self.config.id, failures = num_failures, "the receiver takes messages again");
        }
        self.count(outcome.name());
        waiting.set(0.0);
        gauge!("caiu_alert_resting", "receiver" => self.config.id.clone()).set(0.0);
        let (id, items) = (message.id, sending.items);
        self.keep(move |outbox, receiver| outbox.finish(receiver, Utc::now(), outcome, &id, items)).await;
        true
    }

    /// One try. A receiver that hangs or panics has failed.
    async fn attempt(&mut self, message: &Message) -> Result<(), SendError> {
        let limit = self.config.pace.timeout + GRACE;
        let sent = AssertUnwindSafe(async { self.receiver.send(message).await }).catch_unwind();
        match timeout(limit, sent).await {
            Ok(Ok(sent)) => sent,
            Ok(Err(_)) => Err(SendError::Failed("the receiver's own code panicked".to_owned())),
            Err(_) => Err(SendError::Failed(format!("no answer in {} s", limit.as_secs()))),
        }
    }

    fn is_repeat_due(&self, next_repeat: Instant) -> bool {
        self.receiver.repeat_every().is_some() && Instant::now() >= next_repeat
    }

    /// Says again what goes on; whether that was taken comes back, and the pause until the next time.
    async fn repeat(&mut self) -> (bool, Duration) {
        let told: Vec<Notice> = self.board.read(|lines| {
            let of = |(id, line): (&String, &Line)| {
                let passed = self.ledger.passed.get(id).filter(|passed| passed.told_at.is_some())?;
                let event = match passed.standing {
                    Standing::Ongoing => Event::Change(Change::Opened),
                    Standing::Ended => Event::Change(Change::Ended),
                    Standing::Withdrawn => Event::Change(Change::Withdrawn),
                    Standing::Flapping => Event::Flapping,
                };
                let is_wanted =
                    self.config.kind.keeps_all || matches!(event, Event::Change(Change::Opened) | Event::Flapping);
                is_wanted.then(|| notice(&self.config, line, event, false))
            };
            lines.iter().filter_map(of).collect()
        });
        let every = self.receiver.repeat_every().unwrap_or(self.config.pace.longest_pause);
        let limit = self.config.pace.timeout + GRACE;
        let repeated = AssertUnwindSafe(async { self.receiver.repeat(&told).await }).catch_unwind();
        let words = match timeout(limit, repeated).await {
            Ok(Ok(Ok(()))) => return (true, every),
            Ok(Ok(Err(error))) => error.to_string(),
            Ok(Err(_)) => "the receiver's own code panicked".to_owned(),
            Err(_) => format!("no answer in {} s", limit.as_secs()),
        };
        self.count("failed");
        debug!(receiver = self.config.id, "what goes on could not be said again: {words}");
        (false, every.min(self.config.pace.longest_pause))
    }

    fn count(&self, outcome: &'static str) {
        let (receiver, kind) = (self.config.id.clone(), self.config.kind.name);
        counter!("caiu_alerts_total", "receiver" => receiver, "kind" => kind, "outcome" => outcome).increment(1);
    }

    /// Writes to the outbox and takes over what is known after that.
    async fn keep(&mut self, write: impl FnOnce(&mut Outbox, &str) -> std::io::Result<()> + Send + 'static) {
        let (outbox, id) = (Arc::clone(&self.outbox), self.config.id.clone());
        let kept = tokio::task::spawn_blocking(move || {
            let mut outbox = outbox.lock().unwrap_or_else(PoisonError::into_inner);
            let written = write(&mut outbox, &id);
            (written, outbox.ledger(&id).cloned().unwrap_or_default())
        });
        match kept.await {
            Ok((written, ledger)) => {
                self.ledger = ledger;
                if let Err(error) = written {
                    error!(receiver = self.config.id, "{error}; after a restart this may be told again");
                }
            }
            Err(_) => error!(receiver = self.config.id, "the outbox could not be written"),
        }
    }
}

fn notice(config: &ReceiverConfig, line: &Line, event: Event, is_first: bool) -> Notice {
    let known = &line.known;
    let incident = known.incident.clone();
    let link = config.link_to(&incident);
    let (changed_at, opened_at) = (known.changed_at, known.opened_at);
    Notice { event, seq: known.seq, changed_at, opened_at, incident, link, is_first }
}

/// The message that was begun before the last end, as it was then.
pub(super) fn unfinished(
    config: &ReceiverConfig,
    ledger: &Ledger,
    journal: &[Entry],
    board: &Board,
) -> Option<Message> {
    let sending = ledger.sending.as_ref()?;
    let notices = sending.items.iter().filter_map(|item| {
        let entry = journal.iter().find(|entry| entry.seq == item.seq && entry.incident.id == item.incident)?;
        let opened_at = board.read(|lines| lines.get(&item.incident).map(|line| line.known.opened_at))?;
        Some(Notice {
            event: item.event?,
            seq: entry.seq,
            changed_at: entry.at,
            opened_at,
            incident: entry.incident.clone(),
            link: config.link_to(&entry.incident),
            is_first: ledger.passed.get(&item.incident).is_none_or(|passed| passed.told_at.is_none()),
        })
    });
    let notices: Vec<Notice> = notices.collect();
    let is_whole = !notices.is_empty() && notices.len() == sending.items.len();
    is_whole.then(|| Message { id: sending.id.clone(), notices, held_for: sending.held_for.clone(), is_test: false })
}

/// A pure function of what is told to whom; an index that is made anew makes other ids.
fn message_id(receiver: &str, notices: &[Notice]) -> String {
    let mut hash = Sha256::new();
    hash.update(receiver);
    for notice in notices {
        let (id, seq, event) = (&notice.incident.id, notice.seq, notice.event.name());
        hash.update(format!("\0{id}\0{seq}\0{event}\0{}", notice.changed_at.timestamp_micros()));
    }
    format!("msg_{}", hex(&hash.finalize()[..16]))
}

fn backoff(config: &ReceiverConfig) -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(config.pace.first_pause)
        .with_max_delay(config.pace.longest_pause)
        .with_factor(2.0)
        .with_jitter()
        .without_max_times()
        .build()
}
