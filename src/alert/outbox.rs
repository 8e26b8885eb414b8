//! What each receiver was told, kept beside the index: `alerts.jsonl`, a line before each message and one behind it.
//!
//! A message that has a line before it and none behind it may have arrived: it is sent again, word by word and under the
//! same id. What has no line yet is found again by comparing with the journal. So nothing is lost, and what is doubled
//! can be told by its id.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Event;
use super::policy::{Passed, Standing};
use crate::model::Time;
use crate::report::write_file;

/// The file is written anew when it has more lines than this, and ...
const LEAST_LINES: usize = 2000;
/// ... so many for each that would be left.
const LINES_PER_LEFT: usize = 4;

/// One incident of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) incident: String,
    /// Line of the journal.
    pub(super) seq: u64,
    /// What was told; none where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) event: Option<Event>,
    /// How the incident stood.
    pub(super) standing: Standing,
}

/// A message that was begun.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sending {
    pub(super) id: String,
    pub(super) since: Time,
    pub(super) items: Vec<Item>,
    pub(super) held_for: Option<String>,
}

/// What became of a message, or of a change that made none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// The receiver is there from now on.
    Known,
    /// It is being sent.
    Sending,
    /// It was taken.
    Told,
    /// The receiver does not want to hear it.
    Passed,
    /// The receiver will never take it.
    Refused,
    /// It was tried too long.
    GaveUp,
}

impl Outcome {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Sending => "sending",
            Self::Told => "told",
            Self::Passed => "passed",
            Self::Refused => "refused",
            Self::GaveUp => "gave_up",
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    at: Time,
    receiver: String,
    outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held_for: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    items: Vec<Item>,
}

/// What one receiver knows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Ledger {
    /// By incident.
    pub(super) passed: BTreeMap<String, Passed>,
    /// What may or may not have arrived.
    pub(super) sending: Option<Sending>,
}

impl Ledger {
    fn take(&mut self, line: Line) {
        if line.outcome == Outcome::Sending {
            let id = line.message.unwrap_or_default();
            self.sending = Some(Sending { id, since: line.at, items: line.items, held_for: line.held_for });
            return;
        }
        if line.message.is_some() {
            self.sending = None;
        }
        for item in line.items {
            let before = self.passed.get(&item.incident).and_then(|passed| passed.told_at);
            let told_at = if line.outcome == Outcome::Told { Some(line.at) } else { before };
            self.passed.insert(item.incident, Passed { seq: item.seq, standing: item.standing, told_at });
        }
    }
}

/// The file, and what it says.
#[derive(Debug)]
pub struct Outbox {
    path: PathBuf,
    file: File,
    receivers: BTreeMap<String, Ledger>,
}

impl Outbox {
    /// Name of the file inside the folder of an index.
    pub const FILE: &'static str = "alerts.jsonl";

    /// Opens or begins the outbox in a folder. A last line that was cut short is removed; another one that makes no
    /// sense is passed over: what it said is told again.
    ///
    /// # Errors
    /// Where the file cannot be read or written.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.join(Self::FILE);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let good_bytes = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let mut receivers: BTreeMap<String, Ledger> = BTreeMap::new();
        let (mut num_lines, mut num_wrong) = (0, 0);
        for line in bytes[..good_bytes].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            num_lines += 1;
            match serde_json::from_slice::<Line>(line) {
                Ok(line) => receivers.entry(line.receiver.clone()).or_default().take(line),
                Err(_) => num_wrong += 1,
            }
        }
        if num_wrong > 0 {
            tracing::warn!("{}: {num_wrong} lines make no sense; what they said may be told again", path.display());
        }
        let num_left: usize = receivers.values().map(|ledger| ledger.passed.len() + 2).sum();
        if num_lines > LEAST_LINES && num_lines > LINES_PER_LEFT * num_left {
            write_file(&path, |out| receivers.iter().try_for_each(|(id, ledger)| write_ledger(out, id, ledger)))?;
        } else if good_bytes < bytes.len() {
            let file = OpenOptions::new().write(true).open(&path)?;
            file.set_len(good_bytes as u64)?;
            file.sync_all()?;
        }
        let file = OpenOptions::new().append(true).create(true).open(&path)?;
        Ok(Self { path, file, receivers })
    }

    /// What a receiver knows; `None` where it was never there.
    pub(super) fn ledger(&self, receiver: &str) -> Option<&Ledger> {
        self.receivers.get(receiver)
    }

    /// Remembers that a receiver is there: from now on it misses nothing.
    pub(super) fn meet(&mut self, receiver: &str, now: Time) -> io::Result<()> {
        self.write(receiver, now, Outcome::Known, None, Vec::new(), true)
    }

    /// Remembers that a message may arrive from now on, before it is sent.
    pub(super) fn begin(&mut self, receiver: &str, sending: &Sending) -> io::Result<()> {
        let Sending { id, since, items, held_for } = sending.clone();
        let line = Line {
            at: since,
            receiver: receiver.to_owned(),
            outcome: Outcome::Sending,
            message: Some(id),
            held_for,
            items,
        };
        self.line(line, true)
    }

    /// Remembers what became of it.
    pub(super) fn finish(
        &mut self,
        receiver: &str,
        now: Time,
        outcome: Outcome,
        id: &str,
        items: Vec<Item>,
    ) -> io::Result<()> {
        self.write(receiver, now, outcome, Some(id.to_owned()), items, true)
    }

    /// Remembers changes of which the receiver does not want to hear. Found again where it is lost, so the disk may
    /// take its time.
    pub(super) fn pass(&mut self, receiver: &str, now: Time, items: Vec<Item>) -> io::Result<()> {
        self.write(receiver, now, Outcome::Passed, None, items, false)
    }

    fn write(
        &mut self,
        receiver: &str,
        at: Time,
        outcome: Outcome,
        message: Option<String>,
        items: Vec<Item>,
        is_safe: bool,
    ) -> io::Result<()> {
        self.line(Line { at, receiver: receiver.to_owned(), outcome, message, held_for: None, items }, is_safe)
    }

    /// The memory follows even where the disk does not take the line: then a restart tells it again.
    fn line(&mut self, line: Line, is_safe: bool) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(&line).map_err(io::Error::other)?;
        bytes.push(b'\n');
        self.receivers.entry(line.receiver.clone()).or_default().take(line);
        let before = self.file.metadata()?.len();
        let written = self.file.write_all(&bytes).and_then(|()| if is_safe { self.file.sync_data() } else { Ok(()) });
        written.map_err(|error| {
            // Half a line would spoil the next one.
            let _ = self.file.set_len(before);
            io::Error::new(error.kind(), format!("cannot write {}: {error}", self.path.display()))
        })
    }
}

