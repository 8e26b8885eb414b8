//! `caiu serve`: the HTTP API and the web page over an index, alone or with the live feeds in the same process.

use std::io::stdout;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};

use super::analyze::AUTHOR_KEY;
use super::evaluate::load_lexicon;
use super::numbers;
use super::output::{Found, tell, write_json};
use super::place::ConfiguredIndex;
use super::watch::{asked_to_stop, check_services, print_entry, start_log};
use crate::config::{Config, LogSettings, ServeSettings};
use crate::feed::Secret;
use crate::index::IndexReader;
use crate::normalize::AuthorSecret;
use crate::pipeline::live::{self, Plan};
use crate::pipeline::state::State;
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
    #[command(flatten)]
    place: ConfiguredIndex,
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
        write_json(stdout().lock(), &openapi())?;
        return Ok(Found::Some);
    }
    let file = args.place.config.clone().or_else(|| args.watch.then(|| PathBuf::from("caiu.toml")));
    let mut config = file.as_ref().map(|file| Config::read(file)).transpose()?;
    if let (Some(config), Some(index)) = (&mut config, &args.place.index) {
        config.index.path.clone_from(index);
    }
    let lexicon = load_lexicon(args.lexicons.as_deref())?;
    let access = config.as_ref().map_or_else(ServeSettings::default, |config| config.serve.clone());
    let mut options = options(&args.place.folder(config.as_ref()), access, &lexicon);
    if let (Some(config), Some(file)) = (&config, &file) {
        check_services(config, &file.display().to_string(), &lexicon)?;
        options.detection = config.detect.thresholds();
        options.bin_secs = config.detect.bin_secs;
        options.alerts.clone_from(&config.alerts);
        options.net = config.net.options().map_err(anyhow::Error::msg)?;
    }
    let listen = args.listen.unwrap_or(options.access.listen);
    check(listen, &options.access)?;
    let log = config.as_ref().map_or_else(LogSettings::default, |config| config.log.clone());
    start_log(&log, None)?;
    let watched = match (args.watch, config, file) {
        (true, Some(config), Some(file)) => {
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
    let options = options(index, ServeSettings::default(), lexicon);
    check(listen, &options.access)?;
    start_log(&LogSettings::default(), None)?;
    start(options, listen, None)
}

fn options(index: &Path, mut access: ServeSettings, lexicon: &Lexicon) -> Options {
    let set = |variable: &str| std::env::var(variable).ok().filter(|token| !token.is_empty()).map(Secret::new);
    access.token = access.token.or_else(|| set(TOKEN));
    access.admin_token = access.admin_token.or_else(|| set(ADMIN_TOKEN));
    Options {
        access,
        secret: AuthorSecret::new(&std::env::var(AUTHOR_KEY).unwrap_or_default()),
        lexicon: lexicon.hash().to_owned(),
        services: lexicon.services.iter().map(|service| service.id.clone()).collect(),
        ..Options::new(index)
    }
}

/// Refuses what would let everybody in.
fn check(listen: SocketAddr, access: &ServeSettings) -> anyhow::Result<()> {
    let tokens = [&access.token, &access.admin_token].map(|token| token.as_ref().map(Secret::reveal));
    if tokens.iter().flatten().any(|token| token.len() < LEAST_TOKEN_CHARS) {
        bail!("a token has at least {LEAST_TOKEN_CHARS} characters; 'openssl rand -hex 32' makes a good one");
    }
    if tokens[0].is_some() && tokens[0] == tokens[1] {
        bail!("the admin token is another one than the token that may read");
    }
    if !listen.ip().to_canonical().is_loopback() && access.token.is_none() {
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
        let handle = numbers::start(watched.as_ref().and_then(|plan| plan.config.metrics.listen))?;
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
