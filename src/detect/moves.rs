//! Where people went: stated moves by author (Jeffreys interval, Brown et al., Stat. Sci. 2001) and mentions over their own baseline, corrected over alternatives (Holm, Scand. J. Stat. 1979).
//!
//! Only an alternative that somebody states a move to is named. Its mentions are compared with the
//! same hours outside incidents by a ratio of gamma laws, widened by how much whole hours vary.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use statrs::distribution::{Beta, ContinuousCDF};

use super::baseline;
use super::incidents::{IncidentDetail, span, within};
use super::verdict::beta_quantile;
use super::witnesses::{Joined, Sorted, series};
use crate::model::{Bin, Cell, CellKey, Gap, Grid, Kind, Migration, ServiceId, Share, Time};

/// People go on moving, and saying so, after it is back.
const TAIL_SECS: i64 = 7200;
/// Observed time outside incidents that makes a baseline of mentions.
const MIN_OUTSIDE_MIN: f64 = 120.0;
/// Time that "one move may be read by mistake in two days" weighs among the observed time.
const MISTAKE_MIN: f64 = 1440.0;

/// A stretch of time of one incident.
#[derive(Debug, Clone)]
struct Stretch {
    service: ServiceId,
    from: Time,
    /// When it is back.
    back: Time,
    /// The end of the tail behind that.
    to: Time,
    num_complaints: u64,
}

/// Fills the migrations of all incidents.
pub(super) fn fill(incidents: &mut [IncidentDetail], sorted: &Sorted<'_>, grid: &Grid, gaps: &[Gap]) {
    let stretches: Vec<Stretch> = incidents
        .iter()
        .map(|detail| {
            let incident = &detail.incident;
            let end = incident.end.map(|end| end.at);
            let (from, back) = span(incident.onset.at, end, grid);
            let (_, to) = span(incident.onset.at, end.map(|end| end + TimeDelta::seconds(TAIL_SECS)), grid);
            Stretch { service: incident.service.clone(), from, back, to, num_complaints: incident.num_complaints }
        })
        .collect();
    let mut mentions = Mentions { sorted, grid, gaps, stretches: &stretches, known: BTreeMap::new() };
    for (detail, stretch) in incidents.iter_mut().zip(&stretches) {
        detail.incident.migrations = of_incident(stretch, &mut mentions);
    }
}

/// The moves of one incident, strongest first.
fn of_incident(stretch: &Stretch, mentions: &mut Mentions<'_>) -> Vec<Migration> {
    let mut everybody = Joined::default();
    let mut stated: Vec<(ServiceId, Joined)> = Vec::new();
    for (to, cells) in &mentions.sorted.moves {
        let mut joined = Joined::default();
        for (key, cell) in within(cells, |item| item.0.at, stretch.from, stretch.to) {
            if belongs(key, stretch, mentions.stretches) && !is_down(to, key.at, mentions.stretches) {
                joined.add(cell);
                everybody.add(cell);
            }
        }
        if joined.posts > 0 && **to != stretch.service {
            stated.push(((*to).clone(), joined));
        }
    }
    let num_all = everybody.independent();
    let mut found: Vec<Migration> = stated
        .into_iter()
        .map(|(to, joined)| {
            let (lift, by_mentions) = mentions.lift(&to, stretch);
            let by_moves = mentions.stated_by_chance(&to, stretch, joined.independent());
            Migration {
                share: share(joined.independent(), num_all),
                num_stated: joined.posts,
                num_authors: joined.authors.count(),
                lift,
                // The better of two looks, paid for by doubling.
                p_value: by_mentions.map_or(by_moves, |p| 2.0 * p.min(by_moves)).min(1.0),
                to,
            }
        })
        .collect();
    holm(&mut found);
    found.sort_by(|a, b| {
        b.share.mid.total_cmp(&a.share.mid).then(a.p_value.total_cmp(&b.p_value)).then(a.to.cmp(&b.to))
    });
    found
}

/// Whether a service fails itself at a moment: nobody goes to what is down, and posts that name both are easily misread.
fn is_down(service: &ServiceId, at: Time, all: &[Stretch]) -> bool {
    all.iter().any(|other| other.service == *service && (other.from..other.back).contains(&at))
}

