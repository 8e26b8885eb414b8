//! `xlsx`: a workbook for Excel: timeline, incidents, series, moves, quotes and source. What is text stays text, whatever
//! it begins with; numbers are numbers, times are times of the zone's clocks with the zone beside them.

use chrono::{Datelike, Timelike};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::ExportError;
use super::story::{Options, Story, Told};
use super::telling::Telling;
use crate::model::{Bin, Time};
use crate::report::locale::{local, service_name};
use crate::report::text::{one_line, safe_url};

/// Most bins of a series that a sheet takes; Excel ends at 1,048,576 rows.
const MOST_ROWS: u32 = 1_000_000;

pub(super) fn write(story: &Story, options: &Options) -> Result<Vec<u8>, ExportError> {
    book(&Telling::new(story, options))
        .map_err(|error| ExportError::Format { format: "xlsx", detail: error.to_string() })
}

fn book(telling: &Telling<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let story = telling.story;
    let mut properties = DocProperties::new()
        .set_title(one_line(&telling.marked(&telling.title())))
        .set_comment(one_line(&telling.citation()));
    if let Some(made_at) = excel(story.retrieved_at, chrono_tz::Tz::UTC) {
        properties = properties.set_creation_datetime(&made_at);
    }
    book.set_properties(&properties);
    timeline(&mut Sheet::new(&mut book, telling, telling.words.timeline)?)?;
    incidents(&mut Sheet::new(&mut book, telling, telling.words.incidents)?)?;
    series(&mut Sheet::new(&mut book, telling, telling.words.series)?)?;
    moves(&mut Sheet::new(&mut book, telling, telling.words.moves)?)?;
    quotes(&mut Sheet::new(&mut book, telling, telling.words.quotes)?)?;
    source(&mut Sheet::new(&mut book, telling, telling.words.source)?)?;
    book.save_to_buffer()
}

/// What stands in a cell.
enum Cell {
    Text(String),
    Number(f64),
    Time(Time),
    Nothing,
}

impl Cell {
    /// Text on one line.
    fn text(text: &str) -> Self {
        Self::Text(one_line(text))
    }

    fn time(time: Option<Time>) -> Self {
        time.map_or(Self::Nothing, Self::Time)
    }
}

struct Sheet<'b, 't> {
    sheet: &'b mut Worksheet,
    telling: &'t Telling<'t>,
    row: u32,
    bold: Format,
    wrapped: Format,
    time: Format,
}

impl<'b, 't> Sheet<'b, 't> {
    fn new(book: &'b mut Workbook, telling: &'t Telling<'t>, name: &str) -> Result<Self, XlsxError> {
        let sheet = book.add_worksheet();
        sheet.set_name(name)?.set_right_to_left(telling.locale.is_rtl()).set_freeze_panes(1, 0)?;
        Ok(Self {
            sheet,
            telling,
            row: 0,
            bold: Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top),
            wrapped: Format::new().set_text_wrap().set_align(FormatAlign::Top),
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss").set_align(FormatAlign::Top),
        })
    }

    /// Names and widths of the columns.
    fn header(&mut self, columns: &[(&str, f64)]) -> Result<(), XlsxError> {
        for (column, (name, width)) in (0_u16..).zip(columns) {
            self.sheet.set_column_width(column, *width)?.write_string_with_format(0, column, *name, &self.bold)?;
        }
        self.row = 1;
        Ok(())
    }

    fn row(&mut self, cells: impl IntoIterator<Item = Cell>) -> Result<(), XlsxError> {
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                Cell::Text(text) => {
                    self.sheet.write_string_with_format(self.row, column, text, &self.wrapped)?;
                }
                Cell::Number(number) if number.is_finite() => {
                    self.sheet.write_number(self.row, column, number)?;
                }
                Cell::Time(time) => {
                    if let Some(time) = excel(time, self.telling.zone) {
                        self.sheet.write_datetime_with_format(self.row, column, &time, &self.time)?;
                    }
                }
                Cell::Number(_) | Cell::Nothing => {}
            }
        }
        self.row += 1;
        Ok(())
    }

    fn zone(&self) -> Cell {
        Cell::text(self.telling.zone.name())
    }

    fn service(&self, id: &str) -> Cell {
        Cell::text(&service_name(id, self.telling.locale))
    }
}

