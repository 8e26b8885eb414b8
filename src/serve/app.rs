//! What all handlers share: the index, what follows it, the cache, and the rules for who may ask.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::thread;
use std::time::Duration;

use tokio::sync::{broadcast, watch};

use super::book::Book;
use super::cache::{Cache, Cached, Version};
use super::door::Door;
use super::follow::{Follower, Telling};
use super::live::{Event, QUEUE};
use super::minutes::Minutes;
use super::work::Workers;
use crate::alert::ReceiverConfig;
use crate::config::ServeSettings;
use crate::detect::PerService;
use crate::feed::http::NetOptions;
use crate::index::{IndexError, IndexReader};
use crate::model::{Gap, ServiceId, Time};
use crate::normalize::AuthorSecret;
use crate::pipeline::state::State as LiveState;

/// Longest time until an answer begins, where nothing else is set.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What a server is to do.
pub struct Options {
    /// Folder of the index.
    pub index: PathBuf,
    /// Who may ask, by which name, and how often.
    pub access: ServeSettings,
    /// What bursts and incidents are found with, service by service.
    pub detection: PerService,
    /// Width in seconds of the bins in which incidents are found, at least 1: everything about services and incidents is
    /// counted in these.
    pub bin_secs: u32,
    /// Receivers of alerts, to be tried by the admin.
    pub alerts: Vec<ReceiverConfig>,
    /// How they are talked to.
    pub net: NetOptions,
    /// Longest time until an answer begins; the body of its request has to have come by then, too.
    pub timeout: Duration,
    /// What authors are hashed with.
    pub secret: AuthorSecret,
    /// Hash of the lexicon that posts are read with.
    pub lexicon: String,
    /// Every service that the lexicon knows.
    pub services: Vec<ServiceId>,
    /// What the live path tells about itself, where it runs in the same process.
    pub live: Option<Arc<LiveState>>,
    /// Numbers about the program for Prometheus.
    pub metrics: Option<Box<dyn Fn() -> String + Send + Sync>>,
}

impl Options {
    /// A server over an index, for loopback, with nothing else set.
    pub fn new(index: &Path) -> Self {
        Self {
            index: index.to_owned(),
            access: ServeSettings::default(),
            detection: PerService::default(),
            bin_secs: 60,
            alerts: Vec::new(),
            net: NetOptions::default(),
            timeout: TIMEOUT,
            secret: AuthorSecret::new(""),
            lexicon: String::new(),
            services: Vec::new(),
            live: None,
            metrics: None,
        }
    }
}

/// What is known since the last commit that was looked at.
#[derive(Debug, Clone, Default)]
pub(super) struct Board {
    /// What it is of.
    pub(super) version: Version,
    /// First moment of which the index tells.
    pub(super) from: Option<Time>,
    /// The moment up to which it tells.
    pub(super) at: Option<Time>,
    /// Stretches in between of which no feed told.
    pub(super) gaps: Arc<Vec<Gap>>,
    /// The overview with its default parameters.
    pub(super) overview: Cached,
}

/// The server's insides.
pub struct App {
    pub(super) options: Options,
    pub(super) reader: Arc<IndexReader>,
    pub(super) cache: Cache,
    pub(super) workers: Workers,
    pub(super) door: Door,
    pub(super) events: broadcast::Sender<Event>,
    pub(super) num_listeners: Arc<std::sync::atomic::AtomicUsize>,
    board: watch::Receiver<Arc<Board>>,
    minutes: Arc<RwLock<Minutes>>,
    book: Arc<RwLock<Book>>,
    is_over: Arc<AtomicBool>,
    is_blind: Arc<AtomicBool>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("index", &self.options.index).finish_non_exhaustive()
    }
}

impl App {
    /// Opens the index, reads the last days of it and follows it from there.
    ///
    /// # Errors
    /// Where the index, or its journal of incidents, cannot be read.
    pub fn open(options: Options) -> Result<Arc<Self>, IndexError> {
        let reader = Arc::new(IndexReader::open(&options.index)?);
        let minutes = Arc::new(RwLock::new(Minutes::new(options.bin_secs)));
        let book = Arc::new(RwLock::new(Book::new(&options.index)));
        let (board_sender, board) = watch::channel(Arc::default());
        let (events, _) = broadcast::channel(QUEUE);
        let (is_over, is_blind): (Arc<AtomicBool>, Arc<AtomicBool>) = (Arc::default(), Arc::default());
        let told = Telling {
            minutes: Arc::clone(&minutes),
            book: Arc::clone(&book),
            board: board_sender,
            events: events.clone(),
            is_blind: Arc::clone(&is_blind),
        };
        let (detection, services) = (options.detection.clone(), options.services.clone());
        let mut follower = Follower::new(Arc::clone(&reader), detection, options.bin_secs, services, told);
        follower.step()?;
        let end = Arc::clone(&is_over);
        thread::spawn(move || follower.run(&end));
        let workers = Workers::new();
        Ok(Arc::new(Self {
            door: Door::new(&options.access),
            cache: Cache::new(workers.clone()),
            num_listeners: Arc::default(),
            options,
            reader,
            workers,
            events,
            board,
            minutes,
            book,
            is_over,
            is_blind,
        }))
    }

    /// What is known since the last commit.
    pub(super) fn board(&self) -> Arc<Board> {
        Arc::clone(&self.board.borrow())
    }

    /// Whether new commits cannot be read.
    pub(super) fn is_blind(&self) -> bool {
        self.is_blind.load(Ordering::Relaxed)
    }

    /// What was said in the last days.
    pub(super) fn minutes(&self) -> RwLockReadGuard<'_, Minutes> {
        self.minutes.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The incidents.
    pub(super) fn book(&self) -> RwLockReadGuard<'_, Book> {
        self.book.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

/// Whether an address is of this machine.
pub(super) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}
