//! Moments as people write them: a date, a date with a time, with or without a zone.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

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
}
