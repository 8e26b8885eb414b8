//! `caiu alert`: who is told of incidents, and whether they take what they are told.

use std::io::{Write, stdout};
use std::path::PathBuf;

use anyhow::bail;
use clap::{Args as ClapArgs, Subcommand};
use serde_json::{Value, json};

use super::output::{Found, one_line, table, write_json};
use crate::alert::{Event, KINDS, ReceiverConfig, try_receivers};
use crate::config::Config;
use crate::model::ServiceId;

/// List the kinds of receivers of alerts, or the configured ones, or try them.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Exit codes of test: 0 all took it, 1 one did not, 2 error.\n\nExamples:\n  caiu alert\n  \
    caiu alert list --config caiu.toml\n  caiu alert test\n  caiu alert test ops mail --json | jq '.[] | select(.is_told | not)'")]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The configured receivers and what each wants to hear
    List(ListArgs),
    /// Send each receiver an incident that says it is a test, and tell what it answered
    Test(TestArgs),
}

#[derive(Debug, ClapArgs)]
struct ListArgs {
    /// The configuration
    #[arg(long, short, value_name = "FILE", default_value = "caiu.toml")]
    config: PathBuf,
}

#[derive(Debug, ClapArgs)]
struct TestArgs {
    /// Ids of receivers; all where none is given
    #[arg(value_name = "RECEIVER")]
    receivers: Vec<String>,
    /// The configuration
    #[arg(long, short, value_name = "FILE", default_value = "caiu.toml")]
    config: PathBuf,
    /// The service that the test speaks of
    #[arg(long, value_name = "ID", default_value = "whatsapp")]
    service: String,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    match &args.what {
        None => kinds(args.json),
        Some(What::List(list_args)) => list(&Config::read(&list_args.config)?, args.json),
        Some(What::Test(test_args)) => test(test_args, args.json),
    }
}

fn kinds(as_json: bool) -> anyhow::Result<Found> {
    let mut out = stdout().lock();
    if as_json {
        write_json(&mut out, KINDS)?;
        return Ok(Found::Some);
    }
    for kind in KINDS {
        writeln!(out, "{}", kind.name)?;
        for (what, words) in [("tells", kind.tells), ("needs", kind.needs), ("tested", kind.tested_with)] {
            writeln!(out, "  {what:<6} {words}")?;
        }
    }
    Ok(Found::Some)
}

fn list(config: &Config, as_json: bool) -> anyhow::Result<Found> {
    let events = |alert: &ReceiverConfig| alert.policy.on.iter().map(|event| Event::name(*event)).collect::<Vec<_>>();
    let services = |alert: &ReceiverConfig| alert.policy.services.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut out = stdout().lock();
    if as_json {
        let row = |alert: &ReceiverConfig| {
            json!({
                "receiver": alert.id,
                "kind": alert.kind.name,
                "on": events(alert),
                "services": services(alert),
                "langs": alert.policy.langs,
                "min_authors": alert.policy.min_authors,
                "quiet_hours": alert.policy.quiet_hours(),
            })
        };
        write_json(&mut out, &config.alerts.iter().map(row).collect::<Vec<Value>>())?;
    } else {
        let mut shown = table(["receiver", "kind", "on", "services", "quiet hours"]);
        for alert in &config.alerts {
            let services = services(alert);
            shown.add_row([
                alert.id.clone(),
                alert.kind.name.to_owned(),
                events(alert).join(", "),
                if services.is_empty() { "all".to_owned() } else { one_line(&services.join(", ")) },
                alert.policy.quiet_hours().unwrap_or_default(),
            ]);
        }
        writeln!(out, "{shown}")?;
    }
    Ok(Found::when(!config.alerts.is_empty()))
}

fn test(args: &TestArgs, as_json: bool) -> anyhow::Result<Found> {
    let config = Config::read(&args.config)?;
    let name = args.config.display().to_string();
    if config.alerts.is_empty() {
        bail!("{name} has no [[alert]]; `caiu alert` lists the kinds");
    }
    if let Some(unknown) = args.receivers.iter().find(|id| !config.alerts.iter().any(|alert| alert.id == **id)) {
        bail!("{name} has no alert \"{}\"; `caiu alert list` shows them", one_line(unknown));
    }
    // A mistake in a setting is told as such, not as an answer of a receiver.
    config.open_alerts(&name)?;
    let is_chosen = |alert: &&ReceiverConfig| args.receivers.is_empty() || args.receivers.contains(&alert.id);
    let chosen: Vec<ReceiverConfig> = config.alerts.iter().filter(is_chosen).cloned().collect();
    let options = config.net.options().map_err(anyhow::Error::msg)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let tried = runtime.block_on(try_receivers(&chosen, &options, &ServiceId::new(&args.service)));
    let mut out = stdout().lock();
    if as_json {
        write_json(&mut out, &tried)?;
    } else {
        let mut shown = table(["receiver", "kind", "took it", "secs", "said"]);
        for one in &tried {
            shown.add_row([
                one.receiver.clone(),
                one.kind.to_owned(),
                if one.is_told { "yes" } else { "NO" }.to_owned(),
                format!("{:.1}", one.secs),
                one_line(&one.said),
            ]);
        }
        writeln!(out, "{shown}")?;
    }
    Ok(Found::when(tried.iter().all(|one| one.is_told)))
}
