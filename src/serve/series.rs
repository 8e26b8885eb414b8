//! `GET /api/v1/series` and `/bursts`: counts over time of whatever a query finds, with what was expected.

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, SecondsFormat, TimeDelta, TimeZone};
use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::answer::{self, json};
use super::app::{App, Board};
use super::minutes::num_bins;
use super::params::{Params, Stretch, moment, per, query, width, zone};
use super::problem::{Failures, Problem};
use crate::detect::{Detection, bursts};
use crate::index::query::Query;
use crate::index::{IndexReader, Per};
use crate::model::{Bin, Burst, CountSeries, Grid, Time};
use crate::report::BurstRow;
use crate::report::burst::round;

/// What is usual is learned from so much before the stretch that is asked for, where the bins allow it.
const LEAD: TimeDelta = TimeDelta::days(7);
/// Most bins that are worked on, those before the stretch included.
const MOST_WORKED_BINS: i64 = 40_000;

/// Parameters of counts over time.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SeriesParams {
    /// What to count, as in /posts; left out, everything.
    #[param(max_length = 2000, example = "down:whatsapp kind:complaint")]
    pub(super) q: Option<String>,
    /// First moment: RFC 3339, a date, or so long before the end of the index, such as 6h. Left out: where the index begins.
    #[param(example = "6h")]
    pub(super) from: Option<String>,
    /// First moment that does not count any more. Left out: where the index ends.
    pub(super) to: Option<String>,
    /// Width of a bin in whole minutes, such as 1m, 5m, 1h; left out, it is chosen by the length of time.
    #[param(pattern = "^[0-9]{1,4}(m|h|d)$", example = "5m")]
    pub(super) bin: Option<String>,
    /// posts (the default of series), authors (that of bursts) or clusters.
    #[param(example = "authors")]
    pub(super) per: Option<String>,
    /// Zone of moments without one, of whole days, and of times in files.
    #[param(example = "Asia/Baghdad")]
    pub(super) tz: Option<String>,
}

/// Counts over time.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SeriesAnswer {
    /// What a value is.
    unit: String,
    /// Width of a bin in seconds.
    bin_secs: u32,
    /// Beginning of the first bin.
    from: Time,
    /// End of the last one.
    to: Time,
    /// Beginning of each bin with its value; `null` where nobody listened.
    points: Vec<(Time, Option<u32>)>,
}

/// Counts over time with what was expected.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct BurstsAnswer {
    #[serde(flatten)]
    series: SeriesAnswer,
    /// Expected value of each bin when nothing is wrong.
    expected: Vec<f64>,
    /// 90 % interval of each of these, and of what is expected at a peak: from the value divided by this to the value times it.
    expected_factor: f64,
    /// Where the series stood above that, with 90 % intervals.
    bursts: Vec<BurstRow>,
    /// Whether fewer than three observed days were there to learn from.
    too_little_history: bool,
}

/// What is to be counted.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) query: Query,
    pub(super) stretch: Stretch,
    pub(super) per: Per,
    pub(super) zone: Tz,
}

impl Asked {
    /// Reads parameters; what is left out is the whole index.
    pub(super) fn read(params: &SeriesParams, board: &Board, default: Per) -> Result<Self, Problem> {
        let (query, zone) = (query(&params.q)?, zone(&params.tz)?);
        let at = board.at.unwrap_or(DateTime::UNIX_EPOCH + TimeDelta::minutes(1));
        let to = moment("to", &params.to, zone, at)?.unwrap_or(at);
        let whole = board.from.filter(|from| *from < to).unwrap_or(to - TimeDelta::hours(1));
        let from = moment("from", &params.from, zone, at)?.unwrap_or(whole);
        let stretch = Stretch::new(from, to, width(&params.bin)?, zone)?;
        Ok(Self { query, stretch, per: per(&params.per, default)?, zone })
    }

    /// What tells it from others in the cache.
    pub(super) fn key(&self, what: &str) -> String {
        let Stretch { from, to, bin_secs } = self.stretch;
        let (from, to) = (from.timestamp(), to.timestamp());
        format!("{what} {from} {to} {bin_secs} {:?} {} {:?}", self.per, self.zone, self.query)
    }

    /// Counts it.
    pub(super) fn count(&self, reader: &IndexReader) -> Result<CountSeries, Problem> {
        let Stretch { from, to, bin_secs } = self.stretch;
        Ok(reader.series(&self.query, from, to, bin_secs, self.per)?.with_gaps(&reader.gaps()))
    }

