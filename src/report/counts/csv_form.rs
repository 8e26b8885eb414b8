//! `counts.csv`: RFC 4180, UTF-8, a header, an empty cell where there is no service, language, country.

use std::io::{self, Read, Write};

use chrono::{DateTime, SecondsFormat};
use csv::{ReaderBuilder, StringRecord, Trim, Writer};

use super::build::{Builder, Counted, Row};
use super::{COLUMNS, CountsError, counted, kind_name, kind_to};
use crate::model::{Country, Lang, ServiceId, Tally, Time};
use crate::report::text::{formula_restore, formula_safe};

/// Writes `counts.csv`: times as `2021-10-04T15:41:00Z`, text cells safe from spreadsheets.
pub fn write_counts_csv(tally: &Tally, out: &mut dyn Write) -> io::Result<()> {
    let mut csv = Writer::from_writer(out);
    csv.write_record(COLUMNS)?;
    for (key, cell) in &tally.cells {
        let text = |name: Option<&str>| name.map(formula_safe).unwrap_or_default();
        csv.write_record([
            key.at.to_rfc3339_opts(SecondsFormat::Secs, true),
            text(key.service.as_ref().map(ServiceId::as_str)),
            text(key.lang.as_ref().map(Lang::as_str)),
            text(key.country.as_ref().map(Country::as_str)),
            kind_name(&key.kind).to_owned(),
            cell.posts.to_string(),
            counted(&key.kind, &cell.authors).map(|count| count.to_string()).unwrap_or_default(),
            counted(&key.kind, &cell.clusters).map(|count| count.to_string()).unwrap_or_default(),
            text(kind_to(&key.kind).map(ServiceId::as_str)),
        ])?;
    }
    csv.flush()
}

/// Reads what [`write_counts_csv`] or another program wrote: columns in any order, further ones ignored.
pub(super) fn read(input: impl Read, bin_secs: Option<u32>) -> Result<Tally, CountsError> {
    let mut csv = ReaderBuilder::new().trim(Trim::Headers).from_reader(input);
    let places = places(csv.headers()?)?;
    let mut builder = Builder::new();
    let mut record = StringRecord::new();
    while csv.read_record(&mut record)? {
        let row = builder.next_row();
        let [time, service, lang, country, kind, posts, authors, clusters, to] =
            places.map(|place| place.and_then(|place| record.get(place)).filter(|cell| !cell.is_empty()));
        let counted = |column, cell: Option<&str>| {
            let cell = if kind == Some("all") { cell.or(Some("0")) } else { cell };
            number(row, column, cell).map(|number| Counted { number, keys: None })
        };
        builder.add(Row {
            at: time_of(row, time.unwrap_or_default())?,
            service: service.map(formula_restore),
            lang: lang.map(formula_restore),
            country: country.map(formula_restore),
            kind: kind.unwrap_or_default(),
            to: to.map(formula_restore),
            posts: number(row, "posts", posts)?,
            authors: counted("authors", authors)?,
            clusters: counted("clusters", clusters)?,
        })?;
    }
    builder.finish(None, bin_secs)
}

/// Where each of [`COLUMNS`] stands; `lang`, `country` and `to` may be missing.
fn places(header: &StringRecord) -> Result<[Option<usize>; 9], CountsError> {
    let names: Vec<String> =
        header.iter().map(|name| name.trim_start_matches('\u{FEFF}').to_ascii_lowercase()).collect();
    let mut places = [None; 9];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        *place = names.iter().position(|name| name == column);
        if place.is_none() && !matches!(column, "lang" | "country" | "to") {
            return Err(CountsError::MissingColumn { column, found: names.join(", ") });
        }
    }
    Ok(places)
}

fn number(row: u64, column: &'static str, cell: Option<&str>) -> Result<u64, CountsError> {
    let cell = cell.unwrap_or_default();
    // Pandas writes whole numbers with a point once a column has an empty cell.
    cell.strip_suffix(".0").unwrap_or(cell).parse().map_err(|_| CountsError::Value {
        row,
        column,
        problem: format!("'{}' is no whole number of 0 and more", cell.escape_debug()),
    })
}

fn time_of(row: u64, cell: &str) -> Result<Time, CountsError> {
    DateTime::parse_from_rfc3339(cell)
        // DuckDB and Postgres write `2021-10-04 15:41:00+00`.
        .or_else(|_| DateTime::parse_from_str(cell, "%Y-%m-%d %H:%M:%S%.f%#z"))
        .map(|time| time.to_utc())
        .map_err(|_| CountsError::Value {
            row,
            column: "time",
            problem: format!("'{}' is no time with a zone; write 2021-10-04T15:41:00Z", cell.escape_debug()),
        })
}
