//! Results -> bytes: one file per format. Everything that comes out of a post is hostile here:
//! writers pass it through [`text`], and files appear whole or not at all through [`mod@file`].

pub mod burst;
pub mod chart;
pub mod counts;
pub mod file;
pub mod html;
pub mod incidents_csv;
pub mod json;
pub mod locale;
pub mod manifest;
pub mod markdown;
pub mod readings;
pub mod series_parquet;
pub mod table;
pub mod tables_html;
pub mod text;
pub mod wording;

#[cfg(test)]
pub(crate) mod example;

pub use burst::BurstRow;
pub use chart::Chart;
pub use counts::{CountsError, read_counts, read_counts_with_bin, write_counts_csv, write_counts_parquet};
pub use file::{AtomicFile, write_file};
pub use html::write_html;
pub use incidents_csv::{write_incidents_csv, write_migrations_csv};
pub use json::{report_schema, round_incident, write_json};
pub use locale::Locale;
pub use manifest::{Manifest, Output, write_manifest};
pub use markdown::write_markdown;
pub use readings::{ReadingsError, ReadingsOptions, ReadingsWriter};
pub use series_parquet::{SeriesRows, write_series_parquet};
pub use table::{TableStyle, write_table};
pub use tables_html::{PagePost, PageTable, TablesPage, write_tables_html};
