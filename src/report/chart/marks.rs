//! What is marked on a chart: onset, alarm, end and peak of an incident or of bursts, and where their labels stand.

use kuva::render::render::TextAnchor;

use super::look::{Look, Palette, Theme};
use crate::model::{Burst, Incident, Time, TimeEstimate};
use crate::report::locale::fill;

/// With more bursts than this, labels would bury the chart: bands alone are drawn.
const MOST_LABELED: usize = 4;
/// Width of a bold letter on average, in pixels: enough to keep labels apart. Our own font is wider than those of pages.
pub(super) fn letter(theme: Theme) -> f64 {
    if theme.is_alone() { 8.2 } else { 7.0 }
}

/// An incident or a burst.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub(super) onset: TimeEstimate,
    pub(super) alarm_at: Time,
    pub(super) end: Option<TimeEstimate>,
    pub(super) peak_at: Time,
    pub(super) peak_per_min: f64,
}

impl Mark {
    pub(super) fn of_incident(incident: &Incident) -> Self {
        Self {
            onset: incident.onset,
            alarm_at: incident.alarm_at,
            end: incident.end,
            peak_at: incident.peak.at,
            peak_per_min: incident.peak.per_min,
        }
    }

    pub(super) fn of_burst(burst: &Burst, bin_secs: u32) -> Self {
        Self {
            onset: burst.onset,
            alarm_at: burst.alarm_at,
            end: burst.end,
            peak_at: burst.peak_at,
            peak_per_min: burst.peak_value * 60.0 / f64::from(bin_secs.max(1)),
        }
    }
}

/// A moment with its name.
pub(super) struct Label {
    pub(super) at: Time,
    pub(super) text: String,
    pub(super) color: &'static str,
    pub(super) dashes: Option<&'static str>,
    pub(super) has_line: bool,
    is_onset: bool,
}

/// The labels of all marks that lie in `from..=to`, in time order; none where there are too many marks.
pub(super) fn labels(marks: &[Mark], from: Time, to: Time, look: &Look, palette: &Palette) -> Vec<Label> {
    let mut labels = Vec::new();
    if marks.len() > MOST_LABELED {
        return labels;
    }
    let words = look.locale.words();
    let text = |form: &str, at: Time| fill(form, &[("clock", &look.locale.clock(at, look.zone))]);
    let mut add = |at: Time, text: String, color, dashes, has_line, is_onset| {
        if from <= at && at <= to {
            labels.push(Label { at, text: look.locale.line(&text), color, dashes, has_line, is_onset });
        }
    };
    for mark in marks {
        let TimeEstimate { low, at, high } = mark.onset;
        match low {
            Some(_) => add(at, text(words.onset, at), palette.onset, None, true, true),
            None => add(from, text(words.began_by, high), palette.onset, None, false, true),
        }
        add(mark.alarm_at, text(words.alarm, mark.alarm_at), palette.alarm, Some("2 3"), true, false);
        match &mark.end {
            Some(end) => add(end.at, text(words.end, end.at), palette.end, None, true, false),
            None => add(to, words.goes_on.to_owned(), palette.ink, None, false, false),
        }
    }
    labels.sort_by_key(|label| label.at);
    labels
}

/// Where a label stands above the plot.
pub(super) struct Place {
    pub(super) row: usize,
    pub(super) anchor: TextAnchor,
    pub(super) x: f64,
}

/// Rows from the plot upward, so that no two labels touch: an onset stands left of its line where
/// there is room, all else right of it. They are placed from right to left, since a line that
/// rises to an upper row then passes no label that lies behind it. `x` tells where a moment is, `ends` where the
/// chart begins and ends, `letter` how wide a letter is.
pub(super) fn place(labels: &[Label], x: impl Fn(Time) -> f64, ends: (f64, f64), letter: f64) -> Vec<Place> {
    let mut taken: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut places: Vec<Place> = labels
        .iter()
        .rev()
        .map(|label| {
            let (line, width) = (x(label.at), label.text.chars().count() as f64 * letter);
            let (fits_left, fits_right) = (line - width > ends.0, line + width + 5.0 <= ends.1);
            let (anchor, x, span) = if (label.is_onset && fits_left) || !fits_right {
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
            // Its line passes through the rows below.
            taken.iter_mut().take(row).for_each(|below| below.push((line - 1.0, line + 1.0)));
            Place { row, anchor, x }
        })
        .collect();
    places.reverse();
    places
}
