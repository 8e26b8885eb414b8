//! `caiu simulate`: a corpus with a known outage, and its truth.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::output::{Found, write_json};
use crate::corpus::write_packed;
use crate::simulate::{Overrides, Scenario, Simulation, builtin, simulate, write};

/// Write a simulated corpus with a known outage, and its truth
///
/// Every post is made up by rules and random numbers: the same seed gives the same bytes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    caiu simulate --list\n  \
    caiu simulate --seed 7 --scenario 2021-10-04 --out posts.jsonl.zst --truth truth.json\n  \
    caiu simulate --scenario grid --service nubank --peak 20 --lag 3 | caiu analyze - --out report/\n  \
    caiu simulate --scenario quiet --days 7 --baseline 0.5 --out week.jsonl.gz\n  \
    caiu simulate --scenario block --with-truth | head -3\n\n\
    A scenario of your own is a TOML file; data/scenarios has examples.")]
pub struct Args {
    /// Seed of the random numbers
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Name of a built-in scenario, or a file
    #[arg(long, value_name = "NAME|FILE", default_value = "grid")]
    scenario: String,
    /// List the built-in scenarios
    #[arg(long)]
    list: bool,
    /// With --list: as JSON
    #[arg(long, requires = "list")]
    json: bool,
    /// Where the posts go; `.zst` and `.gz` are packed
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// Where the truth about outages and traps goes, as JSON
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
    /// Put the truth of each post into its line, as the field `truth`
    #[arg(long)]
    with_truth: bool,
    #[command(flatten)]
    changes: Box<Changes>,
}

/// Changes to the scenario.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Changes to the scenario")]
struct Changes {
    /// Complaints per minute on an ordinary day, for every service
    #[arg(long, value_name = "PER_MIN")]
    baseline: Option<f64>,
    /// Complaints per minute at full response, for every outage
    #[arg(long, value_name = "PER_MIN")]
    peak: Option<f64>,
    /// Minutes until people have noticed
    #[arg(long, value_name = "MIN")]
    lag: Option<f64>,
    /// Minutes that every outage lasts
    #[arg(long, value_name = "MIN")]
    duration: Option<f64>,
    /// Let only this service fail
    #[arg(long, value_name = "ID")]
    service: Option<String>,
    /// Length of the corpus in days
    #[arg(long, value_name = "DAYS")]
    days: Option<f64>,
    /// Factor on every rate: 0.1 is a tenth of the posts
    #[arg(long, value_name = "FACTOR")]
    volume: Option<f64>,
}

impl Changes {
    fn overrides(&self) -> Overrides {
        Overrides {
            baseline_per_min: self.baseline,
            peak_per_min: self.peak,
            lag_min: self.lag,
            duration_min: self.duration,
            service: self.service.as_deref().map(Into::into),
            days: self.days,
            volume: self.volume,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// An unknown or broken scenario, or a file that cannot be written.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    if args.list {
        return list(args.json);
    }
    let simulation = simulate(&args.changes.overrides().apply(scenario(&args.scenario)?), args.seed)?;
    write_posts(&simulation, &args.out, args.with_truth)
        .with_context(|| format!("cannot write the posts to {}", args.out.display()))?;
    if let Some(path) = &args.truth {
        write_truth(&simulation, path).with_context(|| format!("cannot write the truth to {}", path.display()))?;
    }
    Ok(Found::when(!simulation.events().is_empty()))
}

fn list(as_json: bool) -> anyhow::Result<Found> {
    let mut out = io::stdout().lock();
    let mut rows = Vec::new();
    for (name, text) in builtin::ALL {
        let title = builtin::parse(text)?.title;
        if as_json {
            rows.push(serde_json::json!({ "name": name, "title": title }));
        } else {
            writeln!(out, "{name:<12}{title}")?;
        }
    }
    if as_json {
        write_json(&mut out, &rows)?;
    }
    Ok(Found::Some)
}

/// A path is told from a name by its form, so that a new file can never hide a built-in scenario.
fn scenario(name: &str) -> anyhow::Result<Scenario> {
    if !name.ends_with(".toml") && !name.contains(['/', '\\']) {
        return Ok(builtin::load(name)?);
    }
    let text = fs::read_to_string(name).with_context(|| format!("cannot read the scenario {name}"))?;
    builtin::parse(&text).with_context(|| format!("in {name}"))
}

fn write_posts(simulation: &Simulation, path: &Path, with_truth: bool) -> io::Result<()> {
    if path == Path::new("-") {
        return write_lines(simulation, with_truth, &mut BufWriter::new(io::stdout().lock()));
    }
    write_packed(path, |out| write_lines(simulation, with_truth, &mut { out }))
}

fn write_lines(simulation: &Simulation, with_truth: bool, out: &mut impl Write) -> io::Result<()> {
    for post in simulation.posts() {
        write::line(&post, with_truth, out)?;
    }
    out.flush()
}

fn write_truth(simulation: &Simulation, path: &Path) -> anyhow::Result<()> {
    let json = serde_json::to_string_pretty(simulation.truth())? + "\n";
    if path == Path::new("-") {
        io::stdout().lock().write_all(json.as_bytes())?;
    } else {
        fs::write(path, json)?;
    }
    Ok(())
}
