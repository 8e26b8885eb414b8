//! Finds out from its first bytes how the records of a file are laid out.

use super::error::ReadError;
use super::format::table::{Header, NoColumn};
use super::options::{Field, Layout, ReadOptions};

/// Bytes that are looked at.
pub(super) const HEAD_BYTES: usize = 64 << 10;
/// Lines that are looked at.
const NUM_LINES: usize = 50;

/// A layout with what its reading needs.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No bytes, or blanks alone.
    Empty,
    /// JSON, one value per line.
    Ndjson,
    /// JSON over several lines, behind so many bytes of something else.
    Json {
        /// Bytes to pass over.
        preamble: usize,
    },
    /// A table.
    Table {
        /// Between its fields.
        delimiter: u8,
        /// Its columns.
        header: Header,
    },
}

/// Finds the layout of the file `name` that begins with `head`.
pub(super) fn find(head: &[u8], name: &str, options: &ReadOptions) -> Result<Found, ReadError> {
    let text = head.trim_ascii();
    if text.is_empty() {
        return Ok(Found::Empty);
    }
    match options.layout {
        Layout::Ndjson => Ok(Found::Ndjson),
        Layout::Json => Ok(Found::Json { preamble: preamble(head) }),
        Layout::Csv => table(text, name, b",;", options),
        Layout::Tsv => table(text, name, b"\t", options),
        Layout::Auto if text[0] == b'[' || preamble(head) > 0 => Ok(Found::Json { preamble: preamble(head) }),
        Layout::Auto if text[0] == b'{' && is_spread(text) => Ok(Found::Json { preamble: 0 }),
        Layout::Auto if text[0] == b'{' || text.split(|&byte| byte == b'\n').take(NUM_LINES).any(is_object) => {
            Ok(Found::Ndjson)
        }
        Layout::Auto if text.contains(&0) => Err(unknown(name, "no text")),
        Layout::Auto => table(text, name, b",\t;", options),
    }
}

/// The files of a personal Twitter archive begin with an assignment to a variable.
fn preamble(head: &[u8]) -> usize {
    if head.starts_with(b"window.YTD.") { memchr::memchr(b'[', head).unwrap_or(0) } else { 0 }
}

fn is_object(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
}

/// Whether an object goes over several lines: its first one stops where no record would.
fn is_spread(text: &[u8]) -> bool {
    let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
    let first = text[..end].trim_ascii_end();
    end < text.len() && !is_object(first) && first.last().is_some_and(|byte| b"{[,:".contains(byte))
}

/// A table by the delimiter under which its header names the text, and most columns beside it.
fn table(text: &[u8], name: &str, delimiters: &[u8], options: &ReadOptions) -> Result<Found, ReadError> {
    let mut best: Option<(usize, Found)> = None;
    let mut worst: Option<(Vec<String>, NoColumn)> = None;
    for &delimiter in delimiters {
        let names = header(text, delimiter);
        let borrowed: Vec<&str> = names.iter().map(String::as_str).collect();
        match Header::find(&borrowed, &options.columns) {
            Ok(header) if best.as_ref().is_none_or(|(most, _)| *most < names.len()) => {
                best = Some((names.len(), Found::Table { delimiter, header }));
            }
            Err(missing) if worst.as_ref().is_none_or(|(most, _)| most.len() < names.len()) => {
                worst = Some((names, missing));
            }
            _ => {}
        }
    }
    if let Some((_, found)) = best {
        return Ok(found);
    }
    match worst {
        // One column under another name could be any text file.
        Some((names, missing)) if names.len() > 1 || options.layout != Layout::Auto => Err(ReadError::NoColumn {
            file: name.to_owned(),
            field: missing.0.name().to_owned(),
            columns: listed(&names),
        }),
        _ => Err(unknown(name, "neither JSON nor a table with a header")),
    }
}

fn header(text: &[u8], delimiter: u8) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text);
    let mut names = csv::ByteRecord::new();
    match reader.read_byte_record(&mut names) {
        Ok(_) => names.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect(),
        Err(_) => Vec::new(),
    }
}

/// Names for an error message: not a whole file, should it be no header after all.
fn listed(names: &[String]) -> String {
    let short = |name: &String| name.chars().filter(|char| !char.is_control()).take(40).collect::<String>();
    let mut listed = names.iter().take(30).map(short).collect::<Vec<_>>().join(", ");
    if names.len() > 30 {
        listed.push_str(", ...");
    }
    listed
}

fn unknown(name: &str, found: &str) -> ReadError {
    ReadError::UnknownFormat {
        file: name.to_owned(),
        found: found.to_owned(),
        remedy: format!(
            "give NDJSON, JSON, CSV or TSV, and say which with --format ({} may be named by --column)",
            Field::Text
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &str, want: &str) {
        let found = match find(head.as_bytes(), "x", &ReadOptions::default()) {
            Ok(Found::Empty) => "empty".to_owned(),
            Ok(Found::Ndjson) => "ndjson".to_owned(),
            Ok(Found::Json { preamble }) => format!("json {preamble}"),
            Ok(Found::Table { delimiter, .. }) => format!("table {}", char::from(delimiter).escape_default()),
            Err(error) => error.to_string(),
        };
        assert!(found.starts_with(want), "{head}: {found}");
    }

    #[test]
    fn layouts() {
        check("", "empty");
        check(" \r\n\t", "empty");
        check("{\"text\":\"a\"}\n{\"text\":\"b\"}", "ndjson");
        check("{\"text\":\"cut sho", "ndjson");
        check("{\"text\":\"cut sho\n{\"text\":\"b\"}\n", "ndjson");
        check("he tail of a line\"}\n{\"text\":\"b\"}\n", "ndjson");
        check("\n\n[{\"text\":\"a\"}]", "json 0");
        check("{\n  \"data\": [\n    {\"id\":\"1\"}\n  ]\n}", "json 0");
        check("{ \"data\": [\r\n {\"id\":\"1\"}\n]}", "json 0");
        check("window.YTD.tweets.part0 = [\n  {", "json 26");
        check("id,text\n1,a", "table ,");
        check("id;Tweet;Date\n1;a;b", "table ;");
        check("id\ttext, or not\ttext\n1\ta\tb", "table \\t");
        check("\"id\",\"full text\"\n", "table ,");
        check("text\nwhatsapp caiu\n", "table ,");
        check("a,b,c\n1,2,3", "x has no column for the field 'text' among: a, b, c; name it with --column text=NAME");
        check("some words\nmore words\n", "x is neither JSON");
        check("MZ\0\0\0", "x is no text");
    }
}
