//! What can go wrong with an index, sorted by what a person does about it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::TantivyError;
use tantivy::directory::error::{OpenDirectoryError, OpenReadError, OpenWriteError};

use super::lock::Holder;
use super::query::QueryError;

/// Least room that a commit is said to need.
const LEAST_ROOM_BYTES: u64 = 64 << 20;

/// Why an index did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Nothing is there.
    #[error("there is no index in {}: make one with 'caiu index INPUT --index {0}', or name another folder with --index or CAIU_INDEX", .folder.display())]
    Missing {
        /// The folder.
        folder: PathBuf,
    },
    /// Something else is there.
    #[error("{} holds something that is no index of caiu ({found}): choose an empty folder", .folder.display())]
    Foreign {
        /// The folder.
        folder: PathBuf,
        /// What was found.
        found: String,
    },
    /// A newer program wrote it.
    #[error("the index in {} was written by a newer caiu ({found}), and this program knows {ours}: update caiu, or use another folder", .folder.display())]
    Newer {
        /// The folder.
        folder: PathBuf,
        /// Its form.
        found: String,
        /// The form that this program writes.
        ours: &'static str,
    },
    /// An older program wrote it.
    #[error("the index in {} was written by an older caiu ({found}), and this program knows {ours}: index its dumps again into a new folder, or go on with the older program", .folder.display())]
    Older {
        /// The folder.
        folder: PathBuf,
        /// Its form.
        found: String,
        /// The form that this program writes.
        ours: &'static str,
    },
    /// Another program writes to it.
    #[error("another program writes to the index in {}: {holder}; stop it, or wait until it is done", .folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
        /// Who.
        holder: Holder,
    },
    /// Its authors were hashed with another secret.
    #[error("the authors in the index in {} were hashed with another CAIU_AUTHOR_KEY: set the one with which it was begun, or use another folder; with two of them every author would count as two, and nobody could be forgotten", .folder.display())]
    OtherAuthorKey {
        /// The folder.
        folder: PathBuf,
    },
    /// No room is left. Nothing that was committed is lost; the next commit tries again what waits.
    #[error("no room is left for the index in {}: {num_waiting} posts wait in memory; free at least {} MB there (or let old days go with --max-age or --max-size), and they are saved with the next commit", .folder.display(), .needed_bytes >> 20)]
    Full {
        /// The folder.
        folder: PathBuf,
        /// Posts that are not saved yet.
        num_waiting: usize,
        /// Rough number of bytes that saving them takes, merging included.
        needed_bytes: u64,
    },
    /// Files are broken or gone.
    #[error("the index in {} is damaged: {what}; 'caiu index --repair --index {0}' leaves out what cannot be read and says how many posts that costs", .folder.display())]
    Damaged {
        /// The folder.
        folder: PathBuf,
        /// Which files, and how.
        what: String,
    },
    /// The query cannot be read.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The folder or a file in it cannot be used.
    #[error("cannot use {}: {source}", .path.display())]
    Io {
        /// Folder or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The search engine failed in another way.
    #[error("the index in {} failed: {source}", .folder.display())]
    Engine {
        /// The folder.
        folder: PathBuf,
        /// Its own words.
        source: TantivyError,
    },
}

impl IndexError {
    /// Sorts an error of the search engine; the writer adds what waits to one of a full disk.
    pub(super) fn of(folder: &Path, source: TantivyError) -> Self {
        let folder = folder.to_owned();
        if is_full(&source) {
            return Self::Full { folder, num_waiting: 0, needed_bytes: LEAST_ROOM_BYTES };
        }
        match &source {
            TantivyError::OpenReadError(OpenReadError::IncompatibleIndex(_)) | TantivyError::IncompatibleIndex(_) => {
                Self::Newer { folder, found: "another form of its files".to_owned(), ours: super::payload::FORM }
            }
            TantivyError::OpenReadError(error) => Self::Damaged { folder, what: error.to_string() },
            TantivyError::DataCorruption(error) => Self::Damaged { folder, what: format!("{error:?}") },
            _ => match io_of(&source) {
                Some(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    Self::Damaged { folder, what: error.to_string() }
                }
                Some(error) => Self::Io { path: folder, source: io::Error::new(error.kind(), error.to_string()) },
                None => Self::Engine { folder, source },
            },
        }
    }

    /// An error of the file system, with the file.
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }
}

/// Whether the search engine failed because the disk, or a quota on it, is full.
fn is_full(error: &TantivyError) -> bool {
    let kinds = [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded, io::ErrorKind::FileTooLarge];
    // Several parts of the engine keep only the words of the system's error.
    let words = error.to_string();
    io_of(error).is_some_and(|error| kinds.contains(&error.kind()))
        || ["No space left on device", "quota exceeded", "File too large"].iter().any(|full| words.contains(full))
}

fn io_of(error: &TantivyError) -> Option<&Arc<io::Error>> {
    match error {
        TantivyError::IoError(error)
        | TantivyError::OpenReadError(OpenReadError::IoError { io_error: error, .. })
        | TantivyError::OpenWriteError(OpenWriteError::IoError { io_error: error, .. })
        | TantivyError::OpenDirectoryError(OpenDirectoryError::IoError { io_error: error, .. }) => Some(error),
        _ => None,
    }
}
