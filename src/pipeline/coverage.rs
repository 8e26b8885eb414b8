//! Which stretches count as unobserved when several feeds were listening, some of them not all the time.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Checkpoint, FeedGap, FeedId, FeedProgress, Gap, Time};

/// Where the feeds that listened carry less than this share of the posts to be expected, a drop or a rise of the
/// counts says nothing: the stretch is missing.
const LEAST_SHARE: f64 = 0.5;

/// Stretches of `from..to` in which too few of the feeds were listening, in time order, apart from each other.
/// A feed weighs as many posts an hour as it gave while it listened; one that is no longer configured ends with its
/// last word, and one that began later does not make the time before it a gap.
pub fn gaps(checkpoint: &Checkpoint, configured: &BTreeSet<FeedId>, from: Time, to: Time) -> Vec<Gap> {
    let feeds: Vec<Span> =
        checkpoint.feeds.iter().filter_map(|(id, progress)| Span::of(progress, configured.contains(id), to)).collect();
    let mut edges: BTreeSet<Time> = BTreeSet::from([from, to]);
    for feed in &feeds {
        edges.extend([feed.since, feed.told, feed.to]);
        edges.extend(feed.missing.iter().flat_map(|gap| [gap.gap.from, gap.gap.to]));
    }
    let edges: Vec<Time> = edges.into_iter().filter(|edge| (from..=to).contains(edge)).collect();
    let mut gaps: Vec<Gap> = Vec::new();
    for pair in edges.windows(2) {
        let &[begin, end] = pair else { continue };
        let there = |feed: &&Span| feed.since <= begin && end <= feed.to;
        let expected: f64 = feeds.iter().filter(there).map(|feed| feed.weight).sum();
        let heard: f64 = feeds.iter().filter(there).filter(|feed| feed.heard(begin, end)).map(|feed| feed.weight).sum();
        if expected > 0.0 && heard >= LEAST_SHARE * expected {
            continue;
        }
        match gaps.last_mut() {
            Some(last) if last.to == begin => last.to = end,
            _ => gaps.push(Gap { from: begin, to: end }),
        }
    }
    gaps
}

/// Seconds behind `now` of each feed: how old the moment is up to which it has told everything.
pub fn lags(checkpoint: &Checkpoint, now: Time) -> BTreeMap<FeedId, f64> {
    let lag = |until: Time| (now - until).num_milliseconds().max(0) as f64 / 1000.0;
    checkpoint.feeds.iter().filter_map(|(id, progress)| Some((id.clone(), lag(progress.until?)))).collect()
}

/// When one feed was to be heard.
struct Span {
    missing: Vec<FeedGap>,
    since: Time,
    /// Up to here it has told everything.
    told: Time,
    /// Up to here it was to be heard: the present, for a configured feed.
    to: Time,
    /// Posts an hour.
    weight: f64,
}

impl Span {
    fn of(progress: &FeedProgress, is_configured: bool, now: Time) -> Option<Self> {
        let (since, told) = (progress.since?, progress.until?);
        let missing = progress.missing();
        let silent = |gap: &Gap| (gap.to.min(told) - gap.from.max(since)).num_seconds().max(0);
        let silent: i64 = missing.iter().map(|gap| silent(&gap.gap)).sum();
        let hours = ((told - since).num_seconds() - silent).max(60) as f64 / 3600.0;
        // A feed that has told nothing yet still counts for something.
        let weight = (progress.num_posts as f64 / hours).max(0.01);
        Some(Self { missing, since, told, to: if is_configured { now.max(told) } else { told }, weight })
    }

    fn heard(&self, from: Time, to: Time) -> bool {
        to <= self.told && !self.missing.iter().any(|gap| gap.gap.from < to && from < gap.gap.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GapCause;
    use chrono::{DateTime, TimeDelta};

    fn at(min: i64) -> Time {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(min)
    }

    fn feed(since: i64, until: i64, gaps: &[(i64, i64)], num_posts: u64) -> FeedProgress {
        let gap = |&(from, to): &(i64, i64)| FeedGap {
            gap: Gap { from: at(from), to: at(to) },
            cause: GapCause::Unreachable,
        };
        let mut progress = FeedProgress { since: Some(at(since)), num_posts, ..FeedProgress::default() };
        progress.advance(None, None, Some(at(until)), &gaps.iter().map(gap).collect::<Vec<_>>());
        progress
    }

    fn check(feeds: Vec<(&str, FeedProgress)>, configured: &[&str], expected: &[(i64, i64)]) {
        let checkpoint = Checkpoint { feeds: feeds.into_iter().map(|(id, feed)| (FeedId::new(id), feed)).collect() };
        let configured = configured.iter().map(FeedId::new).collect();
        let found = gaps(&checkpoint, &configured, at(0), at(100));
        let expected: Vec<Gap> = expected.iter().map(|&(from, to)| Gap { from: at(from), to: at(to) }).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_stretch_is_missing_where_most_posts_could_not_be_heard() {
        check(vec![("a", feed(0, 100, &[(10, 20), (15, 30)], 500))], &["a"], &[(10, 30)]);
        check(vec![("a", feed(0, 90, &[], 500))], &["a"], &[(90, 100)]);
        check(vec![("a", feed(40, 100, &[], 500))], &["a"], &[(0, 40)]);
        let small = |gaps: &[(i64, i64)]| ("b", feed(0, 100, gaps, 10));
        check(vec![("a", feed(0, 100, &[], 500)), small(&[(10, 20)])], &["a", "b"], &[]);
        check(vec![("a", feed(0, 100, &[(50, 60)], 500)), small(&[])], &["a", "b"], &[(50, 60)]);
        // A feed that was taken out of the configuration leaves no gap behind it.
        check(vec![("a", feed(0, 50, &[], 500)), small(&[])], &["b"], &[]);
        check(vec![], &["a"], &[(0, 100)]);
    }
}
