//! `kind = "stdin"`: one JSON post a line from standard input, until it ends.

use std::collections::VecDeque;
use std::io::Read;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::lines::{self, Cutter, Line};
use super::{Batch, Feed, FeedContext, FeedError, FeedKind, Next, place};
use crate::model::{Cursor, FeedId, GapCause, Time};

pub(super) const KIND: FeedKind = FeedKind {
    name: "stdin",
    covers: "standard input with one JSON post a line, in any form that caiu reads; ends with it",
    needs: "nothing",
    limits: "lines above 16 MiB are passed over; after a restart an input that begins with the same line is taken to \
             be the same one, and the lines that were read before are passed over",
    tested_with: "pipes",
    has_beginning: false,
    open,
};

/// Longest time in which posts are gathered.
const WINDOW: Duration = Duration::from_millis(250);
/// Most posts of a batch, roughly.
const MOST_POSTS: usize = 1000;
/// Pieces that are read ahead.
const NUM_AHEAD: usize = 8;
const CHUNK_BYTES: usize = 64 << 10;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {}

/// Lines that were read, and which input they are of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    lines: u64,
    /// Mark of the first line: tells a repeated input from a new one.
    first: String,
    /// When the last line came, in milliseconds since 1970, where its posts were of the present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    live_ms: Option<i64>,
}

/// A line on its way from the reading thread; `None` is one above the limit.
type Owned = Option<Vec<u8>>;

struct StdinFeed {
    id: FeedId,
    /// Opens the input at the first use; a thread reads it, because a read of a pipe cannot be given up.
    input: Option<Box<dyn FnOnce() -> Box<dyn Read + Send> + Send>>,
    pieces: Option<mpsc::Receiver<Result<Vec<Owned>, String>>>,
    waiting: VecDeque<Owned>,
    place: Place,
    /// Lines of this input that were read before a restart.
    num_known: u64,
    batch: Batch,
    /// When the input before this one, another one of the present, told its last line.
    stopped_at: Option<Time>,
    /// Latest date of a post.
    latest: Option<Time>,
    has_ended: bool,
}

fn open(context: &FeedContext, table: toml::Table) -> Result<Box<dyn Feed>, String> {
    let Settings {} = context.settings(table)?;
    Ok(Box::new(StdinFeed::new(context.id.clone(), || Box::new(std::io::stdin()))))
}

impl Feed for StdinFeed {
    fn next_batch<'a>(&'a mut self, after: Option<&'a Cursor>) -> BoxFuture<'a, Result<Batch, FeedError>> {
        Box::pin(self.gather(after))
    }
}

impl StdinFeed {
    fn new(id: FeedId, input: impl FnOnce() -> Box<dyn Read + Send> + Send + 'static) -> Self {
        Self {
            id,
            input: Some(Box::new(input)),
            pieces: None,
            waiting: VecDeque::new(),
            place: Place::default(),
            num_known: 0,
            batch: Batch::empty(Next::Now),
            stopped_at: None,
            latest: None,
            has_ended: false,
        }
    }

    async fn gather(&mut self, after: Option<&Cursor>) -> Result<Batch, FeedError> {
        let known: Option<Place> = place::read(after)?;
        let deadline = Instant::now() + WINDOW;
        if let Some(input) = self.input.take() {
            self.pieces = Some(read_in_thread(input()));
        }
        while self.batch.posts.len() < MOST_POSTS && !self.has_ended {
            if let Some(line) = self.waiting.pop_front() {
                self.take(line.as_deref(), known.as_ref());
                continue;
            }
            let Some(pieces) = &mut self.pieces else { break };
            match timeout_at(deadline, pieces.recv()).await {
                Err(_) => break,
                Ok(Some(Ok(lines))) => self.waiting.extend(lines),
                Ok(Some(Err(words))) => return Err(FeedError::Fatal(format!("standard input broke off: {words}"))),
                Ok(None) => self.has_ended = true,
            }
        }
        let mut batch = std::mem::replace(&mut self.batch, Batch::empty(Next::Now));
        let now = Utc::now();
        lines::note_dates(&mut batch, &mut self.latest, now);
        if !batch.posts.is_empty() {
            self.place.live_ms = (!batch.has_own_clock).then(|| now.timestamp_millis());
            // What was written while nobody read is lost: a pipe holds nothing for later. A dump has no such time.
            let stopped_at = self.stopped_at.take().filter(|_| !batch.has_own_clock);
            batch.gaps.extend(place::gap(stopped_at, batch.since, GapCause::Stopped));
        }
        // An input that is passed over is not told as a place: a second restart would take it for the end.
        if self.place.lines > self.num_known
            && known.as_ref().is_none_or(|known| known.lines != self.place.lines || known.first != self.place.first)
        {
            batch.cursor = Some(place::write(&self.place));
        }
        if self.has_ended {
            batch.next = Next::End;
        }
        Ok(batch)
    }