/// The shortest lines that say what a receiver knows.
fn write_ledger(out: &mut dyn Write, receiver: &str, ledger: &Ledger) -> io::Result<()> {
    let mut write = |line: Line| {
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")
    };
    let receiver = || receiver.to_owned();
    let empty = |at, outcome| Line { at, receiver: receiver(), outcome, message: None, held_for: None, items: vec![] };
    write(empty(Time::UNIX_EPOCH, Outcome::Known))?;
    for (incident, passed) in &ledger.passed {
        let items = vec![Item { incident: incident.clone(), seq: passed.seq, event: None, standing: passed.standing }];
        let (at, outcome) = match passed.told_at {
            Some(told_at) => (told_at, Outcome::Told),
            None => (Time::UNIX_EPOCH, Outcome::Passed),
        };
        write(Line { items, ..empty(at, outcome) })?;
    }
    match &ledger.sending {
        None => Ok(()),
        Some(sending) => write(Line {
            message: Some(sending.id.clone()),
            held_for: sending.held_for.clone(),
            items: sending.items.clone(),
            ..empty(sending.since, Outcome::Sending)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::example::at;
    use crate::model::Change;
    use tempfile::TempDir;

    fn item(incident: &str, seq: u64) -> Item {
        Item {
            incident: incident.to_owned(),
            seq,
            event: Some(Event::Change(Change::Opened)),
            standing: Standing::Ongoing,
        }
    }

    fn sending(id: &str, items: Vec<Item>) -> Sending {
        Sending { id: id.to_owned(), since: at(1), items, held_for: None }
    }

    #[test]
    fn what_was_begun_and_not_finished_is_known_after_a_kill() {
        let folder = TempDir::new().unwrap();
        let mut outbox = Outbox::open(folder.path()).unwrap();
        outbox.meet("ops", at(0)).unwrap();
        outbox.begin("ops", &sending("m1", vec![item("a", 1)])).unwrap();
        outbox.finish("ops", at(2), Outcome::Told, "m1", vec![item("a", 1)]).unwrap();
        outbox.pass("ops", at(3), vec![item("a", 2)]).unwrap();
        outbox.begin("ops", &sending("m2", vec![item("b", 3)])).unwrap();
        let before = outbox.ledger("ops").unwrap().clone();
        drop(outbox);
        let path = folder.path().join(Outbox::FILE);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend_from_slice(b"nonsense\n{\"at\":\"20");
        std::fs::write(&path, &bytes).unwrap();
        let outbox = Outbox::open(folder.path()).unwrap();
        let ledger = outbox.ledger("ops").unwrap();
        assert_eq!(*ledger, before);
        assert_eq!(ledger.sending.as_ref().unwrap().id, "m2");
        let passed = Passed { seq: 2, standing: Standing::Ongoing, told_at: Some(at(2)) };
        assert_eq!(ledger.passed["a"], passed, "what is passed over keeps when it was last told");
        assert!(outbox.ledger("other").is_none());
    }

    #[test]
    fn a_long_file_is_written_anew_and_says_the_same() {
        let folder = TempDir::new().unwrap();
        let mut outbox = Outbox::open(folder.path()).unwrap();
        for seq in 0..1100 {
            outbox.pass("ops", at(1), vec![item("a", seq)]).unwrap();
            outbox.write("ops", at(2), Outcome::Told, None, vec![item("b", seq)], false).unwrap();
        }
        outbox.begin("ops", &sending("m", vec![item("c", 1)])).unwrap();
        let before = outbox.ledger("ops").unwrap().clone();
        drop(outbox);
        let outbox = Outbox::open(folder.path()).unwrap();
        assert_eq!(*outbox.ledger("ops").unwrap(), before);
        let text = std::fs::read_to_string(folder.path().join(Outbox::FILE)).unwrap();
        assert_eq!(text.lines().count(), 4);
    }
}
