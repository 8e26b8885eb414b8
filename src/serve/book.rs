//! The incidents as the server knows them: read from the journal beside whoever writes it, or found in an index that nobody
//! has watched.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::detect::{self, PerService};
use crate::index::{IndexError, IndexReader};
use crate::model::{Incident, Phase, ServiceId, Time};
use crate::pipeline::journal::{Change, Entry, Journal, Known, remember};

/// All incidents, and all that was said of them.
#[derive(Debug, Default)]
pub(super) struct Book {
    folder: PathBuf,
    /// Lines in their order.
    entries: Vec<Entry>,
    known: BTreeMap<String, Known>,
    /// Where the next lines of the journal begin.
    next_byte: u64,
}

impl Book {
    /// The incidents of an index, before anything is read.
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), ..Self::default() }
    }

    /// Whether somebody watches, or watched, this index: then its journal says what happened.
    pub(super) fn has_journal(&self) -> bool {
        self.folder.join(Journal::FILE).exists()
    }

    /// Number of the last line.
    pub(super) fn line(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.seq)
    }

    /// Reads what was written since; those lines come back.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub(super) fn follow(&mut self) -> io::Result<Vec<Entry>> {
        let size = std::fs::metadata(self.folder.join(Journal::FILE)).map_or(0, |meta| meta.len());
        if size == self.next_byte {
            return Ok(Vec::new());
        }
        if size < self.next_byte {
            // It was cut or replaced: what was read from it is no longer so.
            *self = Self::new(&self.folder);
        }
        let (entries, next_byte) = Journal::read_from(&self.folder, self.next_byte)?;
        if self.next_byte == 0 && next_byte > 0 {
            // What was found before there was a journal gives way to it.
            self.entries.clear();
            self.known.clear();
        }
        self.next_byte = next_byte;
        for entry in &entries {
            remember(&mut self.known, entry);
        }
        self.entries.extend(entries.iter().cloned());
        Ok(entries)
    }

    /// Takes what [`search`] found; those that are new or changed come back.
    pub(super) fn take(&mut self, found: Vec<Incident>, at: Time) -> Vec<Entry> {
        let is_found = |id: &String| found.iter().any(|incident| incident.id == *id);
        self.known.retain(|id, _| is_found(id));
        let mut entries = Vec::new();
        for incident in found {
            if self.known.get(&incident.id).is_some_and(|known| known.incident == incident) {
                continue;
            }
            let change = if incident.phase == Phase::Ended { Change::Ended } else { Change::Opened };
            entries.push(Entry { seq: self.line() + 1 + entries.len() as u64, at, change, incident });
        }
        for entry in &entries {
            remember(&mut self.known, entry);
        }
        self.entries.extend(entries.iter().cloned());
        entries
    }

    /// One incident.
    pub(super) fn get(&self, id: &str) -> Option<&Known> {
        self.known.get(id)
    }

    /// All incidents, the latest first.
    pub(super) fn latest(&self) -> Vec<&Known> {
        let mut all: Vec<&Known> = self.known.values().collect();
        let order = |known: &Known| (known.incident.onset.at, known.incident.id.clone());
        all.sort_by_key(|known| std::cmp::Reverse(order(known)));
        all
    }

    /// Everything that was said of an incident, in order.
    pub(super) fn revisions<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.incident.id == id)
    }

    /// Lines behind a number.
    pub(super) fn after(&self, line: u64) -> &[Entry] {
        let from = self.entries.partition_point(|entry| entry.seq <= line);
        self.entries.get(from..).unwrap_or_default()
    }

    /// The last incident of a service that stands and was not over before `since`.
    pub(super) fn last_of(&self, service: &ServiceId, since: Time) -> Option<&Known> {
        let is_of = |known: &&Known| known.is_open() && known.incident.service == *service;
        let is_late = |known: &&Known| known.incident.end.is_none_or(|end| end.at >= since);
        let all = self.known.values().filter(is_of).filter(is_late);
        all.max_by_key(|known| (known.incident.phase == Phase::Ongoing, known.incident.onset.at))
    }

    /// Services with an incident that stands and was not over before `since`.
    pub(super) fn services(&self, since: Time) -> impl Iterator<Item = &ServiceId> {
        let is_late = move |known: &&Known| known.is_open() && known.incident.end.is_none_or(|end| end.at >= since);
        self.known.values().filter(is_late).map(|known| &known.incident.service)
    }
}

/// The incidents of an index without a journal, as a batch finds them in bins of so many seconds.
///
/// # Errors
/// Where the index cannot be read.
pub(super) fn search(reader: &IndexReader, detection: &PerService, bin_secs: u32) -> Result<Vec<Incident>, IndexError> {
    let tally = reader.tally(None, None, bin_secs)?;
    let found = detect::incidents(&tally, detection, &reader.gaps()).incidents;
    Ok(found.into_iter().map(|detail| detail.incident).collect())
}
