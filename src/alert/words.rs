//! What is told, in words: a title of one line and a few lines below it, plain text without anything that a chat,
//! a mail or a terminal takes for a command.

use super::{Event, Message, Notice};
use crate::model::{Change, Incident, Phase};
use crate::report::text::{excerpt, one_line};
use crate::report::wording;

/// Moves that are told.
const MAX_MOVES: usize = 3;
/// Languages that are told.
const MAX_LANGS: usize = 3;
/// Longest title.
const MAX_TITLE_CHARS: usize = 160;
/// What every message ends with, so that nobody takes it for more than it is.
const CAVEAT: &str = "An estimate from public posts, with 90 % intervals; no measurement of the service.";

/// The title of a whole message.
pub(super) fn subject(message: &Message) -> String {
    let test = if message.is_test { "TEST: " } else { "" };
    let words = match message.notices.as_slice() {
        [one] => title(one),
        many => {
            let mut services: Vec<String> =
                many.iter().map(|notice| one_line(notice.incident.service.as_str())).collect();
            services.dedup();
            format!("{} incidents while it was quiet: {}", many.len(), services.join(", "))
        }
    };
    excerpt(&format!("{test}{words}"), MAX_TITLE_CHARS)
}

/// The whole message: its title, then everything else.
pub(super) fn text(message: &Message) -> String {
    format!("{}\n{}", subject(message), body(message))
}

/// Everything below the title.
pub(super) fn body(message: &Message) -> String {
    let mut lines = Vec::new();
    if message.is_test {
        lines.push("This is a test of the alerts. Nothing of it happened.".to_owned());
    }
    if let Some(hours) = &message.held_for {
        lines.push(format!("Held back for the quiet hours {}.", one_line(hours)));
    }
    match message.notices.as_slice() {
        [one] => lines.extend(details(one)),
        many => {
            for notice in many {
                lines.push(format!("- {}", title(notice)));
                lines.extend(notice.link.iter().map(|link| format!("  {link}")));
            }
            lines.push(CAVEAT.to_owned());
        }
    }
    lines.join("\n")
}

/// An incident in one line.
pub(super) fn title(notice: &Notice) -> String {
    let incident = &notice.incident;
    let service = one_line(incident.service.as_str());
    let state = wording::state(incident.verdict);
    let since = since(incident);
    match (notice.event, incident.phase) {
        (Event::Change(Change::Withdrawn), _) => {
            format!("{service}: withdrawn, what came later does not bear out that it was {state}")
        }
        (Event::Flapping, _) => format!("{service}: {state} and back again and again {since}"),
        (Event::Change(Change::Reopened), Phase::Ongoing) => format!("{service}: {state} again or still, {since}"),
        (_, Phase::Ended) => format!("{service}: was {state} {}", span(incident)),
        (Event::Change(Change::Revised), _) => format!("{service}: still {state} {since}"),
        (_, Phase::Ongoing) => format!("{service}: {state} {since}"),
    }
}

/// An incident in some lines.
pub(super) fn details(notice: &Notice) -> Vec<String> {
    let incident = &notice.incident;
    let langs = wording::top(&incident.langs, MAX_LANGS);
    let mut lines = vec![format!(
        "{} by {}{}{langs}; at most {} a minute.",
        wording::count(incident.num_complaints, "complaint"),
        wording::count(incident.num_authors, "author"),
        if langs.is_empty() { "" } else { ", " },
        wording::rate(incident.peak.per_min),
    )];
    if notice.event == Event::Flapping {
        lines.push("It is told again when it has been steady for a while.".to_owned());
    }
    lines.extend(incident.migrations.iter().take(MAX_MOVES).map(wording::move_sentence));
    lines.push(CAVEAT.to_owned());
    lines.extend(notice.link.clone());
    lines.push(format!("Incident {}", one_line(&incident.id)));
    lines
}

/// `since 2021-10-04 15:41 UTC (15:39–15:44)`
fn since(incident: &Incident) -> String {
    let day = incident.onset.at.date_naive();
    format!("since {} {}", wording::day(incident.onset.at), wording::moment_with_interval(&incident.onset, day))
}

/// `from 2021-10-04 15:41 UTC (15:39–15:44) until 21:58 UTC (21:50–22:09)`
fn span(incident: &Incident) -> String {
    let (onset, day) = (&incident.onset, incident.onset.at.date_naive());
    let from = format!("from {} {}", wording::day(onset.at), wording::moment_with_interval(onset, day));
    match &incident.end {
        Some(end) => format!("{from} until {}", wording::moment_with_interval(end, day)),
        None => from,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::example;

    #[test]
    fn titles_say_how_it_stands() {
        let since = "2026-11-22 11:54 UTC (11:52–11:57)";
        for (event, change, expected) in [
            (Event::Change(Change::Opened), Change::Opened, format!("whatsapp: down since {since}")),
            (Event::Change(Change::Revised), Change::Revised, format!("whatsapp: still down since {since}")),
            (
                Event::Change(Change::Reopened),
                Change::Reopened,
                format!("whatsapp: down again or still, since {since}"),
            ),
            (Event::Flapping, Change::Ended, format!("whatsapp: down and back again and again since {since}")),
            (
                Event::Change(Change::Ended),
                Change::Ended,
                format!("whatsapp: was down from {since} until 12:25 UTC (12:23–12:28)"),
            ),
            (
                Event::Change(Change::Opened),
                Change::Ended,
                format!("whatsapp: was down from {since} until 12:25 UTC (12:23–12:28)"),
            ),
            (
                Event::Change(Change::Withdrawn),
                Change::Withdrawn,
                "whatsapp: withdrawn, what came later does not bear out that it was down".to_owned(),
            ),
        ] {
            assert_eq!(title(&example::notice(event, change)), expected);
        }
        let message = Message { is_test: true, ..example::message(Event::Change(Change::Opened)) };
        assert!(subject(&message).starts_with("TEST: whatsapp: down since"));
        assert!(body(&message).starts_with("This is a test"), "{}", body(&message));
        let digest = Message { notices: vec![message.notices[0].clone(); 2], is_test: false, ..message };
        assert_eq!(subject(&digest), "2 incidents while it was quiet: whatsapp");
        assert_eq!(body(&digest).matches("- whatsapp: down since").count(), 2);
    }

    #[test]
    fn a_name_cannot_add_a_line() {
        let mut message = example::message(Event::Change(Change::Opened));
        message.notices[0].incident.service = "x\r\nBcc: everybody@example.org\u{202E}".into();
        assert!(!subject(&message).contains(['\r', '\n', '\u{202E}']), "{}", subject(&message));
    }
}
