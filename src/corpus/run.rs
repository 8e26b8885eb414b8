//! The parallel run: one thread reads, workers decode and work, results come out in input order.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crossbeam_channel::{bounded, select};

use super::decode::decode;
use super::reader::{Numbered, Reader, Work};
use super::{Input, Outcomes, ReadError, ReadOptions, Rejected};
use crate::model::RawPost;

/// One record as the work sees it.
#[derive(Debug)]
pub struct Record<'a> {
    /// Name of the input.
    pub file: &'a Arc<str>,
    /// Line on which it begins, from 1.
    pub line: u64,
    /// Its id by its place: what a post gets that has none of its own.
    pub place: Place<'a>,
    /// The JSON of the post as it stood in the input; `None` for rows of a table and rejected records.
    pub raw: Option<&'a str>,
    /// The post, or why there is none.
    pub post: Result<RawPost, Rejected>,
    /// Whether the post had no id and got its place for one.
    pub is_numbered: bool,
}

/// Where a record stands, as far as it takes to tell it from all others.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// `name:` of the input where there are several.
    pub(super) id_prefix: &'a str,
    /// Line on which the record begins, from 1.
    pub(super) line: u64,
    /// JSON values that began on that line before it.
    pub(super) nth_on_line: u64,
    /// Posts in the same value before it.
    pub(super) nth_in_value: u32,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.id_prefix, self.line)?;
        if self.nth_on_line > 0 {
            write!(f, "-{}", self.nth_on_line)?;
        }
        if self.nth_in_value > 0 {
            write!(f, ".{}", self.nth_in_value)?;
        }
        Ok(())
    }
}

/// How far the reading has come, in bytes of the inputs as they are stored (packed).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes done.
    pub bytes_done: u64,
    /// All bytes; `None` where standard input or a pipe is among the inputs.
    pub bytes_total: Option<u64>,
}

/// What was read from one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRead {
    /// Name of the input as given.
    pub name: Arc<str>,
    /// SHA-256 of the stored bytes in hexadecimal; `None` for standard input.
    pub sha256: Option<String>,
    /// Stored bytes.
    pub num_bytes: u64,
}

/// What a whole run read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadSummary {
    /// Inputs in order.
    pub files: Vec<FileRead>,
    /// Posts that were handed to the work.
    pub num_posts: u64,
    /// What became of everything else.
    pub outcomes: Outcomes,
}

