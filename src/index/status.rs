//! What an index holds, how far its feeds have come, and who writes to it.

use serde::Serialize;
use tantivy::Term;
use tantivy::collector::{Count, DocSetCollector};
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;

use super::lock::{self, Holder};
use super::reader::View;
use super::schema::state;
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
    /// The state of the index at the commit that is looked at.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn status(&self) -> Result<Status, IndexError> {
        let view = self.view();
        let failed = |error| self.failed(error);
        let count = |name: &str| -> Result<u64, IndexError> {
            let query = TermQuery::new(Term::from_field_text(self.fields.state, name), IndexRecordOption::Basic);
            Ok(view.searcher.search(&query, &Count).map_err(failed)? as u64)
        };
        let (mut num_counted, mut span): (u64, Option<(i64, i64)>) = (0, None);
        let mut widen = |ts: i64| {
            let (from, to) = span.unwrap_or((ts, ts));
            span = Some((from.min(ts), to.max(ts)));
        };
        for segment in view.searcher.segment_readers() {
            let columns = segment.fast_fields();
            let (num, ts) = (columns.u64("num").map_err(failed)?, columns.i64("ts").map_err(failed)?);
            for doc in segment.doc_ids_alive() {
                num_counted += num.first(doc).unwrap_or_default();
                ts.first(doc).into_iter().for_each(&mut widen);
            }
        }
        for open in &view.payload.open {
            num_counted += open.num;
            widen(open.minute * 60);
        }
        let time = |secs: i64| chrono::DateTime::from_timestamp(secs, 0);
        let mut feeds = Vec::new();
        for (feed, progress) in &view.payload.checkpoint.feeds {
            let (num_posts, num_counted) = self.brought_by(&view, feed).map_err(failed)?;
            feeds.push(FeedStatus {
                feed: feed.clone(),
                num_posts,
                num_counted,
                cursor: progress.cursor.as_ref().map(|cursor| cursor.as_str().to_owned()),
                since: progress.since,
                until: progress.until,
                gaps: progress.gaps.clone(),
            });
        }
        Ok(Status {
            form: view.payload.form.clone(),
            seq: view.payload.seq,
            num_posts: count(state::POST)?,
            num_deleted: count(state::DELETED)?,
            num_counted,
            num_bytes: folder_bytes(&self.folder),
            num_segments: view.searcher.segment_readers().len(),
            from: span.and_then(|(from, _)| time(from)),
            to: span.and_then(|(_, to)| time(to)),
            feeds,
            writer: lock::holder(&self.folder),
        })
    }

    /// Posts of a feed that are kept, and the number of those that were only counted.
    fn brought_by(&self, view: &View, feed: &FeedId) -> tantivy::Result<(u64, u64)> {
        let term = TermQuery::new(Term::from_field_text(self.fields.feed, feed.as_str()), IndexRecordOption::Basic);
        let (mut num_posts, mut num_counted) = (0, 0);
        for at in view.searcher.search(&term, &DocSetCollector)? {
            let columns = view.searcher.segment_reader(at.segment_ord).fast_fields();
            match columns.u64("num")?.first(at.doc_id) {
                Some(num) if num > 0 => num_counted += num,
                _ => num_posts += 1,
            }
        }
        num_counted += view.payload.open.iter().filter(|open| open.feed == *feed).map(|open| open.num).sum::<u64>();
        Ok((num_posts, num_counted))
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
