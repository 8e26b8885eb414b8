//! Test support: a story with everything in it that has gone wrong before: hostile names and quotes, an incident that goes
//! on and began before the posts, a gap, one that was taken back.

use chrono_tz::Tz;

use super::story::{Options, Origin, Quote, Story, Told};
use crate::detect::Settings;
use crate::report::Locale;
use crate::report::chart::Theme;
use crate::report::example::{charts, report, time};

/// Options in a language and a zone.
pub(crate) fn options(locale: Locale, zone: Tz) -> Options {
    Options {
        zone,
        locale,
        theme: Theme::Light,
        num_quotes: 3,
        with_authors: false,
        settings: Settings::default().into(),
        bin_secs: 60,
        generated_by: report().generated_by,
        now: time("2021-10-05T08:00:00Z"),
    }
}

/// Three incidents: telegram blocked, ongoing and left-censored; whatsapp with moves and hostile quotes; instagram.
pub(crate) fn story() -> Story {
    let mut report = report();
    let mut charts = charts();
    let incidents = std::mem::take(&mut report.incidents).into_iter().map(|mut incident| {
        let quotes = std::mem::take(&mut incident.quotes).into_iter().map(|quote| Quote {
            id: quote.id,
            platform: Some("simulated".to_owned()),
            at: quote.at,
            lang: quote.lang,
            text: quote.text,
            url: quote.url,
            author: None,
        });
        let quotes = quotes.collect();
        let chart = charts.remove(&incident.id);
        Told { incident, revision: 3, is_withdrawn: false, changed_at: None, chart, quotes }
    });
    Story {
        incidents: incidents.collect(),
        generated_by: report.generated_by,
        retrieved_at: time("2021-10-05T08:00:00Z"),
        simulated: report.simulated,
        origin: Origin {
            index_seq: Some(17),
            inputs: report.inputs,
            query: "--from 2021-10-04T00:00:00Z".to_owned(),
            settings: serde_json::to_value(Settings::default()).ok(),
        },
        coverage: report.coverage,
    }
}

/// A story in which nothing was found.
pub(crate) fn empty() -> Story {
    let mut story = story();
    story.incidents.clear();
    story.coverage.from = None;
    story.coverage.to = None;
    story
}
