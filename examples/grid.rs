//! The detector's benchmark: `cargo run --release --example grid -- [--runs N] [--weeks N] [--log-logistic]`.
//!
//! Prints, for each baseline, peak and lag: recall, delay of the alarm, error of onset and end,
//! coverage of the 90 % intervals; and false alarms per week on quiet weeks.

use std::process::ExitCode;

use caiu::detect::{self, Settings};
use caiu::simulate::grid::{self, Found, Plan};
use caiu::simulate::scenario::Response;
use caiu::simulate::score::Score;
use caiu::simulate::{SimulateError, Simulation};

fn main() -> ExitCode {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut plan = Plan { num_threads: threads, ..Plan::default() };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut number = || args.next().and_then(|value| value.parse().ok());
        let is_read = match arg.as_str() {
            "--runs" => number().map(|value| plan.num_runs = value),
            "--weeks" => number().map(|value| plan.num_quiet_weeks = value),
            "--seed" => number().map(|value| plan.seed = u64::from(value)),
            "--log-logistic" => {
                plan.response = Response::LogLogistic;
                Some(())
            }
            _ => None,
        };
        if is_read.is_none() {
            eprintln!("grid: cannot read '{arg}': use --runs N, --weeks N, --seed N, --log-logistic");
            return ExitCode::from(2);
        }
    }
    match print(&plan) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("grid: {error}");
            ExitCode::from(2)
        }
    }
}

fn print(plan: &Plan) -> Result<(), SimulateError> {
    println!(
        "baseline  peak   lag | recall  split  false | delay 50/90 %  | onset error 50/90 %, bias, width, covered | end error 50/90 %, covered"
    );
    let mut all = Score::default();
    for cell in grid::cells() {
        let score = grid::run_cell(cell, plan, detect)?;
        println!("{:>8} {:>5} {:>5} | {}", cell.baseline_per_min, cell.peak_per_min, cell.lag_min, row(&score));
        all.add(score);
    }
    println!("{:>20} | {}", "all", row(&all));
    for baseline_per_min in [0.05, 0.5] {
        let score = grid::run_quiet(baseline_per_min, plan, detect)?;
        let weeks = score.quiet_min / 10_080.0;
        println!(
            "quiet at {baseline_per_min} a minute: {} false alarms in {weeks:.0} weeks, {} a week",
            score.num_false,
            shown(score.false_alarms_per_week())
        );
    }
    Ok(())
}

fn row(score: &Score) -> String {
    format!(
        "{} {:>6} {:>6} | {} {} | {} {} {} {} {} | {} {} {}",
        shown(score.recall()),
        score.num_split,
        score.num_false,
        shown(score.delay(0.5)),
        shown(score.delay(0.9)),
        shown(score.onset_error(0.5)),
        shown(score.onset_error(0.9)),
        shown(score.onset_bias()),
        shown(score.onset_width()),
        shown(score.onset_coverage()),
        shown(score.end_error(0.5)),
        shown(score.end_error(0.9)),
        shown(score.end_coverage()),
    )
}

fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| format!("{:>6}", "-"), |value| format!("{value:>6.2}"))
}

/// What the detector finds in the counts of a simulation.
fn detect(simulation: &Simulation) -> Vec<Found> {
    let analysis = detect::incidents(&simulation.tally(60), &Settings::default().into(), &simulation.gaps());
    let found = analysis.incidents.into_iter().map(|detail| detail.incident);
    found
        .map(|incident| Found {
            service: incident.service,
            onset: incident.onset,
            alarm_at: incident.alarm_at,
            end: incident.end,
        })
        .collect()
}
