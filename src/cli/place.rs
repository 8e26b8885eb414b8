//! The flags that say which index and which time, shared by every command over an index.

use std::path::PathBuf;

use anyhow::{Context, bail};
use chrono::{TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::index::query::time;
use crate::index::{IndexReader, Status};
use crate::model::Time;

/// Which index.
#[derive(Debug, Clone, clap::Args)]
pub struct IndexArg {
    /// Folder of the index
    #[arg(long, value_name = "DIR", env = "CAIU_INDEX", default_value = "caiu-index")]
    pub index: PathBuf,
}

impl IndexArg {
    /// Opens it for reading.
    pub fn open(&self) -> anyhow::Result<IndexReader> {
        Ok(IndexReader::open(&self.index)?)
    }
}

/// Which stretch of time.
#[derive(Debug, Clone, clap::Args)]
pub struct SpanArgs {
    /// First moment: 2021-10-04, 2021-10-04T15:40, RFC 3339, or 90m, 6h, 7d for so long ago
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// First moment that does not count any more, written likewise
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
}

impl SpanArgs {
    /// Both ends, read in a zone.
    pub fn read(&self, zone: Tz) -> anyhow::Result<(Option<Time>, Option<Time>)> {
        let now = Utc::now();
        let end = |flag: &str, text: &Option<String>| {
            text.as_ref().map(|text| moment(text, zone, now).with_context(|| format!("--{flag} {text}"))).transpose()
        };
        let (from, to) = (end("from", &self.from)?, end("to", &self.to)?);
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            bail!("--from must lie before --to");
        }
        Ok((from, to))
    }

    /// Both ends, those of all posts where they are left out; `None` where there are no posts.
    pub fn within(&self, zone: Tz, status: &Status) -> anyhow::Result<Option<(Time, Time)>> {
        let (from, to) = self.read(zone)?;
        let end = status.to.map(|last| last + TimeDelta::seconds(1));
        Ok(from.or(status.from).zip(to.or(end)).filter(|(from, to)| from < to))
    }
}

/// A moment as people write it.
fn moment(text: &str, zone: Tz, now: Time) -> anyhow::Result<Time> {
    if let Some(ago) = ago(text) {
        return now.checked_sub_signed(ago).context("so long ago nobody posted");
    }
    if let Some(naive) = time::naive(text) {
        return zone
            .from_local_datetime(&naive)
            .earliest()
            .map(|time| time.to_utc())
            .with_context(|| format!("this time was skipped in {zone} when the clocks were changed"));
    }
    time::parse(text).context("write a moment such as 2021-10-04, 2021-10-04T15:40, 2021-10-04T15:40:00Z or 6h (ago)")
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
