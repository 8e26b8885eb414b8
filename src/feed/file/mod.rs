//! `kind = "file"`: a growing file with one JSON post a line, as a logger or another program writes it.

mod place;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono::Utc;
use futures_util::future::BoxFuture;
use serde::Deserialize;

use super::lines::{self, Cutter};
use super::{Batch, Feed, FeedContext, FeedError, FeedKind, Next};
use crate::model::{Cursor, FeedGap, FeedId, Gap, GapCause, Time};
use place::{Place, inode};

pub(super) const KIND: FeedKind = FeedKind {
    name: "file",
    covers: "a growing file with one JSON post a line, in any form that caiu reads",
    needs: "nothing",
    limits: "lines above 16 MiB are passed over; a rotated file is read to its end if it stays in the same folder, \
             unpacked; what is truncated before it was read is lost and told as a gap",
    tested_with: "real files: growth, half lines, rotation, truncation, restart",
    has_beginning: true,
    open,
};

/// Bytes that are read at once.
const CHUNK_BYTES: usize = 256 << 10;
/// Pause at the end of the file.
const PAUSE: Duration = Duration::from_millis(250);
/// How long a rotated file must be quiet before it is left: its writer may not have noticed yet.
const QUIET: Duration = Duration::from_secs(1);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The file; it need not be there yet.
    path: PathBuf,
    /// Whether to begin behind what the file holds at the first start.
    #[serde(default)]
    from_end: bool,
}

struct TailFeed {
    id: FeedId,
    settings: Settings,
    tail: Option<Tail>,
    /// Place behind what was handed out last.
    told: Option<Cursor>,
    /// Latest date of a post.
    latest: Option<Time>,
}

/// An open file and how far it was read.
struct Tail {
    file: File,
    place: Place,
    cutter: Cutter,
    /// When it last grew.
    grew_at: Instant,
    /// When its end was last seen: what is lost later came after this.
    seen_at: Time,
}

fn open(context: &FeedContext, table: toml::Table) -> Result<Box<dyn Feed>, String> {
    let settings: Settings = context.settings(table)?;
    if settings.path.is_dir() {
        return Err(format!("path = \"{}\" is a folder; name one file", settings.path.display()));
    }
    Ok(Box::new(TailFeed { id: context.id.clone(), settings, tail: None, told: None, latest: None }))
}

impl Feed for TailFeed {
    fn next_batch<'a>(&'a mut self, after: Option<&'a Cursor>) -> BoxFuture<'a, Result<Batch, FeedError>> {
        // Reads a piece of a local file and never waits, so there is nothing that dropping could lose.
        Box::pin(std::future::ready(self.read(after)))
    }
}

impl TailFeed {
    fn read(&mut self, after: Option<&Cursor>) -> Result<Batch, FeedError> {
        let failed =
            |error: io::Error| FeedError::Transient(format!("cannot read {}: {error}", self.settings.path.display()));
        let mut batch = Batch::empty(Next::Now);
        let known = self.tail.take().filter(|_| self.told.as_ref() == after);
        let mut tail = match known {
            Some(tail) => tail,
            None => {
                let cause = if self.told.is_none() { GapCause::Stopped } else { GapCause::CursorLost };
                let place = super::place::read(after)?;
                let (tail, gap) = Tail::open(&self.settings, place, cause).map_err(failed)?;
                batch.gaps.extend(gap);
                tail
            }
        };
        let place_before = tail.place.clone();
        let at_end = tail.step(&self.settings, &self.id, &mut batch).map_err(failed)?;
        lines::note_dates(&mut batch, &mut self.latest, Utc::now());
        if at_end {
            batch.next = Next::After(PAUSE);
            // Whoever writes it now would have written more.
            batch.until = batch.until.filter(|_| batch.has_own_clock);
        }
        if after.is_none() || place_before != tail.place {
            batch.cursor = Some(super::place::write(&tail.place));
        }
        self.told = batch.cursor.clone().or_else(|| after.cloned());
        self.tail = Some(tail);
        Ok(batch)
    }
}

impl Tail {
    /// Opens the file at a place, with the gap if the place is no more.
    fn open(settings: &Settings, after: Option<Place>, cause: GapCause) -> io::Result<(Self, Option<FeedGap>)> {
        let now = Utc::now();
        if let Some(place) = after {
            let since = place.seen_at();
            return match place.find(&settings.path)? {
                Some((file, place)) => Ok((Self::at(file, place, now), None)),
                // It went while the program did not run, or while the path led nowhere.
                None => Ok((Self::start(settings)?, Some(lost(since, now, cause)))),
            };
        }
        let mut tail = Self::start(settings)?;
        if settings.from_end {
            tail.place.pass_over(&mut tail.file)?;
        }
        Ok((tail, None))
    }

    fn start(settings: &Settings) -> io::Result<Self> {
        let file = File::open(&settings.path)?;
        if !file.metadata()?.is_file() {
            let words = "it is no regular file; pipe it into a feed of kind \"stdin\"";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, words));
        }
        let place = Place::start(&file)?;
        Ok(Self::at(file, place, Utc::now()))
    }

    fn at(file: File, place: Place, now: Time) -> Self {
        Self { file, place, cutter: Cutter::default(), grew_at: Instant::now(), seen_at: now }
    }

    /// Reads one piece; whether the end was reached.
    fn step(&mut self, settings: &Settings, id: &FeedId, batch: &mut Batch) -> io::Result<bool> {
        let now = Utc::now();
        if !self.place.holds(&mut self.file)? {
            tracing::warn!(feed = %id, "the file was truncated or written anew; reading it from its beginning");
            batch.gaps.push(lost(self.seen_at, now, GapCause::CursorLost));
            *self = Self::start(settings)?;
        }
        let position = self.place.offset + self.cutter.pending();
        self.file.seek(SeekFrom::Start(position))?;
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        Read::by_ref(&mut self.file).take(CHUNK_BYTES as u64).read_to_end(&mut chunk)?;
        if !chunk.is_empty() {
            self.grew_at = Instant::now();
            self.place.see(now);
            let (cutter, place) = (&mut self.cutter, &mut self.place);
            cutter.push(&chunk, &mut |line, num_bytes| place.take(&line, num_bytes, id, batch));
            place.learn(&mut self.file)?;
        }
        if chunk.len() == CHUNK_BYTES {
            return Ok(false);
        }
        self.seen_at = now;
        // Between the two steps of a rotation the path is not there: then the old file is still the one.
        let path_inode = File::open(&settings.path).and_then(|file| inode(&file)).ok();
        if path_inode.is_some_and(|there| there != self.place.inode) && self.grew_at.elapsed() >= QUIET {
            tracing::info!(feed = %id, "the file was rotated; going on with the new one");
            let (cutter, place) = (&mut self.cutter, &mut self.place);
            cutter.finish(&mut |line, num_bytes| place.take(&line, num_bytes, id, batch));
            let file = place::following(&settings.path, &self.file)?;
            let place = Place::start(&file)?;
            *self = Self::at(file, place, now);
            return Ok(false);
        }
        Ok(true)
    }
}

fn lost(from: Time, to: Time, cause: GapCause) -> FeedGap {
    FeedGap { gap: Gap { from: from.min(to), to }, cause }
}

#[cfg(test)]
mod tests;
