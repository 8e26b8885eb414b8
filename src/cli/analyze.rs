//! `caiu analyze`: the batch run.

use std::io::{IsTerminal, Write, stdout};
use std::mem::ManuallyDrop;
use std::path::PathBuf;

use anyhow::Context;
use chrono::Utc;
use serde_json::json;

use super::detection::DetectionArgs;
use super::evaluate::load_lexicon;
use super::input::{InputArgs, ReadBar};
use super::output::{Found, tell, tell_outcomes};
use crate::batch::{self, Findings, Plan};
use crate::normalize::AuthorSecret;
use crate::report::{TableStyle, write_json, write_table};
use crate::tag::Tagger;

/// Variable that holds the secret with which authors are hashed.
pub(super) const AUTHOR_KEY: &str = "CAIU_AUTHOR_KEY";

/// From dumps of posts to an outage report: which services failed, since when, until when, where people went.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Writes report.json, report.md, report.html, incidents.csv, migrations.csv, counts.csv, counts.parquet, \
    readings.parquet and manifest.json. The same input and settings give the same bytes (times in the manifest aside). \
    Authors are kept as hashes, keyed by the variable CAIU_AUTHOR_KEY.\n\nExamples:\n  \
    caiu analyze posts.jsonl.zst --out report/\n  caiu analyze archive/ --assume-tz Asia/Baghdad --out report/\n  \
    zcat RC_2021-10.jsonl.gz | caiu analyze - --out report/ --json | jq '.incidents[].service'"
)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,
    /// Folder for the output; made if it is not there
    #[arg(long, short, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    detection: DetectionArgs,
    /// Put the texts of the posts into readings.parquet
    #[arg(long)]
    with_text: bool,
    /// Print report.json instead of the table
    #[arg(long)]
    json: bool,
    /// Folder of lexicons to use instead of the built-in ones
    #[arg(long, value_name = "DIR")]
    lexicons: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    // The program ends with it, and taking its many small parts down one by one takes as long as reading a thousand posts.
    let tagger = ManuallyDrop::new(Tagger::new(load_lexicon(args.lexicons.as_deref())?));
    let secret = std::env::var(AUTHOR_KEY).unwrap_or_default();
    let settings = args.detection.settings();
    let plan = Plan {
        inputs: args.input.expand()?,
        read: args.input.read_options(),
        assume_tz: args.input.assume_tz,
        out: args.out.clone(),
        bin_secs: args.detection.bin_secs(),
        settings: settings.clone(),
        gaps: args.detection.gaps.clone(),
        with_text: args.with_text,
        secret: AuthorSecret::new(&secret),
        now: Utc::now(),
        configuration: json!({
            "bin_secs": args.detection.bin_secs(),
            "detection": settings,
            "gaps": args.detection.gaps,
            "assume_tz": args.input.assume_tz.map(crate::normalize::date::Tz::name),
            "strict": args.input.strict,
            "with_text": args.with_text,
            "author_key": if secret.is_empty() { "public default" } else { "secret" },
        }),
    };
    let bar = ReadBar::new();
    let findings = batch::analyze(&plan, &tagger, &mut |progress| bar.update(progress), Utc::now);
    bar.finish();
    let findings = findings.context("the run stopped")?;
    tell_outcomes(&findings.rejected);
    show(&findings, args.json)?;
    tell(format_args!("the report is in {}", args.out.join("report.html").display()));
    Ok(Found::when(!findings.report.incidents.is_empty()))
}

/// The summary on stdout: a table, or the report as JSON.
pub(super) fn show(findings: &Findings, as_json: bool) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    if as_json {
        write_json(&findings.report, &mut out)?;
    } else {
        write_table(&findings.report, table_style(), &mut out)?;
    }
    out.flush()?;
    Ok(())
}

/// Ruled for a terminal of its width, plain for a pipe.
pub(super) fn table_style() -> TableStyle {
    match comfy_table::Table::new().width().filter(|_| stdout().is_terminal()) {
        Some(width) => TableStyle::Terminal { width },
        None => TableStyle::Plain,
    }
}
