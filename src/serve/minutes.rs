//! What was said of each service in the bins of the last days, which are minutes where nothing else is set: brought up to date
//! with every commit, so that the overview costs no look into the index.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};

use crate::detect::{self, PerService};
use crate::model::{Bin, CellKind, CountSeries, Distinct, Gap, Grid, Kind, ServiceId, Tally, Time};

/// How far back what is expected is learned from.
pub(super) const HISTORY: TimeDelta = TimeDelta::days(7);
/// A text that was posted within this time is no independent complaint: series begin so much earlier.
const LEAD: TimeDelta = TimeDelta::days(1);
/// Fewer complaints in all of the history give no baseline: what is expected is their mean.
const LEAST_COMPLAINTS: u64 = 5;

/// Posts about one service.
#[derive(Debug, Default)]
struct Said {
    /// Complaints by bin, with their witnesses.
    complaints: Option<Tally>,
    /// Posts that name it by bin.
    posts: BTreeMap<Time, u64>,
}

/// What is expected of a service, bin by bin; beyond its end as at its end.
#[derive(Debug, Clone)]
struct Expected {
    from: Time,
    bin_secs: u32,
    means: Vec<f64>,
    /// Their 90 % interval, as a factor.
    factor: f64,
    /// Commits ago that it was worked out.
    age: u32,
}

impl Expected {
    /// What is expected in the bin of a moment.
    fn at(&self, at: Time) -> f64 {
        let index = (at - self.from).num_seconds().max(0) / i64::from(self.bin_secs);
        let index = usize::try_from(index).unwrap_or_default().min(self.means.len().saturating_sub(1));
        self.means.get(index).copied().unwrap_or_default()
    }
}

/// What is expected of some services.
#[derive(Debug)]
pub(super) struct Learned(Vec<(ServiceId, Expected)>);

/// What came about a service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Came {
    /// Complaints.
    pub(super) complaints: u64,
    /// Posts that name it, complaints included.
    pub(super) posts: u64,
}

/// A service in a window of time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Window {
    /// Independent complaints by bin.
    pub(super) series: CountSeries,
    /// Expected ones by bin.
    pub(super) expected: Vec<f64>,
    /// The 90 % interval of these: divided by this to times this.
    pub(super) factor: f64,
    /// Complaints, copies included.
    pub(super) num_complaints: u64,
    /// Distinct authors of them.
    pub(super) num_authors: u64,
}

/// The bins of the last days.
#[derive(Debug)]
pub(super) struct Minutes {
    bin_secs: u32,
    services: BTreeMap<ServiceId, Said>,
    all: BTreeMap<Time, u64>,
    expected: BTreeMap<ServiceId, Expected>,
}

impl Minutes {
    /// Nothing yet, to be counted in bins of so many seconds.
    pub(super) fn new(bin_secs: u32) -> Self {
        Self { bin_secs, services: BTreeMap::new(), all: BTreeMap::new(), expected: BTreeMap::new() }
    }

    /// Width of a bin in seconds.
    pub(super) fn bin_secs(&self) -> u32 {
        self.bin_secs
    }

