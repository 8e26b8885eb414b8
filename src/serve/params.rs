//! What a request asks for: parameters are read strictly, and what is wrong with one is told with its name.

use axum::extract::{FromRequestParts, Path, Query as UrlQuery};
use axum::http::request::Parts;
use chrono::{DateTime, TimeDelta};
use chrono_tz::Tz;
use serde::de::DeserializeOwned;

use super::minutes::{begin, wide_enough};
use super::problem::Problem;
use crate::index::Per;
use crate::index::query::{Query, time};
use crate::model::Time;

/// Longest query in characters.
pub(super) const MOST_QUERY_CHARS: usize = 2_000;
/// Most bins of one answer.
pub(super) const MOST_BINS: i64 = 20_000;
/// A width that is left out is chosen so that there are at most so many bins.
const GOOD_BINS: i64 = 1_500;
/// Widths to choose from, in seconds.
const WIDTHS: [u32; 7] = [60, 300, 900, 3_600, 10_800, 21_600, 86_400];
/// Times lie between these years: far beyond them calendars end.
const YEARS: (i64, i64) = (-2_208_988_800, 4_102_444_800);

/// The parameters of a request behind its `?`.
#[derive(Debug)]
pub(super) struct Params<T>(pub(super) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match UrlQuery::<T>::try_from_uri(&parts.uri) {
            Ok(UrlQuery(params)) => Ok(Self(params)),
            Err(rejection) => {
                let words = rejection.body_text();
                let words = words.rsplit("query string: ").next().unwrap_or(&words).to_owned();
                let param = words.split('`').nth(1).or_else(|| words.split(':').next()).unwrap_or_default().to_owned();
                Err(Problem::param(&param, words))
            }
        }
    }
}

/// A name in the path of a request.
#[derive(Debug)]
pub(super) struct Name(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(name) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::not_found("there is nothing by this name"))?;
        Ok(Self(name))
    }
}

/// A text that is there and not empty.
pub(super) fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// Reads `0` or `1`; left out, it is `0`.
pub(super) fn flag(param: &'static str, text: &Option<String>) -> Result<bool, Problem> {
    match given(text) {
        None | Some("0") => Ok(false),
        Some("1") => Ok(true),
        Some(_) => Err(Problem::param(param, "0 or 1")),
    }
}

/// Reads `q`; left out, it finds everything.
pub(super) fn query(text: &Option<String>) -> Result<Query, Problem> {
    let text = text.as_deref().unwrap_or_default();
    if text.chars().count() > MOST_QUERY_CHARS {
        return Err(Problem::param("q", format!("a query has at most {MOST_QUERY_CHARS} characters")));
    }
    Ok(Query::parse(text)?)
}

/// Reads `tz`; left out, it is UTC.
pub(super) fn zone(text: &Option<String>) -> Result<Tz, Problem> {
    given(text).map_or(Ok(Tz::UTC), |text| {
        let wrong = || Problem::param("tz", "no zone of the IANA list; write one such as Asia/Baghdad or UTC");
        text.parse().map_err(|_| wrong())
    })
}

/// Reads `from` or `to`.
pub(super) fn moment(param: &str, text: &Option<String>, zone: Tz, now: Time) -> Result<Option<Time>, Problem> {
    let Some(text) = given(text) else { return Ok(None) };
    let time = time::moment(text, zone, now).map_err(|words| Problem::param(param, words))?;
    match (YEARS.0..YEARS.1).contains(&time.timestamp()) {
        true => Ok(Some(time)),
        false => Err(Problem::param(param, "times lie between 1900 and 2100")),
    }
}

/// Reads `limit`.
pub(super) fn limit(limit: Option<u32>, default: usize, most: usize) -> Result<usize, Problem> {
    let limit = limit.map_or(default, |limit| limit as usize);
    if (1..=most).contains(&limit) { Ok(limit) } else { Err(Problem::param("limit", format!("between 1 and {most}"))) }
}

/// Reads `bin` as seconds.
pub(super) fn width(text: &Option<String>) -> Result<Option<u32>, Problem> {
    let Some(text) = given(text) else { return Ok(None) };
    let secs = time::width(text).map_err(|words| Problem::param("bin", words))?;
    match secs {
        60..=86_400 if secs % 60 == 0 => Ok(Some(secs)),
        _ => Err(Problem::param("bin", "whole minutes between 1m and 1d")),
    }
}

