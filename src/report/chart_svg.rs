//! The chart of one incident as SVG, from kuva's primitives. Colors are custom properties of the page.

use std::fmt::Write;

use chrono::{DateTime, TimeDelta};
use kuva::backend::svg::SvgBackend;
use kuva::render::color::Color;
use kuva::render::render::{PathData, Primitive, Scene, TextAnchor};
use kuva::render::render_utils::{auto_nice_range, generate_ticks};

use super::chart::Column;
use super::wording;
use crate::model::{Incident, Time, TimeEstimate};

/// Room of a chart in pixels at full size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
}

/// For screens of more than 640 pixels and for print.
pub(super) const WIDE: Size = Size { width: 960.0, height: 400.0 };
/// For phones.
pub(super) const NARROW: Size = Size { width: 400.0, height: 340.0 };

const LEFT: f64 = 44.0;
const RIGHT: f64 = 14.0;
const BOTTOM: f64 = 42.0;
const LABEL_ROW: f64 = 19.0;
const FONT: u32 = 13;
/// Width of a letter on average, in pixels: enough to keep labels apart.
const LETTER: f64 = 7.0;

const INK: &str = "var(--muted, #555)";
const RULE: &str = "var(--rule, #ddd)";
const OBSERVED: &str = "var(--observed, #2c6496)";
const EXPECTED: &str = "var(--expected, #333)";
const ONSET: &str = "var(--onset, #a8480a)";
const END: &str = "var(--end, #1b7340)";
const ALARM: &str = "var(--alarm, #a61b3c)";

/// Draws what stands between `<svg …>` and `</svg>`. `id` must be unique on the page and safe in an attribute.
pub(super) fn draw(columns: &[Column], incident: &Incident, size: Size, id: &str) -> String {
    let (Some(first), Some(last)) = (columns.first(), columns.last()) else { return String::new() };
    let labels = labels(incident, first.from, last.to);
    let mut canvas = Canvas::new(columns, size, first.from, last.to);
    let top_rows = canvas.place(&labels);
    canvas.top = 6.0 + LABEL_ROW * top_rows.iter().map(|place| place.row + 1).max().unwrap_or(0) as f64;
    canvas.axes();
    canvas.missing(columns, id);
    canvas.band(Some(incident.onset.low.unwrap_or(first.from)), incident.onset.high, ONSET);
    if let Some(end) = &incident.end {
        canvas.band(end.low, end.high, END);
    }
    canvas.observed(columns);
    canvas.expected(columns);
    for (label, place) in labels.iter().zip(&top_rows) {
        canvas.mark(label, place);
    }
    canvas.peak(incident);
    canvas.into_svg()
}

/// A moment with its name.
struct Label {
    at: Time,
    text: String,
    color: &'static str,
    dashes: Option<&'static str>,
    has_line: bool,
}

fn labels(incident: &Incident, from: Time, to: Time) -> Vec<Label> {
    let clock = |time: Time| time.format("%H:%M").to_string();
    let mut labels = Vec::new();
    let mut add = |at: Time, text: String, color, dashes, has_line| {
        if from <= at && at <= to {
            labels.push(Label { at, text, color, dashes, has_line });
        }
    };
    let TimeEstimate { low, at, high } = incident.onset;
    match low {
        Some(_) => add(at, format!("onset {}", clock(at)), ONSET, None, true),
        None => add(from, format!("began by {}", clock(high)), ONSET, None, false),
    }
    add(incident.alarm_at, format!("alarm {}", clock(incident.alarm_at)), ALARM, Some("2 3"), true);
    match &incident.end {
        Some(end) => add(end.at, format!("end {}", clock(end.at)), END, None, true),
        None => add(to, "still going on →".to_owned(), INK, None, false),
    }
    labels
}

/// Where a label stands above the plot.
struct Place {
    row: usize,
    anchor: TextAnchor,
    x: f64,
}

