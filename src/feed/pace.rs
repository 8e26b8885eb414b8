//! How long a server asks to wait: one reader for the dialects of rate limits.
//!
//! `Retry-After` in seconds or as a date (RFC 9110, 10.2.3); `RateLimit-*` of atproto (unix seconds);
//! `X-RateLimit-*` of Mastodon (a date) and of Reddit (seconds left); `x-rate-limit-*` of X (unix seconds).

use std::time::Duration;

use chrono::DateTime;

use crate::model::Time;

/// Longest wait that a server is believed; a longer one is asked again after this.
const LONGEST_SECS: f64 = 6.0 * 3600.0;
/// A number above this is a moment since 1970, below it seconds that are left.
const LEAST_UNIX_SECS: f64 = 1e9;

/// Names of the headers for what remains and for when it begins anew.
const DIALECTS: [(&str, &str); 3] = [
    ("ratelimit-remaining", "ratelimit-reset"),
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ("x-rate-limit-remaining", "x-rate-limit-reset"),
];

/// The wait that the headers of an answer ask for: by `Retry-After`, or because nothing remains until a reset.
/// `header` gives the value of a header by its name in small letters.
pub fn wait<'h>(header: impl Fn(&str) -> Option<&'h str>, now: Time) -> Option<Duration> {
    if let Some(asked) = header("retry-after").and_then(|value| until(value, now)) {
        return Some(asked);
    }
    DIALECTS.iter().find_map(|(remaining, reset)| {
        let left: f64 = header(remaining)?.trim().parse().ok()?;
        if left >= 1.0 { None } else { until(header(reset)?, now) }
    })
}

/// A value that is seconds, unix seconds, an RFC 3339 or an HTTP date, as a wait from `now`.
fn until(value: &str, now: Time) -> Option<Duration> {
    let value = value.trim();
    let secs = match value.parse::<f64>() {
        Ok(number) if !number.is_finite() => return None,
        Ok(unix) if unix >= LEAST_UNIX_SECS => unix - now.timestamp_millis() as f64 / 1000.0,
        Ok(left) => left,
        Err(_) => {
            let moment = DateTime::parse_from_rfc3339(value).or_else(|_| DateTime::parse_from_rfc2822(value)).ok()?;
            (moment.to_utc() - now).num_milliseconds() as f64 / 1000.0
        }
    };
    Some(Duration::from_secs_f64(secs.clamp(0.0, LONGEST_SECS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_is_understood() {
        let now = DateTime::parse_from_rfc3339("2026-11-22T14:00:00Z").unwrap().to_utc();
        let unix = now.timestamp();
        let soon = (unix + 42).to_string();
        for (headers, expected) in [
            (vec![("retry-after", "290")], Some(290)),
            (vec![("retry-after", "Sun, 22 Nov 2026 14:01:30 GMT")], Some(90)),
            (vec![("ratelimit-remaining", "0"), ("ratelimit-reset", soon.as_str())], Some(42)),
            (vec![("ratelimit-remaining", "7"), ("ratelimit-reset", soon.as_str())], None),
            (vec![("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "2026-11-22T14:05:00.000Z")], Some(300)),
            (vec![("x-ratelimit-remaining", "0.0"), ("x-ratelimit-reset", "57")], Some(57)),
            (vec![("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", soon.as_str())], Some(42)),
            (vec![("retry-after", "soon")], None),
            (vec![("retry-after", "-5")], Some(0)),
            (vec![("retry-after", "999999999")], Some(21_600)),
            (vec![], None),
        ] {
            let header = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
            assert_eq!(wait(header, now), expected.map(Duration::from_secs), "{headers:?}");
        }
    }
}
