//! The flags that say what to read, shared by every command that takes posts.

use std::collections::BTreeMap;
use std::io::IsTerminal;

use anyhow::Context;
use chrono_tz::Tz;
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};

use crate::corpus::{self, ColumnMap, Field, Input, Layout, Progress, ReadOptions};

/// How the records are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Found out from the first bytes of each file.
    Auto,
    /// One JSON object per line.
    Ndjson,
    /// A JSON array, or objects over several lines.
    Json,
    /// Comma- or semicolon-separated with a header.
    Csv,
    /// Tab-separated with a header.
    Tsv,
}

/// What to read and how.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Input")]
pub struct InputArgs {
    /// Files, patterns, folders, or - for standard input; plain, gzip, zstd or bzip2
    #[arg(value_name = "INPUT", default_value = "-")]
    pub inputs: Vec<String>,

    /// Layout of the input
    #[arg(long, value_enum, default_value = "auto")]
    pub format: Format,

    /// Column or key that holds a field, such as text=body (may be repeated)
    #[arg(long = "column", value_name = "FIELD=NAME", value_parser = parse_column)]
    pub columns: Vec<(Field, String)>,

    /// Time zone of dates that come without one, such as America/Sao_Paulo
    #[arg(long, value_name = "ZONE", value_parser = parse_zone)]
    pub assume_tz: Option<Tz>,

    /// Stop at the first bad record instead of counting it
    #[arg(long)]
    pub strict: bool,

    /// Worker threads; 0 takes one per core
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub threads: usize,

    /// Longest record in bytes (k, M, G for multiples of 1024); longer ones are skipped and counted
    #[arg(long, value_name = "SIZE", default_value = "16M", value_parser = parse_size)]
    pub max_line: usize,

    /// Allow zstd archives that need up to 2 GiB of memory, as the Reddit dumps do
    #[arg(long)]
    pub big_window: bool,
}

impl InputArgs {
    /// The inputs, with patterns and folders expanded.
    pub fn expand(&self) -> anyhow::Result<Vec<Input>> {
        corpus::expand(&self.inputs).context("cannot find the input")
    }

    /// The options for `corpus::run`.
    pub fn read_options(&self) -> ReadOptions {
        ReadOptions {
            layout: match self.format {
                Format::Auto => Layout::Auto,
                Format::Ndjson => Layout::Ndjson,
                Format::Json => Layout::Json,
                Format::Csv => Layout::Csv,
                Format::Tsv => Layout::Tsv,
            },
            columns: ColumnMap(self.columns.iter().cloned().collect::<BTreeMap<_, _>>()),
            strict: self.strict,
            threads: self.threads,
            max_line_bytes: self.max_line,
            big_window: self.big_window,
            ..ReadOptions::default()
        }
    }
}

/// A bar on stderr, drawn only on a terminal.
#[derive(Debug)]
pub struct ReadBar {
    bar: ProgressBar,
}

impl ReadBar {
    /// A bar without length; the first progress gives it one where the size is known.
    pub fn new() -> Self {
        let shown = std::io::stderr().is_terminal();
        let bar = if shown { ProgressBar::no_length() } else { ProgressBar::hidden() };
        Self { bar }
    }

    /// Draws the progress; hand `|p| bar.update(p)` to `corpus::run`.
    pub fn update(&self, progress: Progress) {
        if self.bar.length().is_none() {
            let template = match progress.bytes_total {
                Some(total) => {
                    self.bar.set_length(total);
                    "{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}"
                }
                None => "{spinner} {bytes} {bytes_per_sec}",
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                self.bar.set_style(style);
            }
        }
        self.bar.set_position(progress.bytes_done);
    }

    /// Removes the bar before the results are printed.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Default for ReadBar {
    fn default() -> Self {
        Self::new()
    }
}

fn parse_column(arg: &str) -> Result<(Field, String), String> {
    match arg.split_once('=') {
        Some((field, name)) if !name.is_empty() => Ok((field.trim().parse()?, name.to_owned())),
        _ => Err("write FIELD=NAME, such as text=body".to_owned()),
    }
}

/// Reads the name of a zone.
pub(super) fn parse_zone(arg: &str) -> Result<Tz, String> {
    arg.parse().map_err(|_| "not a zone of the IANA list; write one such as Asia/Baghdad or UTC".to_owned())
}

/// Reads a number of bytes with k, M or G.
pub(super) fn parse_size(arg: &str) -> Result<usize, String> {
    let (digits, shift) = match arg.as_bytes().last() {
        Some(b'k' | b'K') => (&arg[..arg.len() - 1], 10),
        Some(b'm' | b'M') => (&arg[..arg.len() - 1], 20),
        Some(b'g' | b'G') => (&arg[..arg.len() - 1], 30),
        _ => (arg, 0),
    };
    let number: usize =
        digits.trim().parse().map_err(|_| "write a number of bytes, such as 500000 or 64M".to_owned())?;
    let bytes = number.checked_mul(1 << shift).filter(|&bytes| bytes > 0);
    bytes.ok_or_else(|| "the size must be above 0 and fit in memory".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_columns() {
        let check = |arg: &str, want: Option<usize>| assert_eq!(parse_size(arg).ok(), want, "{arg}");
        check("1", Some(1));
        check("16M", Some(16 << 20));
        check("3k", Some(3072));
        check("0", None);
        check("M", None);
        check("99999999999G", None);
        check("ä", None);
        assert_eq!(parse_column("text=a=b"), Ok((Field::Text, "a=b".to_owned())));
        assert!(parse_column("text").is_err() && parse_column("txt=a").is_err() && parse_column("text=").is_err());
        assert!(parse_zone("America/Sao_Paulo").is_ok() && parse_zone("Brasilia").is_err());
    }
}