struct Canvas {
    scene: Scene,
    size: Size,
    top: f64,
    from: Time,
    to: Time,
    max_per_min: f64,
    ticks: Vec<f64>,
}

impl Canvas {
    fn new(columns: &[Column], size: Size, from: Time, to: Time) -> Self {
        let highest = columns
            .iter()
            .flat_map(|column| [column.per_min.unwrap_or(0.0), column.expected_per_min])
            .filter(|rate| rate.is_finite())
            .fold(0.5, f64::max);
        let (_, max_per_min) = auto_nice_range(0.0, highest, 4);
        let ticks = generate_ticks(0.0, max_per_min, 4).into_iter().filter(|&tick| tick <= max_per_min).collect();
        let scene = Scene::new(size.width, size.height).with_background(None);
        Self { scene, size, top: 0.0, from, to, max_per_min, ticks }
    }

    fn x(&self, time: Time) -> f64 {
        let fraction = (time - self.from).num_seconds() as f64 / (self.to - self.from).num_seconds().max(1) as f64;
        LEFT + fraction.clamp(0.0, 1.0) * (self.size.width - LEFT - RIGHT)
    }

    fn y(&self, per_min: f64) -> f64 {
        let floor = self.floor();
        let fraction = per_min / self.max_per_min;
        floor - if fraction.is_nan() { 0.0 } else { fraction.clamp(0.0, 1.0) } * (floor - self.top)
    }

    fn floor(&self) -> f64 {
        self.size.height - BOTTOM
    }

    /// Rows from the plot upward, so that no two labels touch: an onset stands left of its line where
    /// there is room, all else right of it. They are placed from right to left, since a line that
    /// rises to an upper row then passes no label that lies behind it.
    fn place(&self, labels: &[Label]) -> Vec<Place> {
        let mut taken: Vec<Vec<(f64, f64)>> = Vec::new();
        let mut places: Vec<Place> = labels
            .iter()
            .rev()
            .map(|label| {
                let (line, width) = (self.x(label.at), label.text.chars().count() as f64 * LETTER);
                let (fits_left, fits_right) = (line - width > LEFT, line + width + 5.0 <= self.size.width);
                let (anchor, x, span) = if (label.color == ONSET && fits_left) || !fits_right {
                    (TextAnchor::End, line - 5.0, (line - width - 10.0, line + 1.0))
                } else {
                    (TextAnchor::Start, line + 5.0, (line - 1.0, line + width + 10.0))
                };
                let is_free = |row: &Vec<(f64, f64)>| row.iter().all(|&(from, to)| span.1 < from || to < span.0);
                let row = taken.iter().position(is_free).unwrap_or(taken.len());
                if row == taken.len() {
                    taken.push(Vec::new());
                }
                taken[row].push(span);
                Place { row, anchor, x }
            })
            .collect();
        places.reverse();
        places
    }

    fn mark(&mut self, label: &Label, place: &Place) {
        let (x, floor) = (self.x(label.at), self.floor());
        let baseline = self.top - 5.0 - LABEL_ROW * place.row as f64;
        if label.has_line {
            self.line((x, baseline - 11.0), (x, floor), label.color, 1.5, label.dashes);
        }
        self.text((place.x, baseline), &label.text, place.anchor, label.color, true);
    }

    fn axes(&mut self) {
        for tick in self.ticks.clone() {
            let y = self.y(tick);
            self.line((LEFT, y), (self.size.width - RIGHT, y), RULE, 1.0, None);
            self.text((LEFT - 7.0, y + 4.0), &tick_text(tick), TextAnchor::End, INK, false);
        }
        let floor = self.floor();
        let mut day = None;
        for tick in time_ticks(self.from, self.to, ((self.size.width - LEFT - RIGHT) / 80.0) as i64) {
            let x = self.x(tick);
            self.line((x, floor), (x, floor + 5.0), INK, 1.0, None);
            self.text((x, floor + 19.0), &tick.format("%H:%M").to_string(), TextAnchor::Middle, INK, false);
            if day.replace(tick.date_naive()) != Some(tick.date_naive()) {
                self.text((x, floor + 36.0), &wording::day(tick), TextAnchor::Middle, INK, false);
            }
        }
        self.line((LEFT, floor), (self.size.width - RIGHT, floor), INK, 1.0, None);
    }

