//! One live run: a task for each feed, a thread that writes, a thread that looks for incidents; and their end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc as std_mpsc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinSet, spawn_blocking};
use tracing::info;

use super::incidents::Watch;
use super::ingest::{Claims, Ingest, Rhythm};
use super::journal::{Entry, Journal, Teller};
use super::lookout::{Lookout, News};
use super::mend;
use super::outage::Outages;
use super::runner;
use super::state::State;
use crate::alert::Desk;
use crate::config::{Config, ConfigError, FeedConfig};
use crate::feed::FeedError;
use crate::feed::http::Net;
use crate::index::{IndexError, IndexReader, Retention};
use crate::model::{Checkpoint, Known};
use crate::normalize::AuthorSecret;
use crate::tag::Tagger;

/// What can end a live run before its time.
#[derive(Debug, Error)]
pub enum LiveError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The client for the feeds cannot be made.
    #[error("net: {0}")]
    Net(String),
    /// The index cannot be opened or is damaged, or the disk does not take the last posts.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The journal of incidents cannot be read.
    #[error("cannot read the journal of incidents: {0}")]
    Journal(std::io::Error),
    /// What receivers were told cannot be read or written.
    #[error("cannot keep what receivers were told: {0}")]
    Alerts(std::io::Error),
    /// A thread ended that must not.
    #[error("the {0} ended before its time; what was committed is safe")]
    Thread(&'static str),
    /// There is nothing to listen to.
    #[error("the configuration has no [[feed]]; `caiu feeds` lists the kinds")]
    NoFeeds,
}

/// What to run.
pub struct Plan {
    /// The configuration.
    pub config: Config,
    /// Its name in errors.
    pub config_name: String,
    /// Who reads the posts.
    pub tagger: Arc<Tagger>,
    /// What authors are hashed with.
    pub secret: AuthorSecret,
    /// Where the run tells about itself.
    pub state: Arc<State>,
    /// Who wants to know what changes about incidents.
    pub told: Teller,
}

/// Time that receivers of alerts have at the end to take what is due.
const ALERTS_GRACE: Duration = Duration::from_secs(10);

