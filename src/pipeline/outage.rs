//! Why a feed has a gap: what kept it from asking says more than what it saw when it could ask again.

use std::collections::BTreeMap;

use crate::model::{FeedGap, FeedId, GapCause, Time};

/// Feeds that do not answer.
#[derive(Debug, Default)]
pub struct Outages(BTreeMap<FeedId, Outage>);

/// A feed that does not answer.
#[derive(Debug)]
struct Outage {
    since: Time,
    cause: GapCause,
}

impl Outages {
    /// A feed did not answer, or was asked to wait.
    pub fn trouble(&mut self, feed: &FeedId, at: Time, is_throttled: bool) {
        let cause = if is_throttled { GapCause::Throttled } else { GapCause::Unreachable };
        let outage = self.0.entry(feed.clone()).or_insert(Outage { since: at, cause });
        if !is_throttled {
            outage.cause = cause;
        }
    }

    /// A feed answers: what it could not tell of the time in which it did not has that as its cause.
    pub fn answer(&mut self, feed: &FeedId, gaps: &mut [FeedGap]) {
        let Some(outage) = self.0.remove(feed) else { return };
        for gap in gaps {
            if gap.gap.to > outage.since && matches!(gap.cause, GapCause::Overrun | GapCause::CursorLost) {
                gap.cause = outage.cause;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Gap;
    use chrono::{DateTime, TimeDelta};

    #[test]
    fn a_gap_behind_an_outage_is_of_the_outage() {
        let at = |min: i64| DateTime::UNIX_EPOCH + TimeDelta::minutes(min);
        let (one, other) = (FeedId::new("one"), FeedId::new("other"));
        let told = |outages: &mut Outages, feed: &FeedId, to: i64, cause: GapCause| {
            let mut gaps = [FeedGap { gap: Gap { from: at(0), to: at(to) }, cause }];
            outages.answer(feed, &mut gaps);
            gaps[0].cause
        };
        let mut outages = Outages::default();
        for (troubles, to, cause, want) in [
            (&[][..], 60, GapCause::Overrun, GapCause::Overrun),
            (&[(10, true)], 60, GapCause::Overrun, GapCause::Throttled),
            (&[(10, false)], 60, GapCause::CursorLost, GapCause::Unreachable),
            (&[(10, true), (20, false), (30, true)], 60, GapCause::Overrun, GapCause::Unreachable),
            (&[(10, false), (20, false)], 15, GapCause::Overrun, GapCause::Unreachable),
            // It lies before the outage; and the program did not run.
            (&[(10, false)], 10, GapCause::Overrun, GapCause::Overrun),
            (&[(10, false)], 60, GapCause::Stopped, GapCause::Stopped),
        ] {
            for (min, is_throttled) in troubles {
                outages.trouble(&one, at(*min), *is_throttled);
            }
            assert_eq!(told(&mut outages, &other, to, cause), cause, "another feed");
            assert_eq!(told(&mut outages, &one, to, cause), want, "{troubles:?} {to}");
            assert_eq!(told(&mut outages, &one, to, cause), cause, "and it is over");
        }
    }
}
