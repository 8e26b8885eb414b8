//! From a tally to incidents: each service's witnesses, its bursts, and what the cells around them say.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::verdict::judge;
use super::witnesses::{Joined, Sorted, axis, series};
use super::{PerService, Settings, bursts, gaps, moves};
use crate::model::incident::Peak;
use crate::model::{
    Bin, Burst, Cell, CellKey, CountSeries, Coverage, Gap, Grid, Incident, Kind, Phase, ServiceId, Tally, Time,
};

/// Bursts of one service with less time between them are one incident.
const SAME_INCIDENT_SECS: i64 = 7200;
/// Stretch on either side of an incident that a chart shows.
const AROUND_SECS: i64 = 21_600;

/// What a tally holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// What was observed, with the gaps given and inferred.
    pub coverage: Coverage,
    /// Incidents by onset, then service.
    pub incidents: Vec<IncidentDetail>,
}

/// An incident with what a chart needs.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidentDetail {
    /// The incident; its quotes are empty.
    pub incident: Incident,
    /// Complaints (independent witnesses per bin) from six hours before the onset to six after the end.
    pub series: CountSeries,
    /// Expected count of each bin of `series` when nothing is wrong.
    pub expected: Vec<f64>,
    /// Whether the baseline rests on fewer than three observed days.
    pub too_little_history: bool,
}

/// Finds the incidents of every service in a tally. `extra_gaps` are stretches known to be
/// unobserved, in any order; gaps that the counts show are added. The false alarms of
/// [`Settings::false_alarms_per_week`] are those of one service.
pub fn incidents(tally: &Tally, settings: &PerService, extra_gaps: &[Gap]) -> Analysis {
    let coverage = gaps::coverage(tally, extra_gaps);
    let sorted = Sorted::of(tally);
    let mut incidents = Vec::new();
    if let Some(grid) = axis(tally) {
        for (service, cells) in &sorted.read {
            incidents.extend(of_service(service, cells, &sorted, &grid, &coverage.gaps, settings.of(service)));
        }
    }
    incidents.sort_by(|a, b| {
        let key = |detail: &IncidentDetail| (detail.incident.onset.at, detail.incident.service.clone());
        key(a).cmp(&key(b))
    });
    if let Some(grid) = axis(tally) {
        moves::fill(&mut incidents, &sorted, &grid, &coverage.gaps);
    }
    Analysis { coverage, incidents }
}

/// The incidents of one service, without their moves.
fn of_service(
    service: &ServiceId,
    cells: &[(&CellKey, &Cell, Kind)],
    sorted: &Sorted<'_>,
    grid: &Grid,
    gaps: &[Gap],
    settings: &Settings,
) -> Vec<IncidentDetail> {
    let complaints =
        || cells.iter().filter(|(_, _, kind)| *kind == Kind::Complaint).map(|(key, cell, _)| (*key, *cell));
    // Most services of a long tally have a handful of complaints, which no axis is worth.
    if (complaints().map(|(_, cell)| cell.posts).sum::<u64>() as f64) < settings.min_excess {
        return Vec::new();
    }
    let series = series(grid, complaints(), gaps);
    let detection = bursts(&series, settings);
    let blocks = sorted.block.get(service).map(Vec::as_slice).unwrap_or_default();
    together(detection.bursts)
        .into_iter()
        .map(|burst| {
            let (series, expected) = around(&burst, &series, &detection.baseline);
            IncidentDetail {
                incident: describe(service, &burst, cells, blocks, grid),
                series,
                expected,
                too_little_history: detection.too_little_history,
            }
        })
        .collect()
}

/// Joins bursts that are near each other; the strongest gives peak and score.
fn together(bursts: Vec<Burst>) -> Vec<Burst> {
    let mut joined: Vec<Burst> = Vec::new();
    for burst in bursts {
        let near =
            |last: &Burst| last.end.is_none_or(|end| burst.onset.at - end.at < TimeDelta::seconds(SAME_INCIDENT_SECS));
        match joined.last_mut() {
            Some(last) if near(last) => {
                last.end = burst.end;
                last.score = last.score.max(burst.score);
                if burst.peak_value > last.peak_value {
                    (last.peak_at, last.peak_value, last.peak_expected) =
                        (burst.peak_at, burst.peak_value, burst.peak_expected);
                }
            }
            _ => joined.push(burst),
        }
    }
    joined
}

