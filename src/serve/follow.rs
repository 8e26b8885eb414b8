//! The thread that follows the index and its journal, whoever writes them: once for each commit it brings the minutes, the
//! incidents and the overview up to date, and tells those who listen.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta};
use tokio::sync::{broadcast, watch};
use tracing::{error, warn};

use super::answer::json;
use super::app::Board;
use super::book::{self, Book};
use super::cache::{Cached, Version};
use super::live::{Event, counts_event, incident_event};
use super::minutes::{Came, HISTORY, Minutes, begin};
use super::overview::{self, Extent};
use crate::detect::PerService;
use crate::index::{IndexError, IndexReader};
use crate::model::{Gap, ServiceId, Time};
use crate::pipeline::journal::Entry;

/// Time between two looks whether there is something new.
const EVERY: Duration = Duration::from_millis(200);
/// Events of commits are told at most so often.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// Searching an unwatched index may take this share of the time.
const LARGEST_SHARE: f64 = 0.1;
/// Services for which it is learned anew at a commit what is expected.
const LEARN_EACH: usize = 4;

/// Where it is told what is new.
pub(super) struct Telling {
    /// What was said in the last days.
    pub(super) minutes: Arc<RwLock<Minutes>>,
    /// The incidents.
    pub(super) book: Arc<RwLock<Book>>,
    /// What is known since the last commit.
    pub(super) board: watch::Sender<Arc<Board>>,
    /// Those who listen.
    pub(super) events: broadcast::Sender<Event>,
    /// Whether the last look failed.
    pub(super) is_blind: Arc<AtomicBool>,
}

/// Follows one index.
pub(super) struct Follower {
    reader: Arc<IndexReader>,
    detection: PerService,
    /// Width of the bins in which is counted and searched, in seconds.
    bin_secs: u32,
    /// Every service that posts are read for.
    services: Vec<ServiceId>,
    told: Telling,
    /// What came and was not told yet.
    came: BTreeMap<ServiceId, Came>,
    next_tell: Instant,
    next_find: Instant,
    found_seq: Option<u64>,
    is_first: bool,
}

impl Follower {
    /// One that has seen nothing yet.
    pub(super) fn new(
        reader: Arc<IndexReader>,
        detection: PerService,
        bin_secs: u32,
        services: Vec<ServiceId>,
        told: Telling,
    ) -> Self {
        let now = Instant::now();
        let came = BTreeMap::new();
        Self {
            reader,
            detection,
            bin_secs,
            services,
            told,
            came,
            next_tell: now,
            next_find: now,
            found_seq: None,
            is_first: true,
        }
    }

    /// Follows until the server is over.
    pub(super) fn run(mut self, is_over: &AtomicBool) {
        let mut is_in_trouble = false;
        while !is_over.load(Ordering::Relaxed) {
            thread::sleep(EVERY);
            // One look that fails must not end all looking.
            let result = catch_unwind(AssertUnwindSafe(|| self.step().map_err(|error| error.to_string())));
            let result = result.unwrap_or_else(|_| {
                self.is_first = true;
                Err("a look panicked".to_owned())
            });
            match (&result, is_in_trouble) {
                (Err(trouble), false) => {
                    error!("the index cannot be followed, what was read of it is still served: {trouble}");
                }
                (Ok(()), true) => warn!("the index can be followed again"),
                _ => {}
            }
            is_in_trouble = result.is_err();
            self.told.is_blind.store(is_in_trouble, Ordering::Relaxed);
        }
    }

    /// One look.
    ///
    /// # Errors
    /// Where the index cannot be read; the next look tries again.
    pub(super) fn step(&mut self) -> Result<(), IndexError> {
        let before = Arc::clone(&self.told.board.borrow());
        self.reader.reload()?;
        let seq = self.reader.seq();
        // A commit that could not be read whole is read again.
        let is_new = self.is_first || seq != before.version.seq;
        let (from, at) = if is_new { self.span()? } else { (before.from, before.at) };
        let gaps = if is_new { Arc::new(self.reader.gaps()) } else { Arc::clone(&before.gaps) };
        if let Some(at) = at.filter(|_| is_new) {
            self.count(before.version.seq, at, &gaps)?;
        }
        let entries = self.incidents(seq, at)?;
        if is_new || !entries.is_empty() {
            let board = self.assemble(Board { version: Version { seq, line: 0 }, from, at, gaps, ..Board::default() });
            self.told.board.send_replace(Arc::new(board));
        }
        self.is_first = false;
        self.tell(&entries, seq, at);
        Ok(())
    }

