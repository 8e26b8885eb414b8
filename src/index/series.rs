//! Counts over time of whatever a query finds, from the columns of the index.

use std::ops::Range;

use chrono::TimeDelta;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Cardinality, Column};
use tantivy::query::Weight;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader, TantivyError};

use super::distinct::{self, Distinct, Keys};
use super::query::Query;
use super::{IndexError, IndexReader};
use crate::model::{Bin, CountSeries, Gap, Grid, Time};

/// Longest axis.
const MAX_BINS: i64 = 4_000_000;
/// Keys that are held before the repeated ones among them are let go.
const MOST_KEYS: usize = 1 << 22;
/// Share of a bin that may be unobserved before all of it is missing.
const MAX_UNSEEN: f64 = 0.25;

/// What is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Per {
    /// Posts, copies included.
    #[default]
    Posts,
    /// Distinct authors in each bin; a post without one stands for one.
    Authors,
    /// Distinct clusters of near-equal posts in each bin.
    Clusters,
}

/// Counts on a time axis; what was taken back counts, what was forgotten does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// The time axis.
    pub grid: Grid,
    /// One number per bin.
    pub counts: Vec<u32>,
}

impl Series {
    /// The same with the bins of which more than a quarter was unobserved marked as missing.
    pub fn with_gaps(&self, gaps: &[Gap]) -> CountSeries {
        let grid = self.grid;
        let mut unseen_secs = vec![0_i64; grid.len];
        for gap in gaps {
            let (from, to) = (gap.from.max(grid.start), gap.to.min(grid.time(grid.len)));
            if from >= to {
                continue;
            }
            let place = |time: Time| usize::try_from((time - grid.start).num_seconds() / i64::from(grid.bin_secs));
            let (Ok(first), Ok(last)) = (place(from), place(to)) else { continue };
            for (index, unseen) in unseen_secs.iter_mut().enumerate().take(last + 1).skip(first) {
                *unseen += (grid.time(index + 1).min(to) - grid.time(index).max(from)).num_seconds().max(0);
            }
        }
        let most = MAX_UNSEEN * f64::from(grid.bin_secs);
        let bin = |(&count, secs): (&u32, i64)| if secs as f64 > most { Bin::Missing } else { Bin::Observed(count) };
        CountSeries { grid, bins: self.counts.iter().zip(unseen_secs).map(bin).collect() }
    }
}

impl IndexReader {
    /// Counts what a query finds in `from..to`, in bins that begin at `from`; `bin_secs` is brought into 1..=86,400 and
    /// made wider where there would be more than four million bins.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn series(&self, query: &Query, from: Time, to: Time, bin_secs: u32, per: Per) -> Result<Series, IndexError> {
        let secs = (to - from).num_seconds().max(0) + i64::from((to - from).subsec_nanos() > 0);
        let bin_secs = i64::from(bin_secs.clamp(1, 86_400)).max(secs / MAX_BINS + 1);
        let len = usize::try_from((secs + bin_secs - 1) / bin_secs).unwrap_or_default();
        let start = from - TimeDelta::nanoseconds(i64::from(from.timestamp_subsec_nanos()));
        let grid = Grid { start, bin_secs: u32::try_from(bin_secs).unwrap_or(u32::MAX), len };
        let counting =
            Counting { from_secs: start.timestamp(), bin_secs, len, end_secs: start.timestamp() + secs, per };
        let view = self.view();
        let compiled = query.compile(&self.fields, true);
        let counts = view.searcher.search(&compiled, &counting).map_err(|error| self.failed(error))?;
        Ok(Series { grid, counts })
    }
}

/// Counts by bin.
#[derive(Debug, Clone, Copy)]
struct Counting {
    from_secs: i64,
    end_secs: i64,
    bin_secs: i64,
    len: usize,
    per: Per,
}

/// What one segment counted.
enum Counted {
    Posts(Vec<u32>),
    Keys(Distinct),
}

/// What is read of a segment.
enum Reading {
    Posts(Vec<u32>),
    /// The column of keys, those read, and how many of them are tidied next.
    Keys(Column<u64>, Keys, usize),
}

/// Of one segment.
struct CountingOfSegment {
    counting: Counting,
    ts: Column<i64>,
    reading: Reading,
    times: Vec<i64>,
    values: Vec<u64>,
    /// The bin of the last post: neighbors mostly share it.
    last: (i64, usize),
}