/// Reads `inputs`, calls `work` once per record on several threads, and `sink` with the results on
/// the calling thread in exact input order. Holds a fixed number of blocks, however long the input.
/// A trouble with a whole file (truncated, empty, ...) reaches the outcomes only. The first error of
/// `sink` ends the run; in a strict run so does the first bad record, after everything before it was
/// sunk. A panic in `work` goes on in the caller.
pub fn run<T: Send>(
    inputs: &[Input],
    options: &ReadOptions,
    on_progress: &mut dyn FnMut(Progress),
    work: impl Fn(Record<'_>) -> T + Sync,
    mut sink: impl FnMut(T) -> io::Result<()>,
) -> Result<ReadSummary, ReadError> {
    let num_workers = match options.threads {
        0 => thread::available_parallelism().map_or(1, NonZeroUsize::get),
        threads => threads,
    };
    let num_buffers = num_workers * BUFFERS_PER_WORKER;
    let (jobs, jobs_out) = bounded(num_buffers);
    let (results, results_out) = bounded(num_buffers);
    let (spares, spares_out) = bounded(num_buffers);
    for _ in 0..num_buffers {
        // The channel has room for all of them.
        let _ = spares.send(Vec::new());
    }
    let (stop, stopped) = bounded::<()>(0);
    let bytes_done = Arc::new(AtomicU64::new(0));
    let bytes_total = inputs.iter().map(Input::num_bytes).sum();
    let reader = Reader {
        inputs: inputs.to_vec(),
        options: options.clone(),
        jobs,
        spares: spares_out,
        progress: Arc::clone(&bytes_done),
        num_sent: 0,
    };
    // Not scoped: when the sink fails, a reader that waits for a silent pipe is left behind.
    let reader = thread::spawn(move || reader.run());

    thread::scope(|scope| {
        for _ in 0..num_workers {
            let (jobs, results, stopped, work) = (jobs_out.clone(), results.clone(), stopped.clone(), &work);
            scope.spawn(move || {
                loop {
                    let next = select! {
                        recv(jobs) -> job => job,
                        // Nothing is ever sent: it closes when the caller leaves early.
                        recv(stopped) -> _ => return,
                    };
                    let Ok(Numbered { number, work: job }) = next else { return };
                    let done = panic::catch_unwind(AssertUnwindSafe(|| do_job(job, options, work)));
                    if results.send((number, done)).is_err() {
                        return;
                    }
                }
            });
        }
        drop((jobs_out, results));
        let mut gathering = Gathering { summary: ReadSummary::default(), is_strict: options.strict };
        let mut early = BTreeMap::new();
        let mut num_done = 0;
        // Owned here, so that leaving early closes the channels and everybody ends.
        let (spares, results_out, _stop) = (spares, results_out, stop);
        for (number, done) in &results_out {
            early.insert(number, done);
            while let Some(done) = early.remove(&num_done) {
                num_done += 1;
                let done = done.unwrap_or_else(|panic| panic::resume_unwind(panic));
                let buffer = gathering.take(done, &mut sink)?;
                on_progress(Progress { bytes_done: bytes_done.load(Ordering::Relaxed), bytes_total });
                // Nobody takes it any more once the reader is through.
                let _ = spares.send(buffer);
            }
        }
        reader.join().map_err(|_| ReadError::Lost)?;
        Ok(gathering.summary)
    })
}

/// Blocks under way for each worker: one in work, one waiting, one waiting for its turn to be sunk.
const BUFFERS_PER_WORKER: usize = 3;

/// What a worker made of one job.
enum Done<T> {
    Block { outputs: Vec<T>, num_posts: u64, rejected: Vec<Rejected>, stopped: Option<Rejected>, buffer: Vec<u8> },
    Trouble(Rejected),
    File(FileRead),
    Failed(ReadError),
}

fn do_job<T>(job: Work, options: &ReadOptions, work: &impl Fn(Record<'_>) -> T) -> Done<T> {
    let mut outputs = Vec::new();
    let (mut num_posts, mut rejected, mut stopped) = (0, Vec::new(), None);
    let mut visit = |record: Record<'_>| {
        match &record.post {
            Ok(_) => num_posts += 1,
            Err(bad) if options.strict && bad.reason.is_bad() => {
                stopped = Some(bad.clone());
                return false;
            }
            Err(other) => rejected.push(other.clone()),
        }
        outputs.push(work(record));
        true
    };
    let buffer = match job {
        Work::Block { file, block, has_header } => {
            decode(&file, options, &block, has_header, &mut visit);
            block.bytes
        }
        Work::Lost { file, lost } => {
            let place = Place { id_prefix: &file.id_prefix, line: lost.line, nth_on_line: 0, nth_in_value: 0 };
            visit(Record { file: &file.name, line: lost.line, place, raw: None, post: Err(lost), is_numbered: false });
            Vec::new()
        }
        Work::Trouble(trouble) => return Done::Trouble(trouble),
        Work::File(file) => return Done::File(file),
        Work::Failed(error) => return Done::Failed(error),
    };
    Done::Block { outputs, num_posts, rejected, stopped, buffer }
}

/// What has come back so far.
struct Gathering {
    summary: ReadSummary,
    is_strict: bool,
}

impl Gathering {
    /// Sinks what is due and gives its buffer back.
    fn take<T>(&mut self, done: Done<T>, sink: &mut impl FnMut(T) -> io::Result<()>) -> Result<Vec<u8>, ReadError> {
        match done {
            Done::Block { outputs, num_posts, rejected, stopped, buffer } => {
                outputs.into_iter().try_for_each(sink).map_err(ReadError::Sink)?;
                self.summary.num_posts += num_posts;
                rejected.iter().for_each(|rejected| self.summary.outcomes.add_rejected(rejected));
                if let Some(bad) = stopped {
                    return Err(ReadError::Strict(bad));
                }
                Ok(buffer)
            }
            Done::Trouble(trouble) => {
                self.summary.outcomes.add_rejected(&trouble);
                if self.is_strict && trouble.reason.is_bad() {
                    return Err(ReadError::Strict(trouble));
                }
                Ok(Vec::new())
            }
            Done::File(file) => {
                self.summary.files.push(file);
                Ok(Vec::new())
            }
            Done::Failed(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests;
