//! `ics`: iCalendar (RFC 5545), one entry per incident, which a later export brings up to date.
//!
//! An entry has its incident's id and the number of its revision, so that a calendar takes the newer one. One that goes on
//! ends at the last post and says so; one that was taken back is cancelled.

use super::ExportError;
use super::story::{Options, Story, Told};
use super::telling::Telling;
use crate::model::Time;
use crate::report::text::one_line;

/// Longest line in bytes (RFC 5545, 3.1).
const LINE_BYTES: usize = 75;

pub(super) fn write(story: &Story, options: &Options) -> Result<Vec<u8>, ExportError> {
    let telling = Telling::new(story, options);
    let by = &story.generated_by;
    let mut lines = Lines::default();
    lines.add("BEGIN", "VCALENDAR");
    lines.add("VERSION", "2.0");
    lines.add_text("PRODID", &format!("-//{0}//{0} {1}//EN", by.name, by.version));
    lines.add("CALSCALE", "GREGORIAN");
    lines.add("METHOD", "PUBLISH");
    lines.add_text("X-WR-CALNAME", &telling.marked(&telling.title()));
    for told in &story.incidents {
        entry(&telling, told, &mut lines);
    }
    lines.add("END", "VCALENDAR");
    Ok(lines.0.into_bytes())
}

fn entry(telling: &Telling<'_>, told: &Told, lines: &mut Lines) {
    let incident = &told.incident;
    let begun = incident.onset.low.map_or(incident.onset.high, |_| incident.onset.at);
    let end = incident.end.map(|end| end.at).or(telling.story.coverage.to).unwrap_or(begun).max(begun);
    let mut words = vec![telling.summary(told)];
    words.extend(incident.migrations.iter().map(|migration| telling.move_sentence(migration)));
    words.push(telling.citation());
    let status = match incident.end {
        _ if told.is_withdrawn => "CANCELLED",
        Some(_) => "CONFIRMED",
        None => "TENTATIVE",
    };
    lines.add("BEGIN", "VEVENT");
    lines.add_text("UID", &format!("{}@caiu", incident.id));
    lines.add("SEQUENCE", &told.revision.saturating_sub(1).to_string());
    lines.add("DTSTAMP", &stamp(told.changed_at.unwrap_or(telling.story.retrieved_at)));
    lines.add("DTSTART", &stamp(begun));
    lines.add("DTEND", &stamp(end));
    lines.add("STATUS", status);
    lines.add("CLASS", "PUBLIC");
    lines.add("TRANSP", "TRANSPARENT");
    lines.add_text("CATEGORIES", incident.service.as_str());
    lines.add_text("SUMMARY", &telling.marked(&format!("{} ({})", telling.what(incident), telling.state(told))));
    lines.add_text("DESCRIPTION", &words.join("\n"));
    lines.add("END", "VEVENT");
}

fn stamp(time: Time) -> String {
    time.format("%Y%m%dT%H%M%SZ").to_string()
}

/// Lines of a calendar, folded and ended as the form wants it.
#[derive(Debug, Default)]
struct Lines(String);

impl Lines {
    /// Adds text from anywhere: escaped, so that it can begin no line of its own.
    fn add_text(&mut self, name: &str, text: &str) {
        let mut value = String::with_capacity(text.len());
        for (index, line) in text.lines().enumerate() {
            if index > 0 {
                value.push_str("\\n");
            }
            for c in clean(line).chars() {
                if matches!(c, '\\' | ';' | ',') {
                    value.push('\\');
                }
                value.push(c);
            }
        }
        self.add(name, &value);
    }

    fn add(&mut self, name: &str, value: &str) {
        let mut room = LINE_BYTES;
        for c in format!("{name}:{value}").chars() {
            if c.len_utf8() > room {
                self.0.push_str("\r\n ");
                room = LINE_BYTES - 1;
            }
            self.0.push(c);
            room -= c.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

/// A line without controls; the isolates that our own sentences are made with stay.
fn clean(line: &str) -> String {
    if line.chars().any(char::is_control) { one_line(line) } else { line.to_owned() }
}
