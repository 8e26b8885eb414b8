//! Counts over time of whatever a query finds, from the columns of the index.

use std::ops::Range;

use chrono::TimeDelta;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::query::Weight;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

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
    /// Bin and key, repeated ones included.
    Keys(Vec<(u32, u64)>),
}

/// Of one segment.
struct CountingOfSegment {
    counting: Counting,
    ts: Column<i64>,
    key: Option<Column<u64>>,
    counted: Counted,
    /// Length at which the keys are tidied next.
    most_keys: usize,
    times: Vec<Option<i64>>,
    keys: Vec<Option<u64>>,
}

impl CountingOfSegment {
    fn bin(&self, ts: i64) -> Option<usize> {
        let Counting { from_secs, end_secs, bin_secs, .. } = self.counting;
        // All within reach of a division without sign, which is the faster one.
        (from_secs..end_secs).contains(&ts).then(|| ((ts - from_secs) as u64 / bin_secs as u64) as usize)
    }
}

impl SegmentCollector for CountingOfSegment {
    type Fruit = Counted;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.collect_block(&[doc]);
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        let mut times = std::mem::take(&mut self.times);
        times.resize(docs.len(), None);
        self.ts.first_vals(docs, &mut times);
        if let Some(key) = &self.key {
            // A column leaves the place of a document without a value as it is.
            self.keys.clear();
            self.keys.resize(docs.len(), None);
            key.first_vals(docs, &mut self.keys);
        }
        for (nth, ts) in times.iter_mut().enumerate() {
            let Some(bin) = ts.take().and_then(|ts| self.bin(ts)) else { continue };
            match &mut self.counted {
                Counted::Posts(counts) => {
                    if let Some(count) = counts.get_mut(bin) {
                        *count += 1;
                    }
                }
                Counted::Keys(keys) => keys.push((bin as u32, self.keys[nth].unwrap_or_default())),
            }
        }
        self.times = times;
        if let Counted::Keys(keys) = &mut self.counted
            && keys.len() >= self.most_keys
        {
            keys.sort_unstable();
            keys.dedup();
            self.most_keys = MOST_KEYS.max(2 * keys.len());
        }
    }

    fn harvest(self) -> Counted {
        self.counted
    }
}

impl Collector for Counting {
    type Fruit = Vec<u32>;
    type Child = CountingOfSegment;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<CountingOfSegment> {
        let columns = segment.fast_fields();
        let (key, counted) = match self.per {
            Per::Posts => (None, Counted::Posts(vec![0; self.len])),
            Per::Authors => (Some(columns.u64("author")?), Counted::Keys(Vec::new())),
            Per::Clusters => (Some(columns.u64("cluster")?), Counted::Keys(Vec::new())),
        };
        Ok(CountingOfSegment {
            counting: *self,
            ts: columns.i64("ts")?,
            key,
            counted,
            most_keys: MOST_KEYS,
            times: Vec::new(),
            keys: Vec::new(),
        })
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
        if !keys.is_empty() {
            count_distinct(&keys, &mut counts);
        }
        Ok(counts)
    }
}

/// Counts the different keys of each bin. They are laid out bin by bin first: many small sorts within reach of the
/// processor are several times as fast as one set or one sort of all.
fn count_distinct(parts: &[Vec<(u32, u64)>], counts: &mut [u32]) {
    let mut ends = vec![0_usize; counts.len() + 1];
    for (bin, _) in parts.iter().flatten() {
        ends[*bin as usize + 1] += 1;
    }
    for bin in 1..ends.len() {
        ends[bin] += ends[bin - 1];
    }
    let mut keys = vec![0_u64; ends[counts.len()]];
    // From here on the place where the next key of a bin goes; in the end that is where the next bin begins.
    for (bin, key) in parts.iter().flatten() {
        let place = &mut ends[*bin as usize];
        keys[*place] = *key;
        *place += 1;
    }
    let mut start = 0;
    for (count, end) in counts.iter_mut().zip(ends) {
        let of_bin = &mut keys[start..end];
        of_bin.sort_unstable();
        *count = of_bin.chunk_by(|one, next| one == next).count() as u32;
        start = end;
    }
}

/// A stretch of time in whole seconds, for columns.
pub(super) fn secs(from: Option<Time>, to: Option<Time>) -> Range<i64> {
    let ceil = |time: Time| time.timestamp() + i64::from(time.timestamp_subsec_nanos() > 0);
    from.map_or(i64::MIN, ceil)..to.map_or(i64::MAX, ceil)
}
