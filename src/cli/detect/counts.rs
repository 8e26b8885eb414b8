//! A count series from CSV: header by name, tolerant dates, irregular times put on a grid.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::{Context, bail};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta};

use crate::model::{Bin, CountSeries, Grid, Time};

/// Names under which the columns are looked for, in small letters.
const TIME_COLUMNS: [&str; 7] = ["timestamp", "time", "datetime", "date", "created_at", "at", "ts"];
const VALUE_COLUMNS: [&str; 6] = ["value", "count", "num_posts", "posts", "num", "complaints"];
/// Steps that are taken as exact when the usual distance of two rows is within 2 % of them.
const USUAL_SECS: [i64; 7] = [60, 300, 600, 900, 1800, 3600, 86_400];
/// Longest series that is read.
const MAX_BINS: i64 = 20_000_000;

/// A series and what was noteworthy while reading it.
#[derive(Debug, Clone)]
pub struct Counts {
    /// The series.
    pub series: CountSeries,
    /// Rows without a usable time or value, by line, the first few.
    pub bad_rows: Vec<String>,
    /// Number of such rows.
    pub num_bad: u64,
    /// Rows whose time named no zone and was taken as UTC.
    pub num_assumed_utc: u64,
    /// Rows that fell into a bin with another one of the same time.
    pub num_duplicates: u64,
}

/// Reads CSV with a time and a value column. `bin_secs` is the width of a bin; without it the
/// usual distance of two rows. A bin without rows is missing, one with several holds their sum,
/// and a wide bin with less than half of its rows is missing too. Fails where there is no header
/// or no row can be used.
pub fn read(input: impl Read, bin_secs: Option<u32>) -> anyhow::Result<Counts> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(input);
    let headers: Vec<String> = reader
        .byte_headers()
        .context("cannot read the header")?
        .iter()
        .map(|name| String::from_utf8_lossy(name).trim_start_matches('\u{feff}').to_lowercase())
        .collect();
    let column = |names: &[&str]| names.iter().find_map(|name| headers.iter().position(|header| header == name));
    let (Some(time_column), Some(value_column)) = (column(&TIME_COLUMNS), column(&VALUE_COLUMNS)) else {
        bail!("no columns 'timestamp' and 'value' in the header ({}); add a header line", headers.join(", "));
    };
    let mut rows: BTreeMap<Time, f64> = BTreeMap::new();
    let (mut bad_rows, mut num_bad, mut num_assumed_utc, mut num_duplicates) = (Vec::new(), 0, 0, 0);
    let mut record = csv::ByteRecord::new();
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) if error.is_io_error() => return Err(error).context("cannot read the counts"),
            Err(_) => {
                num_bad += 1;
                continue;
            }
        }
        let field = |column| record.get(column).and_then(|bytes| std::str::from_utf8(bytes).ok());
        if field(value_column) == Some("") {
            continue;
        }
        let value =
            field(value_column).and_then(|text| text.parse::<f64>().ok()).filter(|v| v.is_finite() && *v >= 0.0);
        let (Some((time, has_zone)), Some(value)) = (field(time_column).and_then(parse_time), value) else {
            num_bad += 1;
            if bad_rows.len() < 3 {
                let line = record.position().map_or(0, csv::Position::line);
                bad_rows.push(format!("line {line}: no time or no count of 0 or more"));
            }
            continue;
        };
        num_assumed_utc += u64::from(!has_zone);
        match rows.entry(time) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(value);
            }
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                num_duplicates += 1;
                *entry.get_mut() += value;
            }
        }
    }
    let series = on_grid(&rows, bin_secs)?;
    Ok(Counts { series, bad_rows, num_bad, num_assumed_utc, num_duplicates })
}

/// Puts rows on a grid.
fn on_grid(rows: &BTreeMap<Time, f64>, bin_secs: Option<u32>) -> anyhow::Result<CountSeries> {
    let (Some((&first, _)), Some((&last, _))) = (rows.first_key_value(), rows.last_key_value()) else {
        bail!("no row with a time and a count");
    };
    let step = usual_step(rows);
    let bin = bin_secs.map(i64::from).or(step).context("only one row: say how wide a bin is with --bin")?;
    let step = step.unwrap_or(bin);
    // Rows as far apart as bins may stray a little, so they go to the nearest bin; closer rows are gathered.
    let gathers = step * 2 <= bin;
    let start = if gathers { first - TimeDelta::seconds(first.timestamp().rem_euclid(bin)) } else { first };
    let place = |time: Time| {
        let secs = (time - start).num_seconds() + if gathers { 0 } else { bin / 2 };
        secs.div_euclid(bin)
    };
    let len = place(last) + 1;
    if len > MAX_BINS {
        bail!("{len} bins of {bin} s from {first} to {last}: check the times or choose a wider --bin");
    }
    let mut sums: Vec<(f64, i64)> = vec![(0.0, 0); usize::try_from(len)?];
    for (&time, value) in rows {
        if let Some(sum) = usize::try_from(place(time)).ok().and_then(|place| sums.get_mut(place)) {
            sum.0 += value;
            sum.1 += 1;
        }
    }
    let needed = if gathers { (bin / step.max(1)).div_euclid(2).max(1) } else { 1 };
    let bins = sums
        .into_iter()
        .map(
            |(sum, num)| {
                if num < needed { Bin::Missing } else { Bin::Observed(sum.round().min(f64::from(u32::MAX)) as u32) }
            },
        )
        .collect();
    Ok(CountSeries { grid: Grid { start, bin_secs: u32::try_from(bin)?, len: usize::try_from(len)? }, bins })
}