    fn take(&mut self, line: Option<&[u8]>, known: Option<&Place>) {
        if self.place.lines == 0 {
            self.place.first = lines::mark(line.unwrap_or_default());
            let is_the_same = |known: &&Place| known.first == self.place.first;
            self.num_known = known.filter(is_the_same).map_or(0, |known| known.lines);
            let other = known.filter(|known| !is_the_same(known));
            self.stopped_at = other.and_then(|known| DateTime::from_timestamp_millis(known.live_ms?));
            if self.num_known > 0 {
                tracing::info!(feed = %self.id, lines = self.num_known, "the input was read before up to here");
            }
        }
        self.place.lines += 1;
        if self.place.lines <= self.num_known {
            return;
        }
        let line = line.map_or(Line::TooLong, Line::Whole);
        let (id, place) = (&self.id, &self.place);
        lines::add(&line, || format!("{id}:{}-{}", place.first, place.lines), &mut self.batch);
    }
}

fn read_in_thread(mut input: Box<dyn Read + Send>) -> mpsc::Receiver<Result<Vec<Owned>, String>> {
    let (pieces, receiver) = mpsc::channel(NUM_AHEAD);
    std::thread::spawn(move || {
        let (mut cutter, mut chunk) = (Cutter::default(), vec![0; CHUNK_BYTES]);
        loop {
            let mut lines = Vec::new();
            let mut each = |line: Line<'_>, _| {
                lines.push(if let Line::Whole(bytes) = line { Some(bytes.to_vec()) } else { None });
            };
            let is_end = match input.read(&mut chunk) {
                Ok(0) => {
                    cutter.finish(&mut each);
                    true
                }
                Ok(num_read) => {
                    cutter.push(&chunk[..num_read], &mut each);
                    false
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => false,
                Err(error) => {
                    let _ = pieces.blocking_send(Err(error.to_string()));
                    return;
                }
            };
            // A receiver that went away ends the reading.
            if (!lines.is_empty() && pieces.blocking_send(Ok(lines)).is_err()) || is_end {
                return;
            }
        }
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(text: &'static str) -> StdinFeed {
        StdinFeed::new(FeedId::new("in"), move || Box::new(text.as_bytes()))
    }

    async fn all(mut feed: StdinFeed, mut after: Option<Cursor>) -> (Vec<String>, Option<Cursor>) {
        let mut texts = Vec::new();
        loop {
            let batch = feed.next_batch(after.as_ref()).await.unwrap();
            texts.extend(batch.posts.into_iter().map(|incoming| incoming.post.text));
            after = batch.cursor.or(after);
            if batch.next == Next::End {
                return (texts, after);
            }
        }
    }

    #[tokio::test]
    async fn a_repeated_input_does_not_double_and_a_new_one_is_read() {
        let (texts, after) = all(feed("{\"text\":\"a\"}\n{\"text\":\"b\"}\n"), None).await;
        assert_eq!(texts, ["a", "b"]);
        let (texts, same) = all(feed("{\"text\":\"a\"}\n{\"text\":\"b\"}\n"), after.clone()).await;
        assert_eq!((texts.len(), &same), (0, &after));
        let (texts, longer) = all(feed("{\"text\":\"a\"}\n{\"text\":\"b\"}\n{\"text\":\"c\"}"), same).await;
        assert_eq!(texts, ["c"], "the last line may lack its end");
        assert_eq!(all(feed("{\"text\":\"x\"}\n"), longer).await.0, ["x"]);
    }

    #[tokio::test]
    async fn what_was_written_while_nobody_read_is_a_gap() {
        let line = |words: &str, at: Time| format!("{{\"text\":\"{words}\",\"created_at\":\"{}\"}}\n", at.to_rfc3339());
        let feed = |text: String| StdinFeed::new(FeedId::new("in"), move || Box::new(std::io::Cursor::new(text)));
        let (now, year_ago) = (Utc::now(), Utc::now() - chrono::TimeDelta::days(365));
        let first = feed(line("a", now)).next_batch(None).await.unwrap();
        assert!(first.gaps.is_empty());
        let later = now + chrono::TimeDelta::seconds(5);
        tokio::time::sleep(Duration::from_millis(20)).await;
        for (text, is_gap) in [
            (line("b", Utc::now()), true),
            // The same input again holds what was written meanwhile, and a dump is of another time.
            (line("a", now) + &line("b", later), false),
            (line("c", year_ago), false),
        ] {
            let batch = feed(text.clone()).next_batch(first.cursor.as_ref()).await.unwrap();
            let causes: Vec<GapCause> = batch.gaps.iter().map(|gap| gap.cause).collect();
            assert_eq!(causes, if is_gap { vec![GapCause::Stopped] } else { vec![] }, "{text}");
        }
    }

    #[tokio::test]
    async fn a_dropped_call_loses_nothing_and_a_slow_writer_is_not_waited_for() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let mut feed = StdinFeed::new(FeedId::new("in"), move || Box::new(reader));
        let started = Instant::now();
        let batch = feed.next_batch(None).await.unwrap();
        assert_eq!((batch.posts.len(), batch.next), (0, Next::Now));
        assert!(started.elapsed() < Duration::from_secs(5));
        std::io::Write::write_all(&mut writer, b"{\"text\":\"a\"}\n{\"text\":").unwrap();
        let dropped = tokio::time::timeout(Duration::from_millis(100), feed.next_batch(None)).await;
        assert!(dropped.is_err(), "the call was dropped while it gathered");
        let batch = feed.next_batch(None).await.unwrap();
        assert_eq!(batch.posts.len(), 1);
        drop(writer);
        let batch = feed.next_batch(batch.cursor.as_ref()).await.unwrap();
        assert_eq!((batch.next, batch.rejected.get("cut short")), (Next::End, Some(&1)));
    }
}
