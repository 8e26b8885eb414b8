//! The summary for a terminal.

use std::io::{self, Write};

use comfy_table::presets::{NOTHING, UTF8_HORIZONTAL_ONLY};
use comfy_table::{CellAlignment, ContentArrangement, Table};

use super::text::excerpt;
use super::wording;
use crate::model::{Incident, Migration, Report};

/// How the summary is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableStyle {
    /// Columns apart by spaces, one line per incident: for pipes and files.
    Plain,
    /// Ruled, a block of lines per incident, for a terminal of so many columns.
    Terminal {
        /// Columns of the terminal.
        width: u16,
    },
}

/// Longest name of a service that is shown, in characters.
const NAME_CHARS: usize = 40;

/// Stacked, an interval stands alone on its line and needs none.
const BRACKETS: [char; 2] = ['(', ')'];

/// Writes one row per incident, or one sentence where there is none. No escapes are written in any style.
pub fn write_table(report: &Report, style: TableStyle, out: &mut dyn Write) -> io::Result<()> {
    if report.simulated {
        writeln!(out, "SIMULATED: these posts were made up; nothing below happened.")?;
    }
    if report.incidents.is_empty() {
        return writeln!(out, "No incident in {}.", wording::count(report.coverage.num_posts, "post"));
    }
    let table = match style {
        TableStyle::Plain => plain(&report.incidents),
        TableStyle::Terminal { width } => stacked(&report.incidents, width),
    };
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// One line per incident.
fn plain(incidents: &[Incident]) -> Table {
    let mut table = Table::new();
    table.force_no_tty().load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header([
        "service",
        "verdict",
        "onset (UTC)",
        "end (UTC)",
        "peak/min",
        "complaints",
        "authors",
        "languages",
        "moves to",
    ]);
    for incident in incidents {
        table.add_row([
            service(incident),
            wording::verdict(incident.verdict).to_owned(),
            onset(incident).join(" "),
            end(incident).join(" "),
            wording::rate(incident.peak.per_min),
            wording::thousands(incident.num_complaints),
            wording::thousands(incident.num_authors),
            wording::top(&incident.langs, 3),
            moves(incident).join(", "),
        ]);
    }
    align_right(&mut table, 4..=6);
    table.column_iter_mut().for_each(|column| {
        column.set_padding((0, 2));
    });
    table
}

/// A block of lines per incident, which fits 80 columns.
fn stacked(incidents: &[Incident], width: u16) -> Table {
    let mut table = Table::new();
    table
        .force_no_tty()
        .load_style(UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width.max(40));
    table.set_header([
        "service",
        "onset (UTC)",
        "end (UTC)",
        "peak/min",
        "complaints\nby authors",
        "languages",
        "moves to",
    ]);
    for incident in incidents {
        table.add_row([
            format!("{}\n{}", service(incident), wording::verdict(incident.verdict)),
            onset(incident).join("\n").replace(BRACKETS, ""),
            end(incident).join("\n").replace(BRACKETS, ""),
            wording::rate(incident.peak.per_min),
            format!("{}\nby {}", wording::thousands(incident.num_complaints), wording::thousands(incident.num_authors)),
            wording::top(&incident.langs, 3).replace(", ", "\n"),
            moves(incident).join("\n"),
        ]);
    }
    align_right(&mut table, 3..=3);
    table.column_iter_mut().for_each(|column| {
        column.set_padding((0, u16::from(width >= 90)));
    });
    table
}

fn align_right(table: &mut Table, columns: std::ops::RangeInclusive<usize>) {
    for column in columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

fn service(incident: &Incident) -> String {
    excerpt(incident.service.as_str(), NAME_CHARS)
}

/// Day, time and interval.
fn onset(incident: &Incident) -> [String; 3] {
    let onset = &incident.onset;
    let day = onset.at.date_naive();
    match onset.low {
        Some(_) => {
            [wording::day(onset.at), wording::clock(onset.at, day), format!("({})", wording::interval(onset, day))]
        }
        None => [wording::day(onset.at), wording::clock(onset.high, day), "or earlier".to_owned()],
    }
}

/// Day if it is another than that of the onset, time and interval.
fn end(incident: &Incident) -> Vec<String> {
    let Some(end) = &incident.end else { return vec!["ongoing".to_owned()] };
    let day = end.at.date_naive();
    let mut parts = vec![wording::clock(end.at, day), format!("({})", wording::interval(end, day))];
    if day != incident.onset.at.date_naive() {
        parts.insert(0, wording::day(end.at));
    }
    parts
}

fn moves(incident: &Incident) -> Vec<String> {
    if incident.migrations.is_empty() {
        return vec!["none found".to_owned()];
    }
    let one = |migration: &Migration| {
        format!("{} {}", excerpt(migration.to.as_str(), NAME_CHARS), wording::percent(migration.share.mid))
    };
    incident.migrations.iter().take(3).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    fn drawn(report: &Report, style: TableStyle) -> String {
        let mut bytes = Vec::new();
        write_table(report, style, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn plain_has_a_line_per_incident() {
        let text = drawn(&example::report(), TableStyle::Plain);
        println!("{text}");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 5);
        assert!(lines[0].starts_with("SIMULATED"));
        assert!(lines[3].contains("2021-10-04 15:41 (15:39–15:44)"), "{text}");
        assert!(lines[3].contains("telegram 61 %, signal 31 %"), "{text}");
        assert!(lines[2].contains("or earlier") && lines[2].contains("ongoing"), "{text}");
        assert!(lines[4].ends_with("none found"), "{text}");
    }

    #[test]
    fn a_terminal_of_80_columns_is_kept() {
        let text = drawn(&example::report(), TableStyle::Terminal { width: 80 });
        println!("{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }

    #[test]
    fn names_cannot_speak_to_the_terminal() {
        let mut report = example::report();
        report.incidents[0].service = "\u{1b}[2Jevil\u{202E}\n\u{7}".into();
        report.incidents[0].langs = [("\u{1b}]0;x\u{7}".to_owned(), 1.0)].into();
        for style in [TableStyle::Plain, TableStyle::Terminal { width: 120 }] {
            let text = drawn(&report, style);
            assert!(!text.chars().any(|c| c != '\n' && c.is_control()) && !text.contains('\u{202E}'), "{text:?}");
        }
    }

    #[test]
    fn nothing_found_is_said() {
        let mut report = example::report();
        report.incidents.clear();
        report.simulated = false;
        assert_eq!(drawn(&report, TableStyle::Plain), "No incident in 1,234,567 posts.\n");
    }
}
