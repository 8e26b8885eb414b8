//! `caiu evaluate`: readings against labels.

use std::collections::BTreeMap;
use std::io::{Write, stdout};
use std::path::PathBuf;

use anyhow::Context;
use comfy_table::{Cell, CellAlignment, Table};
use serde_json::json;

use super::output::Found;
use crate::corpus::evaluation::{Compared, Evaluation, Ratio, read_labels};
use crate::model::{Kind, Lang, Move, ServiceId};
use crate::tag::Tagger;
use crate::tag::lexicon::Lexicon;

/// Compare readings with labels: precision, recall and F1 by language and kind.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  caiu evaluate data/labels/*.jsonl\n  caiu evaluate pt.jsonl --errors\n  \
    caiu evaluate labels.jsonl --json | jq .groups.pt.kinds.complaint.f1")]
pub struct Args {
    /// Files of labels, one JSON object per line; - for standard input
    #[arg(required = true, value_name = "LABELS")]
    labels: Vec<PathBuf>,
    /// List the rows that went wrong, with the evidence
    #[arg(long)]
    errors: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Folder of lexicons to use instead of the built-in ones
    #[arg(long, value_name = "DIR")]
    lexicons: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    let tagger = Tagger::new(load_lexicon(args.lexicons.as_deref())?);
    let mut compared = Vec::new();
    for path in &args.labels {
        let text = super::output::read_text(path)?;
        let labels = read_labels(&text).with_context(|| format!("{} is no file of labels", path.display()))?;
        compared.extend(labels.into_iter().map(|label| {
            // The label's own language is what is asked for, so it is no hint.
            let reading = tagger.read(&label.text, None);
            Compared { label, reading }
        }));
    }
    let groups = grouped(&compared);
    let mut out = stdout().lock();
    if args.json {
        let document = json!({ "lexicon": tagger.lexicon().hash(), "groups": groups });
        writeln!(out, "{document:#}")?;
        return Ok(Found::when(!compared.is_empty()));
    }
    writeln!(out, "{}", score_table(&groups))?;
    writeln!(out, "{}", confusion_table(&Evaluation::of(&compared)))?;
    if args.errors {
        compared.iter().filter(|one| !one.is_right()).try_for_each(|one| write_error(&mut out, one))?;
    }
    Ok(Found::when(!compared.is_empty()))
}

/// The lexicons in a folder, or those inside the program.
pub(super) fn load_lexicon(folder: Option<&std::path::Path>) -> anyhow::Result<Lexicon> {
    match folder {
        Some(folder) => Lexicon::load(folder).with_context(|| format!("no usable lexicons in {}", folder.display())),
        None => Lexicon::builtin().context("the built-in lexicons are broken"),
    }
}

/// By language, and within it written against real posts where the labels tell them apart.
fn grouped(compared: &[Compared]) -> BTreeMap<String, Evaluation> {
    let mut members: BTreeMap<String, Vec<&Compared>> = BTreeMap::new();
    for one in compared {
        let lang = &one.label.lang;
        members.entry(lang.clone()).or_default().push(one);
        if let Some(origin) = &one.label.origin {
            let part = if origin == "written" { "written" } else { "real" };
            members.entry(format!("{lang} {part}")).or_default().push(one);
        }
    }
    members.into_iter().map(|(name, group)| (name, Evaluation::of(group))).collect()
}

fn score_table(groups: &BTreeMap<String, Evaluation>) -> Table {
    let mut table = super::output::table([
        "labels",
        "n",
        "complaint P",
        "R",
        "F1",
        "restored F1",
        "news F1",
        "down F1",
        "moves F1",
        "to F1",
        "false compl.",
        "kind",
        "lang",
    ]);
    for (name, group) in groups {
        let ratios = [group.false_complaints, group.accuracy, group.lang].map(|ratio: Ratio| ratio.value());
        let mut row = vec![Cell::new(name), Cell::new(group.num_labels)];
        row.extend(group.headline().into_iter().chain(ratios).map(|value| Cell::new(shown(value))));
        table.add_row(
            row.into_iter()
                .enumerate()
                .map(|(i, cell)| cell.set_alignment(if i == 0 { CellAlignment::Left } else { CellAlignment::Right })),
        );
    }
    table
}

fn confusion_table(all: &Evaluation) -> Table {
    let mut table = super::output::table(std::iter::once("label \\ reading").chain(Kind::ALL.map(Kind::as_str)));
    for truth in Kind::ALL {
        let row = all.confusion.get(&truth);
        let count = |said: Kind| row.and_then(|row| row.get(&said)).copied().unwrap_or_default().to_string();
        table.add_row(std::iter::once(truth.to_string()).chain(Kind::ALL.map(count)));
    }
    table
}

fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"))
}

fn write_error(out: &mut impl Write, Compared { label, reading }: &Compared) -> std::io::Result<()> {
    let services = |ids: &[ServiceId]| ids.iter().map(ServiceId::to_string).collect::<Vec<_>>().join(",");
    let moves = |moves: &[Move]| {
        let one = |step: &Move| format!("{}>{}", step.from.as_ref().map_or("?", ServiceId::as_str), step.to);
        moves.iter().map(one).collect::<Vec<_>>().join(",")
    };
    let terms: Vec<&str> = reading.evidence.iter().map(|evidence| evidence.term.as_str()).collect();
    writeln!(out, "{} ({}) {}", label.id, label.why.as_deref().unwrap_or("-"), super::output::one_line(&label.text))?;
    writeln!(out, "  label   {} [{}] {}", label.kind, services(&label.down), moves(&label.moves))?;
    writeln!(
        out,
        "  reading {} [{}] {} ({})  {}",
        reading.kind,
        services(&reading.down),
        moves(&reading.moves),
        reading.lang.lang().as_ref().map_or("und", Lang::as_str),
        terms.join(" ")
    )
}
