//! `timelinejs`: the JSON of TimelineJS 3 (timeline.knightlab.com/docs/json-format.html).
//!
//! It knows no time zones and shows what stands in the numbers, so all of them are of one zone, which each date names. What
//! stands in its texts is HTML there.

use chrono::{Datelike, Timelike};
use serde_json::{Value, json};

use super::ExportError;
use super::events::{Event, EventKind};
use super::story::{Options, Story, Told};
use super::telling::Telling;
use crate::model::Time;
use crate::report::locale::{local, service_name};
use crate::report::text::{lang_attribute, safe_url, xml};

pub(super) fn write(story: &Story, options: &Options) -> Result<Vec<u8>, ExportError> {
    let telling = Telling::new(story, options);
    let mut events: Vec<Value> =
        telling.events().iter().enumerate().map(|(index, event)| slide(&telling, event, index)).collect();
    if events.is_empty() {
        // It refuses a timeline without events: the one thing to tell is that there is nothing.
        let at = story.coverage.to.unwrap_or(story.retrieved_at);
        events.push(json!({
            "unique_id": "nothing",
            "start_date": date(&telling, at),
            "text": { "headline": html(&telling, telling.words.nothing_found), "text": paragraph(&telling, &telling.coverage()) },
        }));
    }
    let value = json!({
        "scale": "human",
        "title": title(&telling),
        "events": events,
        "eras": story.incidents.iter().filter_map(|told| era(&telling, told)).collect::<Vec<_>>(),
    });
    let mut out = serde_json::to_vec_pretty(&value).map_err(std::io::Error::from)?;
    out.push(b'\n');
    Ok(out)
}

fn title(telling: &Telling<'_>) -> Value {
    let mut text: String = match telling.story.simulated {
        true => format!("<p{}><strong>{}</strong></p>", dir(telling), xml(telling.words.simulated_note)),
        false => String::new(),
    };
    for told in &telling.story.incidents {
        text.push_str(&paragraph(telling, &telling.summary(told)));
    }
    text.push_str(&paragraph(telling, &telling.citation()));
    json!({
        "unique_id": "title",
        "text": { "headline": html(telling, &telling.marked(&telling.title())), "text": text },
    })
}

fn slide(telling: &Telling<'_>, event: &Event<'_>, index: usize) -> Value {
    let mut slide = json!({
        "unique_id": format!("event-{}-{}", index + 1, event.kind.name()),
        "start_date": date(telling, event.at),
        "autolink": false,
        "text": { "headline": html(telling, &telling.marked(&event.headline)), "text": text(telling, event) },
    });
    if let Some(told) = event.told {
        slide["group"] = json!(xml(&service_name(told.incident.service.as_str(), telling.locale)));
    }
    if let (EventKind::Gap, Some(to)) = (event.kind, event.high) {
        slide["end_date"] = date(telling, to);
    }
    slide
}

/// What a slide says, as HTML.
pub(super) fn text(telling: &Telling<'_>, event: &Event<'_>) -> String {
    let Some(quote) = event.quote else {
        let mut text = paragraph(telling, &event.text);
        if let (EventKind::Onset, Some(told)) = (event.kind, event.told) {
            text.push_str(&paragraph(telling, &telling.summary(told)));
            for migration in &told.incident.migrations {
                text.push_str(&paragraph(telling, &telling.move_sentence(migration)));
            }
        }
        return text;
    };
    let lang = lang_attribute(&quote.lang);
    let link = quote.url.as_deref().and_then(safe_url).map_or_else(String::new, |url| {
        let words = telling.words.original;
        format!(
            "<p{}><a href=\"{}\" rel=\"noopener noreferrer nofollow\">{}</a></p>",
            dir(telling),
            xml(url),
            xml(words)
        )
    });
    format!("<blockquote lang=\"{lang}\" dir=\"auto\">{}</blockquote>{link}", xml(&event.text))
}

fn era(telling: &Telling<'_>, told: &Told) -> Option<Value> {
    // An era needs both ends.
    let incident = &told.incident;
    let to = incident.end.map(|end| end.at).or(telling.story.coverage.to)?;
    let from = incident.onset.at;
    (from < to).then(|| {
        json!({
            "start_date": date(telling, from),
            "end_date": date(telling, to),
            "text": { "headline": html(telling, &telling.what(incident)) },
        })
    })
}

/// A moment by the clocks of the zone, with the words that are shown in its place.
fn date(telling: &Telling<'_>, time: Time) -> Value {
    // To the minute, as everywhere: seconds would feign a precision.
    let wall = local(time, telling.zone).naive_local();
    json!({
        "year": wall.year(),
        "month": wall.month(),
        "day": wall.day(),
        "hour": wall.hour(),
        "minute": wall.minute(),
        "display_date": format!("{} {}", telling.moment(time, None), telling.zone_name()),
    })
}

/// A paragraph, with its direction where it is not that of the page.
pub(super) fn paragraph(telling: &Telling<'_>, text: &str) -> String {
    format!("<p{}>{}</p>", dir(telling), xml(text))
}

/// A headline, with its direction where it is not that of the page.
pub(super) fn html(telling: &Telling<'_>, text: &str) -> String {
    if telling.locale.is_rtl() { format!("<span{}>{}</span>", dir(telling), xml(text)) } else { xml(text) }
}

fn dir(telling: &Telling<'_>) -> String {
    match telling.locale.is_rtl() {
        true => format!(" dir=\"rtl\" lang=\"{}\"", telling.locale.code()),
        false => String::new(),
    }
}