/// A moment by the clocks of a zone; `None` before 1900, which Excel does not know.
fn excel(time: Time, zone: chrono_tz::Tz) -> Option<ExcelDateTime> {
    let wall = local(time, zone);
    let part = |number: u32| u8::try_from(number).ok();
    let day = ExcelDateTime::from_ymd(u16::try_from(wall.year()).ok()?, part(wall.month())?, part(wall.day())?).ok()?;
    day.and_hms(u16::try_from(wall.hour()).ok()?, part(wall.minute())?, f64::from(wall.second())).ok()
}

fn timeline(sheet: &mut Sheet<'_, '_>) -> Result<(), XlsxError> {
    let words = sheet.telling.words;
    sheet.header(&[
        (words.time, 20.0),
        (words.zone, 18.0),
        (words.event, 16.0),
        (words.service, 16.0),
        (words.headline, 36.0),
        (words.text, 70.0),
        (words.earliest, 20.0),
        (words.latest, 20.0),
        (words.incident, 28.0),
    ])?;
    for event in sheet.telling.events() {
        let incident = event.told.map(|told| &told.incident);
        sheet.row([
            Cell::Time(event.at),
            sheet.zone(),
            Cell::text(event.kind.word(words)),
            incident.map_or(Cell::Nothing, |incident| sheet.service(incident.service.as_str())),
            Cell::text(&sheet.telling.marked(&event.headline)),
            Cell::text(&event.text),
            Cell::time(event.low),
            Cell::time(event.high),
            incident.map_or(Cell::Nothing, |incident| Cell::text(&incident.id)),
        ])?;
    }
    Ok(())
}

fn incidents(sheet: &mut Sheet<'_, '_>) -> Result<(), XlsxError> {
    let words = sheet.telling.words;
    let of = |name: &str, edge: &str| format!("{name}: {edge}");
    let edges: Vec<String> = [words.kind_onset, words.kind_end]
        .iter()
        .flat_map(|name| [of(name, words.earliest), (*name).to_owned(), of(name, words.latest)])
        .collect();
    let mut columns = vec![(words.incident, 28.0), (words.service, 16.0), (words.verdict, 12.0), (words.state, 12.0)];
    columns.extend(edges.iter().map(|name| (name.as_str(), 20.0)));
    columns.extend([
        (words.kind_alarm, 20.0),
        (words.zone, 18.0),
        (words.num_complaints, 14.0),
        (words.num_authors, 14.0),
        (words.peak_per_min, 14.0),
        (words.peak_time, 20.0),
        (words.revision, 10.0),
        (words.text, 70.0),
    ]);
    sheet.header(&columns)?;
    let telling = sheet.telling;
    for told in &telling.story.incidents {
        let (incident, end) = (&told.incident, told.incident.end);
        sheet.row([
            Cell::text(&incident.id),
            sheet.service(incident.service.as_str()),
            Cell::text(telling.verdict(incident)),
            Cell::text(telling.state(told)),
            Cell::time(incident.onset.low),
            Cell::time(incident.onset.low.map(|_| incident.onset.at)),
            Cell::Time(incident.onset.high),
            Cell::time(end.and_then(|end| end.low)),
            Cell::time(end.map(|end| end.at)),
            Cell::time(end.map(|end| end.high)),
            Cell::Time(incident.alarm_at),
            sheet.zone(),
            Cell::Number(incident.num_complaints as f64),
            Cell::Number(incident.num_authors as f64),
            Cell::Number(incident.peak.per_min),
            Cell::Time(incident.peak.at),
            Cell::Number(told.revision as f64),
            Cell::text(&telling.marked(&telling.summary(told))),
        ])?;
    }
    Ok(())
}

