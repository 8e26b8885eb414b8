//! How many posts the parts of an index hold, counted once for each part: a part never changes, but for what is deleted from
//! it, so that a commit costs a look at what it wrote.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::index::SegmentId;
use tantivy::schema::Field;
use tantivy::{Opstamp, Searcher, SegmentReader, Term};

use super::engine::docs;
use super::schema::{Fields, state};
use crate::model::FeedId;

/// What a part, or all of them, hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Figures {
    /// Posts with their text.
    pub(super) num_posts: u64,
    /// Posts that were taken back.
    pub(super) num_deleted: u64,
    /// Seconds since 1970 of the first and the last of all these.
    pub(super) span: Option<(i64, i64)>,
    /// By feed: posts that are kept or were taken back, and posts that were only counted.
    pub(super) feeds: BTreeMap<FeedId, (u64, u64)>,
}

/// A part, and the last change of what is deleted from it.
type Key = (SegmentId, Option<Opstamp>);

/// The figures of the parts that were looked at.
#[derive(Default)]
pub(super) struct KnownFigures(Mutex<BTreeMap<Key, Arc<Figures>>>);

impl KnownFigures {
    /// The figures of a commit; those of parts that it has no more are let go.
    pub(super) fn of(&self, searcher: &Searcher, fields: &Fields) -> tantivy::Result<Figures> {
        // Held while it is counted: who asks at the same time waits for the one count.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut now, mut all) = (BTreeMap::new(), Figures::default());
        for segment in searcher.segment_readers() {
            let key = (segment.segment_id(), segment.delete_opstamp());
            let figures = match known.get(&key) {
                Some(figures) => Arc::clone(figures),
                None => Arc::new(count(segment, fields)?),
            };
            all.add(&figures);
            now.insert(key, figures);
        }
        *known = now;
        Ok(all)
    }
}

impl Figures {
    /// Takes a moment into the span.
    pub(super) fn widen(&mut self, secs: i64) {
        let (from, to) = self.span.unwrap_or((secs, secs));
        self.span = Some((from.min(secs), to.max(secs)));
    }

    fn add(&mut self, other: &Self) {
        self.num_posts += other.num_posts;
        self.num_deleted += other.num_deleted;
        other.span.into_iter().flat_map(|(from, to)| [from, to]).for_each(|secs| self.widen(secs));
        for (feed, (posts, counted)) in &other.feeds {
            let sum = self.feeds.entry(feed.clone()).or_default();
            (sum.0, sum.1) = (sum.0 + posts, sum.1 + counted);
        }
    }
}

/// Counts what a part holds.
fn count(segment: &SegmentReader, fields: &Fields) -> tantivy::Result<Figures> {
    let num_of = |name: &str| -> tantivy::Result<u64> {
        Ok(docs(segment, &Term::from_field_text(fields.state, name))?.count() as u64)
    };
    let mut figures =
        Figures { num_posts: num_of(state::POST)?, num_deleted: num_of(state::DELETED)?, ..Figures::default() };
    let columns = segment.fast_fields();
    let (num, ts) = (columns.u64("num")?, columns.i64("ts")?);
    match segment.alive_bitset() {
        None if segment.num_docs() > 0 => figures.span = Some((ts.min_value(), ts.max_value())),
        None => {}
        Some(_) => segment.doc_ids_alive().filter_map(|doc| ts.first(doc)).for_each(|secs| figures.widen(secs)),
    }
    let of_feeds = segment.inverted_index(fields.feed)?;
    let mut names = of_feeds.terms().stream()?;
    while let Some((name, _)) = names.next() {
        let name = String::from_utf8_lossy(name);
        let (mut posts, mut counted) = (0, 0);
        for doc in docs(segment, &Term::from_field_text(fields.feed, &name))? {
            match num.first(doc).unwrap_or_default() {
                0 => posts += 1,
                num => counted += num,
            }
        }
        figures.feeds.insert(FeedId::new(&*name), (posts, counted));
    }
    Ok(figures)
}

/// Whether a document of a commit has a term.
pub(super) fn has_any(searcher: &Searcher, field: Field, term: &str) -> tantivy::Result<bool> {
    let term = Term::from_field_text(field, term);
    for segment in searcher.segment_readers() {
        if docs(segment, &term)?.next().is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
