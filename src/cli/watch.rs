//! `caiu watch`: listens to the configured feeds, keeps the index, tells of incidents.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

use super::evaluate::load_lexicon;
use super::numbers;
use super::output::{Found, tell};
use super::watch_view::View;
use crate::config::{Config, LogSettings};
use crate::normalize::AuthorSecret;
use crate::pipeline::journal::{Change, Entry};
use crate::pipeline::live::{self, Plan};
use crate::pipeline::state::State;
use crate::report::wording;
use crate::tag::Tagger;
use crate::tag::lexicon::Lexicon;

/// Listen to the configured feeds, index what they bring, and tell when a service fails.
///
/// Runs until it is stopped (SIGTERM or Ctrl-C: it commits, then ends) or all feeds have ended. Whatever ends it, it
/// goes on where it was.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Changes of incidents go to stdout, one line each; logs go to stderr. On a terminal a view of the \
    feeds stands below them. Authors are kept as hashes, keyed by the variable CAIU_AUTHOR_KEY.\n\nExamples:\n  \
    caiu init && caiu watch\n  caiu watch --config caiu.toml --json | jq 'select(.change == \"opened\") | .incident.service'\n  \
    caiu watch --config caiu.toml --check"
)]
pub struct Args {
    /// The configuration
    #[arg(long, short, value_name = "FILE", default_value = "caiu.toml")]
    config: PathBuf,
    /// Print changes of incidents as JSON, one object a line
    #[arg(long)]
    json: bool,
    /// Check the configuration and end
    #[arg(long)]
    check: bool,
    /// No view of the feeds on a terminal
    #[arg(long)]
    no_view: bool,
    /// Folder of lexicons to use instead of the built-in ones
    #[arg(long, value_name = "DIR")]
    lexicons: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    let config = Config::read(&args.config)?;
    let config_name = args.config.display().to_string();
    if args.check {
        check(&config, &config_name)?;
        if config.names_services() {
            check_services(&config, &config_name, &load_lexicon(args.lexicons.as_deref())?)?;
        }
        let (feeds, alerts) = (config.feeds.len(), config.alerts.len());
        tell(format_args!("{config_name} is good: {feeds} feeds, {alerts} receivers of alerts"));
        return Ok(Found::Some);
    }
    let lexicon = load_lexicon(args.lexicons.as_deref())?;
    check_services(&config, &config_name, &lexicon)?;
    let tagger = Arc::new(Tagger::new(lexicon));
    let secret = AuthorSecret::new(&std::env::var(super::analyze::AUTHOR_KEY).unwrap_or_default());
    let state = Arc::new(State::default());
    let view = (stderr().is_terminal() && !args.no_view).then(|| View::new(Arc::clone(&state)));
    start_log(&config.log, view.as_ref())?;
    let (as_json, shown) = (args.json, view.clone());
    let told = Box::new(move |entries: &[Entry]| {
        let print = || entries.iter().try_for_each(|entry| print_entry(entry, as_json));
        let printed = match &shown {
            Some(view) => view.beside(print),
            None => print(),
        };
        if let Err(error) = printed {
            tracing::warn!("cannot print to stdout: {error}");
        }
    });
    let listen = config.metrics.listen;
    let plan = Plan { config, config_name, tagger, secret, state, told };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(async move {
        if listen.is_some() {
            numbers::start(listen)?;
        }
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(async move {
            asked_to_stop().await;
            tracing::info!("asked to stop: committing");
            let _ = stop.send(true);
            // The sender must outlive the run: a closed channel is no request.
            std::future::pending::<()>().await;
        });
        let drawing = view.clone().map(|view| tokio::spawn(async move { view.draw().await }));
        let done = live::run(plan, stopped).await;
        if let Some(drawing) = drawing {
            drawing.abort();
        }
        if let Some(view) = view {
            view.clear();
        }
        anyhow::Ok(done?)
    });
    result?;
    Ok(Found::Some)
}

/// Opens every feed and every receiver of alerts without asking it anything.
fn check(config: &Config, name: &str) -> anyhow::Result<()> {
    let net = crate::feed::http::Net::new(config.net.options().map_err(anyhow::Error::msg)?)?;
    for feed in &config.feeds {
        feed.open(net.clone(), name)?;
    }
    config.open_alerts(name)?;
    Ok(())
}

/// Refuses a configuration that names a service that nobody knows.
pub(super) fn check_services(config: &Config, name: &str, lexicon: &Lexicon) -> anyhow::Result<()> {
    let known: Vec<&str> = lexicon.services.iter().map(|service| service.id.as_str()).collect();
    Ok(config.check_services(name, &known)?)
}

/// Waits for SIGTERM or Ctrl-C.
pub(super) async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

/// Begins to log to stderr, beside a view where there is one.
pub(super) fn start_log(settings: &LogSettings, view: Option<&View>) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.level).with_context(|| {
        format!("log.level = \"{}\" is no filter; write info, debug or caiu::feed=debug", settings.level)
    })?;
    let writer = super::watch_view::LogWriter::new(view.cloned());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(stderr().is_terminal()).with_writer(writer);
    // A second start in one process keeps the first log.
    let _ = if settings.json { log.json().try_init() } else { log.with_target(false).try_init() };
    Ok(())
}

/// Prints a change of an incident.
pub(super) fn print_entry(entry: &Entry, as_json: bool) -> std::io::Result<()> {
    let mut out = stdout().lock();
    if as_json {
        serde_json::to_writer(&mut out, entry)?;
        return writeln!(out);
    }
    writeln!(out, "{}", told(entry))
}

/// One line about a change.
pub(super) fn told(entry: &Entry) -> String {
    let incident = &entry.incident;
    let word = match entry.change {
        Change::Opened => "OPENED   ",
        Change::Revised => "revised  ",
        Change::Ended => "ENDED    ",
        Change::Reopened => "REOPENED ",
        Change::Withdrawn => "withdrawn",
    };
    let time = |time: crate::model::Time| time.format("%H:%M").to_string();
    let onset = &incident.onset;
    let low = onset.low.map_or_else(|| "or earlier".to_owned(), time);
    let verdict = wording::verdict(incident.verdict);
    let end = incident.end.map_or_else(
        || "goes on".to_owned(),
        |end| format!("until {} ({}–{})", time(end.at), end.low.map_or_else(String::new, time), time(end.high)),
    );
    let moves: Vec<String> =
        incident.migrations.iter().take(3).map(|step| format!("{} {:.0} %", step.to, step.share.mid * 100.0)).collect();
    let moves = if moves.is_empty() { String::new() } else { format!(", moves to {}", moves.join(", ")) };
    format!(
        "{} {word} {} {verdict} since {} UTC ({low}–{}), {end}, {} complaints by {} authors{moves} [{}]",
        entry.at.format("%Y-%m-%dT%H:%M:%SZ"),
        incident.service,
        onset.at.format("%Y-%m-%d %H:%M"),
        time(onset.high),
        incident.num_complaints,
        incident.num_authors,
        incident.id,
    )
}
