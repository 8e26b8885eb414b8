//! `parquet`: the series of all incidents, long; `report` knows how Parquet is written.

use super::ExportError;
use super::story::{Options, Story};
use super::telling::Telling;
use crate::report::{SeriesRows, write_series_parquet};

pub(super) fn write(story: &Story, options: &Options) -> Result<Vec<u8>, ExportError> {
    let about = [
        ("caiu.version", story.generated_by.version.as_str()),
        ("caiu.lexicon", story.generated_by.lexicon.as_str()),
        ("caiu.simulated", if story.simulated { "true" } else { "false" }),
        ("caiu.citation", &Telling::new(story, options).citation()),
    ];
    let rows: Vec<SeriesRows<'_>> = story
        .incidents
        .iter()
        .filter_map(|told| Some(SeriesRows { incident: &told.incident, chart: told.chart.as_ref()? }))
        .collect();
    write_series_parquet(&rows, &about)
        .map_err(|error| ExportError::Format { format: "parquet", detail: error.to_string() })
}
