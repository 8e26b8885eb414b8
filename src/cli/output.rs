//! How results and errors leave the program: data to stdout, words to stderr, exit codes.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::corpus::Outcomes;
use anyhow::Context;
use comfy_table::Table;
use comfy_table::presets::ASCII_MARKDOWN;
use serde::Serialize;

/// What a command found, for the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Something: exit code 0.
    Some,
    /// Nothing: exit code 1.
    Nothing,
}

impl Found {
    /// `Some` if `yes`.
    pub fn when(yes: bool) -> Self {
        if yes { Self::Some } else { Self::Nothing }
    }
}

/// 0 found, 1 nothing found, 2 error; a reader that went away (broken pipe) is no error.
pub fn exit_code(result: anyhow::Result<Found>) -> ExitCode {
    match result {
        Ok(Found::Some) => ExitCode::SUCCESS,
        Ok(Found::Nothing) => ExitCode::from(1),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            tell(with_causes(&error));
            ExitCode::from(2)
        }
    }
}

/// Says something on stderr. Nobody may be listening there any more, which is no error.
pub fn tell(words: impl Display) {
    let _ = writeln!(io::stderr(), "caiu: {words}");
}

/// An error with its causes, each said once: some errors repeat their cause in their own words.
fn with_causes(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe))
}

/// The whole text of a file; `-` is standard input.
pub fn read_text(path: &Path) -> anyhow::Result<String> {
    if path == Path::new("-") {
        return io::read_to_string(io::stdin()).context("cannot read standard input as UTF-8");
    }
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Text of a post on one line and without what moves a terminal or turns the direction of the line.
pub fn one_line(text: &str) -> String {
    crate::report::text::one_line(text)
}

/// Writes a value as indented JSON with a line end behind it.
///
/// # Errors
/// Those of `out`.
pub fn write_json(mut out: impl Write, value: &(impl Serialize + ?Sized)) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, value)?;
    writeln!(out)
}

/// A table in the program's style.
pub fn table<T: Into<comfy_table::Row>>(header: T) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(header);
    table
}

/// Says on stderr what became of the records that gave no reading, with the first few places of each reason.
pub fn tell_outcomes(outcomes: &Outcomes) {
    for (reason, tried) in outcomes.iter() {
        tell(format_args!("{} x {reason}", tried.count));
        for example in &tried.examples {
            let line = if example.line > 0 { format!(", line {}", example.line) } else { String::new() };
            let detail = if example.detail.is_empty() { String::new() } else { format!(": {}", example.detail) };
            let _ = writeln!(io::stderr(), "        {}{line}{}", one_line(&example.file), one_line(&detail));
        }
    }
}