    /// Puts the counts of whole bins in place of those known of `from..to`; what came more comes back.
    pub(super) fn replace(&mut self, from: Time, to: Time, counts: &Tally) -> BTreeMap<ServiceId, Came> {
        let mut before: BTreeMap<ServiceId, Came> = BTreeMap::new();
        for (service, said) in &mut self.services {
            let posts = take_range(&mut said.posts, from, to);
            let complaints = said.complaints.as_mut().map_or(0, |tally| {
                let later = tally.cells.split_off(&first_key(from));
                let (old, later): (Vec<_>, Vec<_>) = later.into_iter().partition(|(key, _)| key.at < to);
                tally.cells.extend(later);
                old.iter().filter(|(key, _)| key.service.is_some()).map(|(_, cell)| cell.posts).sum()
            });
            before.insert(service.clone(), Came { complaints, posts });
        }
        take_range(&mut self.all, from, to);
        let mut after: BTreeMap<ServiceId, Came> = BTreeMap::new();
        for (key, cell) in counts.cells.iter().filter(|(key, _)| key.at >= from && key.at < to) {
            match (&key.kind, &key.service) {
                (CellKind::All, _) => *self.all.entry(key.at).or_default() += cell.posts,
                (CellKind::Read(kind), Some(service)) => {
                    let said = self.services.entry(service.clone()).or_default();
                    *said.posts.entry(key.at).or_default() += cell.posts;
                    let came = after.entry(service.clone()).or_default();
                    came.posts += cell.posts;
                    if *kind == Kind::Complaint {
                        came.complaints += cell.posts;
                        let mut bare = key.clone();
                        (bare.lang, bare.country) = (None, None);
                        let tally = said.complaints.get_or_insert_with(|| Tally::new(self.bin_secs));
                        let mine = tally.cells.entry(bare).or_default();
                        mine.posts += cell.posts;
                        mine.authors.merge(&cell.authors);
                        mine.clusters.merge(&cell.clusters);
                    }
                }
                _ => {}
            }
        }
        let grown = |(service, now): (ServiceId, Came)| {
            let old = before.get(&service).copied().unwrap_or_default();
            let came = Came {
                complaints: now.complaints.saturating_sub(old.complaints),
                posts: now.posts.saturating_sub(old.posts),
            };
            (came != Came::default()).then_some((service, came))
        };
        after.into_iter().filter_map(grown).collect()
    }

    /// Lets go of what lies before a moment.
    pub(super) fn forget_before(&mut self, first: Time) {
        self.all = self.all.split_off(&first);
        for said in self.services.values_mut() {
            said.posts = said.posts.split_off(&first);
            if let Some(tally) = &mut said.complaints {
                tally.cells = tally.cells.split_off(&first_key(first));
            }
        }
        self.services.retain(|_, said| !said.posts.is_empty());
        let services = &self.services;
        self.expected.retain(|service, _| services.contains_key(service));
    }

    /// Works out anew what is expected of the `most` services for which that was done the longest ago.
    pub(super) fn learn(&self, at: Time, gaps: &[Gap], detection: &PerService, most: usize) -> Learned {
        let age = |service: &ServiceId| self.expected.get(service).map_or(u32::MAX, |expected| expected.age);
        let with_complaints = self.services.iter().filter(|(_, said)| said.complaints.is_some());
        let mut due: Vec<(u32, &ServiceId)> = with_complaints.map(|(service, _)| (age(service), service)).collect();
        due.sort_by(|a, b| b.cmp(a));
        let one = |service: &ServiceId| Some((service.clone(), self.expectation(service, at, gaps, detection)?));
        Learned(due.into_iter().take(most).filter_map(|(_, service)| one(service)).collect())
    }

    /// Takes what was learned.
    pub(super) fn take(&mut self, learned: Learned) {
        self.expected.values_mut().for_each(|expected| expected.age = expected.age.saturating_add(1));
        self.expected.extend(learned.0);
    }

    /// Services that were named in `from..to`.
    pub(super) fn named(&self, from: Time, to: Time) -> impl Iterator<Item = &ServiceId> {
        let is_named = move |said: &Said| said.posts.range(from..to).next().is_some();
        self.services.iter().filter(move |(_, said)| is_named(said)).map(|(service, _)| service)
    }

    /// Posts of any kind in `from..to`.
    pub(super) fn num_posts(&self, from: Time, to: Time) -> u64 {
        self.all.range(from..to).map(|(_, num)| num).sum()
    }

