//! Timelines for people who write about an outage: one story, gathered once, told in many formats.
//!
//! [`gather`] reads it from an index, [`from_folder`] from what `caiu analyze` wrote; [`write()`] gives the bytes of a
//! format. A format is one file of this room and one line in [`FORMATS`].

mod csv;
mod datawrapper;
mod events;
mod figures;
mod folder;
mod gather;
mod gexf;
mod graphic;
mod html;
mod ics;
mod json;
mod markdown;
mod ndjson;
mod origin;
mod quotes;
mod ro_crate;
mod series;
mod story;
mod telling;
mod timelinejs;
mod timelinejs_csv;
mod vega_lite;
mod xlsx;

use std::io;
use std::str::FromStr;

use thiserror::Error;

pub use folder::from_folder;
pub use gather::gather;
pub use story::{Options, Origin, Quote, STORY_SCHEMA, Selection, Story, Told};

/// Why nothing can be exported; the messages say what to do.
#[derive(Debug, Error)]
pub enum ExportError {
    /// No incident of this id.
    #[error("the journal knows no incident '{0}'; `caiu incidents` lists those it knows")]
    Unknown(String),
    /// The index cannot be read.
    #[error(transparent)]
    Index(#[from] crate::index::IndexError),
    /// The journal cannot be read, or a value cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The counts of an analysis cannot be read.
    #[error(transparent)]
    Counts(#[from] crate::report::CountsError),
    /// A chart is asked for and there is no series to draw.
    #[error(
        "there is no series to draw: no incident was found, or its counts are gone; --format json tells what there is"
    )]
    NoChart,
    /// A format cannot hold what is to be written.
    #[error("cannot write {format}: {detail}")]
    Format {
        /// Name of the format.
        format: &'static str,
        /// What is wrong.
        detail: String,
    },
}

/// A way to write a story.
#[derive(Clone, Copy)]
pub struct Format {
    /// Name on the command line.
    pub name: &'static str,
    /// Ending of its files.
    pub ending: &'static str,
    /// Type of its bytes (RFC 2046).
    pub content_type: &'static str,
    /// What it is good for, in one line.
    pub about: &'static str,
    write: fn(&Story, &Options) -> Result<Vec<u8>, ExportError>,
}

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Format").field("name", &self.name).finish_non_exhaustive()
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

const fn format(
    name: &'static str,
    ending: &'static str,
    content_type: &'static str,
    about: &'static str,
    write: fn(&Story, &Options) -> Result<Vec<u8>, ExportError>,
) -> Format {
    Format { name, ending, content_type, about, write }
}

/// Every format.
#[rustfmt::skip]
pub const FORMATS: [Format; 16] = [
    format("html", "html", "text/html; charset=utf-8", "one page with chart, timeline and quotes, for reading and print", html::write),
    format("timelinejs", "json", "application/json", "TimelineJS 3 (times in the chosen zone)", timelinejs::write),
    format("timelinejs-csv", "csv", "text/csv; charset=utf-8", "the table that TimelineJS reads from a spreadsheet", timelinejs_csv::write),
    format("csv", "csv", "text/csv; charset=utf-8", "one row per event; opens in Excel, Arabic included", csv::write),
    format("xlsx", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel: timeline, incidents, series, moves, quotes, source", xlsx::write),
    format("datawrapper", "csv", "text/csv; charset=utf-8", "Datawrapper and Flourish: time by service, wide", datawrapper::write),
    format("vega-lite", "vl.json", "application/json", "Vega-Lite 6 chart with its data inside", vega_lite::write),
    format("svg", "svg", "image/svg+xml", "the chart, one below the other", graphic::write_svg),
    format("png", "png", "image/png", "the same as a picture, at twice the size", graphic::write_png),
    format("ics", "ics", "text/calendar; charset=utf-8", "calendar: one entry per incident", ics::write),
    format("markdown", "md", "text/markdown; charset=utf-8", "text for pasting; nothing in a quote is markup", markdown::write),
    format("json", "json", "application/json", "everything, with series", json::write),
    format("ndjson", "ndjson", "application/x-ndjson", "one event a line", ndjson::write),
    format("parquet", "parquet", "application/vnd.apache.parquet", "the series, long", series::write),
    format("gexf", "gexf", "application/gexf+xml", "moves as a graph over time, for Gephi", gexf::write),
    format("ro-crate", "zip", "application/zip", "RO-Crate 1.1: all of it with hashes, for citing and keeping", ro_crate::write),
];

impl FromStr for Format {
    type Err = String;
    fn from_str(name: &str) -> Result<Self, String> {
        FORMATS
            .into_iter()
            .find(|format| format.name == name)
            .ok_or_else(|| format!("'{name}' is no format: use {}", FORMATS.map(|format| format.name).join(", ")))
    }
}

impl Format {
    /// Name of a file of a story, of letters, digits and hyphens whatever the story holds.
    pub fn file_name(&self, story: &Story) -> String {
        let stem = match story.incidents.as_slice() {
            [told] => plain(&told.incident.id),
            _ => "timeline".to_owned(),
        };
        format!("{}.{}", if stem.is_empty() { "timeline" } else { &stem }, self.ending)
    }
}

/// Writes a story in a format.
///
/// # Errors
/// [`ExportError::NoChart`] for pictures of a story without a series; otherwise where a value cannot be written.
pub fn write(story: &Story, format: Format, options: &Options) -> Result<Vec<u8>, ExportError> {
    (format.write)(story, options)
}

/// What is left of a name that may be one of a file on any system.
fn plain(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).take(80).collect();
    plain.trim_matches('-').to_owned()
}

#[cfg(test)]
pub(crate) mod example;
#[cfg(test)]
mod tests;
