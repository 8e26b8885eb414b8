//! A place in a growing file that is found again after a rotation: offset, inode and a mark of the first bytes.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::super::Batch;
use super::super::lines::{self, Line};
use crate::model::{FeedId, Time};

/// First bytes that tell a file from others, at most.
const HEAD_BYTES: u64 = 1024;

/// A place behind whole lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// Bytes of whole lines that were read.
    pub(super) offset: u64,
    /// Number of the file in its file system.
    pub(super) inode: u64,
    /// Mark of the first bytes, as many of the first [`HEAD_BYTES`] as lie before the offset.
    head: String,
    /// When the file last grew, in milliseconds since 1970.
    grew_ms: i64,
    /// The first bytes themselves, as far as they are known.
    #[serde(skip)]
    head_bytes: Vec<u8>,
}

impl Place {
    /// The beginning of a file.
    pub(super) fn start(file: &File) -> io::Result<Self> {
        let grew_ms = Utc::now().timestamp_millis();
        Ok(Self { offset: 0, inode: inode(file)?, head: lines::mark(b""), grew_ms, head_bytes: Vec::new() })
    }

    /// When the file last grew, as far as this place knows.
    pub(super) fn seen_at(&self) -> Time {
        DateTime::from_timestamp_millis(self.grew_ms).unwrap_or_default()
    }

    pub(super) fn see(&mut self, now: Time) {
        self.grew_ms = now.timestamp_millis();
    }

    /// Takes a line that ended, and adds its posts to the batch.
    pub(super) fn take(&mut self, line: &Line<'_>, num_bytes: u64, id: &FeedId, batch: &mut Batch) {
        let (start, bytes) = (self.offset, if let Line::Whole(bytes) = line { *bytes } else { &[] });
        // The hash keeps lines of different files apart that begin at the same offset.
        lines::add(line, || format!("{id}:{start}-{}", lines::mark(bytes)), batch);
        self.offset += num_bytes;
    }

    /// Passes over all whole lines that the file holds.
    pub(super) fn pass_over(&mut self, file: &mut File) -> io::Result<()> {
        let end = file.metadata()?.len();
        let from = end.saturating_sub(lines::MAX_LINE_BYTES as u64);
        file.seek(SeekFrom::Start(from))?;
        let mut last = Vec::new();
        Read::by_ref(file).take(end - from).read_to_end(&mut last)?;
        self.offset = from + memchr::memrchr(b'\n', &last).map_or(0, |at| at as u64 + 1);
        self.learn(file)
    }

    /// Learns the first bytes, as far as they have been read.
    pub(super) fn learn(&mut self, file: &mut File) -> io::Result<()> {
        let wanted = self.offset.min(HEAD_BYTES);
        if (self.head_bytes.len() as u64) < wanted {
            self.head_bytes = head(file, wanted)?;
            self.head = lines::mark(&self.head_bytes);
        }
        Ok(())
    }

    /// Whether the open file still begins as it did and reaches this place.
    pub(super) fn holds(&self, file: &mut File) -> io::Result<bool> {
        let reaches = file.metadata()?.len() >= self.offset;
        Ok(reaches && head(file, self.head_bytes.len() as u64)? == self.head_bytes)
    }

    /// The file that this place is in: at the path itself, or beside it under a longer name (rotated).
    ///
    /// # Errors
    /// Where nothing can be read at the path and the place is in no other file.
    pub(super) fn find(mut self, path: &Path) -> io::Result<Option<(File, Self)>> {
        let mut best: Option<(File, u64)> = None;
        for candidate in std::iter::once(path.to_owned()).chain(rotated(path)) {
            let Ok(mut file) = File::open(&candidate) else { continue };
            let is_it = file.metadata()?.len() >= self.offset
                && lines::mark(&head(&mut file, self.offset.min(HEAD_BYTES))?) == self.head;
            let number = inode(&file)?;
            if is_it && (best.is_none() || number == self.inode) {
                best = Some((file, number));
            }
        }
        let Some((mut file, number)) = best else {
            return fs::metadata(path).map(|_| None);
        };
        self.inode = number;
        self.learn(&mut file)?;
        Ok(Some((file, self)))
    }
}

/// The file that was begun after `current` was rotated away: the path itself, unless it was rotated again since.
pub(super) fn following(path: &Path, current: &File) -> io::Result<File> {
    let (mine, age) = (inode(current)?, current.metadata()?.modified()?);
    let mut later: Vec<_> = rotated(path)
        .filter_map(|path| File::open(path).ok())
        .filter(|file| inode(file).is_ok_and(|number| number != mine))
        .filter_map(|file| file.metadata().and_then(|meta| meta.modified()).ok().map(|modified| (modified, file)))
        .filter(|(modified, _)| *modified > age)
        .collect();
    later.sort_by_key(|(modified, _)| *modified);
    match later.into_iter().next() {
        Some((_, file)) => Ok(file),
        None => File::open(path),
    }
}

/// Files beside the path whose names begin with its name: what rotation leaves, packed ones aside.
fn rotated(path: &Path) -> impl Iterator<Item = PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    let name = path.file_name().unwrap_or_default().to_owned();
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).filter(move |path| {
        let packed = path.extension().is_some_and(|end| ["gz", "zst", "bz2", "xz"].iter().any(|known| end == *known));
        let other = path.file_name().unwrap_or_default();
        let is_longer = other.len() > name.len() && other.as_encoded_bytes().starts_with(name.as_encoded_bytes());
        is_longer && !packed && path.is_file()
    })
}

/// Number of an open file in its file system; 0 where the system has none.
pub(super) fn inode(file: &File) -> io::Result<u64> {
    #[cfg(unix)]
    return Ok(std::os::unix::fs::MetadataExt::ino(&file.metadata()?));
    #[cfg(not(unix))]
    return file.metadata().map(|_| 0);
}

/// The first bytes of a file.
fn head(file: &mut File, num_bytes: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(0))?;
    let mut head = Vec::new();
    file.take(num_bytes).read_to_end(&mut head)?;
    Ok(head)
}