    /// What was said of a service in whole bins of `from..to`.
    pub(super) fn window(&self, service: &ServiceId, from: Time, to: Time, gaps: &[Gap]) -> Window {
        let bin_secs = self.bin_secs;
        let lead = num_bins(LEAD, bin_secs);
        let len = num_bins(to - from, bin_secs);
        let none = Tally::new(bin_secs);
        let tally = self.services.get(service).and_then(|said| said.complaints.as_ref()).unwrap_or(&none);
        let early = from - TimeDelta::seconds(lead as i64 * i64::from(bin_secs));
        let grid = Grid { start: early, bin_secs, len: lead + len };
        let mut series = detect::complaints(tally, service, &grid, gaps);
        series.bins.drain(..lead.min(series.bins.len()));
        series.grid = Grid { start: from, bin_secs, len };
        let (mut num_complaints, mut authors) = (0, Distinct::default());
        let cells = tally.cells.range(first_key(from)..first_key(to)).filter(|(key, _)| key.service.is_some());
        for (_, cell) in cells {
            num_complaints += cell.posts;
            authors.merge(&cell.authors);
        }
        let known = self.expected.get(service);
        let expected = (0..len).map(|index| known.map_or(0.0, |known| known.at(series.grid.time(index)))).collect();
        let factor = known.map_or(1.0, |known| known.factor);
        Window { series, expected, factor, num_complaints, num_authors: authors.count() }
    }

    fn expectation(&self, service: &ServiceId, at: Time, gaps: &[Gap], detection: &PerService) -> Option<Expected> {
        let tally = self.services.get(service)?.complaints.as_ref()?;
        let bin_secs = self.bin_secs;
        let (first, to) = (*self.all.first_key_value()?.0, begin(at, bin_secs));
        let len = Some(num_bins(to - first, bin_secs)).filter(|len| *len > 0)?;
        let grid = Grid { start: first, bin_secs, len };
        let series = detect::complaints(tally, service, &grid, gaps);
        let num: u64 = tally.cells.iter().filter(|(key, _)| key.service.is_some()).map(|(_, cell)| cell.posts).sum();
        let (means, factor) = if num < LEAST_COMPLAINTS {
            let num_seen = series.bins.iter().filter(|bin| **bin != Bin::Missing).count().max(1) as f64;
            let hours = num_seen * f64::from(bin_secs) / 3_600.0;
            (vec![num as f64 / num_seen], detect::level_factor(num as f64, hours, 0.0))
        } else {
            let found = detect::bursts(&series, detection.of(service));
            (found.baseline, found.baseline_factor)
        };
        Some(Expected { from: first, bin_secs, means, factor, age: 0 })
    }
}

/// The beginning of the bin of so many seconds that holds a moment.
pub(super) fn begin(at: Time, bin_secs: u32) -> Time {
    let width = i64::from(bin_secs);
    DateTime::from_timestamp(at.timestamp().div_euclid(width) * width, 0).unwrap_or(at)
}

/// Whole bins of so many seconds in a length of time.
pub(super) fn num_bins(length: TimeDelta, bin_secs: u32) -> usize {
    usize::try_from(length.num_seconds() / i64::from(bin_secs)).unwrap_or_default()
}

/// The least width that is no less than `secs` and made of whole bins of `bin_secs`.
pub(super) fn wide_enough(secs: u32, bin_secs: u32) -> u32 {
    secs.div_ceil(bin_secs).saturating_mul(bin_secs)
}

/// The smallest key of a moment.
fn first_key(at: Time) -> crate::model::CellKey {
    crate::model::CellKey { at, service: None, lang: None, country: None, kind: CellKind::All }
}

/// Takes out what lies in `from..to`; its sum comes back.
fn take_range(counts: &mut BTreeMap<Time, u64>, from: Time, to: Time) -> u64 {
    let later = counts.split_off(&from);
    let (old, later): (Vec<_>, Vec<_>) = later.into_iter().partition(|(at, _)| *at < to);
    counts.extend(later);
    old.iter().map(|(_, num)| num).sum()
}
