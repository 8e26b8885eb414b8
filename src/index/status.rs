//! What an index holds, how far its feeds have come, and who writes to it.

use serde::Serialize;

use super::lock::{self, Holder};
use super::{IndexError, IndexReader};
use crate::model::{FeedGap, FeedId, Time};

/// The state of an index.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// Form of the index.
    pub form: String,
    /// Number of the last commit.
    pub seq: u64,
    /// Posts with their text.
    pub num_posts: u64,
    /// Posts that were taken back, of which the counts are left.
    pub num_deleted: u64,
    /// Posts that were counted and not kept.
    pub num_counted: u64,
    /// Size of the folder in bytes.
    pub num_bytes: u64,
    /// Parts of which the index is made.
    pub num_segments: usize,
    /// Time of the first post, counted ones included.
    pub from: Option<Time>,
    /// Time of the last post.
    pub to: Option<Time>,
    /// Feeds by name.
    pub feeds: Vec<FeedStatus>,
    /// Who writes; `null` where nobody does.
    pub writer: Option<Holder>,
}

/// How far one feed has come.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeedStatus {
    /// Its name.
    pub feed: FeedId,
    /// Posts that it brought in their present form, those taken back included.
    pub num_posts: u64,
    /// Posts that it brought and that were counted and not kept.
    pub num_counted: u64,
    /// Where it goes on.
    pub cursor: Option<String>,
    /// First moment of which it told.
    pub since: Option<Time>,
    /// Up to when it told everything, the gaps aside.
    pub until: Option<Time>,
    /// Stretches of which it told nothing.
    pub gaps: Vec<FeedGap>,
}

impl IndexReader {
    /// The state of the index at the commit that is looked at: the first time all of it is counted, then what commits add.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn status(&self) -> Result<Status, IndexError> {
        let view = self.view();
        let failed = |error| self.failed(error);
        let mut figures = self.figures.of(&view.searcher, &self.fields).map_err(failed)?;
        for open in &view.payload.open {
            figures.widen(open.minute * 60);
            figures.feeds.entry(open.feed.clone()).or_default().1 += open.num;
        }
        let time = |secs: i64| chrono::DateTime::from_timestamp(secs, 0);
        let mut feeds = Vec::new();
        for (feed, progress) in &view.payload.checkpoint.feeds {
            let (num_posts, num_counted) = figures.feeds.get(feed).copied().unwrap_or_default();
            feeds.push(FeedStatus {
                feed: feed.clone(),
                num_posts,
                num_counted,
                cursor: progress.cursor.as_ref().map(|cursor| cursor.as_str().to_owned()),
                since: progress.since,
                until: progress.until,
                gaps: progress.missing(),
            });
        }
        Ok(Status {
            form: view.payload.form.clone(),
            seq: view.payload.seq,
            num_posts: figures.num_posts,
            num_deleted: figures.num_deleted,
            num_counted: figures.feeds.values().map(|(_, counted)| counted).sum(),
            num_bytes: folder_bytes(&self.folder),
            num_segments: view.searcher.segment_readers().len(),
            from: figures.span.and_then(|(from, _)| time(from)),
            to: figures.span.and_then(|(_, to)| time(to)),
            feeds,
            writer: lock::holder(&self.folder),
        })
    }
}

/// Bytes of the files in a folder, without those that vanish meanwhile.
pub(super) fn folder_bytes(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries
        .filter_map(|entry| entry.ok()?.metadata().ok())
        .filter(std::fs::Metadata::is_file)
        .map(|meta| meta.len())
        .sum()
}
