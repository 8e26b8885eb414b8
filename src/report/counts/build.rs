//! Rows -> tally, whatever form the rows came in.

use std::collections::BTreeMap;

use super::{CountsError, kind_of, synthetic};
use crate::model::{Cell, CellKey, Country, Distinct, Lang, ServiceId, Tally, Time, sketch};
use chrono::DateTime;

/// Times that a file without the width of its bins must hold at least, so that their greatest
/// common divisor is the width by all but chance (1 - 1/zeta(10) is 0.1 %).
const MIN_TIMES: usize = 10;

/// One row as it was read; an empty cell is `None`.
pub(super) struct Row<'a> {
    pub(super) at: Time,
    pub(super) service: Option<&'a str>,
    pub(super) lang: Option<&'a str>,
    pub(super) country: Option<&'a str>,
    pub(super) kind: &'a str,
    pub(super) to: Option<&'a str>,
    pub(super) posts: u64,
    pub(super) authors: Counted,
    pub(super) clusters: Counted,
}

/// A distinct count, with its keys where the file has them.
pub(super) struct Counted {
    pub(super) number: u64,
    pub(super) keys: Option<Vec<u64>>,
}

/// A tally that grows row by row.
pub(super) struct Builder {
    tally: Tally,
    num_rows: u64,
    /// Each time with the first row that has it.
    times: BTreeMap<Time, u64>,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self { tally: Tally::new(1), num_rows: 0, times: BTreeMap::new() }
    }

    /// Number of the row that comes next, from 1.
    pub(super) fn next_row(&self) -> u64 {
        self.num_rows + 1
    }

    /// Adds a row; rows of the same cell add up.
    pub(super) fn add(&mut self, row: Row<'_>) -> Result<(), CountsError> {
        let number = self.next_row();
        let wrong = |column, problem| CountsError::Value { row: number, column, problem };
        let lang = match row.lang {
            None | Some("und") => None,
            Some(code) => Some(Lang::parse(code).ok_or_else(|| {
                wrong("lang", format!("'{code}' is no language code; write two letters, or nothing"))
            })?),
        };
        let key = CellKey {
            at: row.at,
            service: row.service.map(ServiceId::from),
            lang,
            country: row.country.map(Country::from),
            kind: kind_of(row.kind, row.to).map_err(|(column, problem)| wrong(column, problem))?,
        };
        let authors = distinct(number, &key, ["authors", "author_keys"], row.authors)?;
        let clusters = distinct(number, &key, ["clusters", "cluster_keys"], row.clusters)?;
        self.times.entry(row.at).or_insert(number);
        let cell: &mut Cell = self.tally.cells.entry(key).or_default();
        cell.posts = cell
            .posts
            .checked_add(row.posts)
            .ok_or_else(|| wrong("posts", "the sum of the cell is above 2^64; that is no count".into()))?;
        cell.authors.merge(&authors);
        cell.clusters.merge(&clusters);
        self.num_rows = number;
        Ok(())
    }

    /// The tally. `stated` is the width by the file's own word, `wanted` by the caller's.
    pub(super) fn finish(mut self, stated: Option<u32>, wanted: Option<u32>) -> Result<Tally, CountsError> {
        let bin_secs = match (stated, wanted) {
            (Some(found), Some(wanted)) if found != wanted => return Err(CountsError::BinMismatch { found, wanted }),
            (Some(bin_secs), _) | (None, Some(bin_secs)) => bin_secs.max(1),
            (None, None) => self.common_divisor().ok_or(CountsError::BinUnknown)?,
        };
        self.tally.bin_secs = bin_secs;
        match self.times.iter().find(|&(&at, _)| self.tally.bin_start(at) != at) {
            Some((at, &row)) => Err(CountsError::Value {
                row,
                column: "time",
                problem: format!("{at} is not the beginning of a bin of {bin_secs} s; count on bins of that width"),
            }),
            None => Ok(self.tally),
        }
    }

    fn common_divisor(&self) -> Option<u32> {
        let whole = self.times.keys().all(|at| at.timestamp_subsec_nanos() == 0);
        let origin = DateTime::UNIX_EPOCH;
        let divisor = self.times.keys().map(|at| (*at - origin).num_seconds().unsigned_abs()).fold(0, gcd);
        u32::try_from(divisor).ok().filter(|&secs| whole && secs > 0 && self.times.len() >= MIN_TIMES)
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn distinct(row: u64, key: &CellKey, columns: [&'static str; 2], counted: Counted) -> Result<Distinct, CountsError> {
    let [count_column, key_column] = columns;
    let Some(keys) = counted.keys else {
        return Ok(synthetic::distinct(synthetic::seed(row, key, count_column), counted.number));
    };
    let set: Distinct = keys.into_iter().collect();
    // A full sketch is an estimate, which another engine may know better.
    if set.keys().count() < sketch::K && set.count() != counted.number {
        let problem = format!(
            "holds {} keys where '{count_column}' says {}; leave the key columns out, or aggregate both",
            set.count(),
            counted.number
        );
        return Err(CountsError::Value { row, column: key_column, problem });
    }
    Ok(set)
}