/// Listens until `stop` turns true or all feeds have ended; commits, and only then returns.
///
/// # Errors
/// Where something cannot be opened, or the end cannot be saved.
pub async fn run(plan: Plan, stop: watch::Receiver<bool>) -> Result<Checkpoint, LiveError> {
    let Plan { config, config_name, tagger, secret, state, told } = plan;
    if config.feeds.is_empty() {
        return Err(LiveError::NoFeeds);
    }
    let net = Net::new(config.net.options().map_err(LiveError::Net)?)
        .map_err(|error: FeedError| LiveError::Net(error.to_string()))?;
    // All feeds are opened before anything is written: a mistake in the last one is told at once.
    let opened = config
        .feeds
        .iter()
        .map(|feed| feed.open(net.clone(), &config_name).map(|open| (feed.clone(), open)))
        .collect::<Result<Vec<_>, _>>()?;

    let receivers = config.open_alerts(&config_name)?;

    let of_index = config.clone();
    let open = move || {
        let mut writer = mend::open(&of_index)?;
        writer.claim_authors(secret)?;
        if writer.seq() == 0 {
            // Readers see an index from its first commit on.
            writer.commit(&Checkpoint::default())?;
        }
        Ok::<_, IndexError>(writer)
    };
    let writer = spawn_blocking(open).await.map_err(|_| LiveError::Thread("index"))??;
    let checkpoint = writer.checkpoint().clone();

    // Behind the lock of the index: only one program may tell of its incidents.
    let journal = Journal::open(&config.index.path).map_err(LiveError::Journal)?;
    // What goes on is shown although nothing changes.
    state.remember(journal.known().values().filter(|known| known.is_ongoing()).map(Known::last));
    let desk = match receivers.is_empty() {
        true => None,
        false => {
            let entries = Journal::read(&config.index.path).map_err(LiveError::Journal)?;
            Some(Desk::open(receivers, &config.index.path, &entries).map_err(LiveError::Alerts)?)
        }
    };
    let told = with_alerts(told, desk.as_ref());

    let (news, to_look) = std_mpsc::channel::<News>();
    // The last life may have been killed behind its last commit and before the look at it.
    let _ = news.send(News { touched: Vec::new(), checkpoint: checkpoint.clone() });
    let lookout = Lookout {
        reader: IndexReader::open(&config.index.path)?,
        watch: Watch::new(config.detect.bin_secs.max(1), config.detect.thresholds(), history(&config)),
        journal,
        feeds: config.feeds.iter().map(|feed| feed.id.clone()).collect(),
        every: Duration::from_secs_f64(config.detect.every_secs.max(0.1)),
        state: Arc::clone(&state),
        told,
    };
    let lookout = spawn_blocking(move || lookout.run(&to_look));

    let (queue, messages) = mpsc::channel(config.limits.queue_batches);
    let mut runners = JoinSet::new();
    for (feed, open) in opened {
        let cursor = checkpoint.feeds.get(&feed.id).and_then(|progress| progress.cursor.clone());
        let reopen = reopen(feed.clone(), net.clone(), config_name.clone());
        let limits = config.limits.clone();
        runners.spawn(runner::run(feed.id, open, reopen, cursor, limits, queue.clone(), stop.clone()));
    }
    state.takes_requests(&queue);
    drop(queue);

    let ingest = Ingest {
        writer,
        tagger,
        secret,
        keep: config.index.keep,
        claims: claims(&config.feeds),
        rhythm: Rhythm { every: Duration::from_secs_f64(config.index.commit_secs), posts: config.index.commit_posts },
        state,
        outages: Outages::default(),
        checkpoint,
        retention: retention(&config),
        next_retire: Instant::now(),
        stop,
    };
    let ingest = spawn_blocking(move || {
        ingest.run(messages, |done, checkpoint| {
            // Nobody looks any more only when the run is over.
            let _ = news.send(News { touched: done.touched.clone(), checkpoint: checkpoint.clone() });
        })
    });
    let last = ingest.await.map_err(|_| LiveError::Thread("writer"))?;
    let last = last.inspect_err(|error| mend::note(&config.index.path, error))?;
    runners.shutdown().await;
    lookout.await.map_err(|_| LiveError::Thread("search for incidents"))?;
    if let Some(desk) = desk {
        desk.close(ALERTS_GRACE).await;
    }
    info!("everything is committed");
    Ok(last)
}

/// Tells the desk first: what is printed may wait for a reader.
fn with_alerts(mut told: Teller, desk: Option<&Desk>) -> Teller {
    let Some(desk) = desk else { return told };
    let alert = desk.teller();
    Box::new(move |entries: &[Entry]| {
        alert(entries);
        told(entries);
    })
}

fn reopen(feed: FeedConfig, net: Net, config_name: String) -> runner::Reopen {
    Box::new(move || feed.open(net.clone(), &config_name).map_err(|error| error.to_string()))
}

fn retention(config: &Config) -> Retention {
    let (days, mebibytes) = (config.index.retention_days, config.index.max_size_mb);
    Retention {
        max_days: (days > 0).then_some(days),
        max_bytes: (mebibytes > 0).then_some(mebibytes << 20),
        keep_counts: days > 0 || mebibytes > 0,
    }
}

fn history(config: &Config) -> TimeDelta {
    TimeDelta::days(i64::from(config.detect.history_days.max(1)))
}

fn claims(feeds: &[FeedConfig]) -> BTreeMap<crate::model::FeedId, Claims> {
    let of = |feed: &FeedConfig| Claims { lang: feed.lang, country: feed.country.clone() };
    feeds.iter().map(|feed| (feed.id.clone(), of(feed))).collect()
}
