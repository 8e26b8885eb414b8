//! Two clocks per post: when it claims to have been written, and when somebody saw it.

use chrono::TimeDelta;

use crate::feed::Incoming;
use crate::model::Time;
use crate::normalize::date;

/// A claim this far from what a witness saw is not believed.
const MOST_APART: TimeDelta = TimeDelta::minutes(10);
/// A claim this far in the future is a clock that is a little off.
const LITTLE_AHEAD: TimeDelta = TimeDelta::minutes(2);

/// Which clock the time of a post comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clock {
    /// Its own claim.
    Claimed,
    /// A witness, because the claim lies too far from it or makes no sense.
    Witnessed,
    /// The moment at which it came here, because nothing else could be believed.
    Received,
}

impl Clock {
    /// Name, as metrics show it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Witnessed => "witnessed",
            Self::Received => "received",
        }
    }
}

/// The time under which a post is counted: its claim where a witness or the present does not speak against it.
pub fn time_of(incoming: &Incoming, now: Time) -> (Time, Clock) {
    let claimed = incoming.post.created_at.as_ref().and_then(|claim| date::parse(claim, None, now).ok());
    let witnessed = incoming.witnessed_at.filter(|seen| *seen <= now + LITTLE_AHEAD);
    match (claimed, witnessed) {
        (Some(claimed), Some(seen)) if (claimed - seen).abs() <= MOST_APART => (claimed.min(seen), Clock::Claimed),
        (_, Some(seen)) => (seen, Clock::Witnessed),
        (Some(claimed), None) if claimed <= now + LITTLE_AHEAD => (claimed.min(now), Clock::Claimed),
        (_, None) => (now, Clock::Received),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{RawDate, RawPost};
    use chrono::DateTime;

    #[test]
    fn the_clock_that_can_be_believed_is_taken() {
        let time = |text: &str| DateTime::parse_from_rfc3339(&format!("2026-11-22T{text}Z")).unwrap().to_utc();
        let now = time("14:00:00");
        for (claim, seen, expected, clock) in [
            (Some("2026-11-22T13:59:00Z"), None, "13:59:00", Clock::Claimed),
            (Some("2026-11-22T14:01:00Z"), None, "14:00:00", Clock::Claimed),
            (Some("2026-11-22T17:00:00Z"), None, "14:00:00", Clock::Received),
            (Some("soon"), None, "14:00:00", Clock::Received),
            (None, None, "14:00:00", Clock::Received),
            (Some("2026-11-22T13:58:00Z"), Some("13:58:03"), "13:58:00", Clock::Claimed),
            (Some("2026-11-22T13:58:09Z"), Some("13:58:03"), "13:58:03", Clock::Claimed),
            (Some("2019-01-01T00:00:00Z"), Some("13:58:03"), "13:58:03", Clock::Witnessed),
            (Some("2026-11-22T13:58:00Z"), Some("20:00:00"), "13:58:00", Clock::Claimed),
        ] {
            let created_at = claim.map(|claim| RawDate::Text(claim.to_owned()));
            let incoming = Incoming::new(RawPost { created_at, ..RawPost::default() }, seen.map(time));
            assert_eq!(time_of(&incoming, now), (time(expected), clock), "{claim:?} {seen:?}");
        }
    }
}
