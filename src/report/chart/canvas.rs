//! Drawing on a plane of time and rate, with kuva's primitives.

use std::fmt::Write;

use kuva::backend::svg::SvgBackend;
use kuva::render::color::Color;
use kuva::render::render::{PathData, Primitive, Scene, TextAnchor};
use kuva::render::render_utils::{auto_nice_range, generate_ticks};

use super::Column;
use super::axis::{tick_text, time_ticks};
use super::look::{Look, Palette, Size};
use super::marks::{Label, Mark, Place, letter};
use crate::model::Time;
use crate::report::locale::{fill, local};

/// Height of a row of labels.
pub(super) const LABEL_ROW: f64 = 19.0;
const FONT: u32 = 13;
/// A peak higher than the highest column by this factor does not stretch the axis.
const MOST_ABOVE: f64 = 1.8;
/// Pixels of a tick's label, about.
const TICK_ROOM: f64 = 80.0;

/// Room beside the plot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Margins {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Margins {
    pub(super) fn of(size: Size) -> Self {
        match size {
            Size::Spark => Self { left: 1.0, right: 1.0, bottom: 1.5 },
            Size::Narrow | Size::Wide => Self { left: 44.0, right: 14.0, bottom: 42.0 },
        }
    }
}

/// A plane on which things are drawn; `top` is where the plot begins.
pub(super) struct Canvas<'a> {
    scene: Scene,
    look: &'a Look,
    palette: Palette,
    pub(super) margins: Margins,
    pub(super) width: f64,
    /// Lower edge of the chart itself.
    bottom: f64,
    pub(super) top: f64,
    from: Time,
    to: Time,
    max_per_min: f64,
    ticks: Vec<f64>,
}

impl<'a> Canvas<'a> {
    /// A plane whose chart lies between `above` and `above` plus the height of its size.
    pub(super) fn new(columns: &[Column], marks: &[Mark], look: &'a Look, above: f64) -> Self {
        let (from, to) = columns.first().zip(columns.last()).map_or_else(Default::default, |(a, b)| (a.from, b.to));
        let highest = columns
            .iter()
            .flat_map(|column| [column.per_min.unwrap_or(0.0), column.expected_per_min])
            .filter(|rate| rate.is_finite())
            .fold(if look.size == Size::Spark { 0.05 } else { 0.5 }, f64::max);
        // A peak is that of one bin: it may stand above columns of several, unless it would dwarf them.
        let peaks = marks.iter().map(|mark| mark.peak_per_min).filter(|peak| *peak <= highest * MOST_ABOVE);
        let highest = if look.size == Size::Spark { highest } else { peaks.fold(highest, f64::max) };
        let (_, max_per_min) = auto_nice_range(0.0, highest, 4);
        let ticks = generate_ticks(0.0, max_per_min, 4).into_iter().filter(|&tick| tick <= max_per_min).collect();
        let (width, height) = look.size.room();
        Self {
            scene: Scene::new(width, height).with_background(None),
            look,
            palette: look.theme.palette(),
            margins: Margins::of(look.size),
            width,
            bottom: above + height,
            top: above + 1.5,
            from,
            to,
            max_per_min,
            ticks,
        }
    }

    pub(super) fn x(&self, time: Time) -> f64 {
        let fraction = (time - self.from).num_seconds() as f64 / (self.to - self.from).num_seconds().max(1) as f64;
        self.margins.left + fraction.clamp(0.0, 1.0) * (self.width - self.margins.left - self.margins.right)
    }

    fn y(&self, per_min: f64) -> f64 {
        let floor = self.floor();
        let fraction = per_min / self.max_per_min;
        floor - if fraction.is_nan() { 0.0 } else { fraction.clamp(0.0, 1.0) } * (floor - self.top)
    }

    pub(super) fn floor(&self) -> f64 {
        self.bottom - self.margins.bottom
    }

    /// Left, top, width and height of the plot.
    pub(super) fn plot(&self) -> [f64; 4] {
        let (left, width) = (self.margins.left, self.width - self.margins.left - self.margins.right);
        [left, self.top, width, self.floor() - self.top]
    }

    pub(super) fn mark(&mut self, label: &Label, place: &Place) {
        let (x, floor) = (self.x(label.at), self.floor());
        let baseline = self.top - 5.0 - LABEL_ROW * place.row as f64;
        if label.has_line {
            self.line((x, baseline - 11.0), (x, floor), label.color, 1.5, label.dashes);
        }
        self.text((place.x, baseline), &label.text, place.anchor, label.color, true);
    }

    pub(super) fn axes(&mut self) {
        let (ink, rule, locale, zone) = (self.palette.ink, self.palette.rule, self.look.locale, self.look.zone);
        let (left, right) = (self.margins.left, self.width - self.margins.right);
        for tick in self.ticks.clone() {
            let y = self.y(tick);
            self.line((left, y), (right, y), rule, 1.0, None);
            self.text((left - 7.0, y + 4.0), &tick_text(tick, locale), TextAnchor::End, ink, false);
        }
        let floor = self.floor();
        let mut day = None;
        for tick in time_ticks(self.from, self.to, ((right - left) / TICK_ROOM) as i64, zone) {
            let x = self.x(tick);
            self.line((x, floor), (x, floor + 5.0), ink, 1.0, None);
            self.text((x, floor + 19.0), &locale.clock(tick, zone), TextAnchor::Middle, ink, false);
            let date = local(tick, zone).date_naive();
            if day.replace(date) != Some(date) {
                let name = locale.line(&locale.short_day(tick, zone));
                self.text((x, floor + 36.0), &name, TextAnchor::Middle, ink, false);
            }
        }
        self.line((left, floor), (right, floor), ink, 1.0, None);
    }

