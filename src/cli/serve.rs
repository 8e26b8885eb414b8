//! `caiu serve`: the HTTP API and the web page over an index, alone or with the live feeds in the same process.

use std::io::{Write, stdout};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};

use super::analyze::AUTHOR_KEY;
use super::evaluate::load_lexicon;
use super::output::{Found, tell};
use super::watch::{asked_to_stop, check_services, print_entry, start_log};
use crate::config::{Config, LogSettings, ServeSettings};
use crate::feed::Secret;
use crate::index::IndexReader;
use crate::normalize::AuthorSecret;
use crate::pipeline::live::{self, Plan};
use crate::pipeline::state::{State, describe_metrics};
use crate::serve::{App, Limits, Options, openapi, router, serve};
use crate::tag::Tagger;
use crate::tag::lexicon::Lexicon;

/// Variables with the tokens, where the configuration names no others.
const TOKEN: &str = "CAIU_TOKEN";
const ADMIN_TOKEN: &str = "CAIU_ADMIN_TOKEN";
/// Shorter tokens can be guessed.
const LEAST_TOKEN_CHARS: usize = 16;
/// Longest wait for the live path to make its index.
const LONGEST_START: Duration = Duration::from_secs(60);

/// Serve an index: HTTP API, live stream and web page.
///
/// Reads the index beside whoever writes it and follows every commit; with --watch the configured feeds are listened to in
/// the same process. Beyond loopback, and wherever CAIU_TOKEN is set, everything but the page itself takes that token.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Tokens are read from the variables CAIU_TOKEN (may read) and CAIU_ADMIN_TOKEN (may also forget posts), or \
    those that [serve] of the configuration names. Runs until SIGTERM or Ctrl-C.\n\nExamples:\n  caiu serve\n  \
    caiu serve --index /srv/caiu --listen 127.0.0.1:9000\n  caiu serve --watch --config caiu.toml\n  \
    CAIU_TOKEN=$(openssl rand -hex 32) caiu serve --listen 0.0.0.0:8080\n  caiu serve --openapi > openapi.json"
)]
pub struct Args {
    /// Folder of the index; left out: that of --config, or caiu-index
    #[arg(long, value_name = "DIR", env = "CAIU_INDEX")]
    index: Option<PathBuf>,
    /// The configuration; only its [serve] and [index] matter without --watch
    #[arg(long, short, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address; port 0 takes a free one. Left out: that of --config, or 127.0.0.1:8080
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Listen to the configured feeds too (caiu.toml where --config is left out)
    #[arg(long)]
    watch: bool,
    /// Print the OpenAPI document and end
    #[arg(long, exclusive = true)]
    openapi: bool,
    /// Folder of lexicons to use instead of the built-in ones
    #[arg(long, value_name = "DIR")]
    lexicons: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    if args.openapi {
        let mut out = stdout().lock();
        serde_json::to_writer_pretty(&mut out, &openapi())?;
        writeln!(out)?;
        return Ok(Found::Some);
    }
    let file = args.config.clone().or_else(|| args.watch.then(|| PathBuf::from("caiu.toml")));
    let mut config = file.as_ref().map(|file| Config::read(file)).transpose()?;
    let settings = config.as_ref().map_or_else(ServeSettings::default, |config| config.serve.clone());
    if let (Some(config), Some(index)) = (&mut config, &args.index) {
        config.index.path.clone_from(index);
    }
    let folder = config.as_ref().map(|config| config.index.path.clone()).or_else(|| args.index.clone());
    let lexicon = load_lexicon(args.lexicons.as_deref())?;
    let mut options = options(&folder.unwrap_or_else(|| PathBuf::from("caiu-index")), &settings, &lexicon);
    if let Some(config) = &config {
        options.alerts.clone_from(&config.alerts);
        options.net = config.net.options().map_err(anyhow::Error::msg)?;
    }
    let listen = args.listen.unwrap_or(settings.listen);
    check(listen, &options)?;
    let log = config.as_ref().map_or_else(LogSettings::default, |config| config.log.clone());
    start_log(&log, None)?;
    let watched = match (args.watch, config, file) {
        (true, Some(config), Some(file)) => {
            check_services(&config, &file.display().to_string(), &lexicon)?;
            let state = Arc::new(State::default());
            options.live = Some(Arc::clone(&state));
            Some(Plan {
                config,
                config_name: file.display().to_string(),
                tagger: Arc::new(Tagger::new(lexicon)),
                secret: options.secret,
                state,
                told: Box::new(|entries| {
                    if let Err(error) = entries.iter().try_for_each(|entry| print_entry(entry, false)) {
                        tracing::warn!("cannot print to stdout: {error}");
                    }
                }),
            })
        }
        _ => None,
    };
    start(options, listen, watched)?;
    Ok(Found::Some)
}

/// Serves an index that is there, for loopback, until it is stopped.
pub(super) fn folder(index: &Path, listen: SocketAddr, lexicon: &Lexicon) -> anyhow::Result<()> {
    let options = options(index, &ServeSettings::default(), lexicon);
    check(listen, &options)?;
    start_log(&LogSettings::default(), None)?;
    start(options, listen, None)
}