    fn missing(&mut self, columns: &[Column], id: &str) {
        for run in columns.chunk_by(|a, b| a.per_min.is_none() == b.per_min.is_none()) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            if first.per_min.is_none() {
                self.rect(first.from, last.to, &format!("url(#{id})"), None);
            }
        }
        self.scene.defs.push(format!(
            "<pattern id=\"{id}\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
             <rect width=\"7\" height=\"7\" fill=\"{RULE}\" fill-opacity=\"0.35\"/>\
             <line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"7\" stroke=\"{INK}\" stroke-opacity=\"0.55\" stroke-width=\"1.6\"/></pattern>"
        ));
    }

    fn band(&mut self, from: Option<Time>, to: Time, color: &str) {
        self.rect(from.unwrap_or(self.from), to, color, Some(0.2));
    }

    fn observed(&mut self, columns: &[Column]) {
        let floor = self.floor();
        let (mut area, mut edge) = (String::new(), String::new());
        for run in columns.chunk_by(|a, b| a.per_min.is_none() == b.per_min.is_none()) {
            let mut steps = String::new();
            for column in run {
                let Some(per_min) = column.per_min else { continue };
                // Writing to a string cannot fail.
                let _ = write!(steps, " V{:.1} H{:.1}", self.y(per_min), self.x(column.to));
            }
            if let (Some(first), false) = (run.first(), steps.is_empty()) {
                let start = self.x(first.from);
                let _ = write!(area, "M{start:.1} {floor:.1}{steps} V{floor:.1} Z ");
                let _ = write!(edge, "M{start:.1} {floor:.1}{steps} ");
            }
        }
        self.path(area, Some(OBSERVED), "none", Some(0.28));
        self.path(edge, None, OBSERVED, None);
    }

    fn expected(&mut self, columns: &[Column]) {
        let middle = |column: &Column| self.x(column.from + (column.to - column.from) / 2);
        let points = columns.iter().map(|column| (middle(column), self.y(column.expected_per_min))).collect();
        self.scene.add(Primitive::PolyLine {
            points,
            stroke: EXPECTED.into(),
            stroke_width: 1.5,
            stroke_dasharray: Some("5 4".to_owned()),
        });
    }

    fn peak(&mut self, incident: &Incident) {
        let (at, per_min) = (incident.peak.at, incident.peak.per_min);
        if at < self.from || at >= self.to || !per_min.is_finite() {
            return;
        }
        let (x, y) = (self.x(at), self.y(per_min));
        self.scene.add(Primitive::Circle {
            cx: x,
            cy: y,
            r: 3.5,
            fill: OBSERVED.into(),
            fill_opacity: None,
            stroke: None,
            stroke_width: None,
        });
        let text = format!("peak {}/min", wording::rate(per_min));
        let fits_right = x + 10.0 + text.len() as f64 * LETTER < self.size.width;
        let (anchor, x) = if fits_right { (TextAnchor::Start, x + 8.0) } else { (TextAnchor::End, x - 8.0) };
        self.text((x, (y + 4.0).max(self.top + 12.0)), &text, anchor, OBSERVED, true);
    }

    fn line(&mut self, from: (f64, f64), to: (f64, f64), color: &str, width: f64, dashes: Option<&str>) {
        self.scene.add(Primitive::Line {
            x1: from.0,
            y1: from.1,
            x2: to.0,
            y2: to.1,
            stroke: color.into(),
            stroke_width: width,
            stroke_dasharray: dashes.map(str::to_owned),
        });
    }

    fn text(&mut self, at: (f64, f64), content: &str, anchor: TextAnchor, color: &str, bold: bool) {
        self.scene.add(Primitive::Text {
            x: at.0,
            y: at.1,
            content: content.to_owned(),
            size: FONT,
            anchor,
            rotate: None,
            bold,
            color: Some(color.into()),
        });
    }

    fn rect(&mut self, from: Time, to: Time, fill: &str, opacity: Option<f64>) {
        let (left, right) = (self.x(from), self.x(to));
        self.scene.add(Primitive::Rect {
            x: left,
            y: self.top,
            width: (right - left).max(1.0),
            height: self.floor() - self.top,
            fill: fill.into(),
            stroke: None,
            stroke_width: None,
            opacity,
        });
    }

    fn path(&mut self, d: String, fill: Option<&str>, stroke: &str, opacity: Option<f64>) {
        self.scene.add(Primitive::Path(Box::new(PathData {
            d,
            fill: fill.map(Color::from),
            stroke: stroke.into(),
            stroke_width: 1.5,
            opacity,
            stroke_dasharray: None,
        })));
    }

    /// What kuva writes without its own `<svg>`: ours scales with the page and has a description.
    fn into_svg(self) -> String {
        let svg = SvgBackend::new().render_scene(&self.scene);
        let body = svg.split_once('>').map_or("", |(_, body)| body);
        let body = body.split_once("-->").map_or(body, |(_, body)| body);
        body.trim_end().trim_end_matches("</svg>").to_owned()
    }
}