/// Whether a stated move is from the service of this incident; one from nowhere goes to the
/// largest incident of its time.
fn belongs(key: &CellKey, stretch: &Stretch, all: &[Stretch]) -> bool {
    match &key.service {
        Some(from) => *from == stretch.service,
        None => !all
            .iter()
            .filter(|other| (other.from..other.to).contains(&key.at))
            .any(|other| (other.num_complaints, &stretch.service) > (stretch.num_complaints, &other.service)),
    }
}

/// Share with its 90 % Jeffreys interval.
fn share(num: u64, all: u64) -> Share {
    let num = num.min(all);
    let (a, b) = (num as f64 + 0.5, (all - num) as f64 + 0.5);
    Share { low: beta_quantile(a, b, 0.05), mid: a / (a + b), high: beta_quantile(a, b, 0.95) }
}

/// Corrects p-values over all alternatives of an incident.
fn holm(found: &mut [Migration]) {
    let num = found.len();
    let mut order: Vec<usize> = (0..num).collect();
    order.sort_by(|&a, &b| found[a].p_value.total_cmp(&found[b].p_value));
    let mut highest = 0.0_f64;
    for (rank, place) in order.into_iter().enumerate() {
        highest = highest.max((found[place].p_value * (num - rank) as f64).min(1.0));
        found[place].p_value = highest;
    }
}

/// Mentions of alternatives inside and outside incidents.
struct Mentions<'a> {
    sorted: &'a Sorted<'a>,
    grid: &'a Grid,
    gaps: &'a [Gap],
    stretches: &'a [Stretch],
    known: BTreeMap<ServiceId, Outside>,
}

/// What is ordinary for the mentions of one service.
#[derive(Clone)]
struct Outside {
    counts: Vec<Bin>,
    expected: Vec<f64>,
    /// Mentions and observed minutes outside incidents.
    num: f64,
    minutes: f64,
    hourly_dispersion: f64,
}

impl Mentions<'_> {
    /// Lift of an alternative's mentions over their baseline, with the probability of as many by
    /// chance; `None` without a baseline.
    fn lift(&mut self, to: &ServiceId, stretch: &Stretch) -> (Option<Share>, Option<f64>) {
        let outside = self.outside(to);
        let (Some(begin), last) = (self.grid.index(stretch.from), self.grid.len) else { return (None, None) };
        let end = self.grid.index(stretch.to).unwrap_or(last);
        let (mut inside, mut expected, mut num_bins) = (0.0, 0.0, 0.0);
        for (bin, mean) in outside.counts.iter().zip(&outside.expected).take(end).skip(begin) {
            if let Bin::Observed(count) = bin {
                inside += f64::from(*count);
                expected += mean;
                num_bins += 1.0;
            }
        }
        let minutes = num_bins * f64::from(self.grid.bin_secs) / 60.0;
        if outside.minutes < MIN_OUTSIDE_MIN.max(minutes) || expected <= 0.0 {
            return (None, None);
        }
        // Whole hours vary together, so a count is worth less than as many independent ones.
        let hours = (minutes / 60.0).max(1.0);
        let worth = |num: f64, mean_per_hour: f64| (num + 0.5) / (1.0 + outside.hourly_dispersion * mean_per_hour);
        let per_hour = expected / hours;
        let (a, b) = (worth(inside, per_hour), worth(outside.num, per_hour));
        let mid = (inside + 0.5) / expected.max(1e-9);
        let quantile = |q: f64| {
            let p = beta_quantile(a, b, q);
            mid * (p / (1.0 - p).max(1e-12)) * (b / a)
        };
        let share = Share { low: quantile(0.05).min(mid), mid, high: quantile(0.95).max(mid) };
        (Some(share), Some(by_chance(inside, expected, a / (inside + 0.5), b)))
    }

    /// Probability of as many stated moves by chance, from those outside all incidents.
    fn stated_by_chance(&mut self, to: &ServiceId, stretch: &Stretch, num: u64) -> f64 {
        let outside_min = self.outside(to).minutes + MISTAKE_MIN;
        let cells = self.sorted.moves.get(to).map(Vec::as_slice).unwrap_or_default();
        let ordinary: u64 = cells
            .iter()
            .filter(|(key, _)| !self.stretches.iter().any(|other| (other.from..other.to).contains(&key.at)))
            .map(|(_, cell)| cell.authors.count().min(cell.clusters.count()))
            .sum();
        let minutes = (stretch.to - stretch.from).num_minutes().max(1) as f64;
        let ordinary = ordinary as f64 + 0.5;
        by_chance(num as f64, ordinary * minutes / outside_min, 1.0, ordinary)
    }

    /// Mentions of a service: every reading that names it, but for complaints while it is itself
    /// down, with the baseline outside all incidents.
    fn outside(&mut self, service: &ServiceId) -> Outside {
        if let Some(known) = self.known.get(service) {
            return known.clone();
        }
        let own = |at: Time| {
            self.stretches.iter().any(|stretch| stretch.service == *service && (stretch.from..stretch.to).contains(&at))
        };
        let cells = self.sorted.read.get(service).map(Vec::as_slice).unwrap_or_default();
        let named = cells
            .iter()
            .filter(|(key, _, kind)| *kind != Kind::Complaint || !own(key.at))
            .map(|(key, cell, _)| -> (&CellKey, &Cell) { (key, cell) });
        let series = series(self.grid, named, self.gaps);
        let mut mask = vec![false; series.bins.len()];
        for stretch in self.stretches {
            let begin = self.grid.index(stretch.from).unwrap_or(0);
            let end = self.grid.index(stretch.to).unwrap_or(self.grid.len);
            for place in mask.get_mut(begin..end).unwrap_or_default() {
                *place = true;
            }
        }
        let baseline = baseline::fit(&series, &mask, None);
        let (mut num, mut num_bins, mut fitted) = (0.0, 0.0, 0.0);
        for ((bin, mean), _) in series.bins.iter().zip(&baseline.mean).zip(&mask).filter(|(_, masked)| !**masked) {
            if let Bin::Observed(count) = bin {
                num += f64::from(*count);
                num_bins += 1.0;
                fitted += mean;
            }
        }
        // The robust level leaves busy stretches out; here they are part of what is ordinary.
        let level = (num + 0.5) / f64::max(fitted, 1e-9);
        let outside = Outside {
            counts: series.bins,
            expected: baseline.mean.iter().map(|mean| mean * level).collect(),
            num,
            minutes: num_bins * f64::from(self.grid.bin_secs) / 60.0,
            hourly_dispersion: baseline.hourly_dispersion,
        };
        self.known.insert(service.clone(), outside.clone());
        outside
    }
}

