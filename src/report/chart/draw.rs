//! The whole picture: plot and marks, and title, legend and source around them where it stands alone.

use kuva::render::render::TextAnchor;

use super::canvas::{Canvas, LABEL_ROW};
use super::look::{Look, Palette, Size};
use super::marks::{Mark, labels, letter, place};
use super::png::FAMILY;
use super::{Chart, Column};
use crate::model::{Burst, Incident};
use crate::report::locale::{fill, zone_name};
use crate::report::text::{excerpt, xml};

/// Height of title and unit above a chart that stands alone.
const HEAD: f64 = 50.0;
/// Height of a row of the legend.
const LEGEND_ROW: f64 = 20.0;
/// Height of the source below it.
const FOOT: f64 = 26.0;
const EDGE: f64 = 14.0;
/// Width of the sign before a word of the legend, and of the room behind it.
const KEY: f64 = 22.0;
const AFTER_KEY: f64 = 18.0;

/// What a series counts: it names the axis.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Counted {
    /// Complaints about one service.
    Complaints,
    /// Posts, copies included.
    #[default]
    Posts,
    /// Distinct authors in each bin.
    Authors,
    /// Distinct clusters of near-equal posts in each bin.
    Clusters,
}

/// Draws the incident with a third of its length around it; `None` where the series does not hold it.
pub fn draw_incident(chart: &Chart, incident: &Incident, look: &Look) -> Option<String> {
    let columns = chart.columns(incident, most_columns(look.size));
    draw(&columns, &[Mark::of_incident(incident)], Counted::Complaints, look)
}

/// Draws a whole series with its bursts; `None` of an empty one, or where its parts are not of one length.
pub fn draw_series(chart: &Chart, bursts: &[Burst], counted: Counted, look: &Look) -> Option<String> {
    let columns = chart.all_columns(most_columns(look.size));
    let marks: Vec<Mark> = bursts.iter().map(|burst| Mark::of_burst(burst, chart.grid.bin_secs)).collect();
    draw(&columns, &marks, counted, look)
}

/// A column of two units can still be told from the next.
fn most_columns(size: Size) -> usize {
    (size.room().0 / 2.0) as usize
}

fn draw(columns: &[Column], marks: &[Mark], counted: Counted, look: &Look) -> Option<String> {
    let (first, last) = (columns.first()?, columns.last()?);
    let palette = look.theme.palette();
    let above = if look.theme.is_alone() && look.size != Size::Spark { HEAD } else { 0.0 };
    let mut canvas = Canvas::new(columns, marks, look, above);
    let (mut named, mut places) = (Vec::new(), Vec::new());
    if look.size != Size::Spark {
        named = labels(marks, first.from, last.to, look, &palette);
        let ends = (canvas.margins.left, canvas.width);
        places = place(&named, |time| canvas.x(time), ends, letter(look.theme));
        canvas.top = above + 6.0 + LABEL_ROW * places.iter().map(|place| place.row + 1).max().unwrap_or(0) as f64;
        canvas.axes();
    }
    canvas.missing(columns, &format!("{}-gap", look.id));
    for mark in marks {
        if look.size == Size::Spark {
            canvas.band(mark.onset.low, mark.end.map_or(last.to, |end| end.high), palette.alarm);
            continue;
        }
        canvas.band(mark.onset.low, mark.onset.high, palette.onset);
        if let Some(end) = &mark.end {
            canvas.band(end.low, end.high, palette.end);
        }
    }
    canvas.observed(columns);
    canvas.expected(columns);
    for (label, place) in named.iter().zip(&places) {
        canvas.mark(label, place);
    }
    if !named.is_empty() {
        marks.iter().for_each(|mark| canvas.peak(mark));
    }
    let mut height = look.size.room().1 + above;
    if above > 0.0 {
        head(&mut canvas, first, counted, look, &palette);
        height = foot(&mut canvas, height, &keys(columns, marks, counted, look, &palette), look, &palette);
    }
    Some(framed(canvas, (first, last), height, look, &palette))
}

