//! How far an open connection has come in time: by what happened last, and by when the line was last heard.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use tokio::time::Instant;

use super::WINDOW;
use crate::model::Time;

/// How far behind the present an event may be for the feed to have caught up, and how long a pause says the same.
const BEHIND: Duration = Duration::from_secs(10);
/// How long an event may be on its way to us.
const ON_THE_WAY: Duration = Duration::from_secs(2);

/// How far a connection has come in time.
#[derive(Debug, Clone, Copy)]
pub(in crate::feed) struct Pulse {
    /// When the last event happened, by the server's clock; never in the future by ours.
    pub(in crate::feed) last: Option<Time>,
    /// When that event came.
    event_at: Instant,
    /// When anything came, be it the answer to a ping: a line may be dead long before anybody notices, and what it
    /// would have told after this is unknown.
    heard_at: Instant,
}

impl Pulse {
    /// Of a connection that was just opened to go on from a moment; without one it begins with the present.
    pub(in crate::feed) fn new(from: Option<Time>) -> Self {
        let now = Utc::now();
        let heard_at = Instant::now();
        Self { last: Some(from.map_or(now, |from| from.min(now))), event_at: heard_at, heard_at }
    }

    /// Notes an event; events are not always in order of time.
    pub(in crate::feed) fn beat(&mut self, at: Option<Time>) {
        self.last = self.last.max(at.map(|at| at.min(Utc::now())));
        self.event_at = Instant::now();
        self.heard_at = self.event_at;
    }

    /// Notes when the line was last heard.
    pub(in crate::feed) fn hear(&mut self, at: Instant) {
        self.heard_at = self.heard_at.max(at);
    }

    /// Up to when everything has been told: to the last event, or nearly to the moment at which the line was last
    /// heard, where by then the feed had caught up.
    pub(in crate::feed) fn until(&self) -> Option<Time> {
        let heard = Utc::now() - delta(self.heard_at.elapsed());
        let is_quiet = self.quiet() >= BEHIND;
        let has_caught_up = is_quiet || self.last.is_some_and(|last| heard - last < delta(BEHIND));
        let nearly = heard - delta(ON_THE_WAY + WINDOW);
        if has_caught_up { self.last.max(Some(nearly)) } else { self.last }
    }

    /// The same by the server's clock, for places that are times of the server.
    pub(in crate::feed) fn until_there(&self) -> Option<Time> {
        let passed = self.quiet().saturating_sub(ON_THE_WAY + WINDOW);
        self.last.map(|last| (last + delta(passed)).min(Utc::now()))
    }

    /// How long no event had come when the line was last heard.
    fn quiet(&self) -> Duration {
        self.heard_at.saturating_duration_since(self.event_at)
    }
}

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_present_is_told_only_where_it_was_reached() {
        let now = Utc::now();
        let hour_ago = now - TimeDelta::hours(1);
        let mut pulse = Pulse::new(Some(hour_ago));
        assert_eq!(pulse.until(), Some(hour_ago), "it may take the server a while to begin");
        pulse.beat(Some(now - TimeDelta::minutes(30)));
        assert_eq!(pulse.until(), Some(now - TimeDelta::minutes(30)));
        pulse.beat(Some(now - TimeDelta::seconds(4)));
        assert!(pulse.until().unwrap() > now - TimeDelta::seconds(4));
        pulse.beat(Some(now + TimeDelta::days(1)));
        assert!(pulse.until().unwrap() <= Utc::now(), "a server's clock may be ahead");
        assert!(Pulse::new(Some(now + TimeDelta::days(1))).until().unwrap() <= Utc::now(), "and so may a saved place");
    }

    #[test]
    fn a_line_that_is_not_heard_tells_nothing_and_one_that_is_tells_of_quiet() {
        let mut pulse = Pulse::new(None);
        let ago = |secs| Instant::now().checked_sub(Duration::from_secs(secs)).unwrap();
        pulse.last = Some(Utc::now() - TimeDelta::seconds(60));
        (pulse.event_at, pulse.heard_at) = (ago(60), ago(60));
        for told in [pulse.until(), pulse.until_there()] {
            assert!(told.unwrap() < Utc::now() - TimeDelta::seconds(55), "half-open: {told:?}");
        }
        pulse.hear(ago(1));
        for told in [pulse.until(), pulse.until_there()] {
            let age = Utc::now() - told.unwrap();
            assert!((3..5).contains(&age.num_seconds()), "a quiet night: {age}");
        }
    }
}
