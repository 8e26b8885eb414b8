//! One writer at a time: a file that the system locks, with a note in it of who holds it.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use chrono::{SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::IndexError;
use crate::model::Time;

/// Name of the file in the folder of the index.
const FILE: &str = ".caiu-writer.lock";
/// A reader that asks who writes holds the lock for a moment.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(40);

/// Who writes to an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// Name of the machine.
    pub host: String,
    /// Since when.
    pub since: Time,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self.since.to_rfc3339_opts(SecondsFormat::Secs, true);
        write!(f, "process {} on {}, since {since}", self.pid, self.host)
    }
}

/// Held for as long as it lives; the system lets go of it when the process ends in whatever way.
#[derive(Debug)]
pub(super) struct WriterLock {
    file: File,
}

impl WriterLock {
    /// Takes the lock of a folder.
    ///
    /// # Errors
    /// [`IndexError::Locked`] where another program holds it.
    pub(super) fn take(folder: &Path) -> Result<Self, IndexError> {
        let path = folder.join(FILE);
        let failed = |source| IndexError::io(&path, source);
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        for attempt in 1.. {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if attempt < TRIES => thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    return Err(IndexError::Locked { folder: folder.to_owned(), holder: note(&mut file) });
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        let holder = Holder { pid: std::process::id(), host: host(), since: Utc::now() };
        // The note is for people; the lock itself is the system's, and holds on a full disk too.
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| {
            let note = serde_json::to_string(&holder)?;
            file.write_all(note.as_bytes())
        });
        Ok(Self { file })
    }
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
    }
}

/// Who writes to the index in a folder; `None` where nobody does, whatever a left-over note says.
pub(super) fn holder(folder: &Path) -> Option<Holder> {
    let mut file = OpenOptions::new().read(true).open(folder.join(FILE)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(note(&mut file)),
        _ => None,
    }
}

fn note(file: &mut File) -> Holder {
    let mut text = String::new();
    let _ = file.rewind().and_then(|()| file.read_to_string(&mut text));
    serde_json::from_str(&text).unwrap_or_else(|_| Holder {
        pid: 0,
        host: "an unknown machine".to_owned(),
        since: Utc::now(),
    })
}

fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok().or_else(|| std::env::var("HOSTNAME").ok());
    name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).unwrap_or_else(|| "this machine".to_owned())
}
