//! Dumps -> index, so that it can be stopped anywhere and run again: each file is a feed, and its cursor says up to which
//! line it was read.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::corpus::{self, Input, Outcomes, Progress, ReadError, ReadOptions, Record};
use crate::index::{Added, IndexError, IndexWriter, Keep, Recorded};
use crate::model::{Checkpoint, Cursor, FeedId, FeedProgress, TaggedPost, Time};
use crate::normalize::date::{self, Tz};
use crate::normalize::{AuthorSecret, normalize};
use crate::tag::Tagger;

/// Bytes at the beginning of a file by which it is known again, whatever its name.
const HEAD_BYTES: usize = 64 << 10;
/// Posts are counted so many times faster than they are kept.
const COUNTED_PER_KEPT: usize = 25;

/// What can end it.
#[derive(Debug, Error)]
pub enum FillError {
    /// An input cannot be read, or a strict run met a bad record.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The index cannot be written.
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// What to read, and how.
#[derive(Debug, Clone)]
pub struct FillPlan {
    /// Inputs in order.
    pub inputs: Vec<Input>,
    /// How to read them.
    pub read: ReadOptions,
    /// Zone of dates without one.
    pub assume_tz: Option<Tz>,
    /// Which posts are kept.
    pub keep: Keep,
    /// Whether files that were read before are read again from their beginning.
    pub again: bool,
    /// Kept posts between two commits: they wait in memory, and are read again after a stop.
    pub commit_every: usize,
    /// What authors are hashed with.
    pub secret: AuthorSecret,
    /// The present.
    pub now: Time,
}

/// What became of everything.
#[derive(Debug, Default)]
pub struct Filled {
    /// Posts by what became of them.
    pub posts: BTreeMap<&'static str, u64>,
    /// Records that gave no post, with the first few places of each reason.
    pub rejected: Outcomes,
    /// Files that were whole in the index before.
    pub num_known_files: u64,
    /// Files that were read, from wherever they had been left.
    pub num_read_files: u64,
}

/// Place in a file, as its cursor holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// Last line that was read.
    line: u64,
    /// Whether the file ended there.
    is_whole: bool,
    /// Size of the file then.
    num_bytes: u64,
    /// SHA-256 of its beginning, and how many bytes that is.
    head: String,
    head_bytes: u64,
}

/// A file as a feed.
#[derive(Debug, Clone)]
struct Source {
    feed: FeedId,
    /// Lines that are in the index already.
    skip: u64,
    /// `None` for standard input, which cannot be known again.
    place: Option<Place>,
}

