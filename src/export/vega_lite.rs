//! `vega-lite`: a chart specification (Vega-Lite 6) with its data inside.
//!
//! Vega draws times of the reader's own zone unless told otherwise. Here the clocks of the chosen zone are written as if
//! they were UTC and drawn as UTC (`utc…` time units and scales), so that every reader sees the same.

use serde_json::{Value, json};

use super::ExportError;
use super::story::{Options, Story, Told};
use super::telling::Telling;
use crate::model::Time;
use crate::report::chart::Theme;
use crate::report::locale::{local, service_name};

const SCHEMA: &str = "https://vega.github.io/schema/vega-lite/v6.json";
/// How times are written, and that they are to be read as UTC.
const PARSE: &str = "utc:'%Y-%m-%dT%H:%M:%S'";

pub(super) fn write(story: &Story, options: &Options) -> Result<Vec<u8>, ExportError> {
    let telling = Telling::new(story, options);
    let colors = if options.theme == Theme::Dark {
        json!({ "background": "#15171b", "text": "#e7e6e2", "observed": "#6db0ea", "expected": "#e7e6e2", "onset": "#f2a35c", "end": "#6ccb91" })
    } else {
        json!({ "background": "#ffffff", "text": "#1d1f23", "observed": "#2c6496", "expected": "#1d1f23", "onset": "#a8480a", "end": "#1b7340" })
    };
    let charts: Vec<Value> = story.incidents.iter().filter_map(|told| chart(&telling, told, &colors)).collect();
    let spec = json!({
        "$schema": SCHEMA,
        "title": { "text": telling.marked(&telling.title()), "subtitle": telling.made_by() },
        "description": telling.citation(),
        "background": colors["background"],
        "config": {
            "title": { "color": colors["text"], "subtitleColor": colors["text"] },
            "axis": { "labelColor": colors["text"], "titleColor": colors["text"] },
        },
        "vconcat": charts,
    });
    let mut out = serde_json::to_vec_pretty(&spec).map_err(std::io::Error::from)?;
    out.push(b'\n');
    Ok(out)
}

fn chart(telling: &Telling<'_>, told: &Told, colors: &Value) -> Option<Value> {
    let (chart, incident, words) = (told.chart.as_ref()?, &told.incident, telling.words);
    let minutes = f64::from(chart.grid.bin_secs) / 60.0;
    let rounded = |value: f64| (value * 1000.0).round() / 1000.0;
    let points = chart.observed.iter().zip(&chart.expected).enumerate().map(|(index, (bin, expected))| {
        let observed = bin.count().map(|count| rounded(f64::from(count) / minutes));
        json!({ "time": wall(telling, chart.grid.time(index)), "observed": observed, "expected": rounded(expected / minutes) })
    });
    let format = json!({ "parse": { "time": PARSE, "from": PARSE, "to": PARSE } });
    let x = json!({
        "field": "time",
        "type": "temporal",
        "timeUnit": "utcyearmonthdatehoursminutes",
        "scale": { "type": "utc" },
        "axis": { "title": format!("{} ({})", words.time, telling.zone.name()), "format": "%H:%M" },
    });
    let y = |field: &str, title: &str| json!({ "field": field, "type": "quantitative", "axis": { "title": title } });
    let onset = &incident.onset;
    let mut bands = vec![json!({
        "from": wall(telling, onset.low.unwrap_or(chart.grid.start)),
        "to": wall(telling, onset.high),
        "what": words.key_onset,
    })];
    if let Some(end) = &incident.end {
        bands.push(json!({
            "from": wall(telling, end.low.unwrap_or(end.at)),
            "to": wall(telling, end.high),
            "what": words.key_end,
        }));
    }
    let moments = [
        Some((onset.low.map_or(onset.high, |_| onset.at), words.kind_onset)),
        incident.end.map(|end| (end.at, words.kind_end)),
    ];
    let moments: Vec<Value> =
        moments.into_iter().flatten().map(|(at, what)| json!({ "time": wall(telling, at), "what": what })).collect();
    let domain = [words.key_onset, words.key_end];
    let range = [&colors["onset"], &colors["end"]];
    let band_x = |field: &str| json!({ "field": field, "type": "temporal", "scale": { "type": "utc" } });
    Some(json!({
        "title": telling.marked(&format!("{}{}{}", telling.what(incident), telling.locale.comma(), telling.locale.day(onset.at, telling.zone))),
        "width": 860,
        "height": 260,
        "usermeta": { "incident": incident.id, "service": service_name(incident.service.as_str(), telling.locale) },
        "layer": [
            {
                "data": { "values": bands, "format": format },
                "mark": { "type": "rect", "opacity": 0.25 },
                "encoding": {
                    "x": band_x("from"),
                    "x2": { "field": "to" },
                    "color": { "field": "what", "type": "nominal", "scale": { "domain": domain, "range": range }, "legend": { "title": null } },
                },
            },
            {
                "data": { "values": points.collect::<Vec<_>>(), "format": format },
                "layer": [
                    {
                        "mark": { "type": "area", "interpolate": "step-after", "opacity": 0.3, "line": { "color": colors["observed"] }, "color": colors["observed"], "invalid": "break-paths-show-path-domains" },
                        "encoding": { "x": x, "y": y("observed", words.observed) },
                    },
                    {
                        "mark": { "type": "line", "strokeDash": [5, 4], "color": colors["expected"] },
                        "encoding": { "x": x, "y": y("expected", words.observed) },
                    },
                ],
            },
            {
                "data": { "values": moments, "format": format },
                "mark": { "type": "rule", "tooltip": true },
                "encoding": {
                    "x": band_x("time"),
                    "tooltip": [
                        { "field": "what", "type": "nominal", "title": words.event },
                        { "field": "time", "type": "temporal", "timeUnit": "utchoursminutes", "title": words.time },
                    ],
                },
            },
        ],
    }))
}

/// A moment by the clocks of the zone, without it.
fn wall(telling: &Telling<'_>, time: Time) -> String {
    local(time, telling.zone).format("%Y-%m-%dT%H:%M:%S").to_string()
}
