//! Hits of labelled windows and false alarms on the Numenta Anomaly Benchmark's tweet volumes (Lavin and Ahmad, ICMLA 2015).
//!
//! `cargo run --release --example nab -- FOLDER [FALSE_ALARMS_PER_WEEK]`: the folder holds `NAME.csv`
//! (`timestamp,value`) and `windows.json` (`{"NAME": [[from, to], ...]}`). A burst whose alarm lies in
//! a window hits it; one that overlaps no window is false. One setting for all series.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use anyhow::Context;
use caiu::cli::detect::read;
use caiu::detect::{Settings, bursts};
use caiu::model::Time;
use chrono::NaiveDateTime;

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().context("usage: nab FOLDER [FALSE_ALARMS_PER_WEEK]")?;
    let folder = Path::new(&folder);
    let mut settings = Settings::any_series();
    if let Some(rate) = args.next() {
        settings.false_alarms_per_week = rate.parse()?;
    }
    let verbose = args.next().is_some();
    let windows: BTreeMap<String, Vec<(String, String)>> =
        serde_json::from_reader(File::open(folder.join("windows.json"))?)?;
    let (mut all_hits, mut all_windows, mut all_false, mut all_weeks) = (0, 0, 0, 0.0);
    println!("{:8} {:>7} {:>8} {:>7} {:>6} {:>9}", "series", "windows", "hit", "bursts", "false", "false/wk");
    for (name, windows) in &windows {
        let windows = windows.iter().map(|(a, b)| Ok((parse(a)?, parse(b)?))).collect::<anyhow::Result<Vec<_>>>()?;
        let series = read(File::open(folder.join(format!("{name}.csv")))?, None)?.series;
        let found = bursts(&series, &settings).bursts;
        let hits =
            windows.iter().filter(|(a, b)| found.iter().any(|burst| (*a..=*b).contains(&burst.alarm_at))).count();
        let last = series.grid.time(series.grid.len);
        let overlaps = |burst: &caiu::model::Burst| {
            let end = burst.end.map_or(last, |end| end.at).max(burst.alarm_at);
            windows.iter().any(|(a, b)| burst.onset.at <= *b && end >= *a)
        };
        let num_false = found.iter().filter(|burst| !overlaps(burst)).count();
        let weeks = series.grid.len as f64 * f64::from(series.grid.bin_secs) / 604_800.0;
        println!(
            "{name:8} {:>7} {hits:>8} {:>7} {num_false:>6} {:>9.2}",
            windows.len(),
            found.len(),
            num_false as f64 / weeks
        );
        if verbose {
            for burst in &found {
                println!(
                    "   {} {} score {:7.1} onset {} alarm {} end {:?} peak {} of {:.1}",
                    if overlaps(burst) { "hit  " } else { "false" },
                    name,
                    burst.score,
                    burst.onset.at,
                    burst.alarm_at,
                    burst.end.map(|end| end.at.to_string()),
                    burst.peak_value,
                    burst.peak_expected
                );
            }
        }
        all_hits += hits;
        all_windows += windows.len();
        all_false += num_false;
        all_weeks += weeks;
    }
    println!(
        "{:8} {all_windows:>7} {all_hits:>8} {:>7} {all_false:>6} {:>9.2}",
        "all",
        "",
        all_false as f64 / all_weeks
    );
    Ok(())
}

fn parse(text: &str) -> anyhow::Result<Time> {
    Ok(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f")?.and_utc())
}
