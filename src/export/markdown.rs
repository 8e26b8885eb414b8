//! `markdown`: CommonMark with tables, for pasting. Nothing that a post says is markup in it.

use std::fmt::Write;

use super::ExportError;
use super::story::{Options, Story, Told};
use super::telling::Telling;
use crate::report::markdown::escape;
use crate::report::text::{lang_attribute, safe_url};

pub(super) fn write(story: &Story, options: &Options) -> Result<Vec<u8>, ExportError> {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = page(&Telling::new(story, options), &mut out);
    Ok(out.into_bytes())
}

fn page(telling: &Telling<'_>, out: &mut String) -> std::fmt::Result {
    let (words, story) = (telling.words, telling.story);
    writeln!(out, "# {}\n", escape(&telling.title()))?;
    if story.simulated {
        writeln!(out, "> **{}.** {}\n", words.simulated, words.simulated_note)?;
    }
    if story.incidents.is_empty() {
        writeln!(out, "{}\n", words.nothing_found)?;
    }
    for told in &story.incidents {
        writeln!(out, "**{}**\n", escape(&telling.summary(told)))?;
    }
    timeline(telling, out)?;
    for told in &story.incidents {
        incident(telling, told, out)?;
    }
    writeln!(out, "## {}\n\n| | |\n|---|---|", words.source)?;
    for (name, value) in telling.origin() {
        writeln!(out, "| {name} | {} |", escape(&value))?;
    }
    writeln!(out, "\n## {}\n\n{}\n\n## {}\n", words.cite, escape(&telling.citation()), words.limits_title)?;
    for limit in words.limits {
        writeln!(out, "- {limit}")?;
    }
    Ok(())
}

fn timeline(telling: &Telling<'_>, out: &mut String) -> std::fmt::Result {
    let words = telling.words;
    let events = telling.events();
    if events.is_empty() {
        return Ok(());
    }
    writeln!(out, "## {}\n", words.timeline)?;
    writeln!(
        out,
        "| {} ({}) | {} | {} |\n|---|---|---|",
        words.time,
        escape(&telling.zone_name()),
        words.event,
        words.text
    )?;
    let mut before = None;
    for event in events {
        let text = match event.quote {
            Some(quote) => said(telling, &event.text, &quote.lang, quote.url.as_deref()),
            None => escape(&event.text),
        };
        writeln!(out, "| {} | {} | {text} |", telling.moment(event.at, before), escape(&event.headline))?;
        before = Some(event.at);
    }
    writeln!(out)
}

/// A quote with its language, direction and link.
fn said(telling: &Telling<'_>, text: &str, lang: &str, url: Option<&str>) -> String {
    // A bar would end the cell of a table, in a link too.
    let link = url.and_then(safe_url).map(|url| url.replace('|', "%7C"));
    let link = link.map(|url| format!(" · [{}](<{url}>)", telling.words.original)).unwrap_or_default();
    format!("<bdi lang=\"{}\">{}</bdi>{link}", lang_attribute(lang), escape(text))
}

fn incident(telling: &Telling<'_>, told: &Told, out: &mut String) -> std::fmt::Result {
    let (words, incident) = (telling.words, &told.incident);
    let day = telling.locale.day(incident.onset.at, telling.zone);
    let comma = telling.locale.comma();
    writeln!(out, "## {}{comma}{day}\n\n| | |\n|---|---|", escape(&telling.what(incident)))?;
    for (name, value) in telling.figures(told) {
        writeln!(out, "| {name} | {} |", escape(&value))?;
    }
    writeln!(out, "\n### {}\n", words.moves)?;
    if incident.migrations.is_empty() {
        writeln!(out, "{}", words.no_moves)?;
    }
    for migration in &incident.migrations {
        writeln!(out, "- {}", escape(&telling.move_sentence(migration)))?;
    }
    if !told.quotes.is_empty() {
        writeln!(out, "\n### {}\n\n{}\n", words.quotes, words.quotes_note)?;
    }
    for quote in &told.quotes {
        let author =
            quote.author.as_ref().map(|author| format!("{comma}{} {author}", words.author)).unwrap_or_default();
        let text = said(telling, &telling.quote_text(quote), &quote.lang, quote.url.as_deref());
        let (moment, lang) = (telling.moment(quote.at, None), words.lang(&quote.lang));
        writeln!(out, "> {text}  \n> — {moment}, {}{author}\n", escape(lang))?;
    }
    writeln!(out)
}
