//! `svg` and `png`: the charts of a story, one below the other, each with title, legend and source.

use std::fmt::Write;

use super::ExportError;
use super::story::{Options, Story, Told};
use super::telling::Telling;
use crate::report::chart::{Look, Size, Theme, draw_incident, png};
use crate::report::locale::fill;
use crate::report::text::xml;

/// Pixels of a unit: sharp on good screens and in print.
const ZOOM: f32 = 2.0;
/// Most charts in one picture.
const MOST: usize = 8;

pub(super) fn write_svg(story: &Story, options: &Options) -> Result<Vec<u8>, ExportError> {
    let telling = Telling::new(story, options);
    let theme = if options.theme == Theme::Page { Theme::Light } else { options.theme };
    let draw = |(index, told)| chart(&telling, told, index, Size::Wide, theme);
    let charts: Vec<String> = story.incidents.iter().enumerate().filter_map(draw).take(MOST).collect();
    stacked(&charts, &telling).map(String::into_bytes).ok_or(ExportError::NoChart)
}

pub(super) fn write_png(story: &Story, options: &Options) -> Result<Vec<u8>, ExportError> {
    let svg = write_svg(story, options)?;
    Ok(png(&String::from_utf8_lossy(&svg), ZOOM)?)
}

/// The chart of an incident; `None` where its counts are not there.
pub(super) fn chart(telling: &Telling<'_>, told: &Told, index: usize, size: Size, theme: Theme) -> Option<String> {
    let incident = &told.incident;
    let what = telling.what(incident);
    let look = Look {
        size,
        theme,
        zone: telling.zone,
        locale: telling.locale,
        id: format!("incident-{}-{}", index + 1, size.name()),
        title: match theme {
            Theme::Page => {
                fill(telling.words.complaints_chart, &[("service", &telling.service(incident.service.as_str()))])
            }
            _ => format!("{what}{}{}", telling.locale.comma(), telling.locale.day(incident.onset.at, telling.zone)),
        },
        description: telling.summary(told),
        is_simulated: telling.story.simulated,
    };
    draw_incident(told.chart.as_ref()?, incident, &look)
}

/// One picture of several, of which each keeps its own view box.
fn stacked(charts: &[String], telling: &Telling<'_>) -> Option<String> {
    if charts.len() < 2 {
        return charts.first().cloned();
    }
    let (mut body, mut height, mut width) = (String::new(), 0.0, 0.0_f64);
    for chart in charts {
        let [own_width, own_height] = ["width", "height"].map(|name| number(chart, name));
        // Writing to a string cannot fail.
        let _ = write!(body, "{}", chart.replacen("<svg ", &format!("<svg y=\"{height}\" "), 1));
        height += own_height;
        width = width.max(own_width);
    }
    let title = xml(&telling.marked(&telling.title()));
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\
         <title>{title}</title>{body}</svg>"
    ))
}

/// A number of the first tag.
fn number(svg: &str, name: &str) -> f64 {
    let tag = svg.split_once('>').map_or("", |(tag, _)| tag);
    let value = tag.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split('"').next());
    value.and_then(|value| value.parse().ok()).unwrap_or_default()
}
