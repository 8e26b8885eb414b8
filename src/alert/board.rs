//! What is known of every incident now, shared by the workers: many changes of one incident take one place.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::model::{Change, Entry, Known, Time};

/// Turns that are remembered of one incident.
const MAX_TURNS: usize = 64;

/// An incident, and when it turned.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    /// What is known of it.
    pub(super) known: Known,
    /// When it ended or went on again, the last [`MAX_TURNS`], oldest first.
    pub(super) turns: VecDeque<Time>,
}

impl Line {
    /// Whether it goes on, as far as is known.
    pub(super) fn is_ongoing(&self) -> bool {
        self.known.is_ongoing()
    }
}

/// The board. Whoever writes to it never waits for a receiver.
#[derive(Debug)]
pub(super) struct Board {
    lines: Mutex<BTreeMap<String, Line>>,
    changed: watch::Sender<u64>,
}

impl Board {
    /// A board with what the journal holds.
    pub(super) fn new(journal: &[Entry]) -> Self {
        let board = Self { lines: Mutex::default(), changed: watch::Sender::new(0) };
        board.take(journal);
        board
    }

    /// Takes lines of the journal, oldest first, and wakes who waits.
    pub(super) fn take(&self, entries: &[Entry]) {
        let mut lines = self.lock();
        for entry in entries {
            let Some(line) = lines.get_mut(&entry.incident.id) else {
                let line = Line { known: Known::first(entry), turns: VecDeque::new() };
                lines.insert(entry.incident.id.clone(), line);
                continue;
            };
            line.known.follow(entry);
            if matches!(entry.change, Change::Ended | Change::Reopened) {
                line.turns.push_back(entry.at);
                if line.turns.len() > MAX_TURNS {
                    line.turns.pop_front();
                }
            }
        }
        drop(lines);
        self.changed.send_modify(|count| *count += 1);
    }

    /// A receiver of changes: it wakes at the next [`Board::take`].
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Reads all lines.
    pub(super) fn read<T>(&self, read: impl FnOnce(&BTreeMap<String, Line>) -> T) -> T {
        read(&self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
