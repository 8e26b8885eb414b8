//! A whole run: dumps -> readings -> counts -> incidents -> files. The one room that ties the others together.

mod fill;
mod outputs;
mod quotes;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use siphasher::sip::SipHasher13;
use thiserror::Error;

use crate::corpus::{self, Outcomes, Progress, ReadError, ReadOptions, ReadSummary, Record};
use crate::detect::{self, PerService};
use crate::model::report::{GeneratedBy, Input, REPORT_SCHEMA};
use crate::model::{Gap, Kind, Report, TaggedPost, Tally, Time};
use crate::normalize::date::{self, Tz};
use crate::normalize::{AuthorSecret, normalize};
use crate::report::{AtomicFile, Chart, CountsError, Manifest, ReadingsError, ReadingsOptions, ReadingsWriter};
use crate::tag::Tagger;
use crate::tag::lexicon::Lexicon;
pub use fill::{FillError, FillPlan, Filled, fill};
pub use outputs::write_report_files;
pub use quotes::Quotes;

/// What can end a run.
#[derive(Debug, Error)]
pub enum BatchError {
    /// An input cannot be read, or a strict run met a bad record.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An output cannot be written; the message names it.
    #[error(transparent)]
    Write(#[from] io::Error),
    /// `readings.parquet` cannot be written.
    #[error(transparent)]
    Readings(#[from] ReadingsError),
    /// Counts cannot be written or read.
    #[error(transparent)]
    Counts(#[from] CountsError),
    /// A strict run met a post whose time cannot be told.
    #[error("{file}, line {line}: {detail}; mend the date, or leave out --strict to count the post and go on")]
    Date {
        /// Name of the input.
        file: Arc<str>,
        /// Line of the post.
        line: u64,
        /// What is wrong with it.
        detail: String,
    },
}

/// What to run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Inputs in order.
    pub inputs: Vec<corpus::Input>,
    /// How to read them.
    pub read: ReadOptions,
    /// Zone of dates without one.
    pub assume_tz: Option<Tz>,
    /// Folder for the output; made if it is not there.
    pub out: PathBuf,
    /// Width of a bin in seconds.
    pub bin_secs: u32,
    /// How to detect.
    pub settings: PerService,
    /// Stretches known to be unobserved.
    pub gaps: Vec<Gap>,
    /// Whether `readings.parquet` carries the texts.
    pub with_text: bool,
    /// What authors are hashed with.
    pub secret: AuthorSecret,
    /// The present: dates more than a day behind it are refused.
    pub now: Time,
    /// The settings as the manifest shows them.
    pub configuration: serde_json::Value,
}

/// What a run found.
#[derive(Debug)]
pub struct Findings {
    /// The report.
    pub report: Report,
    /// Charts by incident id.
    pub charts: BTreeMap<String, Chart>,
    /// What became of every record.
    pub outcomes: BTreeMap<String, u64>,
    /// The first few places of each reason why a record gave no reading.
    pub rejected: Outcomes,
}

/// Reads, tags, counts, detects and writes everything into `plan.out`.
///
/// # Errors
/// Where an input cannot be read or an output not be written. A broken record is counted, not an
/// error, unless `plan.read.strict`.
pub fn analyze(
    plan: &Plan,
    tagger: &Tagger,
    on_progress: &mut dyn FnMut(Progress),
    clock: impl Fn() -> Time,
) -> Result<Findings, BatchError> {
    fs::create_dir_all(&plan.out).map_err(|error| {
        io::Error::new(error.kind(), format!("cannot make the folder {}: {error}", plan.out.display()))
    })?;
    let started_at = clock();
    let generated_by = generated_by(tagger);
    let options = ReadingsOptions {
        with_text: plan.with_text,
        version: generated_by.version.clone(),
        lexicon: generated_by.lexicon.clone(),
    };
    let mut readings = ReadingsWriter::new(AtomicFile::create(&plan.out.join("readings.parquet"))?, &options)?;
    let mut collected = Collected::new(plan.bin_secs);
    let mut bad_date = None;
    let summary = corpus::run(
        &plan.inputs,
        &plan.read,
        on_progress,
        |record| read_one(plan, tagger, record),
        |outcome| {
            if let Outcome::BadDate { file, line, detail, .. } = &outcome
                && plan.read.strict
            {
                let (file, detail) = (Arc::clone(file), detail.clone());
                bad_date = Some(BatchError::Date { file, line: *line, detail });
                return Err(io::ErrorKind::InvalidData.into());
            }
            if let Some(tagged) = collected.take(outcome) {
                readings.write(&tagged).map_err(io::Error::other)?;
            }
            Ok(())
        },
    );
    let summary = match bad_date {
        Some(error) => return Err(error),
        None => summary?,
    };
    let mut outputs = vec![readings.finish()?.commit()?];
    let (mut report, charts) =
        report_of(&collected.tally, &plan.settings, &plan.gaps, generated_by, inputs_of(&summary));
    report.simulated = collected.simulated;
    collected.quotes.fill(&mut report.incidents);
    outputs.extend(write_report_files(&plan.out, &report, &charts, Some(&collected.tally))?);
    let outcomes = collected.outcomes(&summary);
    let manifest = Manifest {
        schema: crate::report::manifest::MANIFEST_SCHEMA.to_owned(),
        generated_by: report.generated_by.clone(),
        inputs: report.inputs.clone(),
        configuration: plan.configuration.clone(),
        outcomes: outcomes.clone(),
        outputs,
        run: crate::report::manifest::RunTimes { started_at, finished_at: clock() },
    };
    crate::report::file::write_file(&plan.out.join("manifest.json"), |out| {
        crate::report::write_manifest(&manifest, out)
    })?;
    let mut rejected = summary.outcomes;
    rejected.merge(collected.rejected);
    Ok(Findings { report, charts, outcomes, rejected })
}

/// The report over a tally, without quotes: the same for the same tally, wherever it comes from.
pub fn report_of(
    tally: &Tally,
    settings: &PerService,
    gaps: &[Gap],
    generated_by: GeneratedBy,
    inputs: Vec<Input>,
) -> (Report, BTreeMap<String, Chart>) {
    let analysis = detect::incidents(tally, settings, gaps);
    let mut charts = BTreeMap::new();
    let mut incidents = Vec::new();
    for detail in analysis.incidents {
        let chart = Chart { grid: detail.series.grid, observed: detail.series.bins, expected: detail.expected };
        charts.insert(detail.incident.id.clone(), chart);
        incidents.push(detail.incident);
    }
    let report = Report {
        schema: REPORT_SCHEMA.to_owned(),
        generated_by,
        inputs,
        simulated: false,
        coverage: analysis.coverage,
        incidents,
    };
    (report, charts)
}

/// This program with the lexicon of `tagger`.
pub fn generated_by(tagger: &Tagger) -> GeneratedBy {
    generated_with(tagger.lexicon())
}

/// This program with a lexicon, for who needs no tagger.
pub fn generated_with(lexicon: &Lexicon) -> GeneratedBy {
    GeneratedBy {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        lexicon: lexicon.hash().to_owned(),
    }
}

fn inputs_of(summary: &ReadSummary) -> Vec<Input> {
    let bare = |name: &str| name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned();
    summary
        .files
        .iter()
        .map(|file| Input { name: bare(&file.name), sha256: file.sha256.clone(), num_bytes: file.num_bytes })
        .collect()
}

/// What the worker makes of a record; the place is kept for those that fail.
enum Outcome {
    Tagged(Box<TaggedPost>),
    BadDate { file: Arc<str>, line: u64, reason: &'static str, detail: String },
    Rejected,
}

fn read_one(plan: &Plan, tagger: &Tagger, record: Record<'_>) -> Outcome {
    let Ok(raw) = record.post else { return Outcome::Rejected };
    let bad =
        |reason, detail: String| Outcome::BadDate { file: Arc::clone(record.file), line: record.line, reason, detail };
    match raw.created_at.as_ref().map(|date| date::parse(date, plan.assume_tz, plan.now)) {
        None => bad("no date", "the post has no date".to_owned()),
        Some(Err(error)) => bad(error.name(), error.to_string()),
        Some(Ok(at)) => Outcome::Tagged(Box::new(tagger.tag(normalize(raw, Some(at), plan.secret)))),
    }
}

/// What the run gathers, in input order.
struct Collected {
    tally: Tally,
    quotes: Quotes,
    kinds: BTreeMap<Kind, u64>,
    seen: HashSet<u64>,
    num_repeated: u64,
    rejected: Outcomes,
    simulated: bool,
}

impl Collected {
    fn new(bin_secs: u32) -> Self {
        Self {
            tally: Tally::new(bin_secs),
            quotes: Quotes::default(),
            kinds: BTreeMap::new(),
            seen: HashSet::new(),
            num_repeated: 0,
            rejected: Outcomes::default(),
            simulated: false,
        }
    }

    /// Counts an outcome; the post comes back if it is to be written.
    fn take(&mut self, outcome: Outcome) -> Option<Box<TaggedPost>> {
        match outcome {
            Outcome::Rejected => None,
            Outcome::BadDate { file, line, reason, detail } => {
                self.rejected.add(reason, &file, line, &detail);
                None
            }
            Outcome::Tagged(tagged) => {
                let says_something = !tagged.reading().named.is_empty() || tagged.reading().kind != Kind::Other;
                // Only posts that say something are remembered, so that memory does not grow with the rest.
                if says_something && !self.seen.insert(identity(&tagged)) {
                    self.num_repeated += 1;
                    return None;
                }
                self.simulated |= tagged.post().platform.as_deref() == Some("simulated");
                *self.kinds.entry(tagged.reading().kind).or_default() += 1;
                self.tally.add(&tagged);
                self.quotes.offer(&tagged);
                Some(tagged)
            }
        }
    }

    fn outcomes(&self, summary: &ReadSummary) -> BTreeMap<String, u64> {
        let mut outcomes: BTreeMap<String, u64> = BTreeMap::new();
        for (reason, tried) in summary.outcomes.iter().chain(self.rejected.iter()) {
            *outcomes.entry(reason.to_owned()).or_default() += tried.count;
        }
        for (kind, count) in &self.kinds {
            outcomes.insert(format!("read as {kind}"), *count);
        }
        outcomes.insert("repeated".to_owned(), self.num_repeated);
        outcomes
    }
}

fn identity(tagged: &TaggedPost) -> u64 {
    let mut hasher = BuildHasherDefault::<SipHasher13>::default().build_hasher();
    tagged.post().platform.hash(&mut hasher);
    tagged.post().id.hash(&mut hasher);
    hasher.finish()
}