fn options(index: &Path, settings: &ServeSettings, lexicon: &Lexicon) -> Options {
    let token = |written: &Option<Secret>, variable: &str| {
        let set = || std::env::var(variable).ok().filter(|token| !token.is_empty());
        written.as_ref().map(|secret| secret.reveal().to_owned()).or_else(set)
    };
    Options {
        token: token(&settings.token, TOKEN),
        admin_token: token(&settings.admin_token, ADMIN_TOKEN),
        hosts: settings.hosts.clone(),
        cors_origins: settings.cors_origins.clone(),
        requests_per_min: settings.requests_per_min,
        limit_loopback: settings.limit_loopback,
        most_listeners: settings.most_listeners,
        secret: AuthorSecret::new(&std::env::var(AUTHOR_KEY).unwrap_or_default()),
        lexicon: lexicon.hash().to_owned(),
        services: lexicon.services.iter().map(|service| service.id.clone()).collect(),
        ..Options::new(index)
    }
}

/// Refuses what would let everybody in.
fn check(listen: SocketAddr, options: &Options) -> anyhow::Result<()> {
    let tokens = [&options.token, &options.admin_token];
    if tokens.iter().any(|token| token.as_ref().is_some_and(|token| token.len() < LEAST_TOKEN_CHARS)) {
        bail!("a token has at least {LEAST_TOKEN_CHARS} characters; 'openssl rand -hex 32' makes a good one");
    }
    if options.token.is_some() && options.token == options.admin_token {
        bail!("the admin token is another one than the token that may read");
    }
    if !listen.ip().to_canonical().is_loopback() && options.token.is_none() {
        bail!(
            "{listen} can be reached from elsewhere, which takes a token: set {TOKEN} in the environment \
            ('openssl rand -hex 32' makes a good one), or listen at 127.0.0.1"
        );
    }
    Ok(())
}

fn start(mut options: Options, listen: SocketAddr, watched: Option<Plan>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async move {
        // Before anything is read: an address that is taken is told at once.
        let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen at {listen}"))?;
        let address = listener.local_addr()?;
        let handle = numbers(watched.as_ref().and_then(|plan| plan.config.metrics.listen))?;
        describe_metrics();
        let upkeep = handle.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(5)).await;
                upkeep.run_upkeep();
            }
        });
        options.metrics = Some(Box::new(move || handle.render()));
        let (stop, stopped) = watch::channel(false);
        let stop = Arc::new(stop);
        let asked = Arc::clone(&stop);
        tokio::spawn(async move {
            asked_to_stop().await;
            let _ = asked.send(true);
        });
        let mut live = watched.map(|plan| tokio::spawn(live::run(plan, stopped.clone())));
        let app = open(options, live.as_ref()).await;
        let app = match (app, &mut live) {
            (Ok(app), _) => app,
            // What ended the live path says more than what is missing without it.
            (Err(_), Some(live)) if live.is_finished() => {
                live.await.context("the live path ended")??;
                bail!("the live path ended before there was an index")
            }
            (Err(error), _) => return Err(error),
        };
        tell(format_args!("http://{address}/"));
        let served = serve(listener, router(app), Limits::default(), stopped);
        tokio::pin!(served);
        if let Some(mut live) = live {
            let is_served = tokio::select! {
                result = &mut served => { result?; true }
                done = &mut live => {
                    done.context("the live path ended")??;
                    tell("all feeds have ended; what they brought is still served");
                    false
                }
            };
            if is_served {
                live.await.context("the live path ended")??;
                return Ok(());
            }
        }
        served.await?;
        Ok(())
    })
}

/// Opens the index; one that the live path is about to make is waited for.
async fn open<T>(options: Options, live: Option<&JoinHandle<T>>) -> anyhow::Result<Arc<App>> {
    let began = Instant::now();
    let is_coming = || live.is_some_and(|live| !live.is_finished()) && began.elapsed() < LONGEST_START;
    while is_coming() && IndexReader::open(&options.index).is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(spawn_blocking(move || App::open(options)).await.context("the index could not be opened")??)
}

/// Begins to count, and to tell at an address of its own where one is set.
fn numbers(listen: Option<SocketAddr>) -> anyhow::Result<PrometheusHandle> {
    let builder = PrometheusBuilder::new();
    match listen {
        None => builder.install_recorder().context("metrics"),
        Some(address) => {
            let (recorder, exporter) =
                builder.with_http_listener(address).build().with_context(|| format!("metrics.listen: {address}"))?;
            let handle = recorder.handle();
            metrics::set_global_recorder(recorder).map_err(|error| anyhow::anyhow!("metrics: {error}"))?;
            tokio::spawn(async move {
                if exporter.await.is_err() {
                    tracing::error!("metrics.listen: cannot listen at {address}");
                }
            });
            Ok(handle)
        }
    }
}
