//! The parallel run: one thread reads, workers decode and work, results come out in input order.

use std::io;
use std::sync::Arc;

use super::{Input, Outcomes, ReadError, ReadOptions, Rejected};
use crate::model::RawPost;

/// One record as the work sees it.
#[derive(Debug)]
pub struct Record<'a> {
    /// Name of the input.
    pub file: &'a Arc<str>,
    /// Line on which it begins, from 1.
    pub line: u64,
    /// The JSON of the post as it stood in the input; `None` for rows of a table and rejected records.
    pub raw: Option<&'a str>,
    /// The post, or why there is none.
    pub post: Result<RawPost, Rejected>,
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
/// A whole-file trouble (truncated, empty, ...) reaches the outcomes only. The first error of `sink`
/// ends the run; in a strict run so does the first bad record, after everything before it was sunk.
pub fn run<T: Send>(
    _inputs: &[Input],
    _options: &ReadOptions,
    _on_progress: &mut dyn FnMut(Progress),
    _work: impl Fn(Record<'_>) -> T + Sync,
    _sink: impl FnMut(T) -> io::Result<()>,
) -> Result<ReadSummary, ReadError> {
    Ok(ReadSummary::default())
}