/// A rate on the axis: `250`, `2.5`, `12k`.
fn tick_text(tick: f64) -> String {
    match tick {
        tick if tick >= 10_000.0 => format!("{}k", tick / 1000.0),
        tick => format!("{}", (tick * 100.0).round() / 100.0),
    }
}

/// Round times, at most about `max_len` of them.
fn time_ticks(from: Time, to: Time, max_len: i64) -> Vec<Time> {
    const STEPS_MINS: [i64; 15] = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080, 40_320];
    let span_mins = (to - from).num_minutes();
    let step = STEPS_MINS.into_iter().find(|step| span_mins / step <= max_len.max(1)).unwrap_or(525_600) * 60;
    let first = from.timestamp().div_euclid(step) * step;
    (0..=span_mins * 60 / step + 1)
        .filter_map(|index| DateTime::from_timestamp(first + index * step, 0))
        .filter(|&tick| from <= tick && tick + TimeDelta::minutes(span_mins / 60) <= to)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    #[test]
    fn every_mark_is_drawn_and_nothing_leaves_the_room() {
        let report = example::report();
        for (incident, marks) in [
            (&report.incidents[0], ["began by 14:06", "alarm 14:07", "still going on"]),
            (&report.incidents[1], ["onset 15:41", "alarm 15:46", "end 21:58"]),
        ] {
            let chart = &example::charts()[&incident.id];
            for size in [WIDE, NARROW] {
                let svg = draw(&chart.columns(incident, size.width as usize), incident, size, "gap");
                assert!(marks.iter().all(|mark| svg.contains(mark)), "{svg}");
                assert!(svg.contains("url(#gap)") && svg.contains("<pattern id=\"gap\""), "{svg}");
                assert!(!svg.contains("NaN") && !svg.contains("<svg") && !svg.contains("</svg"), "{svg}");
            }
        }
    }

    #[test]
    fn times_on_the_axis_are_round() {
        let (from, to) = (example::time("2021-10-04T14:07:00Z"), example::time("2021-10-05T02:00:00Z"));
        let ticks: Vec<String> = time_ticks(from, to, 6).iter().map(|tick| tick.format("%d %H").to_string()).collect();
        assert_eq!(ticks, ["04 16", "04 18", "04 20", "04 22", "05 00"]);
    }
}
