//! Ticks of the axes: round times by the clocks of a zone, rates as short as they can be.

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use crate::model::Time;
use crate::report::locale::{Locale, local};

/// A rate on the axis: `250`, `2.5`, `12k`.
pub(super) fn tick_text(tick: f64, locale: Locale) -> String {
    let text = match tick {
        tick if tick >= 10_000.0 => format!("{}k", tick / 1000.0),
        tick => format!("{}", (tick * 100.0).round() / 100.0),
    };
    if locale == Locale::Pt { text.replace('.', ",") } else { text }
}

/// Moments that are round by the clocks of `zone`, at most about `max_len` of them.
pub(super) fn time_ticks(from: Time, to: Time, max_len: i64, zone: Tz) -> Vec<Time> {
    const STEPS_MINS: [i64; 15] = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080, 40_320];
    let span_mins = (to - from).num_minutes();
    let step = STEPS_MINS.into_iter().find(|step| span_mins / step <= max_len.max(1)).unwrap_or(525_600) * 60;
    // An hour more on either side: clocks may be changed within the span.
    let begin = wall_secs(from, zone) - 3600;
    let first = begin.div_euclid(step) * step;
    let mut ticks: Vec<Time> = (0..=(span_mins * 60 + 7200) / step + 1)
        .filter_map(|index| wall_time(first + index * step))
        // A time that the clocks skip has no tick, one that comes twice has the earlier.
        .filter_map(|wall| Some(zone.from_local_datetime(&wall).earliest()?.to_utc()))
        .filter(|&tick| from <= tick && tick + TimeDelta::minutes(span_mins / 60) <= to)
        .collect();
    ticks.dedup();
    ticks
}

/// What the clocks of a zone show, as seconds since their 1970.
fn wall_secs(time: Time, zone: Tz) -> i64 {
    local(time, zone).naive_local().and_utc().timestamp()
}

fn wall_time(secs: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp(secs, 0).map(|time| time.naive_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(from: &str, to: &str, zone: Tz) -> Vec<String> {
        let ticks = time_ticks(from.parse().unwrap(), to.parse().unwrap(), 6, zone);
        ticks.iter().map(|tick| local(*tick, zone).format("%d %H:%M").to_string()).collect()
    }

    #[test]
    fn times_on_the_axis_are_round_in_their_zone() {
        let (from, to) = ("2021-10-04T14:07:00Z", "2021-10-05T02:00:00Z");
        assert_eq!(ticks(from, to, Tz::UTC), ["04 16:00", "04 18:00", "04 20:00", "04 22:00", "05 00:00"]);
        assert_eq!(
            ticks(from, to, Tz::Asia__Baghdad),
            ["04 18:00", "04 20:00", "04 22:00", "05 00:00", "05 02:00", "05 04:00"]
        );
        assert_eq!(
            ticks(from, to, Tz::Asia__Kolkata),
            ["04 20:00", "04 22:00", "05 00:00", "05 02:00", "05 04:00", "05 06:00"]
        );
    }

    #[test]
    fn clocks_may_be_changed_on_the_way() {
        // 01:00 to 02:00 was skipped in Lisbon on 28 March 2021, and came twice on 31 October.
        let spring = ticks("2021-03-27T23:30:00Z", "2021-03-28T04:30:00Z", Tz::Europe__Lisbon);
        assert_eq!(spring, ["28 00:00", "28 02:00", "28 03:00", "28 04:00", "28 05:00"]);
        let autumn = ticks("2021-10-30T22:30:00Z", "2021-10-31T03:30:00Z", Tz::Europe__Lisbon);
        assert_eq!(autumn, ["31 00:00", "31 01:00", "31 02:00", "31 03:00"]);
    }

    #[test]
    fn rates_are_short() {
        for (tick, text) in [(250.0, "250"), (2.5, "2.5"), (12_000.0, "12k"), (0.0, "0")] {
            assert_eq!(tick_text(tick, Locale::En), text);
        }
        assert_eq!(tick_text(2.5, Locale::Pt), "2,5");
    }
}
