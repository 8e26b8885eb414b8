//! A disk that fills up: nothing that was committed is lost, what waits is saved when there is room, and nothing counts twice.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta};
use tantivy::Directory;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, DirectoryLock, FileHandle, Lock, TerminatingWrite, WatchCallback, WatchHandle, WritePtr,
};
use tempfile::TempDir;

use super::query::Query;
use super::staging::plain_view;
use super::{IndexError, IndexReader, IndexWriter, Keep, Recorded, Sort, WriterOptions};
use crate::model::{Checkpoint, Cursor, FeedId, PostId, RawPost, TaggedPost, Time};
use crate::normalize::{AuthorSecret, normalize};
use crate::tag::Tagger;

thread_local! {
    /// The room of the disk that this test's writer sees.
    static DISK: Cell<Option<Arc<AtomicI64>>> = const { Cell::new(None) };
}

/// A folder on a disk with so many bytes left; what is removed leaves no more room, as for a log-structured disk.
#[derive(Clone)]
struct SmallDisk {
    inner: Box<dyn Directory>,
    room: Arc<AtomicI64>,
}

fn full() -> io::Error {
    io::Error::new(ErrorKind::StorageFull, "No space left on device")
}

fn take(room: &AtomicI64, num_bytes: usize) -> io::Result<()> {
    if room.fetch_sub(num_bytes as i64, Ordering::SeqCst) < num_bytes as i64 { Err(full()) } else { Ok(()) }
}

impl fmt::Debug for SmallDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

struct SmallFile {
    inner: WritePtr,
    room: Arc<AtomicI64>,
}

impl Write for SmallFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        take(&self.room, bytes.len())?;
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl TerminatingWrite for SmallFile {
    fn terminate_ref(&mut self, token: AntiCallToken) -> io::Result<()> {
        self.inner.flush()?;
        self.inner.terminate_ref(token)
    }
}

impl Directory for SmallDisk {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.inner.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.inner.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.inner.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        take(&self.room, 1).map_err(|error| OpenWriteError::wrap_io_error(error, path.to_owned()))?;
        let inner = self.inner.open_write(path)?;
        Ok(BufWriter::with_capacity(256, Box::new(SmallFile { inner, room: Arc::clone(&self.room) })))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.inner.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        take(&self.room, data.len())?;
        self.inner.atomic_write(path, data)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.inner.sync_directory()
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.inner.acquire_lock(lock)
    }

    fn watch(&self, watch_callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.inner.watch(watch_callback)
    }
}

fn small_view(folder: &Path) -> Result<Box<dyn Directory>, IndexError> {
    let room = DISK.take().unwrap();
    DISK.set(Some(Arc::clone(&room)));
    Ok(Box::new(SmallDisk { inner: plain_view(folder)?, room }))
}

fn at(minute: i64) -> Time {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(27_000_000 + minute)
}

fn post(tagger: &Tagger, number: i64) -> TaggedPost {
    let text = if number % 3 == 0 { "good morning" } else { "whatsapp caiu aqui" };
    let raw = RawPost {
        id: number.to_string(),
        author: Some((number % 7).to_string()),
        text: format!("{text} {number}"),
        ..RawPost::default()
    };
    tagger.tag(normalize(raw, Some(at(number / 10)), AuthorSecret::new("")))
}

fn checkpoint(feed: &FeedId, place: i64) -> Checkpoint {
    let mut checkpoint = Checkpoint::default();
    checkpoint.feeds.entry(feed.clone()).or_default().cursor = Some(Cursor::new(place.to_string()));
    checkpoint
}

