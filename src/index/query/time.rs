//! Moments as people write them: a date, a date with a time, with or without a zone, or so long ago.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use crate::model::Time;

/// Reads a moment: RFC 3339, or `2021-10-04`, `2021-10-04T15:40`, `2021-10-04T15:40:30`, with `Z` or without (then UTC).
/// `None` where it is none.
pub fn parse(text: &str) -> Option<Time> {
    naive(text.strip_suffix(['Z', 'z']).unwrap_or(text))
        .map(|time| time.and_utc())
        .or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc()))
        .or_else(|| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z").ok().map(|time| time.to_utc()))
}

/// Reads a moment without a zone, in whatever zone it is meant.
pub fn naive(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim().replacen(' ', "T", 1);
    ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok())
        .or_else(|| NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().map(|day| day.and_time(NaiveTime::MIN)))
}

/// Reads a moment: as [`parse`], without a zone in `zone`, or `90s`, `90m`, `6h`, `7d` for so long before `now`.
///
/// # Errors
/// Words that say what would be right.
pub fn moment(text: &str, zone: Tz, now: Time) -> Result<Time, String> {
    if let Some(ago) = ago(text) {
        return now.checked_sub_signed(ago).ok_or_else(|| "so long ago nobody posted".to_owned());
    }
    if let Some(naive) = naive(text) {
        let local = zone.from_local_datetime(&naive).earliest().map(|time| time.to_utc());
        return local.ok_or_else(|| format!("this time was skipped in {zone} when the clocks were changed"));
    }
    parse(text).ok_or_else(|| {
        "write a moment such as 2021-10-04, 2021-10-04T15:40, 2021-10-04T15:40:00Z or 6h (ago)".to_owned()
    })
}

/// So long ago: `90m`, `6h`, `7d`.
fn ago(text: &str) -> Option<TimeDelta> {
    let number: i64 = text.get(..text.len().checked_sub(1)?)?.parse().ok().filter(|&number| number >= 0)?;
    match text.as_bytes().last()? {
        b's' => TimeDelta::try_seconds(number),
        b'm' => TimeDelta::try_minutes(number),
        b'h' => TimeDelta::try_hours(number),
        b'd' => TimeDelta::try_days(number),
        _ => None,
    }
}

/// Reads the width of a bin, such as `90s`, `5m` or `1h`, as seconds.
///
/// # Errors
/// Words that say what would be right.
pub fn width(text: &str) -> Result<u32, String> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let secs_per_unit = match unit.trim() {
        "" | "s" | "sec" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(format!("'{unit}' is no unit: use s, m, h or d, as in 5m")),
    };
    let number: u32 = number.parse().map_err(|_| "a width begins with a whole number, as in 5m".to_owned())?;
    number.checked_mul(secs_per_unit).filter(|&secs| secs > 0).ok_or_else(|| "a width is 1s to 49710d".to_owned())
}

/// The beginning of the bin that holds a moment, by the clock of a zone.
pub fn aligned(from: Time, bin_secs: u32, zone: Tz) -> Time {
    let local = zone.from_utc_datetime(&from.naive_utc()).naive_local();
    let past = local.and_utc().timestamp().rem_euclid(i64::from(bin_secs));
    from - TimeDelta::seconds(past) - TimeDelta::nanoseconds(i64::from(from.timestamp_subsec_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        for (text, want) in [
            ("2021-10-04", Some("2021-10-04T00:00:00Z")),
            ("2021-10-04T15:40", Some("2021-10-04T15:40:00Z")),
            ("2021-10-04 15:40", Some("2021-10-04T15:40:00Z")),
            ("2021-10-04T15:40Z", Some("2021-10-04T15:40:00Z")),
            ("2021-10-04T15:40:30-03:00", Some("2021-10-04T18:40:30Z")),
            ("2021-10-04T15:40+03:00", Some("2021-10-04T12:40:00Z")),
            ("2021-10", None),
            ("yesterday", None),
            ("2021-13-01", None),
        ] {
            let want = want.map(|time| time.parse::<Time>().unwrap());
            assert_eq!(parse(text), want, "{text}");
        }
    }

    #[test]
    fn moments_in_a_zone() {
        let now: Time = "2021-10-05T12:00:00Z".parse().unwrap();
        for (text, zone, want) in [
            ("2021-10-04T15:40", Tz::UTC, Some("2021-10-04T15:40:00Z")),
            ("2021-10-04T15:40", Tz::America__Sao_Paulo, Some("2021-10-04T18:40:00Z")),
            ("2021-10-04T15:40Z", Tz::America__Sao_Paulo, Some("2021-10-04T15:40:00Z")),
            ("2021-10-04", Tz::Asia__Baghdad, Some("2021-10-03T21:00:00Z")),
            ("6h", Tz::UTC, Some("2021-10-05T06:00:00Z")),
            ("90m", Tz::UTC, Some("2021-10-05T10:30:00Z")),
            ("2021-03-28T02:30", Tz::Europe__Lisbon, Some("2021-03-28T01:30:00Z")),
            ("2021-03-28T01:30", Tz::Europe__Lisbon, None),
            ("6y", Tz::UTC, None),
            ("-6h", Tz::UTC, None),
            ("99999999999999d", Tz::UTC, None),
            ("é", Tz::UTC, None),
            ("", Tz::UTC, None),
        ] {
            let want = want.map(|time| time.parse::<Time>().unwrap());
            assert_eq!(moment(text, zone, now).ok(), want, "{text} {zone}");
        }
    }

    #[test]
    fn widths() {
        for (text, want) in
            [("5m", Some(300)), ("90", Some(90)), ("1h", Some(3600)), ("0m", None), ("5 min", Some(300))]
        {
            assert_eq!(width(text).ok(), want, "{text}");
        }
        for text in ["", "m", "5y", "-5m", "99999999d"] {
            assert!(width(text).is_err(), "{text}");
        }
    }
}
