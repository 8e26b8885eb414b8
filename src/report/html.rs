//! `report.html`: one page that needs nothing but itself: no script, no font, no picture, no request.
//! Text of posts goes through [`super::text`] and the template's escaping; the policy in the page's
//! head forbids everything but the one style sheet, which it names by its hash.

use std::collections::BTreeMap;
use std::io::{self, Write};

use askama::Template;
use sha2::{Digest, Sha256};

use super::chart::{Chart, Look, Size, draw_incident};
use super::text::{excerpt, lang_attribute, one_line, safe_url};
use super::wording;
use crate::model::incident::Quote;
use crate::model::{Incident, Migration, Phase, Report, Share};

pub(super) const STYLE: &str = include_str!("../../templates/report.css");

/// Longest quote, in characters.
const QUOTE_CHARS: usize = 500;
/// Languages or countries that get a bar of their own.
const NUM_BARS: usize = 8;

/// Writes the page; `charts` by incident id, an incident without one is shown without.
pub fn write_html(report: &Report, charts: &BTreeMap<String, Chart>, out: &mut dyn Write) -> io::Result<()> {
    let incidents = report.incidents.iter().enumerate();
    let page = Page {
        style: STYLE,
        policy: style_policy(STYLE),
        title: title(report),
        simulated: report.simulated.then_some(wording::SIMULATED),
        summary: wording::summary(report),
        incidents: incidents.map(|(index, incident)| Section::new(index, incident, charts)).collect(),
        coverage: wording::coverage(&report.coverage),
        gaps: report.coverage.gaps.iter().map(|gap| (wording::moment(gap.from), wording::moment(gap.to))).collect(),
        inputs: report.inputs.iter().map(input).collect(),
        citation: wording::citation(report),
        limits: &wording::LIMITS,
    };
    out.write_all(page.render().map_err(io::Error::other)?.as_bytes())
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    style: &'a str,
    policy: String,
    title: String,
    simulated: Option<&'a str>,
    summary: String,
    incidents: Vec<Section>,
    coverage: String,
    gaps: Vec<(String, String)>,
    inputs: Vec<[String; 3]>,
    citation: String,
    limits: &'a [&'a str],
}

struct Section {
    /// Unique on the page: the position, since an id could hold anything.
    anchor: String,
    service: String,
    state: &'static str,
    verdict: &'static str,
    ongoing: bool,
    day: String,
    headline: String,
    onset: [String; 2],
    end: [String; 2],
    complaints: String,
    authors: String,
    moves_short: String,
    chart: Option<Drawing>,
    figures: Vec<(&'static str, String)>,
    moves: Vec<MoveRow>,
    no_moves: &'static str,
    langs: Vec<Bar>,
    countries: Vec<Bar>,
    quotes: Vec<QuoteRow>,
}

struct Drawing {
    wide: String,
    narrow: String,
    has_gap: bool,
}

struct MoveRow {
    bar: Bar,
    sentence: String,
}

/// A share on an axis of 0 to 1000.
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) figure: String,
    pub(crate) mid: u32,
    pub(crate) low: u32,
    pub(crate) high: u32,
}

impl Bar {
    /// A share that is known as it is.
    pub(crate) fn exact(name: String, figure: String, share: f64) -> Self {
        let mid = per_mille(share);
        Self { name, figure, mid, low: mid, high: mid }
    }

    /// A share with its interval.
    pub(crate) fn estimated(name: String, figure: String, share: &Share) -> Self {
        let [low, mid, high] = [share.low, share.mid, share.high].map(per_mille);
        Self { name, figure, mid, low, high }
    }
}

struct QuoteRow {
    text: String,
    lang: String,
    moment: String,
    url: Option<String>,
}

impl Section {
    fn new(index: usize, incident: &Incident, charts: &BTreeMap<String, Chart>) -> Self {
        let anchor = format!("incident-{}", index + 1);
        let day = incident.onset.at.date_naive();
        Self {
            service: one_line(incident.service.as_str()),
            state: wording::state(incident.verdict),
            verdict: wording::verdict(incident.verdict),
            ongoing: incident.phase == Phase::Ongoing,
            day: wording::day(incident.onset.at),
            headline: wording::headline(incident),
            onset: match incident.onset.low {
                Some(_) => [wording::clock(incident.onset.at, day), wording::interval(&incident.onset, day)],
                None => [wording::clock(incident.onset.high, day), "or earlier".to_owned()],
            },
            end: incident.end.as_ref().map_or_else(
                || ["ongoing".to_owned(), String::new()],
                |end| [wording::clock(end.at, day), wording::interval(end, day)],
            ),
            complaints: wording::thousands(incident.num_complaints),
            authors: wording::thousands(incident.num_authors),
            moves_short: moves_short(&incident.migrations),
            chart: charts.get(&incident.id).and_then(|chart| drawing(chart, incident, &anchor)),
            figures: wording::figures(incident),
            moves: incident.migrations.iter().map(move_row).collect(),
            no_moves: wording::NO_MOVES,
            langs: bars(&incident.langs, wording::lang_name),
            countries: bars(&incident.countries, wording::country_name),
            quotes: incident.quotes.iter().map(quote_row).collect(),
            anchor,
        }
    }
}

