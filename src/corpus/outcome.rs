//! What became of the records that are no posts: counted by reason, the first few named.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// Why a record (or the rest of a file) gave no post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Not JSON.
    BrokenJson,
    /// The file ends inside the record.
    CutShort,
    /// A field holds something else than it must.
    WrongType,
    /// JSON, but no post of a known form.
    UnknownForm,
    /// A row that does not fit the header.
    BrokenRow,
    /// Bytes that are not UTF-8.
    InvalidUtf8,
    /// Longer than the limit.
    TooLong,
    /// The archive ends before its end mark; what could be unpacked was read.
    Truncated,
    /// The archive or the disk failed in the middle; what came before was read.
    Unreadable,
    /// A file found in a folder that holds no posts.
    UnknownFormat,
    /// A file without a single byte.
    EmptyFile,
    /// A post without a word (a picture alone).
    NoText,
    /// A notice that a post was taken back.
    Deletion,
    /// A post whose text has been removed.
    Deleted,
    /// Another kind of event.
    NotAPost,
}

impl Reason {
    /// Short name, as in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::BrokenJson => "broken json",
            Self::CutShort => "cut short",
            Self::WrongType => "wrong type",
            Self::UnknownForm => "unknown form",
            Self::BrokenRow => "broken row",
            Self::InvalidUtf8 => "invalid utf-8",
            Self::TooLong => "too long",
            Self::Truncated => "truncated archive",
            Self::Unreadable => "unreadable",
            Self::UnknownFormat => "unknown format",
            Self::EmptyFile => "empty file",
            Self::NoText => "no text",
            Self::Deletion => "deletion",
            Self::Deleted => "deleted",
            Self::NotAPost => "not a post",
        }
    }

    /// Whether the data are at fault: `strict` stops at these, and only at these.
    pub fn is_bad(self) -> bool {
        !matches!(self, Self::NoText | Self::Deletion | Self::Deleted | Self::NotAPost | Self::EmptyFile)
    }

    /// What a person can do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::TooLong => "raise --max-line, or leave out --strict to skip it",
            Self::Truncated | Self::CutShort => "fetch the file again, or leave out --strict to read what there is",
            Self::UnknownForm | Self::UnknownFormat => {
                "name the fields with --column FIELD=NAME, or leave out --strict"
            }
            _ => "mend the record, or leave out --strict to count it and go on",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A record that gave no post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Why.
    pub reason: Reason,
    /// Name of the input.
    pub file: Arc<str>,
    /// Line on which the record begins, from 1; 0 where the file as a whole is meant.
    pub line: u64,
    /// What exactly; never the text of a post.
    pub detail: String,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ", line {}", self.line)?;
        }
        write!(f, ": {}", self.reason)?;
        if !self.detail.is_empty() {
            write!(f, " ({})", self.detail)?;
        }
        Ok(())
    }
}

/// One place named as an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// Name of the input.
    pub file: Arc<str>,
    /// Line from 1; 0 for the file as a whole.
    pub line: u64,
    /// What exactly.
    pub detail: String,
}

/// The count of one reason and where it first occurred.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tried {
    /// How often.
    pub count: u64,
    /// The first [`NUM_EXAMPLES`] in input order.
    pub examples: Vec<Example>,
}

/// Examples kept per reason.
pub const NUM_EXAMPLES: usize = 5;

/// Counts by the name of the reason; later stages add their own names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Outcomes {
    by_reason: BTreeMap<&'static str, Tried>,
}

impl Outcomes {
    /// Counts one record under `reason`. Call in input order, so that the examples are the first ones.
    pub fn add(&mut self, reason: &'static str, file: &Arc<str>, line: u64, detail: &str) {
        let tried = self.by_reason.entry(reason).or_default();
        tried.count += 1;
        if tried.examples.len() < NUM_EXAMPLES {
            tried.examples.push(Example { file: Arc::clone(file), line, detail: detail.to_owned() });
        }
    }

    /// Counts a rejected record.
    pub fn add_rejected(&mut self, rejected: &Rejected) {
        self.add(rejected.reason.name(), &rejected.file, rejected.line, &rejected.detail);
    }

    /// Adds what came after this.
    pub fn merge(&mut self, later: Self) {
        for (reason, theirs) in later.by_reason {
            let mine = self.by_reason.entry(reason).or_default();
            mine.count += theirs.count;
            let room = NUM_EXAMPLES.saturating_sub(mine.examples.len());
            mine.examples.extend(theirs.examples.into_iter().take(room));
        }
    }

    /// How often `reason` occurred.
    pub fn count(&self, reason: &str) -> u64 {
        self.by_reason.get(reason).map_or(0, |tried| tried.count)
    }

    /// Every reason with its count, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Tried)> {
        self.by_reason.iter().map(|(&reason, tried)| (reason, tried))
    }
}