/// Reads `per`; left out, it is `default`.
pub(super) fn per(text: &Option<String>, default: Per) -> Result<Per, Problem> {
    match given(text) {
        None => Ok(default),
        Some("posts") => Ok(Per::Posts),
        Some("authors") => Ok(Per::Authors),
        Some("clusters") => Ok(Per::Clusters),
        Some(_) => Err(Problem::param("per", "posts, authors or clusters")),
    }
}

/// A stretch of time in bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Beginning of the first bin.
    pub(super) from: Time,
    /// End of the last one.
    pub(super) to: Time,
    /// Width of a bin in seconds.
    pub(super) bin_secs: u32,
}

impl Stretch {
    /// The same in bins that are made of whole ones of `base_secs`, which are counted from midnight UTC.
    pub(super) fn made_of(self, base_secs: u32) -> Self {
        let (from, bin_secs) = (begin(self.from, base_secs), wide_enough(self.bin_secs, base_secs));
        let num_bins = (self.to - from).num_seconds().max(1).unsigned_abs().div_ceil(u64::from(bin_secs));
        let length = TimeDelta::seconds(i64::try_from(num_bins).unwrap_or_default() * i64::from(bin_secs));
        Self { from, to: from + length, bin_secs }
    }

    /// Whole bins that hold `from..to`, by the clock of a zone; a width that is left out is chosen.
    pub(super) fn new(from: Time, to: Time, bin_secs: Option<u32>, zone: Tz) -> Result<Self, Problem> {
        if from >= to {
            return Err(Problem::param("from", "it must lie before to"));
        }
        let secs = (to - from).num_seconds().max(1);
        let bin_secs = bin_secs.unwrap_or_else(|| {
            WIDTHS.into_iter().find(|width| secs / i64::from(*width) <= GOOD_BINS).unwrap_or(WIDTHS[WIDTHS.len() - 1])
        });
        let width = i64::from(bin_secs);
        if secs / width > MOST_BINS {
            let detail = format!("more than {MOST_BINS} bins: choose a wider bin, or a shorter time with from and to");
            return Err(Problem::param("bin", detail));
        }
        let from = time::aligned(from, bin_secs, zone);
        let num_bins = ((to - from).num_seconds() + width - 1) / width;
        let to = DateTime::from_timestamp(from.timestamp(), 0).unwrap_or(from) + TimeDelta::seconds(num_bins * width);
        Ok(Self { from, to, bin_secs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn stretches_are_whole_bins_by_the_local_clock() {
        let (from, to) = (at("2021-10-04T15:37:12Z"), at("2021-10-04T21:02:00Z"));
        for (bin, zone, want) in [
            (Some(300), Tz::UTC, ("2021-10-04T15:35:00Z", "2021-10-04T21:05:00Z", 300)),
            (None, Tz::UTC, ("2021-10-04T15:37:00Z", "2021-10-04T21:02:00Z", 60)),
            (Some(86_400), Tz::Asia__Baghdad, ("2021-10-03T21:00:00Z", "2021-10-04T21:00:00Z", 86_400)),
            (Some(3_600), Tz::Asia__Kolkata, ("2021-10-04T15:30:00Z", "2021-10-04T21:30:00Z", 3_600)),
        ] {
            let stretch = Stretch::new(from, to.min(at(want.1).max(from + TimeDelta::seconds(1))), bin, zone).unwrap();
            assert_eq!((stretch.from, stretch.to, stretch.bin_secs), (at(want.0), at(want.1), want.2));
        }
        assert!(Stretch::new(to, from, None, Tz::UTC).is_err());
        assert!(Stretch::new(from, from + TimeDelta::days(400), Some(60), Tz::UTC).is_err());
        let year = Stretch::new(from, from + TimeDelta::days(365), None, Tz::UTC).unwrap();
        assert_eq!(year.bin_secs, 21_600);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_name() {
        let some = |text: &str| Some(text.to_owned());
        let now = at("2021-10-05T00:00:00Z");
        assert!(width(&some("90s")).is_err() && width(&some("2d")).is_err());
        assert_eq!(width(&some("5m")).unwrap(), Some(300));
        assert!(moment("from", &some("0001-01-01"), Tz::UTC, now).is_err());
        assert_eq!(moment("from", &some("6h"), Tz::UTC, now).unwrap(), Some(at("2021-10-04T18:00:00Z")));
        assert!(zone(&some("Mars/Olympus")).is_err());
        assert!(query(&some(&"a ".repeat(2_000))).is_err());
        assert!(limit(Some(0), 20, 100).is_err() && limit(Some(101), 20, 100).is_err());
        assert_eq!(limit(None, 20, 100).ok(), Some(20));
    }
}
