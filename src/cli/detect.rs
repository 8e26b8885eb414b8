//! `caiu detect`: bursts in any count series, as table or JSON.

mod counts;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use anyhow::Context;
use chrono::TimeZone;
use chrono_tz::Tz;
use comfy_table::{Table, presets};

use super::output::{Found, tell, write_json};
use crate::detect::{Settings, bursts};
use crate::index::query::time::width;
use crate::model::{Burst, Time, TimeEstimate};
use crate::report::BurstRow;

pub use counts::{Counts, read};

/// Find bursts in any count series.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The file has a header with `timestamp` and `value`; bins without a row count as not observed, \
    not as zero.\nExit codes: 0 bursts found, 1 none, 2 error.\n\n\
    Examples:\n  caiu detect counts.csv\n  caiu detect counts.csv --bin 5m --json\n  \
    zcat counts.csv.gz | caiu detect --false-alarms-per-week 0.01 -"
)]
pub struct Args {
    /// CSV file with `timestamp,value`, or `-` for standard input.
    #[arg(value_name = "COUNTS.csv")]
    input: PathBuf,
    /// Width of a bin, such as 90s, 5m or 1h; the usual distance of two rows if left out.
    #[arg(long, value_name = "WIDTH", value_parser = width)]
    bin: Option<u32>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Expected false alarms per week of ordinary counts.
    #[arg(long, value_name = "NUMBER", default_value_t = 0.1, value_parser = parse_rate)]
    false_alarms_per_week: f64,
    /// The counts are complaints about one service: most have 0.01 to 0.5 a minute when nothing is
    /// wrong, which helps where the file lies inside an outage.
    #[arg(long)]
    complaints: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    let name = args.input.display();
    let input: Box<dyn Read> = if args.input.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(&args.input).with_context(|| format!("cannot open {name}"))?)
    };
    let counts = read(input, args.bin).with_context(|| format!("{name}"))?;
    tell_counts(&counts);
    let base = if args.complaints { Settings::default() } else { Settings::any_series() };
    let settings = Settings { false_alarms_per_week: args.false_alarms_per_week, ..base };
    let detection = bursts(&counts.series, &settings);
    if detection.too_little_history {
        tell("less than 3 observed days: the baseline is a guess from the quietest parts");
    }
    let mut out = io::stdout().lock();
    if args.json {
        let found: Vec<BurstRow> = detection.bursts.iter().map(BurstRow::of).collect();
        write_json(&mut out, &found)?;
    } else if detection.bursts.is_empty() {
        writeln!(out, "no bursts in {} bins of {} s", counts.series.grid.len, counts.series.grid.bin_secs)?;
    } else {
        writeln!(out, "{}", to_table(&detection.bursts, Tz::UTC))?;
    }
    Ok(Found::when(!detection.bursts.is_empty()))
}

fn tell_counts(counts: &Counts) {
    if counts.num_assumed_utc > 0 {
        tell(format_args!("{} times without a zone taken as UTC", counts.num_assumed_utc));
    }
    if counts.num_bad > 0 {
        tell(format_args!("{} bad rows left out ({})", counts.num_bad, counts.bad_rows.join("; ")));
    }
    if counts.num_duplicates > 0 {
        tell(format_args!("{} rows with a time that another one has: summed", counts.num_duplicates));
    }
}

/// Reads a number above zero.
pub(super) fn parse_rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if rate > 0.0 && rate.is_finite() { Ok(rate) } else { Err("must be above zero".to_owned()) }
}

/// A row per burst, with times in a zone.
pub(super) fn to_table(bursts: &[Burst], zone: Tz) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    let onset = format!("onset ({zone})");
    table.set_header([&onset, "90 % interval", "alarm", "peak", "value", "expected", "end", "90 % interval", "score"]);
    for burst in bursts {
        let local = |time: Time| zone.from_utc_datetime(&time.naive_utc());
        let clock = |time: Time| local(time).format("%Y-%m-%d %H:%M").to_string();
        let interval = |estimate: &TimeEstimate| {
            let low = estimate.low.map_or("?".to_owned(), |low| local(low).format("%H:%M:%S").to_string());
            format!("{low} - {}", local(estimate.high).format("%H:%M:%S"))
        };
        table.add_row([
            clock(burst.onset.at),
            interval(&burst.onset),
            clock(burst.alarm_at),
            clock(burst.peak_at),
            format!("{}", burst.peak_value),
            format!("{:.2}", burst.peak_expected),
            burst.end.map_or("ongoing".to_owned(), |end| clock(end.at)),
            burst.end.as_ref().map_or(String::new(), interval),
            format!("{:.0}", burst.score),
        ]);
    }
    table
}
