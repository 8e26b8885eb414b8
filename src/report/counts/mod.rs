//! Counts on disk: `counts.csv` for people, `counts.parquet` to go on from, and the reader of both.
//!
//! Both have the columns of [`COLUMNS`], one row per cell, in the order of the cells. `kind` is
//! `all`, `complaint`, `restored`, `news`, `other`, `block` or `move` (then `to` holds the
//! destination). `time` is the beginning of the bin. Rows of kind `all` have no authors and clusters:
//! nobody counts those, and a 0 would say that nobody wrote.

mod build;
mod columns;
mod csv_form;
mod parquet_form;
mod synthetic;

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

pub use csv_form::write_counts_csv;
pub use parquet_form::write_counts_parquet;

use crate::model::{CellKind, Distinct, Kind, ServiceId, Tally};

/// Columns of `counts.csv`, in order; `counts.parquet` has [`KEY_COLUMNS`] behind them.
pub const COLUMNS: [&str; 9] = ["time", "service", "lang", "country", "kind", "posts", "authors", "clusters", "to"];

/// Columns of lists of 64-bit keys that let distinct counts be added up.
pub const KEY_COLUMNS: [&str; 2] = ["author_keys", "cluster_keys"];

/// Version of the form of `counts.parquet`, in its metadata as `caiu.counts_schema`.
pub const COUNTS_SCHEMA: &str = "caiu-counts/1";

/// Why counts could not be read or written; the messages name the column and what to do.
#[derive(Debug, thiserror::Error)]
pub enum CountsError {
    /// The file could not be opened, read or written.
    #[error("cannot read or write counts: {0}")]
    Io(#[from] io::Error),
    /// No CSV.
    #[error("cannot read counts as CSV: {0}")]
    Csv(#[from] csv::Error),
    /// No Parquet, or a broken one.
    #[error("cannot read or write counts as Parquet: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// The columns could not be put together.
    #[error("cannot read or write counts as Parquet: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
    /// A column that cannot be done without.
    #[error("counts have no column '{column}' (found: {found}); rename or add it")]
    MissingColumn {
        /// The column.
        column: &'static str,
        /// The columns that are there.
        found: String,
    },
    /// A Parquet column of a type that cannot be understood.
    #[error("column '{column}' of the counts is of type {found}; cast it to {wanted}")]
    ColumnType {
        /// The column.
        column: &'static str,
        /// Its type.
        found: String,
        /// What would do.
        wanted: &'static str,
    },
    /// A value that makes no sense.
    #[error("row {row} of the counts, column '{column}': {problem}")]
    Value {
        /// Row, from 1, without the header.
        row: u64,
        /// The column.
        column: &'static str,
        /// What is wrong and what to write in its place.
        problem: String,
    },
    /// The width of the bins cannot be told.
    #[error("the counts do not say how wide their bins are and hold too few times to tell; say it (--bin)")]
    BinUnknown,
    /// The file says another width.
    #[error("the counts have bins of {found} s, not of {wanted} s; leave the width out or count anew")]
    BinMismatch {
        /// Width by the file's metadata, in seconds.
        found: u32,
        /// Width that was asked for, in seconds.
        wanted: u32,
    },
    /// Written by a later program.
    #[error("the counts are of the form '{0}', and this program reads '{COUNTS_SCHEMA}'; take a newer program")]
    NewerForm(String),
}

/// Reads `counts.csv` or `counts.parquet`, told apart by their first bytes.
///
/// From a Parquet with key columns the very same tally comes back. Without them (a CSV, or a
/// Parquet of another engine) each row gets as many made-up keys as it counts: a cell's own counts
/// are kept, but one author in two rows becomes two, so that sums over rows are upper bounds.
///
/// A file without the width of its bins (every CSV) must hold ten different times, whose greatest
/// common divisor is then taken: right unless it holds few bins out of many, so say the width to
/// [`read_counts_with_bin`] where it is known.
pub fn read_counts(path: &Path) -> Result<Tally, CountsError> {
    read(path, None)
}

/// Like [`read_counts`], for bins of `bin_secs` seconds.
pub fn read_counts_with_bin(path: &Path, bin_secs: u32) -> Result<Tally, CountsError> {
    read(path, Some(bin_secs))
}

fn read(path: &Path, bin_secs: Option<u32>) -> Result<Tally, CountsError> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let mut file = File::open(path).map_err(named)?;
    let mut magic = Vec::new();
    file.by_ref().take(4).read_to_end(&mut magic).map_err(named)?;
    file.rewind().map_err(named)?;
    if magic == b"PAR1" { parquet_form::read(file, bin_secs) } else { csv_form::read(file, bin_secs) }
}

/// What stands in the column `kind`.
fn kind_name(kind: &CellKind) -> &'static str {
    match kind {
        CellKind::All => "all",
        CellKind::Read(kind) => kind.as_str(),
        CellKind::Block => "block",
        CellKind::MoveTo(_) => "move",
    }
}

/// What stands in the column `to`.
fn kind_to(kind: &CellKind) -> Option<&ServiceId> {
    match kind {
        CellKind::MoveTo(to) => Some(to),
        _ => None,
    }
}

/// A distinct count as it is written: none for posts of all kinds, whose authors nobody counts.
fn counted(kind: &CellKind, distinct: &Distinct) -> Option<u64> {
    let count = distinct.count();
    (*kind != CellKind::All || count > 0).then_some(count)
}

/// The kind of both columns; on error the column and what is wrong with it.
fn kind_of(name: &str, to: Option<&str>) -> Result<CellKind, (&'static str, String)> {
    match (name, to) {
        ("move", Some(to)) => Ok(CellKind::MoveTo(to.into())),
        ("move", None) => Err(("to", "is empty in a row of moves; write where they go".into())),
        (name, Some(to)) => Err(("to", format!("holds '{to}' in a row of kind '{name}'; only moves have it"))),
        ("all", None) => Ok(CellKind::All),
        ("block", None) => Ok(CellKind::Block),
        (name, None) => name
            .parse::<Kind>()
            .map(CellKind::Read)
            .map_err(|_| ("kind", format!("'{name}' is none of all, complaint, restored, news, other, block, move"))),
    }
}

#[cfg(test)]
mod tests;
