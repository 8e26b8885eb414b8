//! Dates as posts write them, to moments in UTC; pure, the present is handed in.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
pub use chrono_tz::Tz;

use crate::model::{RawDate, Time};

/// Why a date is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// In none of the known forms.
    #[error("the date has none of the known forms")]
    Unreadable,
    /// A local time without a zone.
    #[error("the date has no zone; name one with --assume-tz")]
    NoZone,
    /// A local time that the assumed zone skipped when its clocks went forward.
    #[error("the clocks of the assumed zone skipped this time")]
    Skipped,
    /// Before 2005 or more than a day ahead.
    #[error("the date lies before 2005 or in the future")]
    OutOfRange,
}

impl DateError {
    /// Short name, as counted in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable date",
            Self::NoZone => "date without zone",
            Self::Skipped => "skipped local time",
            Self::OutOfRange => "date out of range",
        }
    }
}

/// Reads a date: RFC 3339 and its relatives (blank for `T`, any fraction, `+0000`, `UTC`), RFC 2822,
/// Twitter's `Wed Oct 10 20:19:24 +0000 2018`, and numbers since 1970 in s, ms, us or ns by their size.
/// A date without zone is taken in `assume`: of a local time that occurs twice the earlier, and a day
/// alone is its first moment. Taken are 2005-01-01 up to one day after `now`.
pub fn parse(raw: &RawDate, assume: Option<Tz>, now: Time) -> Result<Time, DateError> {
    let time = match raw {
        RawDate::Epoch(number) => epoch(*number)?,
        RawDate::Text(text) => parse_text(text.trim(), assume)?,
    };
    if time < first_taken() || time > now + TimeDelta::days(1) {
        return Err(DateError::OutOfRange);
    }
    Ok(time)
}

/// 2005-01-01: no platform that is read here is older.
fn first_taken() -> Time {
    DateTime::from_timestamp(1_104_537_600, 0).unwrap_or_default()
}

fn parse_text(text: &str, assume: Option<Tz>) -> Result<Time, DateError> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.to_utc());
    }
    if let Ok(number) = text.parse::<i64>() {
        return epoch_int(number);
    }
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && !text.is_empty() {
        return epoch(text.parse().map_err(|_| DateError::Unreadable)?);
    }
    let year_first = text.as_bytes().first().is_some_and(u8::is_ascii_digit) && text.as_bytes().get(4) == Some(&b'-');
    if year_first { parse_iso_like(text, assume) } else { parse_wordy(text) }
}

fn parse_iso_like(text: &str, assume: Option<Tz>) -> Result<Time, DateError> {
    let text = match text.split_at_checked(10) {
        Some((day, rest)) => format!("{day}T{}", rest.trim_start_matches(['T', 't', ' '])),
        None => return Err(DateError::Unreadable),
    };
    // A blank in the pattern stands for any number of blanks, none included.
    for pattern in ["%Y-%m-%dT%H:%M:%S%.f %#z", "%Y-%m-%dT%H:%M %#z"] {
        if let Ok(time) = DateTime::parse_from_str(&text, pattern) {
            return Ok(time.to_utc());
        }
    }
    let (local, assume) = match ["UTC", "GMT", "Z", "z"].iter().find_map(|zone| text.strip_suffix(zone)) {
        Some(local) => (local.trim_end(), Some(Tz::UTC)),
        None => (text.as_str(), assume),
    };
    let time = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|pattern| NaiveDateTime::parse_from_str(local, pattern).ok());
    if let Some(time) = time {
        return resolve(time, assume.ok_or(DateError::NoZone)?).ok_or(DateError::Skipped);
    }
    let day = local.strip_suffix('T').and_then(|day| NaiveDate::parse_from_str(day, "%Y-%m-%d").ok());
    let midnight = day.ok_or(DateError::Unreadable)?.and_time(NaiveTime::MIN);
    let zone = assume.ok_or(DateError::NoZone)?;
    // Where clocks go forward at midnight (Brazil until 2019, Beirut) the day begins an hour late.
    let first = (0..24).find_map(|quarters| resolve(midnight + TimeDelta::minutes(15 * quarters), zone));
    first.ok_or(DateError::Skipped)
}

fn resolve(local: NaiveDateTime, zone: Tz) -> Option<Time> {
    zone.from_local_datetime(&local).earliest().map(|time| time.to_utc())
}

fn parse_wordy(text: &str) -> Result<Time, DateError> {
    DateTime::parse_from_str(text, "%a %b %d %H:%M:%S %z %Y")
        .or_else(|_| DateTime::parse_from_rfc2822(text))
        .map(|time| time.to_utc())
        .map_err(|_| DateError::Unreadable)
}

/// Where one unit ends and the next begins: seconds up to the year 5138, milliseconds from 1973 on.
const SMALLEST_MILLIS: i64 = 100_000_000_000;

fn epoch_int(number: i64) -> Result<Time, DateError> {
    let time = match number.unsigned_abs() / SMALLEST_MILLIS.unsigned_abs() {
        0 => DateTime::from_timestamp(number, 0),
        1..1_000 => DateTime::from_timestamp_millis(number),
        1_000..1_000_000 => DateTime::from_timestamp_micros(number),
        _ => Some(DateTime::from_timestamp_nanos(number)),
    };
    time.ok_or(DateError::OutOfRange)
}

