//! The complaints about one service, read without reading anything else: what the chart of an incident is made from.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::DateTime;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

use super::query::Query;
use super::series::secs;
use super::{IndexError, IndexReader};
use crate::model::{ClusterKey, Kind, LangGuess, Reading, ServiceId, Tally, Time};

/// Author and cluster of posts by the beginning of their bin.
type ByBin = BTreeMap<i64, Vec<(u64, ClusterKey)>>;

impl IndexReader {
    /// The tally of the complaints about a service in `from..to`, all languages and countries together.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn complaints(
        &self,
        service: &ServiceId,
        from: Option<Time>,
        to: Option<Time>,
        bin_secs: u32,
    ) -> Result<Tally, IndexError> {
        let view = self.view();
        let query = Query::down(service).and(Query::kind(Kind::Complaint)).compile(&self.fields, true);
        let gathering = Gathering { span: secs(from, to), bin_secs: i64::from(bin_secs.max(1)) };
        let found = view.searcher.search(&query, &gathering).map_err(|error| self.failed(error))?;
        let mut tally = Tally::new(bin_secs);
        let reading = Reading {
            kind: Kind::Complaint,
            named: vec![service.clone()],
            down: vec![service.clone()],
            ..Reading::nothing(LangGuess::Undetermined)
        };
        for (secs, witnesses) in found {
            if let Some(at) = DateTime::from_timestamp(secs, 0) {
                tally.count(at, &reading, None, &witnesses);
            }
        }
        Ok(tally)
    }
}

/// Gathers who says something by bin.
#[derive(Debug, Clone)]
struct Gathering {
    span: Range<i64>,
    bin_secs: i64,
}

/// Of one segment.
struct GatheringOfSegment {
    gathering: Gathering,
    ts: Column<i64>,
    author: Column<u64>,
    cluster: Column<u64>,
    found: ByBin,
}

impl SegmentCollector for GatheringOfSegment {
    type Fruit = ByBin;

    fn collect(&mut self, doc: DocId, _: Score) {
        let Gathering { span, bin_secs } = &self.gathering;
        let Some(secs) = self.ts.first(doc).filter(|secs| span.contains(secs)) else { return };
        let cluster = ClusterKey(self.cluster.first(doc).unwrap_or_default());
        let witness = (self.author.first(doc).unwrap_or_default(), cluster);
        self.found.entry(secs.div_euclid(*bin_secs) * bin_secs).or_default().push(witness);
    }

    fn harvest(self) -> ByBin {
        self.found
    }
}

impl Collector for Gathering {
    type Fruit = ByBin;
    type Child = GatheringOfSegment;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<GatheringOfSegment> {
        let columns = segment.fast_fields();
        Ok(GatheringOfSegment {
            gathering: self.clone(),
            ts: columns.i64("ts")?,
            author: columns.u64("author")?,
            cluster: columns.u64("cluster")?,
            found: ByBin::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, parts: Vec<ByBin>) -> tantivy::Result<ByBin> {
        let mut all = ByBin::new();
        for (bin, witnesses) in parts.into_iter().flatten() {
            all.entry(bin).or_default().extend(witnesses);
        }
        Ok(all)
    }
}
