//! How good a detector is: recall, false alarms, delay, errors of onset and end, coverage of its intervals.

use chrono::TimeDelta;

use super::grid::Found;
use super::rate::minutes_between;
use super::truth::{TrueOutage, Truth};
use crate::model::{Time, TimeEstimate};

/// An incident whose alarm comes up to so many minutes after the end of an outage belongs to it.
const NEAR_MIN: i64 = 15;
/// An alarm may seem to come this much before the outage, in minutes: a bin that is under way.
const EARLY_MIN: i64 = 1;
const WEEK_MIN: f64 = 7.0 * 1_440.0;

/// Outcomes of one or more runs. Spans are minutes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Score {
    /// Outages that there were.
    pub num_outages: u64,
    /// Outages that were found.
    pub num_found: u64,
    /// Second and further incidents for an outage that was found already.
    pub num_split: u64,
    /// Incidents without an outage.
    pub num_false: u64,
    /// Minutes without an outage.
    pub quiet_min: f64,
    /// Alarm minus start, per outage that was found.
    pub delays: Vec<f64>,
    /// Onset minus start.
    pub onset_errors: Vec<f64>,
    /// Estimated minus true end, where an end was found.
    pub end_errors: Vec<f64>,
    /// Width of the onset's interval, where it has a lower bound.
    pub onset_widths: Vec<f64>,
    /// Onset intervals that hold the start.
    pub num_onset_covered: u64,
    /// End intervals that hold the end.
    pub num_end_covered: u64,
}

impl Score {
    /// Compares what was found with the truth of one corpus.
    pub fn of(truth: &Truth, found: &[Found]) -> Self {
        let busy: f64 = truth.outages.iter().map(|outage| minutes_between(outage.from, outage.to)).sum();
        let mut score = Self {
            num_outages: truth.outages.len() as u64,
            quiet_min: (minutes_between(truth.from, truth.to) - busy).max(0.0),
            ..Self::default()
        };
        // An alarm before the outage is false even if it lasts into it: nobody could have believed it.
        let belongs = |outage: &TrueOutage, found: &Found| {
            outage.service == found.service
                && found.alarm_at >= outage.from - TimeDelta::minutes(EARLY_MIN)
                && found.alarm_at <= outage.to + TimeDelta::minutes(NEAR_MIN)
        };
        for outage in &truth.outages {
            let mut hits: Vec<&Found> = found.iter().filter(|found| belongs(outage, found)).collect();
            hits.sort_by_key(|hit| hit.alarm_at);
            if let Some((first, others)) = hits.split_first() {
                score.num_split += others.len() as u64;
                score.add_hit(outage, first);
            }
        }
        let is_false = |found: &&Found| !truth.outages.iter().any(|outage| belongs(outage, found));
        score.num_false = found.iter().filter(is_false).count() as u64;
        score
    }

    fn add_hit(&mut self, outage: &TrueOutage, hit: &Found) {
        self.num_found += 1;
        self.delays.push(minutes_between(outage.from, hit.alarm_at));
        self.onset_errors.push(minutes_between(outage.from, hit.onset.at));
        self.onset_widths.extend(hit.onset.low.map(|low| minutes_between(low, hit.onset.high)));
        self.num_onset_covered += u64::from(covers(&hit.onset, outage.from));
        if let Some(end) = &hit.end {
            self.end_errors.push(minutes_between(outage.to, end.at));
            self.num_end_covered += u64::from(covers(end, outage.to));
        }
    }

    /// Adds the outcomes of other runs.
    pub fn add(&mut self, other: Self) {
        self.num_outages += other.num_outages;
        self.num_found += other.num_found;
        self.num_split += other.num_split;
        self.num_false += other.num_false;
        self.quiet_min += other.quiet_min;
        self.delays.extend(other.delays);
        self.onset_errors.extend(other.onset_errors);
        self.end_errors.extend(other.end_errors);
        self.onset_widths.extend(other.onset_widths);
        self.num_onset_covered += other.num_onset_covered;
        self.num_end_covered += other.num_end_covered;
    }

    /// Share of the outages that were found; `None` without outages.
    pub fn recall(&self) -> Option<f64> {
        (self.num_outages > 0).then(|| self.num_found as f64 / self.num_outages as f64)
    }

