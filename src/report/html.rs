//! `report.html`: one page that needs nothing but itself.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Chart;
use crate::model::Report;

/// Writes the page; `charts` by incident id, an incident without one is shown without.
pub fn write_html(_report: &Report, _charts: &BTreeMap<String, Chart>, _out: &mut dyn Write) -> io::Result<()> {
    Ok(())
}
