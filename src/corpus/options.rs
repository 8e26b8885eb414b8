//! What a person may say about the input; the defaults recognize everything by its content.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// How the records of a file are laid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// Found out per file from its first bytes.
    #[default]
    Auto,
    /// One JSON object per line.
    Ndjson,
    /// A JSON array, or objects that go over several lines.
    Json,
    /// Comma-separated (or semicolon-separated) with a header.
    Csv,
    /// Tab-separated with a header.
    Tsv,
}

/// A field of a post that a column or a key can be mapped to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Id given by the platform.
    Id,
    /// When it was written.
    CreatedAt,
    /// Author.
    Author,
    /// The text itself.
    Text,
    /// Claimed language.
    Lang,
    /// Where it was written.
    Platform,
    /// Link to the original.
    Url,
    /// Claimed country.
    Country,
    /// Id of the post that it answers.
    ReplyTo,
    /// Id of the post that it passes on.
    RepostOf,
}

impl Field {
    /// All fields, in the order of caiu's own form.
    pub const ALL: [Self; 10] = [
        Self::Id,
        Self::CreatedAt,
        Self::Author,
        Self::Text,
        Self::Lang,
        Self::Platform,
        Self::Url,
        Self::Country,
        Self::ReplyTo,
        Self::RepostOf,
    ];

    /// Its name in caiu's own form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::CreatedAt => "created_at",
            Self::Author => "author",
            Self::Text => "text",
            Self::Lang => "lang",
            Self::Platform => "platform",
            Self::Url => "url",
            Self::Country => "country",
            Self::ReplyTo => "reply_to",
            Self::RepostOf => "repost_of",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Field {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|field| field.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            format!("'{name}' is no field of a post; use one of {known}")
        })
    }
}

/// Columns (or keys of flat JSON objects) by field; fields that are not named are guessed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnMap(pub BTreeMap<Field, String>);

/// How to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// Layout of every input.
    pub layout: Layout,
    /// Columns named by hand.
    pub columns: ColumnMap,
    /// Whether the first bad record ends the run.
    pub strict: bool,
    /// Worker threads; 0 takes one per core.
    pub threads: usize,
    /// Longest record that is read, in bytes; a longer one is skipped without being held.
    pub max_line_bytes: usize,
    /// Whether zstd frames may ask for up to 2 GiB of memory (the Reddit dumps do).
    pub big_window: bool,
    /// Size in bytes of the blocks handed to the workers.
    pub block_bytes: usize,
}

/// Default of [`ReadOptions::max_line_bytes`]: 16 MiB.
pub const MAX_LINE_BYTES: usize = 16 << 20;

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            layout: Layout::Auto,
            columns: ColumnMap::default(),
            strict: false,
            threads: 0,
            max_line_bytes: MAX_LINE_BYTES,
            big_window: false,
            block_bytes: 1 << 20,
        }
    }
}