fn title(report: &Report) -> String {
    let mut services: Vec<String> =
        report.incidents.iter().map(|incident| one_line(incident.service.as_str())).collect();
    services.sort();
    services.dedup();
    if services.is_empty() { "Outage report".to_owned() } else { format!("Outage report: {}", services.join(", ")) }
}

fn moves_short(migrations: &[Migration]) -> String {
    let parts: Vec<String> = migrations
        .iter()
        .take(3)
        .map(|migration| format!("{} {}", one_line(migration.to.as_str()), wording::percent(migration.share.mid)))
        .collect();
    if parts.is_empty() { "none found".to_owned() } else { parts.join(", ") }
}

fn drawing(chart: &Chart, incident: &Incident, anchor: &str) -> Option<Drawing> {
    let draw = |size: Size| {
        let look = Look {
            size,
            id: format!("{anchor}-{}", size.name()),
            title: format!("Complaints about {} a minute over time", one_line(incident.service.as_str())),
            description: wording::headline(incident),
            ..Look::default()
        };
        draw_incident(chart, incident, &look)
    };
    let (wide, narrow) = (draw(Size::Wide)?, draw(Size::Narrow)?);
    let has_gap = wide.contains("fill=\"url(#");
    Some(Drawing { wide, narrow, has_gap })
}

fn move_row(migration: &Migration) -> MoveRow {
    let share = &migration.share;
    let bar = Bar::estimated(one_line(migration.to.as_str()), wording::percent_with_interval(share), share);
    MoveRow { bar, sentence: wording::move_sentence(migration) }
}

fn bars(shares: &BTreeMap<String, f64>, name: impl Fn(&str) -> String) -> Vec<Bar> {
    let bar = |name: String, share: f64| Bar::exact(name, wording::percent(share), share);
    let ranked = wording::ranked(shares);
    let (shown, rest) = ranked.split_at(ranked.len().min(NUM_BARS));
    let mut bars: Vec<Bar> = shown.iter().map(|(code, share)| bar(name(code), *share)).collect();
    if !rest.is_empty() {
        bars.push(bar(format!("{} others", rest.len()), rest.iter().map(|(_, share)| share).sum()));
    }
    bars
}

fn per_mille(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * 1000.0).round() as u32
}

fn quote_row(quote: &Quote) -> QuoteRow {
    QuoteRow {
        text: excerpt(&quote.text, QUOTE_CHARS),
        lang: lang_attribute(&quote.lang).to_owned(),
        moment: wording::moment(quote.at),
        url: quote.url.as_deref().and_then(safe_url).map(str::to_owned),
    }
}

fn input(input: &crate::model::report::Input) -> [String; 3] {
    let hash = input.sha256.as_deref().map_or_else(|| "not known (standard input)".to_owned(), one_line);
    [one_line(&input.name), wording::thousands(input.num_bytes), hash]
}

/// The policy of a page that needs nothing but its one style sheet, which it names by its hash (CSP level 2).
pub(crate) fn style_policy(style: &str) -> String {
    let hash = style_hash(style);
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

/// What the policy in a page's head names its style sheet by.
pub(super) fn style_hash(style: &str) -> String {
    base64(&Sha256::digest(style))
}

/// RFC 4648, as the policy wants the hash of the style sheet.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().enumerate().fold(0_usize, |word, (place, &byte)| word | usize::from(byte) << (16 - 8 * place));
        for place in 0..4 {
            let digit = DIGITS[word >> (18 - 6 * place) & 63];
            text.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    fn written() -> String {
        let mut bytes = Vec::new();
        write_html(&example::report(), &example::charts(), &mut bytes).unwrap();
        if let Some(path) = std::env::var_os("CAIU_EXAMPLE_HTML") {
            std::fs::write(path, &bytes).unwrap();
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn the_page_needs_nothing_but_itself() {
        let html = written();
        for part in [
            "<script",
            "<link",
            "<img",
            "<iframe",
            " src=\"",
            "@import",
            "style=\"",
            " onload=",
            "http-equiv=\"refresh",
        ] {
            assert!(!html.contains(part), "{part}");
        }
        assert!(html.contains("default-src 'none'"));
        let style = html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        assert!(html.contains(&format!("'sha256-{}'", base64(&Sha256::digest(style)))));
    }

    #[test]
    fn posts_cannot_leave_their_quotes() {
        let html = written();
        for part in ["<b>bold", "javascript:alert(1)\"", "\u{202E}", "\u{1b}", "alert('whatsapp"] {
            assert!(!html.contains(part), "{part}");
        }
        let hrefs: Vec<&str> = html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert!(
            hrefs.iter().all(|href| href.starts_with('#') || href.starts_with("https://example.org/")),
            "{hrefs:?}"
        );
    }

    #[test]
    fn arabic_is_marked_as_such() {
        assert!(written().contains(r#"<blockquote lang="ar"><bdi dir="auto">الواتساب واقف"#));
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
