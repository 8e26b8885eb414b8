//! `html`: one page that needs nothing but itself, for reading and print, in the direction of its language.

use askama::Template;

use super::ExportError;
use super::events::{Event, EventKind};
use super::graphic::chart;
use super::story::{Options, Story, Told};
use super::telling::Telling;
use crate::report::chart::{Size, Theme};
use crate::report::html::{Bar, style_policy};
use crate::report::locale::Words;
use crate::report::text::{lang_attribute, safe_url};

const STYLE: &str = concat!(include_str!("../../templates/report.css"), include_str!("../../templates/story.css"));

pub(super) fn write(story: &Story, options: &Options) -> Result<Vec<u8>, ExportError> {
    let telling = Telling::new(story, options);
    let incidents = story.incidents.iter().enumerate();
    let page = Page {
        lang: telling.locale.code(),
        dir: telling.locale.dir(),
        style: STYLE,
        policy: style_policy(STYLE),
        words: telling.words,
        simulated: story.simulated,
        title: telling.title(),
        zone: telling.zone_name(),
        events: events(&telling),
        incidents: incidents.map(|(index, told)| Section::new(&telling, told, index)).collect(),
        origin: telling.origin(),
        citation: telling.citation(),
    };
    page.render().map(String::into_bytes).map_err(|error| ExportError::Io(std::io::Error::other(error)))
}

#[derive(Template)]
#[template(path = "story.html")]
struct Page {
    lang: &'static str,
    dir: &'static str,
    style: &'static str,
    policy: String,
    words: &'static Words,
    simulated: bool,
    title: String,
    zone: String,
    events: Vec<Row>,
    incidents: Vec<Section>,
    origin: Vec<(&'static str, String)>,
    citation: String,
}

/// A row of the timeline.
struct Row {
    kind: &'static str,
    moment: String,
    headline: String,
    text: String,
    said: Option<Said>,
}

/// What somebody said.
struct Said {
    lang: String,
    text: String,
    about: String,
    url: Option<String>,
}

struct Section {
    anchor: String,
    what: String,
    day: String,
    /// What follows the name of the incident in its summary.
    rest: String,
    wide: Option<String>,
    narrow: Option<String>,
    has_gap: bool,
    is_over: bool,
    figures: Vec<(&'static str, String)>,
    moves: Vec<(Bar, String)>,
    langs: Vec<Bar>,
    countries: Vec<Bar>,
    quotes: Vec<Said>,
}

fn events(telling: &Telling<'_>) -> Vec<Row> {
    let mut before = None;
    let mut rows = Vec::new();
    for event in telling.events() {
        let said = event.quote.map(|quote| Said {
            lang: lang_attribute(&quote.lang).to_owned(),
            text: event.text.clone(),
            about: about(telling, &event, quote),
            url: quote.url.as_deref().and_then(safe_url).map(str::to_owned),
        });
        rows.push(Row {
            kind: event.kind.name(),
            moment: telling.moment(event.at, before),
            headline: event.headline,
            text: if event.kind == EventKind::Quote { String::new() } else { event.text },
            said,
        });
        before = Some(event.at);
    }
    rows
}

/// Language of a quote, and the service it is about.
fn about(telling: &Telling<'_>, event: &Event<'_>, quote: &super::Quote) -> String {
    let lang = telling.words.lang(&quote.lang);
    event
        .told
        .map_or_else(|| lang.to_owned(), |told| format!("{lang} · {}", telling.service(told.incident.service.as_str())))
}

impl Section {
    fn new(telling: &Telling<'_>, told: &Told, index: usize) -> Self {
        let incident = &told.incident;
        let wide = chart(telling, told, index, Size::Wide, Theme::Page);
        let (what, summary) = (telling.what(incident), telling.summary(told));
        let bar = |(name, share): (String, f64)| Bar::exact(name, telling.locale.percent(share), share);
        Self {
            anchor: format!("section-{}", index + 1),
            day: telling.locale.day(incident.onset.at, telling.zone),
            rest: summary.strip_prefix(&what).unwrap_or(&summary).to_owned(),
            what,
            has_gap: wide.as_ref().is_some_and(|svg| svg.contains("fill=\"url(#")),
            narrow: chart(telling, told, index, Size::Narrow, Theme::Page),
            wide,
            is_over: incident.end.is_some(),
            figures: telling.figures(told),
            moves: incident
                .migrations
                .iter()
                .map(|migration| {
                    let share = &migration.share;
                    let figure = telling.locale.percent(share.mid);
                    let bar = Bar::estimated(telling.service(migration.to.as_str()), figure, share);
                    (bar, telling.move_sentence(migration))
                })
                .collect(),
            langs: telling.langs(incident).into_iter().map(bar).collect(),
            countries: telling.countries(incident).into_iter().map(bar).collect(),
            quotes: told.quotes.iter().map(|quote| said(telling, quote)).collect(),
        }
    }
}

fn said(telling: &Telling<'_>, quote: &super::Quote) -> Said {
    let author =
        quote.author.as_ref().map(|author| format!(" · {} {author}", telling.words.author)).unwrap_or_default();
    Said {
        lang: lang_attribute(&quote.lang).to_owned(),
        text: telling.quote_text(quote),
        about: format!("{} · {}{author}", telling.moment(quote.at, None), telling.words.lang(&quote.lang)),
        url: quote.url.as_deref().and_then(safe_url).map(str::to_owned),
    }
}