fn series(sheet: &mut Sheet<'_, '_>) -> Result<(), XlsxError> {
    let words = sheet.telling.words;
    sheet.header(&[
        (words.time, 20.0),
        (words.zone, 18.0),
        (words.service, 16.0),
        (words.observed, 16.0),
        (words.expected, 16.0),
        (words.incident, 28.0),
    ])?;
    let telling = sheet.telling;
    let charts = telling.story.incidents.iter().filter_map(|told| Some((told, told.chart.as_ref()?)));
    for (Told { incident, .. }, chart) in charts {
        let minutes = f64::from(chart.grid.bin_secs) / 60.0;
        for (index, (bin, expected)) in chart.observed.iter().zip(&chart.expected).enumerate() {
            if sheet.row > MOST_ROWS {
                return Ok(());
            }
            sheet.row([
                Cell::Time(chart.grid.time(index)),
                sheet.zone(),
                sheet.service(incident.service.as_str()),
                match bin {
                    Bin::Observed(count) => Cell::Number(f64::from(*count) / minutes),
                    Bin::Missing => Cell::Nothing,
                },
                Cell::Number(expected / minutes),
                Cell::text(&incident.id),
            ])?;
        }
    }
    Ok(())
}

fn moves(sheet: &mut Sheet<'_, '_>) -> Result<(), XlsxError> {
    let words = sheet.telling.words;
    sheet.header(&[
        (words.from, 16.0),
        (words.to, 16.0),
        (words.share, 12.0),
        (words.share_low, 14.0),
        (words.share_high, 14.0),
        (words.num_posts, 12.0),
        (words.num_authors, 12.0),
        (words.chance, 14.0),
        (words.incident, 28.0),
        (words.text, 70.0),
    ])?;
    let telling = sheet.telling;
    for Told { incident, .. } in &telling.story.incidents {
        for migration in &incident.migrations {
            let share = &migration.share;
            sheet.row([
                sheet.service(incident.service.as_str()),
                sheet.service(migration.to.as_str()),
                Cell::Number(share.mid),
                Cell::Number(share.low),
                Cell::Number(share.high),
                Cell::Number(migration.num_stated as f64),
                Cell::Number(migration.num_authors as f64),
                Cell::Number(migration.p_value),
                Cell::text(&incident.id),
                Cell::text(&telling.marked(&telling.move_sentence(migration))),
            ])?;
        }
    }
    Ok(())
}

fn quotes(sheet: &mut Sheet<'_, '_>) -> Result<(), XlsxError> {
    let words = sheet.telling.words;
    sheet.header(&[
        (words.time, 20.0),
        (words.zone, 18.0),
        (words.service, 16.0),
        (words.language, 14.0),
        (words.text, 70.0),
        (words.link, 40.0),
        (words.author, 20.0),
        (words.incident, 28.0),
    ])?;
    let telling = sheet.telling;
    for told in &telling.story.incidents {
        for quote in &told.quotes {
            let url = quote.url.as_deref().and_then(safe_url);
            sheet.row([
                Cell::Time(quote.at),
                sheet.zone(),
                sheet.service(told.incident.service.as_str()),
                Cell::text(words.lang(&quote.lang)),
                Cell::text(&telling.quote_text(quote)),
                url.map_or(Cell::Nothing, Cell::text),
                quote.author.as_deref().map_or(Cell::Nothing, Cell::text),
                Cell::text(&told.incident.id),
            ])?;
        }
    }
    Ok(())
}

fn source(sheet: &mut Sheet<'_, '_>) -> Result<(), XlsxError> {
    let telling = sheet.telling;
    let words = telling.words;
    sheet.header(&[(words.source, 30.0), (words.text, 110.0)])?;
    if telling.story.simulated {
        sheet.row([Cell::text(words.simulated), Cell::text(words.simulated_note)])?;
    }
    for (name, value) in telling.origin() {
        sheet.row([Cell::text(name), Cell::text(&value)])?;
    }
    sheet.row([Cell::text(words.cite), Cell::text(&telling.citation())])?;
    for limit in words.limits {
        sheet.row([Cell::text(words.limits_title), Cell::text(limit)])?;
    }
    Ok(())
}
