//! `caiu export`: incidents as a timeline, in the format that somebody's tool reads.

use std::io::{IsTerminal, Write, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use clap::ValueEnum;

use super::detection::DetectionArgs;
use super::evaluate::load_lexicon;
use super::output::{Found, tell};
use super::place::{ConfiguredIndex, SpanArgs};
use crate::batch;
use crate::config::{Config, DetectSettings};
use crate::export::{self, FORMATS, Format, Options, Selection, Story};
use crate::model::Time;
use crate::report::Locale;
use crate::report::chart::Theme;
use crate::report::file::write_file;

/// Variable with the moment that is taken for the present, in seconds since 1970, where bytes must be the same again.
const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

/// Export incidents as a timeline: pages, spreadsheets, charts, calendars, graphs.
#[derive(Debug, clap::Args)]
#[command(after_help = help())]
pub struct Args {
    #[command(flatten)]
    place: ConfiguredIndex,
    /// An incident of the journal, by its id (`caiu incidents` lists them)
    #[arg(long, value_name = "ID", conflicts_with_all = ["from", "to", "service"])]
    incident: Option<String>,
    #[command(flatten)]
    span: SpanArgs,
    /// Only this service (may be repeated)
    #[arg(long, value_name = "ID")]
    service: Vec<String>,
    /// Read a folder that `caiu analyze` wrote, in place of an index
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// Format, see below
    #[arg(long, short, value_name = "FORMAT", value_parser = str::parse::<Format>)]
    format: Format,
    /// Where it goes; `-` is standard output. Left out: a file named after the incident
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Zone of all times, such as Asia/Baghdad
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = super::input::parse_zone)]
    tz: Tz,
    /// Language of all words: en, pt or ar
    #[arg(long, value_name = "LANG", default_value = "en", value_parser = str::parse::<Locale>)]
    locale: Locale,
    /// Quotes of each incident and language
    #[arg(long, value_name = "N", default_value_t = 3)]
    quotes: usize,
    /// Tell the keys of the authors of quotes
    #[arg(long)]
    with_authors: bool,
    /// Colors of charts
    #[arg(long, value_enum, default_value = "light")]
    theme: Colors,
    #[command(flatten)]
    detection: DetectionArgs,
}

/// Colors of charts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Colors {
    /// On white
    Light,
    /// On near-black
    Dark,
}

fn help() -> String {
    let formats: String = FORMATS.iter().map(|format| format!("  {:<15} {}\n", format.name, format.about)).collect();
    format!(
        "Formats:\n{formats}\nWith --incident, estimates are those of the journal. Without, incidents are found anew in the \
        posts of --from to --to. Quotes are the posts nearest to the others of their language; what was deleted is gone, \
        accounts are not named. SOURCE_DATE_EPOCH sets the time of retrieval, for the same bytes again.\n\n\
        Exit codes: 0 exported, 1 no incident was found (what says so is written all the same), 2 error.\n\nExamples:\n  \
        caiu export --incident whatsapp-20211004T1539Z --format html --tz America/Sao_Paulo --locale pt\n  \
        caiu export --from 2021-10-04 --to 2021-10-06 --format timelinejs --out - | jq '.events | length'\n  \
        caiu export --from 7d --service whatsapp --format xlsx --locale ar --tz Asia/Baghdad --out week.xlsx\n  \
        caiu export --report report/ --format ro-crate --out outage.zip"
    )
}

/// Runs the command.
///
/// # Errors
/// An unknown incident, an index that cannot be read, or a file that cannot be written.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    let config = args.place.read()?;
    let configured = config.as_ref().map(|config| &config.detect);
    let options = Options {
        zone: args.tz,
        locale: args.locale,
        theme: if args.theme == Colors::Dark { Theme::Dark } else { Theme::Light },
        num_quotes: args.quotes,
        with_authors: args.with_authors,
        settings: args.detection.over(configured.map(DetectSettings::thresholds).unwrap_or_default()),
        bin_secs: args.detection.bin.or(configured.map(|detect| detect.bin_secs)).unwrap_or(args.detection.bin_secs()),
        generated_by: batch::generated_with(&load_lexicon(None)?),
        now: now()?,
    };
    let story = gather(args, config.as_ref(), &options)?;
    let bytes = export::write(&story, args.format, &options)?;
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(args.format.file_name(&story)));
    if out == Path::new("-") {
        let mut stdout = stdout().lock();
        if stdout.is_terminal() && std::str::from_utf8(&bytes).is_err() {
            bail!("{} is not for a terminal: name a file with --out", args.format.name);
        }
        stdout.write_all(&bytes)?;
        stdout.flush()?;
    } else {
        write_file(&out, |file| file.write_all(&bytes))?;
        tell(format_args!("{} incidents in {}", story.incidents.len(), out.display()));
    }
    Ok(Found::when(!story.incidents.is_empty()))
}

fn gather(args: &Args, config: Option<&Config>, options: &Options) -> anyhow::Result<Story> {
    let selection = match &args.incident {
        Some(id) => Selection::Incident(id.clone()),
        None => {
            let (from, to) = args.span.read(args.tz)?;
            Selection::Span { from, to, services: args.service.iter().map(|id| id.as_str().into()).collect() }
        }
    };
    match &args.report {
        Some(folder) => Ok(export::from_folder(folder, &selection, options)?),
        None => Ok(export::gather(&args.place.open(config)?, &selection, options)?),
    }
}

/// The present, unless the environment says which moment is to be taken for it.
fn now() -> anyhow::Result<Time> {
    let Some(secs) = std::env::var_os(SOURCE_DATE_EPOCH) else { return Ok(Utc::now()) };
    let secs = secs.to_str().and_then(|secs| secs.parse().ok()).and_then(|secs| DateTime::from_timestamp(secs, 0));
    secs.with_context(|| format!("{SOURCE_DATE_EPOCH} is no number of seconds since 1970"))
}
