//! The tally of an index: the same as of the posts that went in, cell by cell, and brought up to date bin by bin.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use chrono::{DateTime, TimeDelta};
use tantivy::SegmentReader;

use super::said::Said;
use super::series::secs;
use super::{IndexError, IndexReader};
use crate::model::{CellKey, CellKind, ClusterKey, Country, Reading, Tally, Time};

impl IndexReader {
    /// Counts everything in `from..to` (all there is, where they are left out): what was taken back counts, what was
    /// forgotten does not. Posts that were only counted are known by the minute, so bins should be whole minutes.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn tally(&self, from: Option<Time>, to: Option<Time>, bin_secs: u32) -> Result<Tally, IndexError> {
        let view = self.view();
        let span = secs(from, to);
        let mut tally = Tally::new(bin_secs);
        for segment in view.searcher.segment_readers() {
            count_segment(segment, &span, &mut tally).map_err(|error| self.failed(error))?;
        }
        for open in &view.payload.open {
            let ts = open.minute * 60;
            if let Some(at) = DateTime::from_timestamp(ts, 0).filter(|_| span.contains(&ts)) {
                tally.count_unread(at, open.num);
            }
        }
        Ok(tally)
    }

    /// Stretches of time whose counts may have changed after a commit, whole minutes in order; `None` where that commit is
    /// too long ago to tell.
    pub fn touched_since(&self, seq: u64) -> Option<Vec<Range<Time>>> {
        let view = self.view();
        let payload = &view.payload;
        let oldest = payload.touched.front().map_or(payload.seq + 1, |touched| touched.seq);
        if seq >= payload.seq {
            return Some(Vec::new());
        }
        if seq + 1 < oldest {
            return None;
        }
        let mut minutes: Vec<(i64, i64)> = payload
            .touched
            .iter()
            .filter(|touched| touched.seq > seq)
            .flat_map(|touched| touched.minutes.clone())
            .collect();
        minutes.sort_unstable();
        let time = |minute: i64| DateTime::from_timestamp(minute * 60, 0).unwrap_or_default();
        let mut ranges: Vec<Range<Time>> = Vec::new();
        for (from, to) in minutes {
            match ranges.last_mut() {
                Some(last) if time(from) <= last.end => last.end = last.end.max(time(to)),
                _ => ranges.push(time(from)..time(to)),
            }
        }
        Some(ranges)
    }

    /// Brings a tally over everything, taken at commit `seq`, up to the commit that is looked at, whose number comes back:
    /// only the bins that were touched since are read again.
    ///
    /// # Errors
    /// Where the index cannot be read; then the tally must not be used any more.
    pub fn refresh(&self, tally: &mut Tally, seq: u64) -> Result<u64, IndexError> {
        let bin_secs = tally.bin_secs;
        match self.touched_since(seq) {
            None => *tally = self.tally(None, None, bin_secs)?,
            Some(ranges) => {
                let mut done = None;
                for range in ranges {
                    let from = tally.bin_start(range.start).max(done.unwrap_or(DateTime::<chrono::Utc>::MIN_UTC));
                    let width = TimeDelta::seconds(i64::from(bin_secs));
                    let to = tally.bin_start(range.end - TimeDelta::seconds(1)) + width;
                    if from >= to {
                        continue;
                    }
                    done = Some(to);
                    let bound = |at| CellKey { at, service: None, lang: None, country: None, kind: CellKind::All };
                    let later = tally.cells.split_off(&bound(from));
                    let behind = later.into_iter().filter(|(key, _)| key.at >= to);
                    tally.cells.extend(behind);
                    tally.merge(&self.tally(Some(from), Some(to), bin_secs)?);
                }
            }
        }
        Ok(self.seq())
    }
}

/// Counts the documents of a segment that lie in `span`.
fn count_segment(segment: &SegmentReader, span: &Range<i64>, tally: &mut Tally) -> tantivy::Result<()> {
    let columns = segment.fast_fields();
    let ts = columns.i64("ts")?;
    if ts.max_value() < span.start || ts.min_value() >= span.end {
        return Ok(());
    }
    let (num, author, cluster) = (columns.u64("num")?, columns.u64("author")?, columns.u64("cluster")?);
    let Some(said) = columns.str("said")? else { return Ok(()) };
    // Few readings are different, so posts are gathered by bin and reading before anything is looked up in the tally.
    let mut gathered: BTreeMap<(i64, u64), Vec<(u64, ClusterKey)>> = BTreeMap::new();
    let bin_secs = i64::from(tally.bin_secs);
    for doc in segment.doc_ids_alive() {
        let Some(secs) = ts.first(doc).filter(|secs| span.contains(secs)) else { continue };
        match (num.first(doc), said.ords().first(doc)) {
            (Some(num), _) if num > 0 => {
                if let Some(at) = DateTime::from_timestamp(secs, 0) {
                    tally.count_unread(at, num);
                }
            }
            (_, Some(ord)) => {
                let witness = (author.first(doc).unwrap_or_default(), cluster.first(doc).unwrap_or_default());
                let bin = secs.div_euclid(bin_secs) * bin_secs;
                gathered.entry((bin, ord)).or_default().push((witness.0, ClusterKey(witness.1)));
            }
            _ => {}
        }
    }
    let mut known: HashMap<u64, Option<(Reading, Option<Country>)>> = HashMap::new();
    let mut text = String::new();
    for ((bin, ord), witnesses) in gathered {
        if let Entry::Vacant(entry) = known.entry(ord) {
            text.clear();
            said.ord_to_str(ord, &mut text)?;
            entry.insert(Said::read(&text));
        }
        if let (Some(at), Some(Some((reading, country)))) = (DateTime::from_timestamp(bin, 0), known.get(&ord)) {
            tally.count(at, reading, country.as_ref(), &witnesses);
        }
    }
    Ok(())
}
