//! `caiu evaluate`: readings against labels.

mod against;
mod document;
mod reader;
mod tables;

use std::collections::BTreeMap;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use anyhow::Context;

use self::against::Against;
use self::reader::{Known, Reader};
use super::output::Found;
use crate::corpus::evaluation::{Bootstrap, By, Compared, Evaluation, Group, Label, groups, read_labels};
use crate::report::{AtomicFile, TablesPage, write_tables_html};
use crate::tag::lexicon::Lexicon;

/// Compare readings with labels: precision, recall and F1 by any group of labels, with intervals.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Brackets are 95 % intervals from resampled rows; groups of less than 10 rows have none. A row is won \
    where kind, services and moves are right now and one of them was wrong before, and lost the other way round. Texts \
    of posts are shown with --errors only.\n\nExamples:\n  caiu evaluate data/labels/*.jsonl\n  \
    caiu evaluate pt.jsonl --errors\n  caiu evaluate data/labels/*-dev.jsonl --by why --html readings.html\n  \
    caiu evaluate labels.jsonl --services data/labels/services.txt\n  \
    caiu evaluate labels.jsonl --against ../before/lexicons\n  \
    caiu evaluate labels.jsonl --json > before.json; caiu evaluate labels.jsonl --against-report before.json\n  \
    caiu evaluate labels.jsonl --json | jq .groups.pt.kinds.complaint.f1"
)]
pub struct Args {
    /// Files of labels, one JSON object per line; - for standard input
    #[arg(required = true, value_name = "LABELS")]
    labels: Vec<PathBuf>,
    /// Group labels by lang, why, dialect, service, source or file; of several, separated by commas, every combination
    #[arg(long, value_name = "GROUP", value_delimiter = ',')]
    by: Vec<By>,
    /// List the rows that went wrong, with the evidence; with --against also those that were won or lost
    #[arg(long)]
    errors: bool,
    /// Print JSON, with the reading of every row and without texts
    #[arg(long)]
    json: bool,
    /// Write the tables as one page that needs nothing else (with --errors also the rows); - for standard output
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Folder of lexicons to use instead of the built-in ones
    #[arg(long, value_name = "DIR")]
    lexicons: Option<PathBuf>,
    /// Count only these services: a file of ids, for labels that can name no others
    #[arg(long, value_name = "FILE")]
    services: Option<PathBuf>,
    /// Compare with the readings of the lexicons in this folder
    #[arg(long, value_name = "DIR", conflicts_with = "against_report")]
    against: Option<PathBuf>,
    /// Compare with the readings in this file, which an earlier run wrote with --json over the same labels
    #[arg(long, value_name = "FILE")]
    against_report: Option<PathBuf>,
    /// How often rows are resampled for the intervals; 0 for none
    #[arg(long, value_name = "NUMBER", default_value_t = 1000)]
    resamples: usize,
    /// Seed of the resampling: the same seed and labels give the same intervals
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
}

/// Everything that an output is made of.
struct Scored {
    lexicon: String,
    by: Vec<By>,
    bootstrap: Bootstrap,
    compared: Vec<Compared>,
    groups: BTreeMap<String, Group>,
    against: Option<Against>,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    let is_page_only = args.html.as_deref() == Some(Path::new("-"));
    anyhow::ensure!(!(is_page_only && args.json), "--html - and --json both write to standard output: name a file");
    let scored = score(args)?;
    if let Some(path) = &args.html {
        if is_page_only {
            write_tables_html(&page(&scored, args.errors), &mut stdout().lock())?;
            return Ok(Found::when(!scored.compared.is_empty()));
        }
        let mut file = AtomicFile::create(path)?;
        write_tables_html(&page(&scored, args.errors), &mut file)?;
        file.commit()?;
    }
    let mut out = stdout().lock();
    if args.json {
        writeln!(out, "{:#}", document::of(&scored))?;
        return Ok(Found::when(!scored.compared.is_empty()));
    }
    for table in tables::all(&scored) {
        writeln!(out, "{}", tables::as_text(&table))?;
    }
    if args.errors {
        tables::posts(&scored).iter().try_for_each(|post| tables::write_post(&mut out, post))?;
    }
    Ok(Found::when(!scored.compared.is_empty()))
}

fn score(args: &Args) -> anyhow::Result<Scored> {
    let labels = labels(&args.labels)?;
    let lexicon = load_lexicon(args.lexicons.as_deref())?;
    let known = Known::of(args.services.as_deref(), &lexicon)?;
    let reader = Reader::new(lexicon, &known);
    let read = |label: Label| Compared { reading: reader.read(&label.text), label };
    let compared: Vec<Compared> = labels.into_iter().map(read).collect();
    let against = match (&args.against, &args.against_report) {
        (Some(folder), _) => Some(Against::lexicons(&Reader::new(load_lexicon(Some(folder))?, &known), &compared)),
        (None, Some(file)) => Some(Against::report(file, &compared, &known)?),
        (None, None) => None,
    };
    Ok(Scored {
        lexicon: reader.lexicon_hash(),
        by: args.by.clone(),
        bootstrap: Bootstrap { num_resamples: args.resamples, seed: args.seed },
        groups: groups(&compared, &args.by),
        compared,
        against,
    })
}

fn labels(paths: &[PathBuf]) -> anyhow::Result<Vec<Label>> {
    let mut labels = Vec::new();
    for path in paths {
        let text = super::output::read_text(path)?;
        let own = read_labels(&text).with_context(|| format!("{} is no file of labels", path.display()))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        labels.extend(own.into_iter().map(|label| Label { file: name.clone(), ..label }));
    }
    Ok(labels)
}

fn page(scored: &Scored, with_posts: bool) -> TablesPage {
    let Bootstrap { num_resamples, seed } = scored.bootstrap;
    let mut summary = vec![format!("{} labels, read with the lexicons {}.", scored.compared.len(), scored.lexicon)];
    if num_resamples > 0 {
        summary.push(format!("Brackets are 95 % intervals from {num_resamples} resamples of the rows, seed {seed}."));
    }
    TablesPage {
        title: "Readings against labels".to_owned(),
        summary,
        tables: tables::all(scored),
        posts: if with_posts { tables::posts(scored) } else { Vec::new() },
    }
}

impl Scored {
    fn evaluations(&self) -> impl Iterator<Item = (&str, &Group, Evaluation)> {
        self.groups.iter().map(|(name, group)| (name.as_str(), group, Evaluation::of_group(&self.compared, group)))
    }
}

/// The lexicons in a folder, or those inside the program.
pub(super) fn load_lexicon(folder: Option<&Path>) -> anyhow::Result<Lexicon> {
    match folder {
        Some(folder) => Lexicon::load(folder).with_context(|| format!("no usable lexicons in {}", folder.display())),
        None => Lexicon::builtin().context("the built-in lexicons are broken"),
    }
}