/// Commits of 60 posts on a disk that has room for `room` bytes at first, and for all when it was full `times` times.
fn check(tagger: &Tagger, room: i64, times: usize) -> usize {
    let folder = TempDir::new().unwrap();
    let disk = Arc::new(AtomicI64::new(i64::MAX));
    DISK.set(Some(Arc::clone(&disk)));
    let feed = FeedId::new("test");
    let mut writer = IndexWriter::open_with(folder.path(), WriterOptions::default(), small_view).unwrap();
    writer.commit(&Checkpoint::default()).unwrap();
    disk.store(room, Ordering::SeqCst);
    let (mut num_full, mut saved) = (0, 0);
    for part in 0..6 {
        let (from, to) = (part * 60, part * 60 + 60);
        for number in from..to {
            writer.record(&feed, &post(tagger, number), at(0), Keep::Matches).unwrap();
        }
        if part > 0 {
            writer.delete_post(None, &PostId::new((from - 59).to_string())).unwrap();
        }
        loop {
            match writer.commit(&checkpoint(&feed, to)) {
                Ok(committed) => {
                    saved = to;
                    assert!(!committed.touched.is_empty());
                    break;
                }
                Err(IndexError::Full { folder: named, needed_bytes, .. }) => {
                    assert!(named == folder.path() && needed_bytes > 0);
                    num_full += 1;
                    let reader = IndexReader::open(folder.path()).unwrap();
                    assert_whole(&reader, &feed, saved);
                    assert_eq!(writer.checkpoint(), &checkpoint_or_none(&feed, saved));
                    let room = if num_full >= times { i64::MAX } else { 40_000 };
                    disk.store(room, Ordering::SeqCst);
                }
                Err(other) => panic!("{room}: {other} {other:?}"),
            }
        }
    }
    let reader = IndexReader::open(folder.path()).unwrap();
    assert_whole(&reader, &feed, 360);
    drop(writer);
    // Nothing is left that would be in the way of another writer.
    let mut writer = IndexWriter::open(folder.path(), WriterOptions::default()).unwrap();
    let again = writer.record(&feed, &post(tagger, 358), at(0), Keep::Matches).unwrap();
    assert!(matches!(again, Recorded::Kept(super::Added::Unchanged)), "{again:?}");
    writer.commit(&checkpoint(&feed, 360)).unwrap();
    writer.close().unwrap();
    assert_whole(&IndexReader::open(folder.path()).unwrap(), &feed, 360);
    num_full
}

fn checkpoint_or_none(feed: &FeedId, place: i64) -> Checkpoint {
    if place == 0 { Checkpoint::default() } else { checkpoint(feed, place) }
}

/// The index holds the first `num` posts, each once, and stands behind them.
fn assert_whole(reader: &IndexReader, feed: &FeedId, num: i64) {
    assert_eq!(reader.checkpoint(), checkpoint_or_none(feed, num));
    let status = reader.status().unwrap();
    let kept = (0..num).filter(|number| number % 3 != 0).count() as u64;
    let deleted = (1..num / 60).filter(|part| (part * 60 - 59) % 3 != 0).count() as u64;
    assert_eq!(
        (status.num_posts, status.num_deleted, status.num_counted),
        (kept - deleted, deleted, num as u64 - kept),
        "after {num}"
    );
    let found = reader.search(&Query::parse("caiu").unwrap(), Sort::Oldest, 1_000, None).unwrap();
    assert_eq!(found.hits.len() as u64, kept - deleted);
}

#[test]
fn a_full_disk_loses_nothing_and_counts_nothing_twice() {
    let tagger = Tagger::builtin().unwrap();
    let mut num_full = 0;
    // The room ends in every part of a commit: documents, deletions, the list of segments, merges.
    for step in 0..12 {
        num_full += check(&tagger, 500 + step * step * 1_400, 1 + step as usize % 3);
    }
    assert!(num_full > 12, "the disk was full {num_full} times");
}

/// Half files of a failed save take the room that the next one needs.
#[test]
fn what_a_failed_save_wrote_is_taken_away_before_the_next_one() {
    let (tagger, folder) = (Tagger::builtin().unwrap(), TempDir::new().unwrap());
    let disk = Arc::new(AtomicI64::new(i64::MAX));
    DISK.set(Some(Arc::clone(&disk)));
    let feed = FeedId::new("test");
    let mut writer = IndexWriter::open_with(folder.path(), WriterOptions::default(), small_view).unwrap();
    let segments = || -> Vec<String> {
        let names = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let names = names.map(|name| name.to_string_lossy().into_owned());
        names.filter(|name| !name.starts_with('.') && !name.ends_with(".json") && !name.ends_with("lock")).collect()
    };
    for number in 0..600 {
        writer.record(&feed, &post(&tagger, number), at(0), Keep::Matches).unwrap();
    }
    disk.store(20_000, Ordering::SeqCst);
    let error = writer.commit(&checkpoint(&feed, 600)).unwrap_err();
    assert!(matches!(error, IndexError::Full { .. }), "{error}");
    let half = segments();
    assert!(!half.is_empty(), "there are half files");
    disk.store(i64::MAX, Ordering::SeqCst);
    writer.begin_anew().unwrap();
    // The new life of the engine begins files of its own.
    let there = segments();
    assert!(half.iter().all(|name| !there.contains(name)), "{half:?} {there:?}");
    writer.commit(&checkpoint(&feed, 600)).unwrap();
    assert_eq!(writer.seq(), 1);
}
