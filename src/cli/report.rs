//! `caiu report`: the report again, from counts.

use std::path::PathBuf;

use anyhow::Context;

use super::analyze::show;
use super::detection::DetectionArgs;
use super::evaluate::load_lexicon;
use super::output::Found;
use crate::batch::{self, Findings};
use crate::corpus::Outcomes;
use crate::report::{read_counts, read_counts_with_bin};
use crate::tag::Tagger;

/// Make the report again from counts: the same estimates as the run that counted.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "counts.parquet gives exactly the estimates of the run that wrote it (quotes aside: counts hold no text). \
    counts.csv has no keys of authors and copies, so that distinct numbers over several bins are upper bounds. Any engine may \
    write such a file.\n\nExamples:\n  caiu report --from-counts report/counts.parquet\n  \
    caiu report --from-counts counts.parquet --false-alarms-per-week 0.01 --out strict/"
)]
pub struct Args {
    /// counts.parquet or counts.csv
    #[arg(long, value_name = "FILE")]
    from_counts: PathBuf,
    /// Folder for the output; without it only the summary is printed
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    detection: DetectionArgs,
    /// Say that the posts behind the counts are simulated
    #[arg(long)]
    simulated: bool,
    /// Print report.json instead of the table
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    let counts = &args.from_counts;
    let tally = args
        .detection
        .bin
        .map_or_else(|| read_counts(counts), |bin_secs| read_counts_with_bin(counts, bin_secs))
        .with_context(|| format!("cannot use the counts in {}", counts.display()))?;
    let generated_by = batch::generated_by(&Tagger::new(load_lexicon(None)?));
    let (mut report, charts) =
        batch::report_of(&tally, &args.detection.settings(), &args.detection.gaps, generated_by, Vec::new());
    report.simulated = args.simulated;
    if let Some(folder) = &args.out {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        batch::write_report_files(folder, &report, &charts, None)?;
    }
    let findings =
        Findings { report, charts, outcomes: std::collections::BTreeMap::new(), rejected: Outcomes::default() };
    show(&findings, args.json)?;
    Ok(Found::when(!findings.report.incidents.is_empty()))
}