    /// Hatches what nobody observed; the pattern is named by `id`.
    pub(super) fn missing(&mut self, columns: &[Column], id: &str) {
        for run in columns.chunk_by(|a, b| a.per_min.is_none() == b.per_min.is_none()) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            if first.per_min.is_none() {
                self.rect(first.from, last.to, &format!("url(#{id})"), None);
            }
        }
        let Palette { rule, ink, .. } = self.palette;
        self.scene.defs.push(format!(
            "<pattern id=\"{id}\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
             <rect width=\"7\" height=\"7\" fill=\"{rule}\" fill-opacity=\"0.35\"/>\
             <line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"7\" stroke=\"{ink}\" stroke-opacity=\"0.55\" stroke-width=\"1.6\"/></pattern>"
        ));
    }

    /// A band from one moment (the beginning, where it is open) to another.
    pub(super) fn band(&mut self, from: Option<Time>, to: Time, color: &str) {
        let (from, to) = (from.unwrap_or(self.from).max(self.from), to.min(self.to));
        if from <= to {
            self.rect(from, to, color, Some(0.2));
        }
    }

    pub(super) fn observed(&mut self, columns: &[Column]) {
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
        let color = self.palette.observed;
        self.path(area, Some(color), "none", 1.5, Some(0.28));
        self.path(edge, None, color, if self.look.size == Size::Spark { 1.0 } else { 1.5 }, None);
    }

    pub(super) fn expected(&mut self, columns: &[Column]) {
        let middle = |column: &Column| self.x(column.from + (column.to - column.from) / 2);
        let points = columns.iter().map(|column| (middle(column), self.y(column.expected_per_min))).collect();
        let is_spark = self.look.size == Size::Spark;
        self.scene.add(Primitive::PolyLine {
            points,
            stroke: self.palette.expected.into(),
            stroke_width: if is_spark { 0.8 } else { 1.5 },
            stroke_dasharray: Some(if is_spark { "2 2" } else { "5 4" }.to_owned()),
        });
    }

    pub(super) fn peak(&mut self, mark: &Mark) {
        let (at, per_min) = (mark.peak_at, mark.peak_per_min);
        if at < self.from || at >= self.to || !per_min.is_finite() {
            return;
        }
        let (x, y, color) = (self.x(at), self.y(per_min), self.palette.observed);
        self.scene.add(Primitive::Circle {
            cx: x,
            cy: y,
            r: 3.5,
            fill: color.into(),
            fill_opacity: None,
            stroke: None,
            stroke_width: None,
        });
        let locale = self.look.locale;
        let text = locale.line(&fill(locale.words().peak, &[("rate", &locale.rate(per_min))]));
        let fits_right = x + 10.0 + text.chars().count() as f64 * letter(self.look.theme) < self.width;
        let (anchor, x) = if fits_right { (TextAnchor::Start, x + 8.0) } else { (TextAnchor::End, x - 8.0) };
        self.text((x, (y + 4.0).max(self.top + 12.0)), &text, anchor, color, true);
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), color: &str, width: f64, dashes: Option<&str>) {
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
        self.words(at, content, anchor, color, (FONT, bold));
    }

    /// Text of a size, bold or not.
    pub(super) fn words(&mut self, at: (f64, f64), content: &str, anchor: TextAnchor, color: &str, font: (u32, bool)) {
        self.scene.add(Primitive::Text {
            x: at.0,
            y: at.1,
            // A dollar begins a formula in kuva.
            content: content.replace('$', "\\$"),
            size: font.0,
            anchor,
            rotate: None,
            bold: font.1,
            color: Some(color.into()),
        });
    }

    fn rect(&mut self, from: Time, to: Time, fill: &str, opacity: Option<f64>) {
        let (left, right) = (self.x(from), self.x(to));
        self.area((left, self.top), ((right - left).max(1.0), self.floor() - self.top), fill, opacity);
    }

    /// A filled rectangle at a place, of a width and height.
    pub(super) fn area(&mut self, at: (f64, f64), room: (f64, f64), fill: &str, opacity: Option<f64>) {
        self.scene.add(Primitive::Rect {
            x: at.0,
            y: at.1,
            width: room.0,
            height: room.1,
            fill: fill.into(),
            stroke: None,
            stroke_width: None,
            opacity,
        });
    }

    fn path(&mut self, d: String, fill: Option<&str>, stroke: &str, width: f64, opacity: Option<f64>) {
        self.scene.add(Primitive::Path(Box::new(PathData {
            d,
            fill: fill.map(Color::from),
            stroke: stroke.into(),
            stroke_width: width,
            opacity,
            stroke_dasharray: None,
        })));
    }

    /// What kuva writes without its own `<svg>`: ours scales with the page and has a description.
    pub(super) fn into_body(self) -> String {
        let svg = SvgBackend::new().render_scene(&self.scene);
        let body = svg.split_once('>').map_or("", |(_, body)| body);
        let body = body.split_once("-->").map_or(body, |(_, body)| body);
        body.trim_end().trim_end_matches("</svg>").to_owned()
    }
}
