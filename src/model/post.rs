//! A post on its way through the program: `RawPost` -> `Post` -> `TaggedPost`.

use serde::Serialize;

use super::{AuthorKey, ClusterKey, Country, Lang, PostId, Reading, Time};

/// A date as the input wrote it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum RawDate {
    /// Text in any of the known forms.
    Text(String),
    /// A number since 1970 in seconds, milli-, micro- or nanoseconds.
    Epoch(f64),
}

/// One public message as it came: nothing in it is checked, all of it is hostile.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RawPost {
    /// Id given by the platform; a reader falls back to the line number.
    pub id: String,
    /// When it was written, by its own account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<RawDate>,
    /// Author, in clear; never leaves `normalize`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Plain text (markup already removed by the reader of the format).
    pub text: String,
    /// Claimed language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// Where it was written (`twitter`, `bluesky`); not what it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Link to the original.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Claimed country code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Id of the post that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// Id of the post that it passes on unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repost_of: Option<String>,
}

/// A post that `normalize` has checked. Only `normalize` makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct Post(PostFields);

/// What a [`Post`] holds.
#[derive(Debug, Clone, PartialEq)]
pub struct PostFields {
    /// Id.
    pub id: PostId,
    /// When it was written; `None` where the input has no date.
    pub at: Option<Time>,
    /// Keyed hash of platform and author.
    pub author: Option<AuthorKey>,
    /// Equal for posts that count as one.
    pub cluster: ClusterKey,
    /// Plain text without control characters.
    pub text: String,
    /// Claimed language.
    pub lang_hint: Option<Lang>,
    /// Where it was written.
    pub platform: Option<String>,
    /// Link to the original, http or https only.
    pub url: Option<String>,
    /// Claimed country.
    pub country: Option<Country>,
    /// Whether it passes on another post unchanged.
    pub is_repost: bool,
}

impl Post {
    /// Stamps checked fields; call it from `normalize` only (held by tests/it/tidy.rs).
    pub fn stamp(fields: PostFields) -> Self {
        Self(fields)
    }
}

impl std::ops::Deref for Post {
    type Target = PostFields;
    fn deref(&self) -> &PostFields {
        &self.0
    }
}

/// A post with its reading. Only `tag` makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct TaggedPost {
    post: Post,
    reading: Reading,
}

impl TaggedPost {
    /// Stamps a reading on a post; call it from `tag` only (held by tests/it/tidy.rs).
    pub fn stamp(post: Post, reading: Reading) -> Self {
        Self { post, reading }
    }

    /// The post.
    pub fn post(&self) -> &Post {
        &self.post
    }

    /// The judgment on it.
    pub fn reading(&self) -> &Reading {
        &self.reading
    }
}
