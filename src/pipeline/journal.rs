//! Incidents over time: a line for each that opened, changed or ended. Written once, never changed.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, Write};
use std::path::{Path, PathBuf};

pub use crate::model::change::{Change, Entry, Known};
use crate::model::{Incident, Time};

/// Gets what changed, oldest first.
pub type Teller = Box<dyn FnMut(&[Entry]) + Send>;

/// The journal of one index.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    num_entries: u64,
    known: BTreeMap<String, Known>,
}

impl Journal {
    /// Name of the file inside the folder of an index.
    pub const FILE: &'static str = "incidents.jsonl";

    /// Opens or begins the journal in a folder. A last line that was cut short (the machine stopped while it was
    /// written) is removed: the incident is found again.
    ///
    /// # Errors
    /// Where the file cannot be read or written, or a line in its middle makes no sense.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.join(Self::FILE);
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path)?;
        let (entries, good_bytes) = read_entries(&file, &path)?;
        if file.metadata()?.len() > good_bytes {
            file.set_len(good_bytes)?;
            file.sync_all()?;
        }
        file.seek(io::SeekFrom::End(0))?;
        let mut journal = Self { path, file, num_entries: 0, known: BTreeMap::new() };
        for entry in entries {
            journal.remember(&entry);
        }
        Ok(journal)
    }

    /// Reads the lines of the journal in a folder, beside whoever writes it; empty where there is none.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn read(folder: &Path) -> io::Result<Vec<Entry>> {
        let path = folder.join(Self::FILE);
        match File::open(&path) {
            Ok(file) => Ok(read_entries(&file, &path)?.0),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Reads the whole lines of the journal in a folder from a byte on, and tells where the next ones will begin: for those
    /// who follow it beside whoever writes it. Nothing where there is no journal.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn read_from(folder: &Path, from_byte: u64) -> io::Result<(Vec<Entry>, u64)> {
        let path = folder.join(Self::FILE);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), from_byte)),
            Err(error) => return Err(error),
        };
        file.seek(io::SeekFrom::Start(from_byte))?;
        let (entries, num_bytes) = read_entries(&file, &path)?;
        Ok((entries, from_byte + num_bytes))
    }

    /// All incidents by id.
    pub fn known(&self) -> &BTreeMap<String, Known> {
        &self.known
    }

    /// Writes a line and brings it to the disk.
    ///
    /// # Errors
    /// Where the disk does not take it; then nothing is remembered.
    pub fn write(&mut self, at: Time, change: Change, incident: Incident) -> io::Result<Entry> {
        let entry = Entry { seq: self.num_entries + 1, at, change, incident };
        let mut line = serde_json::to_vec(&entry).map_err(io::Error::other)?;
        line.push(b'\n');
        let before = self.file.metadata()?.len();
        if let Err(error) = self.file.write_all(&line).and_then(|()| self.file.sync_data()) {
            // Half a line would spoil the next one.
            let _ = self.file.set_len(before);
            return Err(io::Error::new(error.kind(), format!("cannot write {}: {error}", self.path.display())));
        }
        self.remember(&entry);
        Ok(entry)
    }

    fn remember(&mut self, entry: &Entry) {
        self.num_entries = self.num_entries.max(entry.seq);
        remember(&mut self.known, entry);
    }
}

/// Notes what a line says of its incident.
pub fn remember(known: &mut BTreeMap<String, Known>, entry: &Entry) {
    match known.get_mut(&entry.incident.id) {
        Some(known) => known.follow(entry),
        None => {
            known.insert(entry.incident.id.clone(), Known::first(entry));
        }
    }
}

/// The lines of a journal, and the bytes up to which they are whole.
fn read_entries(file: &File, path: &Path) -> io::Result<(Vec<Entry>, u64)> {
    let mut entries = Vec::new();
    let mut good_bytes = 0;
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    loop {
        line.clear();
        let num_bytes = reader.read_until(b'\n', &mut line)?;
        if num_bytes == 0 || !line.ends_with(b"\n") {
            return Ok((entries, good_bytes));
        }
        let entry = serde_json::from_slice(&line).map_err(|error| {
            let number = entries.len() + 1;
            let words = format!("{}, line {number}: {error}; mend or remove the line", path.display());
            io::Error::new(io::ErrorKind::InvalidData, words)
        })?;
        entries.push(entry);
        good_bytes += num_bytes as u64;
    }
}
