//! `report.md`: the report for reading, quoting and pasting. Post text cannot become markup in it.

use std::io::{self, Write};

use super::text::{excerpt, lang_attribute, safe_url};
use super::wording;
use crate::model::{Gap, Incident, Report};

/// Longest quote, in characters.
const QUOTE_CHARS: usize = 500;

/// Writes the report as Markdown (CommonMark with tables).
pub fn write_markdown(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Outage report\n")?;
    if report.simulated {
        writeln!(out, "> **Simulated.** {}\n", wording::SIMULATED)?;
    }
    writeln!(out, "{}\n", wording::summary(report))?;
    if !report.incidents.is_empty() {
        overview(&report.incidents, out)?;
    }
    for incident in &report.incidents {
        section(incident, out)?;
    }
    coverage(report, out)?;
    writeln!(out, "## How to cite\n\n{}\n", escape(&wording::citation(report)))?;
    writeln!(out, "## What the numbers cannot say\n")?;
    for limit in wording::LIMITS {
        writeln!(out, "- {limit}")?;
    }
    Ok(())
}

fn overview(incidents: &[Incident], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| Service | Verdict | Onset (UTC) | End (UTC) | Complaints | Authors | Moves to |")?;
    writeln!(out, "|---|---|---|---|---:|---:|---|")?;
    for incident in incidents {
        let day = incident.onset.at.date_naive();
        let end = incident.end.as_ref().map_or_else(
            || "ongoing".to_owned(),
            |end| format!("{} ({})", wording::clock(end.at, day), wording::interval(end, day)),
        );
        let moves: Vec<String> = incident
            .migrations
            .iter()
            .take(3)
            .map(|migration| format!("{} {}", escape(migration.to.as_str()), wording::percent(migration.share.mid)))
            .collect();
        writeln!(
            out,
            "| {} | {} | {} {} ({}) | {end} | {} | {} | {} |",
            escape(incident.service.as_str()),
            wording::verdict(incident.verdict),
            wording::day(incident.onset.at),
            wording::clock(incident.onset.at, day),
            wording::interval(&incident.onset, day),
            wording::thousands(incident.num_complaints),
            wording::thousands(incident.num_authors),
            if moves.is_empty() { "none found".to_owned() } else { moves.join(", ") },
        )?;
    }
    writeln!(out)
}

fn section(incident: &Incident, out: &mut dyn Write) -> io::Result<()> {
    let (service, state) = (escape(incident.service.as_str()), wording::state(incident.verdict));
    writeln!(out, "## {service} {state}, {}\n", wording::day(incident.onset.at))?;
    writeln!(out, "**{}**\n", escape(&wording::headline(incident)))?;
    writeln!(out, "| | |\n|---|---|")?;
    for (name, value) in wording::figures(incident) {
        writeln!(out, "| {name} | {} |", escape(&value))?;
    }
    writeln!(out, "\n### Where they go\n")?;
    if incident.migrations.is_empty() {
        writeln!(out, "{}", wording::NO_MOVES)?;
    }
    for migration in &incident.migrations {
        writeln!(out, "- {}", escape(&wording::move_sentence(migration)))?;
    }
    if !incident.quotes.is_empty() {
        writeln!(out, "\n### In their words\n")?;
    }
    for quote in &incident.quotes {
        let lang = lang_attribute(&quote.lang);
        let link = quote.url.as_deref().and_then(safe_url);
        let link = link.map(|url| format!(" · [original](<{url}>)")).unwrap_or_default();
        writeln!(out, "> <bdi lang=\"{lang}\">{}</bdi>  ", escape(&excerpt(&quote.text, QUOTE_CHARS)))?;
        writeln!(out, "> — {}, {lang}{link}\n", wording::moment(quote.at))?;
    }
    writeln!(out)
}

fn coverage(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## Coverage\n\n{}\n", wording::coverage(&report.coverage))?;
    for Gap { from, to } in &report.coverage.gaps {
        writeln!(out, "- nothing observed from {} to {}", wording::moment(*from), wording::moment(*to))?;
    }
    writeln!(out, "\n| Input | Bytes | SHA-256 |\n|---|---:|---|")?;
    for input in &report.inputs {
        let hash = input.sha256.as_deref().map_or_else(|| "—".to_owned(), escape);
        writeln!(out, "| {} | {} | {hash} |", escape(&input.name), wording::thousands(input.num_bytes))?;
    }
    writeln!(out)
}

/// Text on one line in which no character is markup: entities for HTML's own, backslashes for the rest.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in excerpt(text, usize::MAX).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // Renderers that link bare addresses and mentions are stopped by the entity.
            '@' => escaped.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '$' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped.replace("://", "&#58;//").replace("www.", "www&#46;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    fn written(report: &Report) -> String {
        let mut bytes = Vec::new();
        write_markdown(report, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn it_says_what_happened() {
        let text = written(&example::report());
        for part in [
            "> **Simulated.**",
            "**whatsapp down on 2021-10-04, from 15:41 UTC (15:39–15:44) until 21:58 UTC (21:50–22:09): \
             12,345 complaints by 9,876 authors, 61 % pt, 30 % en.**",
            "since 14:06 UTC or earlier (the posts begin inside), still so when the posts end",
            "61 % (54–68 %) of the authors who say that they move go to telegram (412 posts by 398 authors); \
             it was named 3.2× (2.8–3.7) as often as expected; p &lt; 0.001.",
            "8 % (3–15 %) of the authors who say that they move go to imessage",
            "which may be chance",
            "No moves: no post",
            "61 complaints by 1 author, 100 % en",
            "nothing observed from 2021-10-04 18:10 UTC to 2021-10-04 18:40 UTC",
            "## How to cite",
            "## What the numbers cannot say",
        ] {
            assert!(text.contains(part), "{part}\nis not in\n{text}");
        }
    }

    #[test]
    fn quotes_are_no_markup() {
        let text = written(&example::report());
        for part in ["<script", "<b>", "<img", "[link](", "www.evil", "\u{202E}", "\u{1b}", "\n# heading", "onload"] {
            assert!(!text.contains(part), "{part}\nis in\n{text}");
        }
        assert!(text.contains(r#"<bdi lang="ar">الواتساب واقف"#), "{text}");
        assert!(text.contains("[original](<https://example.org/p/2?a=b&c=d>)"), "{text}");
    }

    #[test]
    fn without_incidents_it_says_so() {
        let mut report = example::report();
        report.incidents.clear();
        report.coverage.gaps.clear();
        assert!(written(&report).contains("No incident was found in 1,234,567 posts"));
    }
}