/// Title and unit.
fn head(canvas: &mut Canvas<'_>, first: &Column, counted: Counted, look: &Look, palette: &Palette) {
    let words = look.locale.words();
    let unit = match counted {
        Counted::Complaints => words.complaints_per_min,
        Counted::Posts => words.posts_per_min,
        Counted::Authors => words.authors_per_min,
        Counted::Clusters => words.clusters_per_min,
    };
    let title = excerpt(&look.title, (canvas.width / 10.0) as usize);
    let zone = look.locale.isolated(&zone_name(look.zone, first.from));
    let unit = fill(unit, &[("zone", &zone)]);
    let (anchor, x) = begin(canvas.width, look);
    canvas.words((x, 24.0), &look.locale.line(&title), anchor, palette.text, (17, true));
    canvas.words((x, 43.0), &look.locale.line(&unit), anchor, palette.ink, (12, false));
}

/// Where a line of the language begins.
fn begin(width: f64, look: &Look) -> (TextAnchor, f64) {
    if look.locale.is_rtl() { (TextAnchor::End, width - EDGE) } else { (TextAnchor::Start, EDGE) }
}

/// A sign of the legend.
#[derive(Debug, Clone, Copy)]
enum Sign {
    Area(&'static str),
    Dashes(&'static str),
    Dots(&'static str),
    Band(&'static str),
    Hatch,
}

fn keys(
    columns: &[Column],
    marks: &[Mark],
    counted: Counted,
    look: &Look,
    palette: &Palette,
) -> Vec<(Sign, &'static str)> {
    let words = look.locale.words();
    let name = if counted == Counted::Complaints { words.key_complaints } else { words.key_counted };
    let mut keys = vec![(Sign::Area(palette.observed), name), (Sign::Dashes(palette.expected), words.key_expected)];
    if !marks.is_empty() {
        keys.push((Sign::Band(palette.onset), words.key_onset));
        if marks.iter().any(|mark| mark.end.is_some()) {
            keys.push((Sign::Band(palette.end), words.key_end));
        }
        keys.push((Sign::Dots(palette.alarm), words.key_alarm));
    }
    if columns.iter().any(|column| column.per_min.is_none()) {
        keys.push((Sign::Hatch, words.key_missing));
    }
    keys
}

/// Legend and source; gives the height of everything.
fn foot(canvas: &mut Canvas<'_>, from: f64, keys: &[(Sign, &str)], look: &Look, palette: &Palette) -> f64 {
    let is_rtl = look.locale.is_rtl();
    let (mut y, mut along) = (from + 12.0, EDGE);
    for (sign, word) in keys {
        let room = KEY + word.chars().count() as f64 * 6.6;
        if along > EDGE && along + room > canvas.width - EDGE {
            (y, along) = (y + LEGEND_ROW, EDGE);
        }
        let left = if is_rtl { canvas.width - along - KEY + 6.0 } else { along };
        draw_sign(canvas, *sign, left, y, look);
        let (anchor, x) = match is_rtl {
            true => (TextAnchor::End, canvas.width - along - KEY),
            false => (TextAnchor::Start, along + KEY),
        };
        canvas.words((x, y), &look.locale.line(word), anchor, palette.ink, (12, false));
        along += room + AFTER_KEY;
    }
    let words = look.locale.words();
    let credit = fill(words.credit, &[("program", &look.locale.isolated(env!("CARGO_PKG_NAME")))]);
    let line = if look.is_simulated { format!("{}. {credit}", words.simulated) } else { credit };
    let (anchor, x) = begin(canvas.width, look);
    let color = if look.is_simulated { palette.alarm } else { palette.ink };
    canvas.words((x, y + LEGEND_ROW), &look.locale.line(&line), anchor, color, (11, look.is_simulated));
    y + FOOT + 6.0
}

fn draw_sign(canvas: &mut Canvas<'_>, sign: Sign, x: f64, y: f64, look: &Look) {
    let (middle, room) = (y - 4.0, (16.0, 10.0));
    match sign {
        Sign::Area(color) => {
            canvas.area((x, y - 9.0), room, color, Some(0.28));
            canvas.line((x, y - 9.0), (x + 16.0, y - 9.0), color, 2.0, None);
        }
        Sign::Dashes(color) => canvas.line((x, middle), (x + 16.0, middle), color, 1.5, Some("5 4")),
        Sign::Dots(color) => canvas.line((x + 8.0, y - 10.0), (x + 8.0, y + 1.0), color, 1.5, Some("2 3")),
        Sign::Band(color) => {
            canvas.area((x, y - 9.0), room, color, Some(0.2));
            canvas.line((x, y - 9.0), (x, y + 1.0), color, 1.5, None);
        }
        Sign::Hatch => canvas.area((x, y - 9.0), room, &format!("url(#{}-gap)", look.id), None),
    }
}

/// Puts `<svg>` around: its words for who does not see it, and where time lies in it for who points at it.
fn framed(canvas: Canvas<'_>, ends: (&Column, &Column), height: f64, look: &Look, palette: &Palette) -> String {
    let (width, id, size) = (canvas.width, xml(&look.id), look.size.name());
    let [left, top, plot_width, plot_height] = canvas.plot();
    let (from, to) = (ends.0.from.timestamp(), ends.1.to.timestamp());
    let alone = if look.theme.is_alone() {
        format!(
            " width=\"{width}\" height=\"{height}\" font-family=\"{FAMILY}, Noto Sans, Noto Sans Arabic, Segoe UI, Arial, sans-serif\""
        )
    } else {
        String::new()
    };
    let paper = palette
        .paper
        .map_or_else(String::new, |color| format!("<rect width=\"{width}\" height=\"{height}\" fill=\"{color}\"/>"));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart {size}\" viewBox=\"0 0 {width} {height}\"{alone} role=\"img\" \
         direction=\"ltr\" aria-labelledby=\"{id}-title {id}-text\" data-from=\"{from}\" data-to=\"{to}\" \
         data-plot=\"{left} {top} {plot_width} {plot_height}\"><title id=\"{id}-title\">{}</title>\
         <desc id=\"{id}-text\">{}</desc>{paper}{}</svg>",
        xml(&look.title),
        xml(&look.description),
        canvas.into_body(),
    )
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;
    use crate::model::{Bin, Time, TimeEstimate};
    use crate::report::chart::{Theme, png};
    use crate::report::{Locale, example};

    /// Writes what a test drew into the folder named by `CAIU_EXAMPLE_CHARTS`, to be looked at.
    fn keep(name: &str, svg: &str) {
        if let Some(folder) = std::env::var_os("CAIU_EXAMPLE_CHARTS") {
            let path = std::path::Path::new(&folder).join(name);
            std::fs::write(path.with_extension("svg"), svg).unwrap();
            std::fs::write(path.with_extension("png"), png(svg, 2.0).unwrap()).unwrap();
        }
    }

    fn burst(chart: &Chart, from: usize) -> Burst {
        let time = |index: usize| chart.grid.time(index);
        let estimate = |at: usize| TimeEstimate { low: Some(time(at - 3)), at: time(at), high: time(at + 4) };
        Burst {
            onset: estimate(from),
            alarm_at: time(from + 6),
            peak_at: time(from + 20),
            peak_value: 100.0,
            peak_expected: 1.0,
            end: Some(estimate(from + 60)),
            score: 99.0,
        }
    }

    #[test]
    fn every_mark_is_drawn_and_nothing_leaves_the_room() {
        let report = example::report();
        for (incident, marks) in [
            (&report.incidents[0], ["began by 14:06", "alarm 14:07", "still going on"]),
            (&report.incidents[1], ["onset 15:41", "alarm 15:46", "end 21:58"]),
        ] {
            let chart = &example::charts()[&incident.id];
            for size in [Size::Wide, Size::Narrow] {
                let svg = draw_incident(chart, incident, &Look { size, ..Look::default() }).unwrap();
                assert!(marks.iter().all(|mark| svg.contains(mark)), "{svg}");
                assert!(svg.contains("url(#chart-gap)") && svg.contains("<pattern id=\"chart-gap\""), "{svg}");
                assert!(!svg.contains("NaN") && svg.matches("<svg").count() == 1, "{svg}");
                assert!(!svg.contains("style=") && !svg.contains("<style"), "{svg}");
            }
        }
    }

    #[test]
    fn a_pointer_finds_its_time() {
        let report = example::report();
        let incident = &report.incidents[1];
        let chart = &example::charts()[&incident.id];
        let svg = draw_incident(chart, incident, &Look::default()).unwrap();
        let value = |name: &str| svg.split_once(&format!("{name}=\"")).unwrap().1.split('"').next().unwrap().to_owned();
        let plot: Vec<f64> = value("data-plot").split(' ').map(|part| part.parse().unwrap()).collect();
        let (from, to): (i64, i64) = (value("data-from").parse().unwrap(), value("data-to").parse().unwrap());
        let x = |time: Time| plot[0] + (time.timestamp() - from) as f64 / (to - from) as f64 * plot[2];
        let line = format!("<line x1=\"{:.2}", x(incident.onset.at));
        let line = line.trim_end_matches('0').trim_end_matches('.');
        assert!(svg.contains(line), "{line} is not in {svg}");
        assert!(plot[1] > 0.0 && plot[1] + plot[3] < 400.0);
    }

    #[test]
    fn one_that_stands_alone_has_colors_and_words_of_its_own() {
        let report = example::report();
        for (locale, zone, words) in [
            (Locale::En, Tz::UTC, ["onset 15:41", "Simulated", "times in UTC"]),
            (Locale::Pt, Tz::America__Sao_Paulo, ["início 12:41", "Simulado", "America/Sao_Paulo (UTC−3)"]),
            (Locale::Ar, Tz::Asia__Baghdad, ["\u{2067}البداية 18:41\u{2069}", "محاكاة", "Asia/Baghdad (UTC+3)"]),
        ] {
            for (theme, paper) in [(Theme::Light, "#ffffff"), (Theme::Dark, "#15171b")] {
                for size in [Size::Wide, Size::Narrow] {
                    let title = fill(
                        locale.words().what_outage,
                        &[("service", &crate::report::locale::service_name("whatsapp", locale))],
                    );
                    let look = Look { size, theme, zone, locale, title, is_simulated: true, ..Look::default() };
                    let incident = &report.incidents[1];
                    let svg = draw_incident(&example::charts()[&incident.id], incident, &look).unwrap();
                    keep(&format!("{}-{theme:?}-{}", locale.code(), size.name()), &svg);
                    assert!(words.iter().all(|word| svg.contains(word)), "{svg}");
                    assert!(svg.contains(paper) && !svg.contains("var(--") && svg.contains("font-family="), "{svg}");
                }
            }
        }
    }

    #[test]
    fn a_chart_is_a_picture() {
        let report = example::report();
        let incident = &report.incidents[1];
        let look = Look { size: Size::Narrow, theme: Theme::Light, locale: Locale::Ar, ..Look::default() };
        let svg = draw_incident(&example::charts()[&incident.id], incident, &look).unwrap();
        assert!(png(&svg, 0.5).unwrap().len() > 1000);
    }

    #[test]
    fn a_series_has_its_bursts_and_a_spark_no_words() {
        let report = example::report();
        let chart = example::charts().remove(&report.incidents[1].id).unwrap();
        let few: Vec<Burst> = [150, 300].map(|from| burst(&chart, from)).into();
        let look = Look { theme: Theme::Light, title: "zap $caiu$ <b>".to_owned(), ..Look::default() };
        let svg = draw_series(&chart, &few, Counted::Authors, &look).unwrap();
        keep("series", &svg);
        assert_eq!(svg.matches(">onset ").count(), 2, "{svg}");
        assert!(svg.contains("Authors a minute") && svg.contains("&lt;b&gt;") && !svg.contains("<b>"), "{svg}");
        let many: Vec<Burst> = (1..8).map(|index| burst(&chart, index * 50)).collect();
        let svg = draw_series(&chart, &many, Counted::Posts, &Look::default()).unwrap();
        assert!(!svg.contains(">onset ") && svg.matches("fill-opacity=\"0.2\"").count() == 14, "{svg}");
        let look = Look { size: Size::Spark, ..Look::default() };
        let svg = draw_series(&chart, &few, Counted::Posts, &look).unwrap();
        keep("spark", &svg);
        assert!(!svg.contains("<text") && svg.contains("viewBox=\"0 0 160 36\""), "{svg}");
    }

    #[test]
    fn nothing_gives_no_chart() {
        let report = example::report();
        let mut chart = example::charts().remove(&report.incidents[1].id).unwrap();
        chart.expected.pop();
        assert!(draw_series(&chart, &[], Counted::Posts, &Look::default()).is_none());
        chart.observed.fill(Bin::Missing);
        chart.expected.push(0.0);
        assert!(draw_series(&chart, &[], Counted::Posts, &Look::default()).is_some(), "a gap is something to draw");
    }
}