fn epoch(number: f64) -> Result<Time, DateError> {
    if !number.is_finite() || number.abs() >= i64::MAX as f64 {
        return Err(DateError::OutOfRange);
    }
    if number.abs() < SMALLEST_MILLIS as f64 {
        // Rounded to microseconds, the finest that a double holds for seconds of today.
        return DateTime::from_timestamp_micros((number * 1e6).round() as i64).ok_or(DateError::OutOfRange);
    }
    epoch_int(number.round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &RawDate, zone: Option<&str>, want: Result<&str, DateError>) {
        let now = DateTime::parse_from_rfc3339("2024-06-01T00:00:00Z").unwrap().to_utc();
        let zone = zone.map(|zone| zone.parse::<Tz>().unwrap());
        let got = parse(raw, zone, now).map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true));
        assert_eq!(got.as_deref().map_err(|&error| error), want, "{raw:?} in {zone:?}");
    }

    fn text(text: &str) -> RawDate {
        RawDate::Text(text.to_owned())
    }

    #[test]
    fn texts_with_a_zone() {
        let want = Ok("2021-10-04T21:36:22Z");
        for form in [
            "2021-10-04T21:36:22Z",
            "2021-10-04t21:36:22z",
            "2021-10-04 21:36:22+00:00",
            "2021-10-04 21:36:22+0000",
            "2021-10-04 21:36:22 +00",
            "2021-10-04 21:36:22 UTC",
            "2021-10-04 21:36:22Z",
            "2021-10-04T18:36:22-03:00",
            "  2021-10-05T00:36:22+03:00\n",
            "Mon Oct 04 21:36:22 +0000 2021",
            "Mon, 04 Oct 2021 21:36:22 +0000",
            "Mon, 4 Oct 2021 21:36:22 GMT",
            "1633383382",
            "1633383382.0",
            "1633383382000",
            "1633383382000000",
            "1633383382000000000",
        ] {
            check(&text(form), None, want);
            check(&text(form), Some("Asia/Tokyo"), want);
        }
        check(&text("Wed Oct 10 20:19:24 +0000 2018"), None, Ok("2018-10-10T20:19:24Z"));
        check(&text("2021-10-04T21:36:22.123456Z"), None, Ok("2021-10-04T21:36:22.123456Z"));
        check(&text("2021-10-04 21:36:22.5 +0000"), None, Ok("2021-10-04T21:36:22.500Z"));
        check(&text("2021-10-04 21:36+00:00"), None, Ok("2021-10-04T21:36:00Z"));
    }

    #[test]
    fn texts_without_a_zone() {
        check(&text("2021-10-04T21:36:22"), None, Err(DateError::NoZone));
        check(&text("2021-10-04"), None, Err(DateError::NoZone));
        check(&text("2021-10-04 21:36:22"), Some("America/Sao_Paulo"), Ok("2021-10-05T00:36:22Z"));
        check(&text("2021-10-04 21:36"), Some("Asia/Baghdad"), Ok("2021-10-04T18:36:00Z"));
        check(&text("2021-10-04"), Some("UTC"), Ok("2021-10-04T00:00:00Z"));
        // Clocks went back in New York at 2021-11-07 06:00 UTC: half past one came twice.
        check(&text("2021-11-07T01:30:00"), Some("America/New_York"), Ok("2021-11-07T05:30:00Z"));
        check(&text("2021-03-14T02:30:00"), Some("America/New_York"), Err(DateError::Skipped));
        // Clocks went forward in Brazil at midnight.
        check(&text("2018-11-04"), Some("America/Sao_Paulo"), Ok("2018-11-04T03:00:00Z"));
        check(&text("2018-11-04 00:30:00"), Some("America/Sao_Paulo"), Err(DateError::Skipped));
    }

    #[test]
    fn numbers_by_size() {
        check(&RawDate::Epoch(1_633_383_382.0), None, Ok("2021-10-04T21:36:22Z"));
        check(&RawDate::Epoch(1_633_383_382.25), None, Ok("2021-10-04T21:36:22.250Z"));
        check(&RawDate::Epoch(1_633_383_382_000.0), None, Ok("2021-10-04T21:36:22Z"));
        check(&RawDate::Epoch(1_633_383_382_000_000.0), None, Ok("2021-10-04T21:36:22Z"));
        check(&RawDate::Epoch(1_633_383_382e9), None, Ok("2021-10-04T21:36:22Z"));
        for bad in [0.0, -1.0, 1.0, f64::NAN, f64::INFINITY, 1e300, -1e300] {
            check(&RawDate::Epoch(bad), None, Err(DateError::OutOfRange));
        }
    }

    #[test]
    fn what_is_not_taken() {
        for bad in ["", "yesterday", "2021-13-01T00:00:00Z", "2021", "0", "1970-01-01T00:00:00Z", "20211004"] {
            let want = if bad.starts_with(['1', '0']) || bad == "2021" || bad == "20211004" {
                DateError::OutOfRange
            } else {
                DateError::Unreadable
            };
            check(&text(bad), Some("UTC"), Err(want));
        }
        for bad in ["2021-10-04T25:00:00", "2021-10-0é", "....", "1.2.3", "04/10/2021", "2021-10-04T21", "2021-10-04x"]
        {
            check(&text(bad), Some("UTC"), Err(DateError::Unreadable));
        }
        check(&text("2090-01-01T00:00:00Z"), None, Err(DateError::OutOfRange));
        check(&text("2004-12-31T23:59:59Z"), None, Err(DateError::OutOfRange));
        check(&text("2005-01-01T00:00:00Z"), None, Ok("2005-01-01T00:00:00Z"));
        check(&text("2024-06-02T00:00:00Z"), None, Ok("2024-06-02T00:00:00Z"));
        check(&text("2024-06-02T00:00:01Z"), None, Err(DateError::OutOfRange));
    }
}
