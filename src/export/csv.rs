//! `csv`: one row per event, for spreadsheets. UTF-8 with a byte order mark and CRLF, as Excel wants it.

use ::csv::{Terminator, WriterBuilder};
use chrono::SecondsFormat;

use super::ExportError;
use super::events::Event;
use super::story::{Options, Story};
use super::telling::Telling;
use crate::model::Time;
use crate::report::locale::{local, service_name};
use crate::report::text::{formula_safe, one_line, safe_url};

const MARK: &[u8] = b"\xEF\xBB\xBF";

pub(super) fn write(story: &Story, options: &Options) -> Result<Vec<u8>, ExportError> {
    let telling = Telling::new(story, options);
    let words = telling.words;
    let mut csv = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(MARK.to_vec());
    let header = [
        words.time,
        words.zone,
        words.time_utc,
        words.event,
        words.service,
        words.headline,
        words.text,
        words.earliest,
        words.latest,
        words.language,
        words.link,
        words.author,
        words.incident,
    ];
    let failed = |error: ::csv::Error| ExportError::Format { format: "csv", detail: error.to_string() };
    csv.write_record(header).map_err(failed)?;
    for event in telling.events() {
        csv.write_record(row(&telling, &event)).map_err(failed)?;
    }
    csv.into_inner().map_err(|error| ExportError::Io(error.into_error()))
}

fn row(telling: &Telling<'_>, event: &Event<'_>) -> [String; 13] {
    let stamp = |time: Option<Time>| time.map_or_else(String::new, |time| wall(time, telling));
    let quote = event.quote;
    let incident = event.told.map(|told| &told.incident);
    [
        wall(event.at, telling),
        telling.zone.name().to_owned(),
        event.at.to_rfc3339_opts(SecondsFormat::Secs, true),
        event.kind.word(telling.words).to_owned(),
        incident.map_or_else(String::new, |incident| cell(&service_name(incident.service.as_str(), telling.locale))),
        cell(&telling.marked(&event.headline)),
        cell(&event.text),
        stamp(event.low),
        stamp(event.high),
        quote.map_or_else(String::new, |quote| cell(telling.words.lang(&quote.lang))),
        quote.and_then(|quote| quote.url.as_deref().and_then(safe_url)).map_or_else(String::new, formula_safe),
        quote.and_then(|quote| quote.author.clone()).unwrap_or_default(),
        incident.map_or_else(String::new, |incident| cell(&incident.id)),
    ]
}

/// A moment by the clocks of the zone, in the form that spreadsheets take for one.
fn wall(time: Time, telling: &Telling<'_>) -> String {
    local(time, telling.zone).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Text on one line that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    formula_safe(&one_line(text))
}
