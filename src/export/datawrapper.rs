//! `datawrapper`: a wide table, one row per moment and one column per service, for Datawrapper, Flourish and the like.
//!
//! Figures are complaints a minute; a cell is empty where nobody listened. Times are by the clocks of the zone, without it:
//! these tools take no other.

use std::collections::BTreeMap;

use super::ExportError;
use super::story::{Options, Story};
use super::telling::Telling;
use crate::model::Time;
use crate::report::locale::{local, service_name};
use crate::report::text::{formula_safe, one_line};

pub(super) fn write(story: &Story, options: &Options) -> Result<Vec<u8>, ExportError> {
    let telling = Telling::new(story, options);
    let services = telling.services();
    // Observed and expected a minute, by moment and service.
    let mut rows: BTreeMap<Time, Vec<[Option<f64>; 2]>> = BTreeMap::new();
    for told in &story.incidents {
        let column = services.iter().position(|service| *service == told.incident.service.as_str());
        let (Some(column), Some(chart)) = (column, &told.chart) else { continue };
        let minutes = f64::from(chart.grid.bin_secs) / 60.0;
        for (index, (bin, expected)) in chart.observed.iter().zip(&chart.expected).enumerate() {
            let row = rows.entry(chart.grid.time(index)).or_insert_with(|| vec![[None; 2]; services.len()]);
            let observed = bin.count().map(|count| f64::from(count) / minutes);
            row[column] = [observed, Some(expected / minutes)];
        }
    }
    let failed = |error: ::csv::Error| ExportError::Format { format: "datawrapper", detail: error.to_string() };
    let mut csv = ::csv::Writer::from_writer(Vec::new());
    let mut header = vec![format!("{} ({})", telling.words.time, telling.zone.name())];
    for service in &services {
        let name = one_line(&telling.marked(&service_name(service, telling.locale)));
        header.push(formula_safe(&name));
        header.push(formula_safe(&format!("{name}, {}", telling.words.key_expected)));
    }
    csv.write_record(&header).map_err(failed)?;
    for (time, row) in rows {
        let mut cells = vec![local(time, telling.zone).format("%Y-%m-%d %H:%M").to_string()];
        cells.extend(row.iter().flatten().map(|value| value.map_or_else(String::new, number)));
        csv.write_record(&cells).map_err(failed)?;
    }
    csv.into_inner().map_err(|error| ExportError::Io(error.into_error()))
}

/// As short as three decimals allow.
fn number(value: f64) -> String {
    format!("{}", (value * 1000.0).round() / 1000.0)
}