/// The incident of a burst; `cells` and `blocks` are the service's.
fn describe(
    service: &ServiceId,
    burst: &Burst,
    cells: &[(&CellKey, &Cell, Kind)],
    blocks: &[(&CellKey, &Cell)],
    grid: &Grid,
) -> Incident {
    let (from, to) = span(burst.onset.at, burst.end.map(|end| end.at), grid);
    let (mut complaints, mut claims, mut block) = (Joined::default(), Joined::default(), Joined::default());
    let (mut langs, mut countries) = (BTreeMap::new(), BTreeMap::new());
    for (key, cell, kind) in within(cells, |item| item.0.at, from, to) {
        if matches!(kind, Kind::Complaint | Kind::News) {
            claims.add(cell);
        }
        if *kind == Kind::Complaint {
            complaints.add(cell);
            let lang = key.lang.map_or_else(|| "und".to_owned(), |lang| lang.to_string());
            let country = key.country.as_ref().map_or_else(|| "??".to_owned(), ToString::to_string);
            *langs.entry(lang).or_insert(0) += cell.posts;
            *countries.entry(country).or_insert(0) += cell.posts;
        }
    }
    for (_, cell) in within(blocks, |item| item.0.at, from, to) {
        block.add(cell);
    }
    let shares = |counts: &BTreeMap<String, u64>| {
        let total = counts.values().sum::<u64>().max(1) as f64;
        counts.iter().map(|(name, num)| (name.clone(), *num as f64 / total)).collect()
    };
    Incident {
        id: format!("{service}-{}", burst.onset.at.format("%Y%m%dT%H%MZ")),
        service: service.clone(),
        verdict: judge(claims.independent(), block.independent(), &countries),
        onset: burst.onset,
        alarm_at: burst.alarm_at,
        end: burst.end,
        phase: if burst.end.is_some() { Phase::Ended } else { Phase::Ongoing },
        peak: Peak { at: burst.peak_at, per_min: burst.peak_value / (f64::from(grid.bin_secs) / 60.0) },
        score: burst.score,
        num_complaints: complaints.posts,
        num_authors: complaints.authors.count(),
        langs: shares(&langs),
        countries: shares(&countries),
        migrations: Vec::new(),
        quotes: Vec::new(),
    }
}

/// Beginning of the bin of the onset, and end of the bin of the end or of the data.
pub(super) fn span(onset: Time, end: Option<Time>, grid: &Grid) -> (Time, Time) {
    let bin = |time: Time| grid.index(time).map(|index| grid.time(index));
    let from = bin(onset).unwrap_or(grid.start);
    let to = end.and_then(bin).map_or(grid.time(grid.len), |to| to + TimeDelta::seconds(i64::from(grid.bin_secs)));
    (from, to)
}

/// The items of a list in time order that lie in `from..to`.
pub(super) fn within<T>(items: &[T], at: impl Fn(&T) -> Time, from: Time, to: Time) -> &[T] {
    let begin = items.partition_point(|item| at(item) < from);
    let end = items.partition_point(|item| at(item) < to);
    items.get(begin..end).unwrap_or_default()
}

/// The part of a series, and of what was expected, that shows a burst.
fn around(burst: &Burst, series: &CountSeries, expected: &[f64]) -> (CountSeries, Vec<f64>) {
    let margin = TimeDelta::seconds(AROUND_SECS);
    let grid = series.grid;
    let begin = grid.index(burst.onset.at - margin).unwrap_or(0);
    let end = burst.end.and_then(|end| grid.index(end.high + margin)).map_or(grid.len, |index| index + 1).max(begin);
    let bins = series.bins.get(begin..end).map(<[Bin]>::to_vec).unwrap_or_default();
    let window = CountSeries { grid: Grid { start: grid.time(begin), len: bins.len(), ..grid }, bins };
    (window, expected.get(begin..end).map(<[f64]>::to_vec).unwrap_or_default())
}
