//! Trains the second opinion: labeled posts in, `lexicons/opinion/*.tsv` out; the same posts and rows give the same bytes.
//!
//! `cargo run --release --example train` writes the tables, `-- --check` compares them with what is there, and
//! `-- --folds 4 [LEXICONS]` cross-validates: rules alone against rules and opinion, on posts that the opinion was not
//! trained on. Rows whose authors have seen these posts read them too well; a folder of older lexicons is fairer.

mod cleaned;
mod lessons;
mod model;
mod names;
mod network;
mod score;

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use caiu::corpus::evaluation::{Label, read_labels};
use caiu::tag::Tagger;
use caiu::tag::lexicon::Lexicon;
use caiu::tag::lexicon::files::opinion_tables;

use lessons::Lessons;

/// Where the posts are: all that were written to learn from, and the labels that are for development.
const SETS: [&str; 6] = [
    "data/training/ar.jsonl",
    "data/training/en.jsonl",
    "data/training/pt.jsonl",
    "data/labels/ar-dev.jsonl",
    "data/labels/en-dev.jsonl",
    "data/labels/pt-dev.jsonl",
];

fn main() -> anyhow::Result<()> {
    // The variable serves a build outside of the project's folder.
    let root = std::env::var("CAIU_ROOT").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    let root = Path::new(&root);
    let rules = |folder: &Path| anyhow::Ok(Tagger::new(Lexicon::load(folder)?).with_opinion(None));
    let tagger = rules(&root.join("lexicons"))?;
    let mut labels: Vec<Label> = Vec::new();
    for set in SETS {
        let text = fs::read_to_string(root.join(set)).with_context(|| set.to_owned())?;
        labels.extend(read_labels(&text).with_context(|| set.to_owned())?);
    }
    println!("{} posts", labels.len());
    let lessons = Lessons::of(&tagger, labels);
    let names = opinion_tables().map(|name| format!("lexicons/{name}"));
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            for (name, table) in names.zip(lessons.tables(|_| true)) {
                fs::write(root.join(&name), &table)?;
                println!("{name}: {} features, {} bytes", table.lines().count() - 1, table.len());
            }
        }
        ["--check"] => {
            for (name, table) in names.zip(lessons.tables(|_| true)) {
                if fs::read_to_string(root.join(&name))? != table {
                    bail!("{name} is not what the posts and rows of today give: run this without --check");
                }
            }
            println!("the tables are what the posts and rows give");
        }
        ["--folds", num_folds] => score::cross_validate(tagger, &lessons, num_folds.parse()?)?,
        ["--folds", num_folds, folder] => {
            score::cross_validate(rules(Path::new(folder))?, &lessons, num_folds.parse()?)?;
        }
        _ => bail!("use no argument, --check, or --folds NUMBER [LEXICONS]"),
    }
    Ok(())
}
