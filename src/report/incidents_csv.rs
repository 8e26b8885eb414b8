//! `incidents.csv` and `migrations.csv`: one row per incident, one per incident and alternative.

use std::io::{self, Write};

use crate::model::Report;

/// Writes `incidents.csv`.
pub fn write_incidents_csv(_report: &Report, _out: &mut dyn Write) -> io::Result<()> {
    Ok(())
}

/// Writes `migrations.csv`.
pub fn write_migrations_csv(_report: &Report, _out: &mut dyn Write) -> io::Result<()> {
    Ok(())
}
