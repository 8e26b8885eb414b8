//! `caiu lexicon check | list | test`: the lexicons themselves.

use std::collections::BTreeMap;
use std::io::{Write, stdout};
use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;

use super::evaluate::load_lexicon;
use super::output::Found;
use crate::tag::Tagger;
use crate::tag::lexicon::check::faults;

/// Check, list or try the lexicons.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  caiu lexicon check\n  caiu lexicon check --lexicons my-lexicons/\n  \
    caiu lexicon list --services\n  caiu lexicon test \"zap caiu, fui pro telegram\"")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
    /// Folder of lexicons to use instead of the built-in ones
    #[arg(long, value_name = "DIR", global = true)]
    lexicons: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Prove every row by its own examples; exit code 2 where one is wrong
    Check {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List what is covered: rows by language and kind, or every service
    List {
        /// List the services
        #[arg(long)]
        services: bool,
        /// List every row
        #[arg(long)]
        rows: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Read one text and tell every step
    Test {
        /// The text
        text: String,
    },
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    let tagger = Tagger::new(load_lexicon(args.lexicons.as_deref())?);
    match &args.action {
        Action::Check { json } => check(&tagger, *json),
        Action::List { services, rows, json } => list(&tagger, *services, *rows, *json),
        Action::Test { text } => {
            write!(stdout(), "{}", tagger.explain(text, None))?;
            Ok(Found::Some)
        }
    }
}

fn check(tagger: &Tagger, as_json: bool) -> anyhow::Result<Found> {
    let faults = faults(tagger);
    let mut out = stdout().lock();
    if as_json {
        let list: Vec<_> = faults.iter().map(|fault| json!({ "row": fault.row, "detail": fault.detail })).collect();
        writeln!(out, "{}", json!(list))?;
    } else {
        for fault in &faults {
            writeln!(out, "{}: {}", fault.row, super::output::one_line(&fault.detail))?;
        }
    }
    out.flush()?;
    if !faults.is_empty() {
        anyhow::bail!("{} faults in the lexicons", faults.len());
    }
    let lexicon = tagger.lexicon();
    if !as_json {
        let examples: usize = lexicon.rows.iter().map(|row| row.matches.len() + row.rejects.len()).sum();
        writeln!(
            out,
            "{} rows hold on their {examples} examples; {} services; hash {}",
            lexicon.rows.len(),
            lexicon.services.len(),
            lexicon.hash()
        )?;
    }
    Ok(Found::Some)
}

fn list(tagger: &Tagger, services: bool, rows: bool, as_json: bool) -> anyhow::Result<Found> {
    let lexicon = tagger.lexicon();
    let mut lines: Vec<Vec<String>> = Vec::new();
    let header: &[&str] = if services {
        for service in &lexicon.services {
            let countries: Vec<&str> = service.countries.iter().map(crate::model::Country::as_str).collect();
            let weak = service.names.iter().filter(|name| name.is_weak).count();
            let strong = service.names.len() - weak;
            lines.push(vec![
                service.id.to_string(),
                service.category.clone(),
                countries.join(" "),
                strong.to_string(),
                weak.to_string(),
            ]);
        }
        &["service", "category", "countries", "names", "weak names"]
    } else if rows {
        for row in &lexicon.rows {
            lines.push(vec![row.id.to_string(), row.note.clone(), row.written.join("  /  ")]);
        }
        &["row", "note", "patterns"]
    } else {
        let mut counts: BTreeMap<(String, String), (usize, usize)> = BTreeMap::new();
        for row in &lexicon.rows {
            let section = row.id.as_str().split('.').nth(1).unwrap_or_default().to_owned();
            let count = counts.entry((row.lang.to_string(), section)).or_default();
            count.0 += 1;
            count.1 += row.patterns.len();
        }
        for ((lang, section), (rows, patterns)) in counts {
            lines.push(vec![lang, section, rows.to_string(), patterns.to_string()]);
        }
        &["lang", "kind", "rows", "patterns"]
    };
    let mut out = stdout().lock();
    if as_json {
        let object = |line: &Vec<String>| header.iter().zip(line).map(|(k, v)| ((*k).to_owned(), json!(v))).collect();
        let list: Vec<serde_json::Map<String, serde_json::Value>> = lines.iter().map(object).collect();
        writeln!(out, "{}", json!(list))?;
    } else {
        let mut table = super::output::table(header.iter().copied());
        table.add_rows(lines);
        writeln!(out, "{table}")?;
    }
    Ok(Found::Some)
}
