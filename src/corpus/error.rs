//! What ends a run: the caller's mistakes and failed writes; bad data are outcomes instead.

use std::io;
use std::path::PathBuf;

use super::outcome::Rejected;

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// An input cannot be opened or listed.
    #[error("cannot open {}: {source}; check the path and its permissions", path.display())]
    Open {
        /// The input.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A pattern or a folder without files.
    #[error("no file matches '{pattern}'; check the pattern, or name the files")]
    NoMatch {
        /// The pattern or folder.
        pattern: String,
    },
    /// A pattern that is none.
    #[error("'{pattern}' is not a valid pattern: {detail}; write [*] for a literal star")]
    BadPattern {
        /// The pattern.
        pattern: String,
        /// What is wrong.
        detail: String,
    },
    /// The archive needs more memory than allowed.
    #[error("{file} was packed with a zstd window above 128 MiB; allow up to 2 GiB of memory with --big-window")]
    BigWindow {
        /// The input.
        file: String,
    },
    /// A table whose text column is not to be found.
    #[error("{file} has no column for the field '{field}' among: {columns}; name it with --column {field}=NAME")]
    NoColumn {
        /// The input.
        file: String,
        /// The field.
        field: String,
        /// The columns that are there, joined by commas.
        columns: String,
    },
    /// Not a file of posts.
    #[error("{file} is {found}; {remedy}")]
    UnknownFormat {
        /// The input.
        file: String,
        /// What it seems to be.
        found: String,
        /// What to do.
        remedy: String,
    },
    /// The first bad record of a strict run.
    #[error("{0}; {remedy}", remedy = .0.reason.remedy())]
    Strict(Rejected),
    /// The sink failed, for example because the reader of a pipe went away.
    #[error("cannot write the result")]
    Sink(#[source] io::Error),
    /// The reading thread died.
    #[error("the reading thread stopped without a word; please report this with the name of the input")]
    Lost,
}