    /// False incidents per quiet week; `None` without quiet time.
    pub fn false_alarms_per_week(&self) -> Option<f64> {
        (self.quiet_min > 0.0).then(|| self.num_false as f64 * WEEK_MIN / self.quiet_min)
    }

    /// A quantile of the delay in minutes; `None` where nothing was found.
    pub fn delay(&self, share: f64) -> Option<f64> {
        quantile(self.delays.clone(), share)
    }

    /// A quantile of the onset's absolute error in minutes.
    pub fn onset_error(&self, share: f64) -> Option<f64> {
        quantile(self.onset_errors.iter().map(|error| error.abs()).collect(), share)
    }

    /// Median of the onset's error with its sign: above 0 is late.
    pub fn onset_bias(&self) -> Option<f64> {
        quantile(self.onset_errors.clone(), 0.5)
    }

    /// A quantile of the end's absolute error in minutes.
    pub fn end_error(&self, share: f64) -> Option<f64> {
        quantile(self.end_errors.iter().map(|error| error.abs()).collect(), share)
    }

    /// Share of the onset intervals that hold the start.
    pub fn onset_coverage(&self) -> Option<f64> {
        (self.num_found > 0).then(|| self.num_onset_covered as f64 / self.num_found as f64)
    }

    /// Share of the end intervals that hold the end.
    pub fn end_coverage(&self) -> Option<f64> {
        (!self.end_errors.is_empty()).then(|| self.num_end_covered as f64 / self.end_errors.len() as f64)
    }

    /// Median width of the onset's interval in minutes.
    pub fn onset_width(&self) -> Option<f64> {
        quantile(self.onset_widths.clone(), 0.5)
    }
}

fn covers(estimate: &TimeEstimate, time: Time) -> bool {
    estimate.low.is_none_or(|low| low <= time) && time <= estimate.high
}

/// The value below which `share` (0..=1) of the values lie: the nearest one above; `None` without values.
fn quantile(mut values: Vec<f64>, share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let rank = (share * values.len() as f64).ceil() as usize;
    values.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Verdict;

    fn at(minute: i64) -> Time {
        Time::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn found(service: &str, from: i64, to: i64) -> Found {
        let around = |minute| TimeEstimate { low: Some(at(minute - 1)), at: at(minute), high: at(minute + 1) };
        Found { service: service.into(), onset: around(from), alarm_at: at(from + 3), end: Some(around(to)) }
    }

    #[test]
    fn hits_splits_and_false_alarms_are_told_apart() {
        let truth = Truth {
            scenario: "test".into(),
            title: "simulated".into(),
            seed: 0,
            from: at(0),
            to: at(1_000),
            num_posts: 0,
            outages: vec![TrueOutage {
                service: "a".into(),
                verdict: Verdict::Outage,
                from: at(400),
                to: at(500),
                lag_min: 3.0,
                peak_per_min: 5.0,
                num_complaints: 0,
                num_moves: 0,
                moves: std::collections::BTreeMap::new(),
            }],
            traps: Vec::new(),
        };
        let list = [("a", 401, 450), ("a", 460, 505), ("a", 700, 720), ("a", 390, 510), ("b", 420, 440)];
        let list = list.map(|(service, from, to)| found(service, from, to));
        let score = Score::of(&truth, &list);
        assert_eq!((score.num_found, score.num_split, score.num_false), (1, 1, 3));
        assert_eq!((score.delay(0.5), score.onset_bias(), score.end_error(0.5)), (Some(4.0), Some(1.0), Some(50.0)));
        assert_eq!((score.onset_coverage(), score.end_coverage()), (Some(1.0), Some(0.0)));
        assert_eq!(score.quiet_min, 900.0);
        assert_eq!(Score::of(&truth, &[]).recall(), Some(0.0));
    }

    #[test]
    fn quantiles_are_values_that_occur() {
        let values = || (1..=10).map(f64::from).collect::<Vec<_>>();
        assert_eq!(quantile(values(), 0.5), Some(5.0));
        assert_eq!(quantile(values(), 0.9), Some(9.0));
        assert_eq!(quantile(values(), 0.0), Some(1.0));
        assert_eq!(quantile(Vec::new(), 0.5), None);
    }
}