    /// Counts it and finds its bursts; what is usual is also learned from the time before.
    pub(super) fn detect(&self, app: &App, begin: Option<Time>) -> Result<(CountSeries, Detection), Problem> {
        let Stretch { from, to, bin_secs } = self.stretch;
        let width = i64::from(bin_secs);
        let num_bins = (to - from).num_seconds() / width;
        let before = begin.map_or(0, |begin| (from - begin).min(LEAD).num_seconds().max(0) / width);
        let lead = before.min((MOST_WORKED_BINS - num_bins).max(0));
        let early =
            Self { stretch: Stretch { from: from - TimeDelta::seconds(lead * width), ..self.stretch }, ..self.clone() };
        let series = early.count(&app.reader)?;
        let service = self.query.service_down();
        let settings = app.options.detection.of_series(self.query.is_of_complaints(), service.as_ref());
        let detection = bursts(&series, &settings);
        Ok(cut(series, detection, usize::try_from(lead).unwrap_or_default()))
    }
}

/// The same without its first bins; bursts that were over by then go.
pub(super) fn cut(series: CountSeries, detection: Detection, num_bins: usize) -> (CountSeries, Detection) {
    let CountSeries { grid, mut bins } = series;
    let Detection { bursts, mut baseline, .. } = detection;
    bins.drain(..num_bins.min(bins.len()));
    baseline.drain(..num_bins.min(baseline.len()));
    let grid = Grid { start: grid.time(num_bins), len: bins.len(), ..grid };
    let is_inside = |burst: &Burst| burst.end.is_none_or(|end| end.high > grid.start);
    let bursts = bursts.into_iter().filter(is_inside).collect();
    (CountSeries { grid, bins }, Detection { bursts, baseline, ..detection })
}

/// The same in wider bins, up to a moment; one of which more than a quarter was not observed is missing.
pub(super) fn wider(series: &CountSeries, detection: Detection, bin_secs: u32, to: Time) -> (CountSeries, Detection) {
    let each = (bin_secs / series.grid.bin_secs).max(1) as usize;
    let len = num_bins(to - series.grid.start, series.grid.bin_secs);
    let bins: Vec<Bin> = series
        .bins
        .iter()
        .take(len)
        .collect::<Vec<_>>()
        .chunks(each)
        .map(|parts| {
            let seen: Vec<u32> = parts.iter().filter_map(|bin| bin.count()).collect();
            if seen.len() * 4 < parts.len() * 3 { Bin::Missing } else { Bin::Observed(seen.iter().sum()) }
        })
        .collect();
    let end = detection.baseline.len().min(len);
    let means = detection.baseline.get(..end).unwrap_or_default().chunks(each);
    let baseline = means.map(|means| means.iter().sum()).collect();
    let grid = Grid { start: series.grid.start, bin_secs, len: bins.len() };
    let bursts = detection.bursts.into_iter().filter(|burst| burst.onset.at < to).collect();
    (CountSeries { grid, bins }, Detection { bursts, baseline, ..detection })
}

impl SeriesAnswer {
    /// Of a series.
    pub(super) fn of(series: &CountSeries, unit: &str) -> Self {
        let grid = series.grid;
        Self {
            unit: format!("{unit} per bin"),
            bin_secs: grid.bin_secs,
            from: grid.start,
            to: grid.time(grid.len),
            points: series.bins.iter().enumerate().map(|(at, bin)| (grid.time(at), bin.count())).collect(),
        }
    }
}

impl BurstsAnswer {
    /// Of a series with its bursts.
    pub(super) fn of(series: &CountSeries, detection: &Detection, unit: &str) -> Self {
        Self {
            series: SeriesAnswer::of(series, unit),
            expected: detection.baseline.iter().map(|mean| round(*mean, 1e4)).collect(),
            expected_factor: round(detection.baseline_factor, 1e3),
            bursts: detection.bursts.iter().map(BurstRow::of).collect(),
            too_little_history: detection.too_little_history,
        }
    }
}

/// What is counted, in words.
pub(super) fn unit(per: Per) -> &'static str {
    match per {
        Per::Posts => "posts",
        Per::Authors => "authors",
        Per::Clusters => "clusters",
    }
}