    /// First and last moment of which the index tells.
    fn span(&self) -> Result<(Option<Time>, Option<Time>), IndexError> {
        let checkpoint = self.reader.checkpoint();
        let feeds = || checkpoint.feeds.values();
        let told = feeds()
            .filter_map(|progress| progress.since)
            .min()
            .zip(feeds().filter_map(|progress| progress.until).max());
        let (from, last) = match told {
            Some((from, last)) => (from, last),
            None => match self.reader.status() {
                Ok(status) => match status.from.zip(status.to) {
                    Some(span) => span,
                    None => return Ok((None, None)),
                },
                Err(error) => return Err(error),
            },
        };
        // A post of the last second belongs to it.
        let at = DateTime::from_timestamp(last.timestamp() + 1, 0).unwrap_or(last);
        Ok((Some(begin(from, 60)), Some(at)))
    }

    /// Reads the bins again that commits since `seq` touched.
    fn count(&mut self, seq: u64, at: Time, gaps: &[Gap]) -> Result<(), IndexError> {
        let bin = TimeDelta::seconds(i64::from(self.bin_secs));
        let bin_of = |time| begin(time, self.bin_secs);
        let (first, end) = (bin_of(at - HISTORY), bin_of(at) + bin);
        let touched = if self.is_first { None } else { self.reader.touched_since(seq) };
        let is_whole = touched.is_none();
        for range in touched.unwrap_or_else(|| vec![first..end]) {
            // Whole bins: one that is touched in part is read as a whole.
            let (from, to) = (bin_of(range.start).max(first), bin_of(range.end + bin - TimeDelta::seconds(1)).min(end));
            if from >= to {
                continue;
            }
            let counts = self.reader.tally(Some(from), Some(to), self.bin_secs)?;
            let mut minutes = self.told.minutes.write().unwrap_or_else(PoisonError::into_inner);
            for (service, came) in minutes.replace(from, to, &counts) {
                let sum = self.came.entry(service).or_default();
                (sum.complaints, sum.posts) = (sum.complaints + came.complaints, sum.posts + came.posts);
            }
        }
        if self.is_first {
            // What was there before is not what came.
            self.came.clear();
        }
        let write = || self.told.minutes.write().unwrap_or_else(PoisonError::into_inner);
        write().forget_before(first);
        // Nobody else writes, and those who read do not wait while it is worked out.
        let read = || self.told.minutes.read().unwrap_or_else(PoisonError::into_inner);
        let learned = read().learn(at, gaps, &self.detection, if is_whole { usize::MAX } else { LEARN_EACH });
        write().take(learned);
        Ok(())
    }

    /// What is new about incidents: from the journal, or found in an index that nobody watches.
    fn incidents(&mut self, seq: u64, at: Option<Time>) -> Result<Vec<Entry>, IndexError> {
        let book = || self.told.book.write().unwrap_or_else(PoisonError::into_inner);
        if book().has_journal() {
            return book().follow().map_err(|source| IndexError::Io { path: self.reader.folder().to_owned(), source });
        }
        let is_due = self.found_seq != Some(seq) && Instant::now() >= self.next_find;
        let Some(at) = at.filter(|_| is_due) else { return Ok(Vec::new()) };
        let began = Instant::now();
        let found = book::search(&self.reader, &self.detection, self.bin_secs)?;
        let entries = book().take(found, at);
        self.next_find = Instant::now() + began.elapsed().div_f64(LARGEST_SHARE);
        self.found_seq = Some(seq);
        Ok(entries)
    }

    fn assemble(&self, mut board: Board) -> Board {
        let minutes = self.told.minutes.read().unwrap_or_else(PoisonError::into_inner);
        let book = self.told.book.read().unwrap_or_else(PoisonError::into_inner);
        board.version.line = book.line();
        let usual = Extent::usual(self.bin_secs);
        let built = overview::build(&minutes, &book, &board, &self.services, usual);
        board.overview = Cached::new(board.version, json(&built).unwrap_or_default());
        board
    }

    fn tell(&mut self, entries: &[Entry], seq: u64, at: Option<Time>) {
        // Nobody may be listening.
        for entry in entries {
            let _ = self.told.events.send(incident_event(entry));
        }
        if !self.came.is_empty() && Instant::now() >= self.next_tell {
            self.next_tell = Instant::now() + TELL_EVERY;
            let _ = self.told.events.send(counts_event(seq, at, &std::mem::take(&mut self.came)));
        }
    }
}
