//! `json`: the whole story, with series; times with `Z`, incidents as in `report.json`.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::ExportError;
use super::ndjson::line;
use super::story::{Options, STORY_SCHEMA, Story, Told};
use super::telling::Telling;
use crate::model::{Bin, Time};
use crate::report::chart::Chart;
use crate::report::json::round_incident;

pub(super) fn write(story: &Story, options: &Options) -> Result<Vec<u8>, ExportError> {
    let telling = Telling::new(story, options);
    let incidents = story.incidents.iter().map(|told| incident(&telling, told)).collect::<Result<Vec<_>, _>>()?;
    let events: Vec<Value> = telling.events().iter().map(|event| line(&telling, event)).collect();
    let value = json!({
        "schema": STORY_SCHEMA,
        "title": telling.title(),
        "simulated": story.simulated,
        "generated_by": story.generated_by,
        "retrieved_at": stamp(story.retrieved_at),
        "locale": telling.locale.code(),
        "zone": telling.zone.name(),
        "origin": story.origin,
        "coverage": story.coverage,
        "citation": telling.citation(),
        "incidents": incidents,
        "events": events,
    });
    let mut out = serde_json::to_vec_pretty(&value).map_err(std::io::Error::from)?;
    out.push(b'\n');
    Ok(out)
}

fn stamp(time: Time) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn incident(telling: &Telling<'_>, told: &Told) -> Result<Value, ExportError> {
    let mut rounded = told.incident.clone();
    round_incident(&mut rounded)?;
    Ok(json!({
        "incident": rounded,
        "summary": telling.summary(told),
        "revision": told.revision,
        "withdrawn": told.is_withdrawn,
        "changed_at": told.changed_at.map(stamp),
        "quotes": told.quotes,
        "series": told.chart.as_ref().map(series),
    }))
}

/// Complaints per bin, `null` where nobody listened, and the expected ones.
fn series(chart: &Chart) -> Value {
    let observed = chart.observed.iter().map(|bin| match bin {
        Bin::Observed(count) => json!(count),
        Bin::Missing => Value::Null,
    });
    let expected = chart.expected.iter().map(|mean| (mean * 1e4).round() / 1e4);
    json!({
        "unit": "complaints by independent witnesses per bin",
        "from": stamp(chart.grid.start),
        "bin_secs": chart.grid.bin_secs,
        "observed": observed.collect::<Vec<_>>(),
        "expected": expected.collect::<Vec<_>>(),
    })
}