/// Probability of at least `num` where `expected` were, known as well as from `weight` counts; each
/// count is `worth` as many independent ones.
fn by_chance(num: f64, expected: f64, worth: f64, weight: f64) -> f64 {
    if num < 1.0 {
        return 1.0;
    }
    // The number of counts inside among all of them is binomial, so this is the binomial tail.
    let share = expected * worth / (expected * worth + weight);
    Beta::new(num * worth, weight).map_or(1.0, |beta| beta.cdf(share.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn migration(p_value: f64) -> Migration {
        let share = Share { low: 0.0, mid: 0.0, high: 0.0 };
        Migration { to: "x".into(), share, num_stated: 1, num_authors: 1, lift: None, p_value }
    }

    #[test]
    fn holm_of_a_textbook_example() {
        // Holm's steps on 0.01, 0.04, 0.03, 0.005.
        let mut found: Vec<Migration> = [0.01, 0.04, 0.03, 0.005].into_iter().map(migration).collect();
        holm(&mut found);
        let got: Vec<f64> = found.iter().map(|migration| migration.p_value).collect();
        for (got, want) in got.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((got - want).abs() < 1e-12, "{got} {want}");
        }
    }

    #[test]
    fn share_of_nothing_of_all_and_of_half() {
        let half = share(10, 20);
        assert!((half.mid - 0.5).abs() < 1e-9 && half.low > 0.3 && half.high < 0.7);
        let all = share(5, 5);
        assert!(all.low > 0.6 && all.mid > 0.9 && all.high <= 1.0);
        assert!(share(0, 0).low < 0.01 && share(0, 0).high > 0.99);
    }

    #[test]
    fn chance_falls_with_the_count() {
        assert!(by_chance(1.0, 1.0, 1.0, 1e6) > 0.6);
        // Poisson with mean 1: P(X >= 5) = 0.00366.
        assert!((by_chance(5.0, 1.0, 1.0, 1e6) - 0.003_66).abs() < 1e-4);
        assert_eq!(by_chance(0.0, 1.0, 1.0, 10.0), 1.0);
    }
}
