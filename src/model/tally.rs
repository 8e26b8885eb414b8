//! Counts of readings: everything after the reading works on these, so tallies of parts must add up.

use std::collections::BTreeMap;

use super::{ClusterKey, Country, Distinct, Kind, Lang, Reading, ServiceId, TaggedPost, Time};
use chrono::{DateTime, DurationRound, TimeDelta};

/// What a cell counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CellKind {
    /// All posts of the bin whatever they say (no service, language, country): the denominator.
    All,
    /// Posts of this kind about the service: it is in `down`, or merely named for `Other`.
    Read(Kind),
    /// Complaints and news about the service that speak of a block by a court or a government.
    Block,
    /// Posts that state a move from the service (`None`: unknown) to this one.
    MoveTo(ServiceId),
}

/// Which cell. `service` is `None` for [`CellKind::All`], for claims that name no service, and
/// for moves whose origin is unknown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellKey {
    /// Beginning of the bin.
    pub at: Time,
    /// The service.
    pub service: Option<ServiceId>,
    /// Language; `None` is `und`.
    pub lang: Option<Lang>,
    /// Claimed country.
    pub country: Option<Country>,
    /// What is counted.
    pub kind: CellKind,
}

/// The counts of one cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// Posts, copies included.
    pub posts: u64,
    /// Distinct authors.
    pub authors: Distinct,
    /// Distinct clusters of near-equal posts.
    pub clusters: Distinct,
}

/// Counts by bin, service, language, country and kind. Merging is associative and commutative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Width of a bin in seconds; bins begin at multiples of it since 1970.
    pub bin_secs: u32,
    /// The cells that are not empty.
    pub cells: BTreeMap<CellKey, Cell>,
}

impl Tally {
    /// An empty tally. `bin_secs` must be at least 1.
    pub fn new(bin_secs: u32) -> Self {
        Self { bin_secs: bin_secs.max(1), cells: BTreeMap::new() }
    }

    /// Beginning of the bin that holds `at`.
    pub fn bin_start(&self, at: Time) -> Time {
        let width = TimeDelta::seconds(i64::from(self.bin_secs));
        at.duration_trunc(width).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// Counts a post; one without a date is not counted and `false` comes back.
    pub fn add(&mut self, tagged: &TaggedPost) -> bool {
        let (post, reading) = (tagged.post(), tagged.reading());
        let Some(at) = post.at else { return false };
        let author = post.author.map_or(post.cluster.0, |author| author.0);
        self.count(at, reading, post.country.as_ref(), &[(author, post.cluster)]);
        true
    }

    /// Counts posts of which nothing but their time is known.
    pub fn count_unread(&mut self, at: Time, num: u64) {
        let at = self.bin_start(at);
        let all = CellKey { at, service: None, lang: None, country: None, kind: CellKind::All };
        self.cells.entry(all).or_default().posts += num;
    }

    /// Counts posts of one reading and one bin by their authors and clusters; a post without an author has its cluster's
    /// key in that place.
    pub fn count(&mut self, at: Time, reading: &Reading, country: Option<&Country>, witnesses: &[(u64, ClusterKey)]) {
        let at = self.bin_start(at);
        let all = CellKey { at, service: None, lang: None, country: None, kind: CellKind::All };
        self.cells.entry(all).or_default().posts += witnesses.len() as u64;

        let mut count = |service: Option<ServiceId>, kind: CellKind| {
            let key = CellKey { at, service, lang: reading.lang.lang(), country: country.cloned(), kind };
            let cell = self.cells.entry(key).or_default();
            cell.posts += witnesses.len() as u64;
            for (author, cluster) in witnesses {
                cell.authors.add(*author);
                cell.clusters.add(cluster.0);
            }
        };
        for service in &reading.named {
            let kind = if reading.down.contains(service) { reading.kind } else { Kind::Other };
            count(Some(service.clone()), CellKind::Read(kind));
        }
        if reading.kind != Kind::Other && reading.down.is_empty() {
            count(None, CellKind::Read(reading.kind));
        }
        if reading.speaks_of_block {
            for service in &reading.down {
                count(Some(service.clone()), CellKind::Block);
            }
        }
        for step in &reading.moves {
            count(step.from.clone(), CellKind::MoveTo(step.to.clone()));
        }
    }

    /// Adds another tally of the same bin width; `false` (and no change) where the widths differ.
    pub fn merge(&mut self, other: &Self) -> bool {
        if self.bin_secs != other.bin_secs {
            return false;
        }
        for (key, cell) in &other.cells {
            let mine = self.cells.entry(key.clone()).or_default();
            mine.posts += cell.posts;
            mine.authors.merge(&cell.authors);
            mine.clusters.merge(&cell.clusters);
        }
        true
    }
}