/// Counts over time.
#[utoipa::path(get, path = "/api/v1/series", tag = "series", params(SeriesParams),
    responses((status = 200, body = SeriesAnswer), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn series(
    State(app): State<Arc<App>>,
    Params(params): Params<SeriesParams>,
) -> Result<Response, Problem> {
    let board = app.board();
    let asked = Asked::read(&params, &board, Per::Posts)?;
    let (key, worker) = (asked.key("series"), Arc::clone(&app));
    let work = move || json(&SeriesAnswer::of(&asked.count(&worker.reader)?, unit(asked.per)));
    Ok(answer::cached(app.cache.get(key, board.version, work).await?))
}

/// Counts over time as a table.
#[utoipa::path(get, path = "/api/v1/series.csv", tag = "series", params(SeriesParams),
    responses((status = 200, content_type = "text/csv", body = String), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn series_csv(
    State(app): State<Arc<App>>,
    Params(params): Params<SeriesParams>,
) -> Result<Response, Problem> {
    let board = app.board();
    let asked = Asked::read(&params, &board, Per::Posts)?;
    let (key, worker) = (asked.key("series.csv"), Arc::clone(&app));
    let work = move || Ok(table(&asked.count(&worker.reader)?, None, asked.zone, unit(asked.per)).into());
    let cached = app.cache.get(key, board.version, work).await?;
    Ok(answer::attachment(answer::typed(cached, CSV), "caiu-series.csv"))
}

/// Counts over time with their baseline and bursts.
#[utoipa::path(get, path = "/api/v1/bursts", tag = "series", params(SeriesParams),
    responses((status = 200, body = BurstsAnswer), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn find_bursts(
    State(app): State<Arc<App>>,
    Params(params): Params<SeriesParams>,
) -> Result<Response, Problem> {
    let board = app.board();
    let asked = Asked::read(&params, &board, Per::Authors)?;
    let (key, worker, begin) = (asked.key("bursts"), Arc::clone(&app), board.from);
    let work = move || {
        let (series, detection) = asked.detect(&worker, begin)?;
        json(&BurstsAnswer::of(&series, &detection, unit(asked.per)))
    };
    Ok(answer::cached(app.cache.get(key, board.version, work).await?))
}

/// Counts over time with their baseline as a table.
#[utoipa::path(get, path = "/api/v1/bursts.csv", tag = "series", params(SeriesParams),
    responses((status = 200, content_type = "text/csv", body = String), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn bursts_csv(
    State(app): State<Arc<App>>,
    Params(params): Params<SeriesParams>,
) -> Result<Response, Problem> {
    let board = app.board();
    let asked = Asked::read(&params, &board, Per::Authors)?;
    let (key, worker, begin) = (asked.key("bursts.csv"), Arc::clone(&app), board.from);
    let work = move || {
        let (series, detection) = asked.detect(&worker, begin)?;
        Ok(table(&series, Some(&detection), asked.zone, unit(asked.per)).into())
    };
    let cached = app.cache.get(key, board.version, work).await?;
    Ok(answer::attachment(answer::typed(cached, CSV), "caiu-bursts.csv"))
}

/// Media type of tables.
pub(super) const CSV: &str = "text/csv; charset=utf-8";

/// A series as a table: time in UTC, in the zone, the zone, the value (empty where nobody listened) and what was expected,
/// with its 90 % interval.
pub(super) fn table(series: &CountSeries, detection: Option<&Detection>, zone: Tz, unit: &str) -> String {
    let grid = series.grid;
    let mut text = format!("time_utc,time_local,time_zone,bin_secs,{unit}");
    text.push_str(if detection.is_some() { ",expected,expected_low,expected_high\n" } else { "\n" });
    for (index, bin) in series.bins.iter().enumerate() {
        let time = grid.time(index);
        let utc = time.to_rfc3339_opts(SecondsFormat::Secs, true);
        let local = zone.from_utc_datetime(&time.naive_utc()).format("%Y-%m-%d %H:%M:%S");
        let value = match bin {
            Bin::Observed(count) => count.to_string(),
            Bin::Missing => String::new(),
        };
        // Writing to a string cannot fail.
        let _ = write!(text, "{utc},{local},{zone},{},{value}", grid.bin_secs);
        if let Some(Detection { baseline, baseline_factor: factor, .. }) = detection {
            let mean = baseline.get(index).copied();
            for bound in [1.0, factor.recip(), *factor] {
                let _ = write!(text, ",{}", mean.map_or(String::new(), |mean| round(mean * bound, 1e4).to_string()));
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_leave_empty_what_nobody_saw() {
        let start = "2021-10-04T15:00:00Z".parse().unwrap();
        let grid = Grid { start, bin_secs: 3_600, len: 2 };
        let series = CountSeries { grid, bins: vec![Bin::Observed(3), Bin::Missing] };
        let detection = Detection { baseline: vec![0.25, 0.5], baseline_factor: 1.25, ..Detection::default() };
        let text = table(&series, Some(&detection), Tz::Asia__Baghdad, "authors");
        assert_eq!(
            text,
            "time_utc,time_local,time_zone,bin_secs,authors,expected,expected_low,expected_high\n\
            2021-10-04T15:00:00Z,2021-10-04 18:00:00,Asia/Baghdad,3600,3,0.25,0.2,0.3125\n\
            2021-10-04T16:00:00Z,2021-10-04 19:00:00,Asia/Baghdad,3600,,0.5,0.4,0.625\n"
        );
    }
}
