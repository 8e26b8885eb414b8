//! `ndjson`: one event a line, for `jq` and programs. Names are English, sentences of the chosen language.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::ExportError;
use super::events::Event;
use super::story::{Options, Story};
use super::telling::Telling;
use crate::model::Time;
use crate::report::locale::local;

pub(super) fn write(story: &Story, options: &Options) -> Result<Vec<u8>, ExportError> {
    let telling = Telling::new(story, options);
    let mut out = Vec::new();
    for event in telling.events() {
        serde_json::to_writer(&mut out, &line(&telling, &event)).map_err(std::io::Error::from)?;
        out.push(b'\n');
    }
    Ok(out)
}

/// An event as JSON.
pub(super) fn line(telling: &Telling<'_>, event: &Event<'_>) -> Value {
    let stamp = |time: Time| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let incident = event.told.map(|told| &told.incident);
    json!({
        "at": stamp(event.at),
        "local": local(event.at, telling.zone).format("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        "zone": telling.zone.name(),
        "event": event.kind.name(),
        "incident": incident.map(|incident| &incident.id),
        "service": incident.map(|incident| incident.service.as_str()),
        "low": event.low.map(stamp),
        "high": event.high.map(stamp),
        "headline": event.headline,
        "text": event.text,
        "simulated": telling.story.simulated,
        "quote": event.quote,
    })
}
