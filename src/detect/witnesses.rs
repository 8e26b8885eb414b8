//! Independent witnesses: how many people say something of their own in a bin.
//!
//! The value of a bin is the smaller of its distinct authors and of its clusters that nobody
//! posted in the day before, so that 500 copies of one text by 20 accounts count once.

use std::collections::{BTreeMap, HashMap};

use crate::model::{Bin, Cell, CellKey, CellKind, CountSeries, Distinct, Gap, Grid, Kind, ServiceId, Tally, Time};

use super::gaps::empty_bins;

/// A cluster that was seen within this time is not new.
const NEW_AFTER_SECS: i64 = 86_400;
/// Longest axis on which a service is followed; longer tallies get wider bins.
const MAX_BINS: i64 = 4_000_000;

/// The cells of a tally, sorted by what they are about; each list is in time order.
#[derive(Debug, Default)]
pub(super) struct Sorted<'a> {
    /// Readings by service.
    pub(super) read: BTreeMap<&'a ServiceId, Vec<(&'a CellKey, &'a Cell, Kind)>>,
    /// Claims that speak of a block, by service.
    pub(super) block: BTreeMap<&'a ServiceId, Vec<(&'a CellKey, &'a Cell)>>,
    /// Stated moves by where they go.
    pub(super) moves: BTreeMap<&'a ServiceId, Vec<(&'a CellKey, &'a Cell)>>,
}

impl<'a> Sorted<'a> {
    /// Sorts a tally's cells.
    pub(super) fn of(tally: &'a Tally) -> Self {
        let mut sorted = Self::default();
        for (key, cell) in &tally.cells {
            match (&key.kind, &key.service) {
                (CellKind::Read(kind), Some(service)) => {
                    sorted.read.entry(service).or_default().push((key, cell, *kind));
                }
                (CellKind::Block, Some(service)) => sorted.block.entry(service).or_default().push((key, cell)),
                (CellKind::MoveTo(to), _) => sorted.moves.entry(to).or_default().push((key, cell)),
                _ => {}
            }
        }
        sorted
    }
}

/// The time axis of a whole tally; `None` of an empty one.
pub(super) fn axis(tally: &Tally) -> Option<Grid> {
    let (first, last) = (tally.cells.first_key_value()?.0.at, tally.cells.last_key_value()?.0.at);
    let tally_secs = i64::from(tally.bin_secs.max(1));
    let bins = (last - first).num_seconds() / tally_secs + 1;
    let wider = bins.div_euclid(MAX_BINS) + 1;
    let bin_secs = u32::try_from(tally_secs * wider).ok()?;
    Some(Grid { start: first, bin_secs, len: usize::try_from((bins + wider - 1) / wider).ok()? })
}

/// Witnesses per bin of cells in time order; `gaps` become missing bins.
pub(super) fn series<'a>(
    grid: &Grid,
    cells: impl Iterator<Item = (&'a CellKey, &'a Cell)>,
    gaps: &[Gap],
) -> CountSeries {
    let mut bins = empty_bins(grid, gaps);
    let mut seen = Seen::default();
    let mut pending: Option<(usize, Joined)> = None;
    let mut put = |seen: &mut Seen, index: usize, joined: &Joined| {
        let value = joined.witnesses(seen, grid.time(index));
        if let Some(Bin::Observed(count)) = bins.get_mut(index) {
            *count = u32::try_from(value).unwrap_or(u32::MAX);
        }
    };
    for (key, cell) in cells {
        let Some(index) = grid.index(key.at) else { continue };
        if let Some((at, joined)) = pending.take_if(|(at, _)| *at != index) {
            put(&mut seen, at, &joined);
        }
        pending.get_or_insert_with(|| (index, Joined::default())).1.add(cell);
    }
    if let Some((at, joined)) = pending {
        put(&mut seen, at, &joined);
    }
    CountSeries { grid: *grid, bins }
}

/// Independent complaints about a service in each bin of `grid`, as incidents are found by; `gaps` become missing bins.
pub fn complaints(tally: &Tally, service: &ServiceId, grid: &Grid, gaps: &[Gap]) -> CountSeries {
    let is_one = |key: &CellKey| key.kind == CellKind::Read(Kind::Complaint) && key.service.as_ref() == Some(service);
    series(grid, tally.cells.iter().filter(|(key, _)| is_one(key)), gaps)
}

/// Cells of one bin taken together, over languages and countries.
#[derive(Debug, Clone, Default)]
pub(super) struct Joined {
    /// Posts, copies included.
    pub(super) posts: u64,
    /// Distinct authors.
    pub(super) authors: Distinct,
    /// Distinct clusters.
    pub(super) clusters: Distinct,
}

impl Joined {
    /// Adds a cell.
    pub(super) fn add(&mut self, cell: &Cell) {
        self.posts += cell.posts;
        self.authors.merge(&cell.authors);
        self.clusters.merge(&cell.clusters);
    }

    /// Authors or clusters, whichever are fewer.
    pub(super) fn independent(&self) -> u64 {
        self.authors.count().min(self.clusters.count())
    }

    /// The same with only the clusters that are new at this time.
    fn witnesses(&self, seen: &mut Seen, at: Time) -> u64 {
        let (mut num_kept, mut num_new) = (0_u64, 0_u64);
        for key in self.clusters.keys() {
            num_kept += 1;
            num_new += u64::from(seen.is_new(key, at.timestamp()));
        }
        // Above the sketch's capacity its keys are a sample of all clusters.
        let scale = self.clusters.count() as f64 / num_kept.max(1) as f64;
        let new = (num_new as f64 * scale).round() as u64;
        self.authors.count().min(new)
    }
}

/// When each cluster was seen last, in seconds since 1970.
#[derive(Debug, Default)]
struct Seen {
    last: HashMap<u64, i64>,
    cleared_at: i64,
}

impl Seen {
    fn is_new(&mut self, key: u64, at: i64) -> bool {
        if at - self.cleared_at > NEW_AFTER_SECS {
            self.last.retain(|_, last| at - *last <= NEW_AFTER_SECS);
            self.cleared_at = at;
        }
        self.last.insert(key, at).is_none_or(|last| at - last > NEW_AFTER_SECS)
    }
}
