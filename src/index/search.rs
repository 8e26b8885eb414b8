//! Finding posts: newest, oldest or best first, page by page.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use tantivy::collector::{Collector, Count, SegmentCollector, TopDocs};
use tantivy::columnar::Column;
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use super::engine::load;
use super::figures::has_any;
use super::query::{Query, QueryError};
use super::words::tokens;
use super::{IndexError, IndexReader, KeptPost};

/// Order of what is found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
    /// Best match of the words first (BM25).
    Score,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// How many posts match in all.
    pub total: usize,
    /// One page of them.
    pub hits: Vec<Hit>,
    /// Where the next page begins: hand it over as `after`; `None` at the end.
    pub next: Option<String>,
}

/// A found post.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The post; its text is hostile.
    pub post: KeptPost,
    /// Bytes of the text that the words of the query found, in order, apart from each other.
    pub marks: Vec<Range<usize>>,
    /// How well it matches; 0 where that was not asked.
    pub score: f32,
}

/// Time and hash of a post: an order without ties.
type Rank = (i64, u64);

impl IndexReader {
    /// The first `limit` posts that match, behind `after` (the `next` of the page before).
    ///
    /// # Errors
    /// Where `after` is none, or the index cannot be read.
    pub fn search(&self, query: &Query, sort: Sort, limit: usize, after: Option<&str>) -> Result<Found, IndexError> {
        let view = self.view();
        let compiled = query.compile(&self.fields, false);
        let failed = |error| self.failed(error);
        let searcher = &view.searcher;
        let (total, places, next) = match sort {
            Sort::Score => {
                let offset: usize = after.map_or(Ok(0), |after| after.parse().map_err(|_| bad_page(after)))?;
                let top = TopDocs::with_limit(limit.max(1)).and_offset(offset).order_by_score();
                let (total, places) = searcher.search(&compiled, &(Count, top)).map_err(failed)?;
                let next = (offset + limit < total).then(|| (offset + limit).to_string());
                (total, places, next)
            }
            Sort::Newest | Sort::Oldest => {
                let after = after.map(|after| rank_of(after).ok_or_else(|| bad_page(after))).transpose()?;
                let top = ByTime { is_newest: sort == Sort::Newest, limit, after };
                let (total, num_behind, ranked) = searcher.search(&compiled, &top).map_err(failed)?;
                let last = ranked.last().filter(|_| num_behind > ranked.len());
                let next = last.map(|((ts, hash), _)| format!("{ts}.{hash:016x}"));
                (total, ranked.into_iter().map(|(_, at)| (0.0, at)).collect(), next)
            }
        };
        let words = query.words();
        let hit = |(score, at): (f32, DocAddress)| -> tantivy::Result<Hit> {
            let post = load(searcher, &self.fields, at)?;
            let marks = post.text.as_deref().map_or_else(Vec::new, |text| marks(text, &words));
            Ok(Hit { post, marks, score })
        };
        let places: Vec<_> = places.into_iter().take(limit).collect();
        let hits = places.into_iter().map(hit).collect::<tantivy::Result<Vec<_>>>().map_err(failed)?;
        Ok(Found { total, hits, next })
    }
}

impl IndexReader {
    /// Whether there is a post of the platform that only the simulator writes.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn holds_simulated(&self) -> Result<bool, IndexError> {
        has_any(&self.view().searcher, self.fields.platform, "simulated").map_err(|error| self.failed(error))
    }
}

/// Where words stand in a text; two that touch each other are one mark.
fn marks(text: &str, words: &[&str]) -> Vec<Range<usize>> {
    let mut marks: Vec<Range<usize>> = Vec::new();
    let bare: Vec<&str> = words.iter().filter_map(|word| super::words::without_article(word)).collect();
    for token in tokens(text) {
        let is_meant = |word: &&str| **word == token.text;
        if !words.iter().any(is_meant) && !bare.iter().any(is_meant) {
            continue;
        }
        match marks.last_mut() {
            Some(last) if token.offset_from <= last.end => last.end = last.end.max(token.offset_to),
            _ => marks.push(token.offset_from..token.offset_to),
        }
    }
    marks
}

fn rank_of(page: &str) -> Option<Rank> {
    let (ts, hash) = page.split_once('.')?;
    Some((ts.parse().ok()?, u64::from_str_radix(hash, 16).ok()?))
}

fn bad_page(page: &str) -> QueryError {
    let message = "this is no page: hand over the next of an earlier answer to the same query".to_owned();
    QueryError { at: 1, near: Some(page.chars().take(40).collect()), message }
}

/// Collects the first posts by time.
struct ByTime {
    is_newest: bool,
    limit: usize,
    after: Option<Rank>,
}

/// Of one segment.
struct ByTimeOfSegment {
    ord: SegmentOrdinal,
    ts: Column<i64>,
    hash: Column<u64>,
    is_newest: bool,
    limit: usize,
    after: Option<Rank>,
    total: usize,
    num_behind: usize,
    /// The first ones by their place in the order; the last of them on top.
    first: BinaryHeap<(Place, DocAddress)>,
}

/// Where a post stands in the order that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Rising(Rank),
    Falling(Reverse<Rank>),
}

impl Place {
    fn of(rank: Rank, is_newest: bool) -> Self {
        if is_newest { Self::Falling(Reverse(rank)) } else { Self::Rising(rank) }
    }

    fn rank(self) -> Rank {
        match self {
            Self::Rising(rank) | Self::Falling(Reverse(rank)) => rank,
        }
    }
}

impl SegmentCollector for ByTimeOfSegment {
    type Fruit = (usize, usize, Vec<(Place, DocAddress)>);

    fn collect(&mut self, doc: DocId, _: Score) {
        self.total += 1;
        let Some(ts) = self.ts.first(doc) else { return };
        let place = Place::of((ts, self.hash.first(doc).unwrap_or_default()), self.is_newest);
        if self.after.is_some_and(|after| place <= Place::of(after, self.is_newest)) {
            return;
        }
        self.num_behind += 1;
        if self.first.len() >= self.limit && self.first.peek().is_none_or(|(last, _)| place >= *last) {
            return;
        }
        self.first.push((place, DocAddress::new(self.ord, doc)));
        if self.first.len() > self.limit {
            self.first.pop();
        }
    }

    fn harvest(self) -> Self::Fruit {
        (self.total, self.num_behind, self.first.into_vec())
    }
}

impl Collector for ByTime {
    type Fruit = (usize, usize, Vec<(Rank, DocAddress)>);
    type Child = ByTimeOfSegment;

    fn for_segment(&self, ord: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<ByTimeOfSegment> {
        Ok(ByTimeOfSegment {
            ord,
            ts: segment.fast_fields().i64("ts")?,
            hash: segment.fast_fields().u64("key_hash")?,
            is_newest: self.is_newest,
            limit: self.limit,
            after: self.after,
            total: 0,
            num_behind: 0,
            first: BinaryHeap::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, parts: Vec<<ByTimeOfSegment as SegmentCollector>::Fruit>) -> tantivy::Result<Self::Fruit> {
        let (mut total, mut num_behind, mut all) = (0, 0, Vec::new());
        for (segment_total, segment_behind, first) in parts {
            total += segment_total;
            num_behind += segment_behind;
            all.extend(first);
        }
        all.sort_unstable();
        all.truncate(self.limit);
        Ok((total, num_behind, all.into_iter().map(|(place, at)| (place.rank(), at)).collect()))
    }
}