impl CountingOfSegment {
    fn bin(&mut self, ts: i64) -> Option<usize> {
        let Counting { from_secs, end_secs, bin_secs, .. } = self.counting;
        if !(from_secs..end_secs).contains(&ts) {
            return None;
        }
        if !(0..bin_secs).contains(&(ts - self.last.0)) {
            // All within reach of a division without sign, which is the faster one.
            let bin = (ts - from_secs) as u64 / bin_secs as u64;
            self.last = (from_secs + bin as i64 * bin_secs, bin as usize);
        }
        Some(self.last.1)
    }
}

/// Reads a value of each document; `missing` where it has none.
fn read<T: Copy + PartialOrd + std::fmt::Debug + Send + Sync + 'static>(
    column: &Column<T>,
    docs: &[DocId],
    missing: T,
    out: &mut Vec<T>,
) {
    out.clear();
    if column.get_cardinality() == Cardinality::Full {
        out.resize(docs.len(), missing);
        column.values.get_vals(docs, out);
    } else {
        out.extend(docs.iter().map(|&doc| column.first(doc).unwrap_or(missing)));
    }
}

impl SegmentCollector for CountingOfSegment {
    type Fruit = Counted;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.collect_block(&[doc]);
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        let mut times = std::mem::take(&mut self.times);
        let mut values = std::mem::take(&mut self.values);
        read(&self.ts, docs, i64::MIN, &mut times);
        if let Reading::Keys(column, ..) = &self.reading {
            read(column, docs, 0, &mut values);
        }
        for (nth, ts) in times.iter().enumerate() {
            let Some(bin) = self.bin(*ts) else { continue };
            match &mut self.reading {
                Reading::Posts(counts) => counts[bin] += 1,
                Reading::Keys(_, keys, _) => keys.push(bin as u32, values[nth]),
            }
        }
        (self.times, self.values) = (times, values);
        if let Reading::Keys(_, keys, most) = &mut self.reading
            && keys.len() >= *most
        {
            keys.tidy();
            *most = MOST_KEYS.max(2 * keys.len());
        }
    }

    fn harvest(self) -> Counted {
        match self.reading {
            Reading::Posts(counts) => Counted::Posts(counts),
            Reading::Keys(_, keys, _) => Counted::Keys(keys.into_distinct()),
        }
    }
}

impl Collector for Counting {
    type Fruit = Vec<u32>;
    type Child = CountingOfSegment;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<CountingOfSegment> {
        let columns = segment.fast_fields();
        let room = MOST_KEYS.min(segment.num_docs() as usize);
        let keys = |name| Ok::<_, TantivyError>(Reading::Keys(columns.u64(name)?, Keys::with_room(room), MOST_KEYS));
        let reading = match self.per {
            Per::Posts => Reading::Posts(vec![0; self.len]),
            Per::Authors => keys("author")?,
            Per::Clusters => keys("cluster")?,
        };
        let (times, values, last) = (Vec::new(), Vec::new(), (self.from_secs, 0));
        Ok(CountingOfSegment { counting: *self, ts: columns.i64("ts")?, reading, times, values, last })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn collect_segment(&self, weight: &dyn Weight, ord: u32, segment: &SegmentReader) -> tantivy::Result<Counted> {
        let mut counting = self.for_segment(ord, segment)?;
        // Segments whose posts all lie elsewhere in time are passed over.
        let span = counting.ts.min_value()..=counting.ts.max_value();
        if *span.end() < self.from_secs || *span.start() >= self.end_secs {
            return Ok(counting.harvest());
        }
        let mut alive = Vec::new();
        weight.for_each_no_score(segment, &mut |docs| match segment.alive_bitset() {
            None => counting.collect_block(docs),
            Some(bits) => {
                alive.clear();
                alive.extend(docs.iter().copied().filter(|&doc| bits.is_alive(doc)));
                counting.collect_block(&alive);
            }
        })?;
        Ok(counting.harvest())
    }

    fn merge_fruits(&self, parts: Vec<Counted>) -> tantivy::Result<Vec<u32>> {
        let mut counts = vec![0_u32; self.len];
        let mut keys = Vec::new();
        for part in parts {
            match part {
                Counted::Posts(more) => counts.iter_mut().zip(more).for_each(|(count, more)| *count += more),
                Counted::Keys(more) => keys.push(more),
            }
        }
        distinct::count(&keys, &mut counts);
        Ok(counts)
    }
}

/// A stretch of time in whole seconds, for columns.
pub(super) fn secs(from: Option<Time>, to: Option<Time>) -> Range<i64> {
    let ceil = |time: Time| time.timestamp() + i64::from(time.timestamp_subsec_nanos() > 0);
    from.map_or(i64::MIN, ceil)..to.map_or(i64::MAX, ceil)
}
