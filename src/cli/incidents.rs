//! `caiu incidents`: what the live path found, and every revision of it.

use std::collections::BTreeMap;
use std::io::{Write, stdout};

use anyhow::Context;

use super::output::Found;
use super::place::IndexArg;
use super::watch::told;
use crate::model::{Phase, ServiceId, Time};
use crate::pipeline::journal::{Change, Entry, Journal};

/// List the incidents of an index, or all revisions of one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 there are some, 1 there are none, 2 error.\n\nExamples:\n  caiu incidents\n  \
    caiu incidents --ongoing --service whatsapp\n  caiu incidents whatsapp-20211004T1539Z --json | jq .incident.onset\n  \
    caiu incidents --from 2026-11-01T00:00:00Z --json")]
pub struct Args {
    /// Id of one incident: shows all its revisions
    id: Option<String>,
    #[command(flatten)]
    index: IndexArg,
    /// Only those that go on
    #[arg(long)]
    ongoing: bool,
    /// Only this service
    #[arg(long, value_name = "ID")]
    service: Option<String>,
    /// Only those that were not over before this moment (RFC 3339)
    #[arg(long, value_name = "TIME")]
    from: Option<Time>,
    /// Only those that began before this moment (RFC 3339)
    #[arg(long, value_name = "TIME")]
    to: Option<Time>,
    /// Also those that were withdrawn
    #[arg(long)]
    withdrawn: bool,
    /// Print JSON, one object a line
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    let folder = &args.index.index;
    let entries = Journal::read(folder)
        .with_context(|| format!("cannot read the journal of incidents in {}", folder.display()))?;
    let shown: Vec<Entry> = match &args.id {
        Some(id) => entries.into_iter().filter(|entry| entry.incident.id == *id).collect(),
        None => latest(entries).into_iter().filter(|entry| is_wanted(args, entry)).collect(),
    };
    let mut out = stdout().lock();
    for entry in &shown {
        if args.json {
            serde_json::to_writer(&mut out, entry)?;
            writeln!(out)?;
        } else {
            writeln!(out, "{}", told(entry))?;
        }
    }
    out.flush()?;
    Ok(Found::when(!shown.is_empty()))
}

/// The last line about each incident, by onset.
fn latest(entries: Vec<Entry>) -> Vec<Entry> {
    let mut last: BTreeMap<String, Entry> = BTreeMap::new();
    for entry in entries {
        last.insert(entry.incident.id.clone(), entry);
    }
    let mut last: Vec<Entry> = last.into_values().collect();
    last.sort_by(|a, b| (a.incident.onset.at, &a.incident.id).cmp(&(b.incident.onset.at, &b.incident.id)));
    last
}

fn is_wanted(args: &Args, entry: &Entry) -> bool {
    let incident = &entry.incident;
    (args.withdrawn || entry.change != Change::Withdrawn)
        && (!args.ongoing || incident.phase == Phase::Ongoing)
        && args.service.as_ref().is_none_or(|service| incident.service == ServiceId::new(service))
        && args.to.is_none_or(|to| incident.onset.at < to)
        && args.from.is_none_or(|from| incident.end.is_none_or(|end| end.at >= from))
}
