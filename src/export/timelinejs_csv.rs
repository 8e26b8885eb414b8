//! `timelinejs-csv`: the columns of TimelineJS's own spreadsheet, to be put into one.

use super::ExportError;
use super::events::EventKind;
use super::story::{Options, Story};
use super::telling::Telling;
use super::timelinejs::{html, paragraph, text};
use crate::model::Time;
use crate::report::locale::{local, service_name};
use crate::report::text::{formula_safe, one_line, xml};

const COLUMNS: [&str; 19] = [
    "Year",
    "Month",
    "Day",
    "Time",
    "End Year",
    "End Month",
    "End Day",
    "End Time",
    "Display Date",
    "Headline",
    "Text",
    "Media",
    "Media Credit",
    "Media Caption",
    "Media Thumbnail",
    "Alt Text",
    "Type",
    "Group",
    "Background",
];

pub(super) fn write(story: &Story, options: &Options) -> Result<Vec<u8>, ExportError> {
    let telling = Telling::new(story, options);
    let failed = |error: ::csv::Error| ExportError::Format { format: "timelinejs-csv", detail: error.to_string() };
    let mut csv = ::csv::Writer::from_writer(Vec::new());
    csv.write_record(COLUMNS).map_err(failed)?;
    let mut title = vec![String::new(); COLUMNS.len()];
    title[9] = cell(&html(&telling, &telling.marked(&telling.title())));
    title[10] = cell(&paragraph(&telling, &telling.citation()));
    title[16] = "title".to_owned();
    csv.write_record(&title).map_err(failed)?;
    let slide = |at: Time, to: Option<Time>, headline: &str, text: &str, group: &str| {
        let [year, month, day, time] = wall(&telling, Some(at));
        let [end_year, end_month, end_day, end_time] = wall(&telling, to);
        let shown = format!("{} {}", telling.moment(at, None), telling.zone_name());
        let mut row = vec![year, month, day, time, end_year, end_month, end_day, end_time, one_line(&shown)];
        row.extend([cell(&html(&telling, headline)), cell(text)]);
        row.extend(vec![String::new(); 6]);
        row.extend([cell(&xml(group)), String::new()]);
        row
    };
    let events = telling.events();
    if events.is_empty() {
        // It refuses a timeline without events: the one thing to tell is that there is nothing.
        let at = story.coverage.to.unwrap_or(story.retrieved_at);
        let coverage = paragraph(&telling, &telling.coverage());
        csv.write_record(slide(at, None, telling.words.nothing_found, &coverage, "")).map_err(failed)?;
    }
    for event in events {
        let to = event.high.filter(|_| event.kind == EventKind::Gap);
        let group = event.told.map(|told| service_name(told.incident.service.as_str(), telling.locale));
        let headline = telling.marked(&event.headline);
        let row = slide(event.at, to, &headline, &text(&telling, &event), &group.unwrap_or_default());
        csv.write_record(row).map_err(failed)?;
    }
    csv.into_inner().map_err(|error| ExportError::Io(error.into_error()))
}

/// Year, month, day and time of day by the clocks of the zone; empty of nothing.
fn wall(telling: &Telling<'_>, time: Option<Time>) -> [String; 4] {
    let Some(time) = time else { return Default::default() };
    let wall = local(time, telling.zone);
    ["%Y", "%-m", "%-d", "%H:%M"].map(|form| wall.format(form).to_string())
}

fn cell(text: &str) -> String {
    formula_safe(&one_line(text))
}
