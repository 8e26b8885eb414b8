//! `caiu bursts`: a count series of an index, with its baseline and its bursts.

use std::io::{Write, stdout};

use anyhow::bail;
use chrono::TimeZone;
use chrono_tz::Tz;
use clap::ValueEnum;
use serde_json::{Value, json};

use super::detect::{parse_rate, to_table};
use super::output::{Found, tell, write_json};
use super::place::{ConfiguredIndex, SpanArgs};
use crate::detect::{Detection, PerService, bursts};
use crate::index::Per;
use crate::index::query::Query;
use crate::index::query::time::{aligned, width};
use crate::model::{Bin, CountSeries, Grid, Time};
use crate::report::BurstRow;
use crate::report::burst::stamp;

/// Widest chart in characters.
const CHART_COLUMNS: usize = 72;
/// Heights of a column, from nothing up.
const HEIGHTS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Stands for bins that nobody observed.
const UNSEEN: char = '·';
/// Bins up to which a series can be taken in.
const MAX_BINS: i64 = 1_000_000;

/// Count what a query finds over time, and find the bursts in it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Bins in which no feed listened are missing, not zero. Queries are explained by 'caiu search --help'.\n\n\
    Exit codes: 0 bursts found, 1 none, 2 error.\n\nExamples:\n  \
    caiu bursts 'down:whatsapp kind:complaint' --complaints\n  \
    caiu bursts 'service:telegram' --from 2021-10-01 --to 2021-10-08 --bin 5m --tz America/Sao_Paulo\n  \
    caiu bursts 'kind:complaint lang:ar' --from 7d --json | jq '.bursts[].onset'"
)]
pub struct Args {
    /// What to count; everything if left out
    #[arg(default_value = "", value_name = "QUERY")]
    query: String,
    #[command(flatten)]
    place: ConfiguredIndex,
    #[command(flatten)]
    span: SpanArgs,
    /// Width of a bin, such as 1m, 5m or 1h
    #[arg(long, value_name = "WIDTH", default_value = "1m", value_parser = width)]
    bin: u32,
    /// Zone in which times are read and shown, such as Asia/Baghdad
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = super::input::parse_zone)]
    tz: Tz,
    /// What is counted in a bin
    #[arg(long, value_enum, default_value = "authors")]
    per: Counting,
    /// Expected false alarms per week of ordinary counts; left out: that of --config, or 0.1
    #[arg(long, value_name = "NUMBER", value_parser = parse_rate)]
    false_alarms_per_week: Option<f64>,
    /// The counts are complaints about one service: most have 0.01 to 0.5 a minute when nothing is wrong
    #[arg(long)]
    complaints: bool,
    /// Print JSON, with every bin
    #[arg(long)]
    json: bool,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Counting {
    /// Posts, copies included
    Posts,
    /// Distinct authors
    Authors,
    /// Distinct clusters of near-equal posts
    Clusters,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    let query = Query::parse(&args.query)?;
    let config = args.place.read()?;
    let reader = args.place.open(config.as_ref())?;
    let Some((from, to)) = args.span.within(args.tz, &reader.status()?)? else {
        tell("no posts in this stretch of time");
        return Ok(Found::Nothing);
    };
    let from = aligned(from, args.bin, args.tz);
    if (to - from).num_seconds() / i64::from(args.bin) > MAX_BINS {
        bail!("more than {MAX_BINS} bins: choose a wider --bin, or a shorter time with --from and --to");
    }
    let per = match args.per {
        Counting::Posts => Per::Posts,
        Counting::Authors => Per::Authors,
        Counting::Clusters => Per::Clusters,
    };
    let series = reader.series(&query, from, to, args.bin, per)?.with_gaps(&reader.gaps());
    let configured = config.map_or_else(PerService::default, |config| config.detect.thresholds());
    let mut settings = configured.of_series(args.complaints, query.service_down().as_ref());
    if let Some(per_week) = args.false_alarms_per_week {
        settings.false_alarms_per_week = per_week;
    }
    let detection = bursts(&series, &settings);
    let mut out = stdout().lock();
    if args.json {
        write_json(&mut out, &report(args, &series, &detection))?;
    } else {
        write!(out, "{}", chart(&series, &detection, args.tz))?;
        match detection.bursts.len() {
            0 => writeln!(out, "no bursts in {} bins of {} s", series.grid.len, series.grid.bin_secs)?,
            _ => writeln!(out, "{}", to_table(&detection.bursts, args.tz))?,
        }
    }
    out.flush()?;
    if detection.too_little_history {
        tell("less than 3 observed days: the baseline is a guess from the quietest parts");
    }
    Ok(Found::when(!detection.bursts.is_empty()))
}

fn report(args: &Args, series: &CountSeries, detection: &Detection) -> Value {
    let bins = series.bins.iter().map(|bin| match bin {
        Bin::Observed(count) => json!(count),
        Bin::Missing => Value::Null,
    });
    let expected = detection.baseline.iter().map(|mean| (mean * 1e4).round() / 1e4);
    json!({
        "query": args.query,
        "from": stamp(series.grid.start),
        "bin_secs": series.grid.bin_secs,
        "counts": bins.collect::<Vec<_>>(),
        "expected": expected.collect::<Vec<_>>(),
        "bursts": detection.bursts.iter().map(BurstRow::of).collect::<Vec<_>>(),
        "too_little_history": detection.too_little_history,
    })
}

/// The series as one row of columns, the baseline's height as a number, and the bursts under it.
fn chart(series: &CountSeries, detection: &Detection, zone: Tz) -> String {
    let grid = &series.grid;
    let per_column = grid.len.div_ceil(CHART_COLUMNS).max(1);
    let means: Vec<Option<f64>> = series.bins.chunks(per_column).map(mean).collect();
    let top = means.iter().flatten().copied().fold(0.0, f64::max);
    let column = |mean: &Option<f64>| match mean {
        None => UNSEEN,
        Some(mean) if top > 0.0 => HEIGHTS[((mean / top * 8.0).ceil() as usize).min(8)],
        Some(_) => HEIGHTS[0],
    };
    let marks: String = (0..means.len()).map(|at| mark(detection, grid, at * per_column, per_column)).collect();
    let time = |time: Time| zone.from_utc_datetime(&time.naive_utc()).format("%Y-%m-%d %H:%M").to_string();
    let expected = detection.baseline.iter().sum::<f64>() / detection.baseline.len().max(1) as f64;
    let width = means.len().max(34);
    format!(
        "{}\n{}\n{}{:>right$}\nhighest {top:.1} and expected {expected:.2} in a bin of {} s; {UNSEEN} nobody listened, ~ burst\n\n",
        means.iter().map(column).collect::<String>().trim_end(),
        marks.trim_end(),
        time(grid.start),
        time(grid.time(grid.len)),
        grid.bin_secs,
        right = width - 16,
    )
}

fn mean(bins: &[Bin]) -> Option<f64> {
    let seen: Vec<f64> = bins.iter().filter_map(|bin| bin.count()).map(f64::from).collect();
    (!seen.is_empty()).then(|| seen.iter().sum::<f64>() / seen.len() as f64)
}

/// Whether a burst reaches into a column.
fn mark(detection: &Detection, grid: &Grid, first: usize, len: usize) -> char {
    let (from, to) = (grid.time(first), grid.time(first + len));
    let reaches = |burst: &crate::model::Burst| burst.onset.at < to && burst.end.is_none_or(|end| end.at > from);
    if detection.bursts.iter().any(reaches) { '~' } else { ' ' }
}