/// Reads, tags and indexes all inputs.
///
/// # Errors
/// Where an input cannot be read or the index not be written; what was read before that is saved, if it can be.
pub fn fill(
    plan: &FillPlan,
    tagger: &Tagger,
    writer: &mut IndexWriter,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<Filled, FillError> {
    let mut filling = Filling::new(writer);
    let mut inputs = Vec::new();
    for input in &plan.inputs {
        let source = filling.source(input)?;
        let is_known = source.place.as_ref().is_some_and(|place| place.is_whole);
        if is_known && !plan.again {
            filling.filled.num_known_files += 1;
            continue;
        }
        if plan.again && filling.checkpoint.feeds.contains_key(&source.feed) {
            filling.writer.forget_counts(&source.feed)?;
        }
        let skip = if plan.again { 0 } else { source.skip };
        filling.checkpoint.feeds.entry(source.feed.clone()).or_default();
        filling.sources.insert(input.name(), Source { skip, ..source });
        inputs.push(input.clone());
    }
    if inputs.is_empty() {
        return Ok(filling.filled);
    }
    let sources = filling.sources.clone();
    let mut failed = None;
    let result = corpus::run(
        &inputs,
        &plan.read,
        on_progress,
        |record| read_one(plan, tagger, &sources, record),
        |(file, line, outcome)| {
            filling.take(&file, line, outcome, plan).map_err(|error| {
                failed = Some(error);
                io::ErrorKind::Other.into()
            })
        },
    );
    if let Some(error) = failed {
        return Err(error.into());
    }
    if result.is_err() {
        filling.leave_at(1);
    }
    if let Ok(summary) = &result {
        filling.leave_at(0);
        // A file without a single record is read too.
        for file in &summary.files {
            filling.finish(&file.name);
        }
        filling.filled.num_read_files = summary.files.len() as u64;
    }
    filling.commit()?;
    let mut filled = filling.filled;
    filled.rejected.merge(result?.outcomes);
    Ok(filled)
}

/// What a worker makes of a record.
enum Outcome {
    Tagged(Box<TaggedPost>),
    BadDate(&'static str, String),
    Rejected,
    Known,
}

fn read_one(
    plan: &FillPlan,
    tagger: &Tagger,
    sources: &HashMap<Arc<str>, Source>,
    record: Record<'_>,
) -> (Arc<str>, u64, Outcome) {
    let (file, line) = (Arc::clone(record.file), record.line);
    let source = sources.get(&file);
    if source.is_some_and(|source| line <= source.skip) {
        return (file, line, Outcome::Known);
    }
    let Ok(mut raw) = record.post else { return (file, line, Outcome::Rejected) };
    let place = record.place.to_string();
    if raw.id == place {
        // A post without an id has its place in its file, which must not depend on what else is read.
        let feed = source.map_or("", |source| source.feed.as_str());
        raw.id = format!("{feed}:{}", place.rsplit(':').next().unwrap_or_default());
    }
    let outcome = match raw.created_at.as_ref().map(|date| date::parse(date, plan.assume_tz, plan.now)) {
        None => Outcome::BadDate("no date", "the post has no date".to_owned()),
        Some(Err(error)) => Outcome::BadDate(error.name(), error.to_string()),
        Some(Ok(at)) => Outcome::Tagged(Box::new(tagger.tag(normalize(raw, Some(at), plan.secret)))),
    };
    (file, line, outcome)
}

struct Filling<'a> {
    writer: &'a mut IndexWriter,
    checkpoint: Checkpoint,
    sources: HashMap<Arc<str>, Source>,
    filled: Filled,
    /// The file at hand, and its last line.
    current: Option<(Arc<str>, u64)>,
    num_since_commit: usize,
}

impl<'a> Filling<'a> {
    fn new(writer: &'a mut IndexWriter) -> Self {
        let checkpoint = writer.checkpoint().clone();
        let (sources, filled) = (HashMap::new(), Filled::default());
        Self { writer, checkpoint, sources, filled, current: None, num_since_commit: 0 }
    }

    /// The feed that an input is, known again by its beginning.
    fn source(&self, input: &Input) -> Result<Source, ReadError> {
        let Some(path) = &input.path else { return Ok(Source { feed: FeedId::new("stdin"), skip: 0, place: None }) };
        let (num_bytes, head) = beginning(path).map_err(|source| ReadError::Open { path: path.clone(), source })?;
        for (feed, progress) in &self.checkpoint.feeds {
            let place = progress.cursor.as_ref().and_then(|cursor| serde_json::from_str::<Place>(cursor.as_str()).ok());
            let Some(place) = place else { continue };
            let same = usize::try_from(place.head_bytes).ok().and_then(|len| head.get(..len));
            if same.is_some_and(|same| hash(same) == place.head) {
                let is_whole = place.is_whole && place.num_bytes == num_bytes;
                // The last line of a file that grew may have been cut short.
                let skip = place.line.saturating_sub(u64::from(place.is_whole));
                let place = Place { is_whole, num_bytes, ..place };
                return Ok(Source { feed: feed.clone(), skip, place: Some(place) });
            }
        }
        let place = Place { line: 0, is_whole: false, num_bytes, head: hash(&head), head_bytes: head.len() as u64 };
        let name = path.file_name().map_or_else(|| "dump".to_owned(), |name| name.to_string_lossy().into_owned());
        // One that a repair wound back to its beginning has no place by which it is known.
        let begins_anew = |feed: &FeedProgress| feed.again.is_some() && feed.cursor.is_none();
        let taken = |feed: &FeedId| {
            self.sources.values().any(|source| source.feed == *feed)
                || self.checkpoint.feeds.get(feed).is_some_and(|progress| !begins_anew(progress))
        };
        let mut feed = FeedId::new(&name);
        if taken(&feed) {
            feed = FeedId::new(format!("{name}-{}", &place.head[..8]));
        }
        Ok(Source { feed, skip: 0, place: Some(place) })
    }

    fn take(&mut self, file: &Arc<str>, line: u64, outcome: Outcome, plan: &FillPlan) -> Result<(), IndexError> {
        if let Some((current, _)) = self.current.clone().filter(|(current, _)| current != file) {
            self.leave_at(0);
            self.finish(&current);
        }
        if matches!(outcome, Outcome::Known) {
            // No commit among lines that are in the index already: it would say of them that they are still to come.
            self.current = Some((Arc::clone(file), line));
            *self.filled.posts.entry("read before").or_default() += 1;
            return Ok(());
        }
        let (every, num_read) = (plan.commit_every, self.num_since_commit);
        if self.writer.num_waiting() >= every || num_read >= every.saturating_mul(COUNTED_PER_KEPT) {
            // A line that goes on is not done: a whole file may stand on one.
            let is_done = self.current.as_ref().is_none_or(|(_, last)| *last != line);
            self.leave_at(u64::from(!is_done));
            self.commit()?;
        }
        self.current = Some((Arc::clone(file), line));
        self.num_since_commit += 1;
        let name = match outcome {
            Outcome::Known | Outcome::Rejected => return Ok(()),
            Outcome::BadDate(reason, detail) => {
                self.filled.rejected.add(reason, file, line, &detail);
                return Ok(());
            }
            Outcome::Tagged(tagged) => self.record(file, &tagged, plan)?,
        };
        *self.filled.posts.entry(name).or_default() += 1;
        Ok(())
    }

    fn record(&mut self, file: &Arc<str>, tagged: &TaggedPost, plan: &FillPlan) -> Result<&'static str, IndexError> {
        let Some(source) = self.sources.get(file) else { return Ok("read before") };
        if let (Some(at), Some(progress)) = (tagged.post().at, self.checkpoint.feeds.get_mut(&source.feed)) {
            progress.since = Some(progress.since.map_or(at, |since| since.min(at)));
            progress.until = Some(progress.until.map_or(at, |until| until.max(at)));
        }
        Ok(match self.writer.record(&source.feed, tagged, plan.now, plan.keep)? {
            Recorded::Kept(Added::New) => "kept",
            Recorded::Kept(Added::Replaced) => "replaced",
            Recorded::Kept(Added::Unchanged) => "known",
            Recorded::Kept(Added::TakenBack) => "taken back before",
            Recorded::Counted => "counted",
            Recorded::SeenBefore => "counted before",
        })
    }

    /// Notes how far the file at hand was read: to its last line, or so many before.
    fn leave_at(&mut self, before_last: u64) {
        let Some((file, line)) = self.current.take() else { return };
        if let Some(place) = self.sources.get_mut(&file).and_then(|source| source.place.as_mut()) {
            place.line = line - before_last.min(line);
        }
        self.note(&file);
    }

    /// Notes that a file was read to its end.
    fn finish(&mut self, file: &Arc<str>) {
        if let Some(place) = self.sources.get_mut(file).and_then(|source| source.place.as_mut()) {
            place.is_whole = true;
        }
        let source = self.sources.get(file);
        if let Some(progress) = source.and_then(|source| self.checkpoint.feeds.get_mut(&source.feed)) {
            // All of it was told, and what a repair took back told again.
            progress.again = None;
        }
        self.note(file);
    }

    fn note(&mut self, file: &Arc<str>) {
        let Some(source) = self.sources.get(file) else { return };
        if let (Some(place), Some(progress)) = (&source.place, self.checkpoint.feeds.get_mut(&source.feed)) {
            progress.cursor = serde_json::to_string(place).ok().map(Cursor::new);
        }
    }

    fn commit(&mut self) -> Result<(), IndexError> {
        self.num_since_commit = 0;
        self.writer.commit(&self.checkpoint)?;
        Ok(())
    }
}

/// Size of a file, and its first bytes.
fn beginning(path: &Path) -> io::Result<(u64, Vec<u8>)> {
    let file = File::open(path)?;
    let num_bytes = file.metadata()?.len();
    let mut head = Vec::new();
    file.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    Ok((num_bytes, head))
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