/// The usual distance of two rows in seconds; `None` with fewer than two.
fn usual_step(rows: &BTreeMap<Time, f64>) -> Option<i64> {
    let mut steps: Vec<i64> =
        rows.keys().zip(rows.keys().skip(1)).map(|(a, b)| (*b - *a).num_seconds()).filter(|&secs| secs > 0).collect();
    steps.sort_unstable();
    let step = *steps.get(steps.len().checked_sub(1)? / 2)?;
    Some(USUAL_SECS.into_iter().find(|&usual| (step - usual).abs() * 50 <= usual).unwrap_or(step))
}

/// A time and whether it named its zone.
fn parse_time(text: &str) -> Option<(Time, bool)> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some((time.to_utc(), true));
    }
    for form in ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z", "%a %b %d %H:%M:%S %z %Y"] {
        if let Ok(time) = DateTime::parse_from_str(text, form) {
            return Some((time.to_utc(), true));
        }
    }
    for form in ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, form) {
            return Some((time.and_utc(), false));
        }
    }
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some((date.and_hms_opt(0, 0, 0)?.and_utc(), false));
    }
    let epoch: i64 = text.parse().ok()?;
    let secs = match epoch.unsigned_abs() {
        0..100_000_000_000 => epoch,
        100_000_000_000..100_000_000_000_000 => epoch.div_euclid(1_000),
        100_000_000_000_000..100_000_000_000_000_000 => epoch.div_euclid(1_000_000),
        _ => epoch.div_euclid(1_000_000_000),
    };
    DateTime::from_timestamp(secs, 0).map(|time| (time, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(csv: &str, bin_secs: Option<u32>, start: &str, width: u32, want: &[i64]) -> Counts {
        let counts = read(csv.as_bytes(), bin_secs).unwrap();
        let got: Vec<i64> = counts
            .series
            .bins
            .iter()
            .map(|bin| match bin {
                Bin::Observed(count) => i64::from(*count),
                Bin::Missing => -1,
            })
            .collect();
        assert_eq!(got, want, "{csv}");
        assert_eq!(counts.series.grid.bin_secs, width, "{csv}");
        assert_eq!(counts.series.grid.start.to_rfc3339(), format!("{start}+00:00"), "{csv}");
        counts
    }

    #[test]
    fn rows_become_bins() {
        let naive = "timestamp,value\n2015-02-26 21:42:53,3\n2015-02-26 21:47:53,4\n2015-02-26 21:57:54,5\n";
        let counts = check(naive, None, "2015-02-26T21:42:53", 300, &[3, 4, -1, 5]);
        assert_eq!((counts.num_assumed_utc, counts.num_bad), (3, 0));
        check(naive, Some(600), "2015-02-26T21:40:00", 600, &[7, 5]);

        let unordered = "Value,Time\n1,2020-01-01T00:02:00Z\n2,2020-01-01T00:00:00Z\n,2020-01-01T00:01:00Z\n4,2020-01-01T01:02:00+01:00\n5,2020-01-01T00:03:00Z\n";
        let counts = check(unordered, None, "2020-01-01T00:00:00", 60, &[2, -1, 5, 5]);
        assert_eq!((counts.num_assumed_utc, counts.num_duplicates), (0, 1));

        let bad = "timestamp,value\nnever,3\n2020-01-01,-1\n2020-01-01,x\n1577836800,1\n1577836860000,2\n";
        let counts = check(bad, None, "2020-01-01T00:00:00", 60, &[1, 2]);
        assert_eq!((counts.num_bad, counts.bad_rows.len()), (3, 3));
    }

    #[test]
    fn what_cannot_be_read_says_what_to_do() {
        for (csv, want) in [
            ("", "no columns"),
            ("a,b\n1,2\n", "no columns"),
            ("timestamp,value\n", "no row"),
            ("timestamp,value\n2020-01-01T00:00:00Z,1\n", "--bin"),
            ("timestamp,value\n1,1\n2,1\n3,1\n4000000000,1\n", "wider --bin"),
        ] {
            let error = format!("{:#}", read(csv.as_bytes(), None).unwrap_err());
            assert!(error.contains(want), "{csv}: {error}");
        }
    }
}
