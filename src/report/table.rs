//! The summary for a terminal.

use std::io::{self, Write};

use crate::model::Report;

/// How the summary is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableStyle {
    /// Columns apart by spaces, one line per incident: for pipes and files.
    Plain,
    /// Ruled, and broken to a terminal of so many columns.
    Terminal {
        /// Columns of the terminal.
        width: u16,
    },
}

/// Writes one row per incident, or one sentence where there is none.
pub fn write_table(_report: &Report, _style: TableStyle, _out: &mut dyn Write) -> io::Result<()> {
    Ok(())
}
