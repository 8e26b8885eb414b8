//! Any server that speaks Mastodon's API: its stream where a token opens it, otherwise its timelines, page by page.

mod recheck;
mod stream;
mod timeline;

use std::sync::Mutex;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::http::{Net, Url};
use super::place::{self, Recent};
use super::{Batch, Feed, FeedContext, FeedError, FeedKind, Next, Secret};
use crate::model::{Cursor, FeedId};

/// The line of `KINDS`.
pub(super) const KIND: FeedKind = FeedKind {
    name: "mastodon",
    covers: "public posts of one Mastodon server and of those it knows, or a few hashtags; also Pleroma, GoToSocial, snac",
    needs: "nothing on most servers; a token (token = \"env:NAME\") for the stream, and where the server shows its \
            timeline to its users only",
    limits: "300 requests in 5 minutes; without the stream, posts that reach a server late from elsewhere can be \
             missed, and deletions are found only among the last 300 posts; the stream tells of all of them",
    tested_with: "snac 2.75 (polling); answers written after Mastodon's API documentation (stream, limits, refusals)",
    has_beginning: false,
    open: |context, table| Ok(Box::new(Mastodon::open(context, table)?)),
};

const PLATFORM: &str = "mastodon";
/// Longest id of a status that is remembered as the server's own name of a post, in bytes.
const MAX_KEY_BYTES: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Timeline {
    #[default]
    Public,
    Local,
    Remote,
}

/// The keys of `[[feed]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Address of the server.
    server: String,
    /// Whose posts: of all, of the server's own accounts, of the other servers' accounts.
    #[serde(default)]
    timeline: Timeline,
    /// Hashtags without `#`; with them only posts that carry one of them.
    #[serde(default)]
    tags: Vec<String>,
    /// Token of an account or app there.
    token: Option<Secret>,
    /// Whether to listen to the stream where there is a token.
    #[serde(default = "yes")]
    streaming: bool,
    /// Seconds between two looks.
    #[serde(default = "every_secs")]
    every_secs: f64,
    /// Seconds between two checks whether recent posts are still there; 0 for none.
    #[serde(default = "recheck_secs")]
    recheck_secs: f64,
}

fn yes() -> bool {
    true
}

fn every_secs() -> f64 {
    30.0
}

fn recheck_secs() -> f64 {
    300.0
}

/// What a restart needs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Place {
    recent: Recent,
}

struct Mastodon {
    id: FeedId,
    net: Net,
    settings: Settings,
    server: Url,
    every: Duration,
    bearer: Option<String>,
    recheck: recheck::Recheck,
    /// Behind a lock only because a stream cannot be shared between threads; nobody else asks for it.
    stream: Mutex<Option<stream::Events>>,
    /// Whether the server refused the stream: then it is polled until the end of the run.
    is_stream_refused: bool,
    /// The place behind the last batch: from any other one, the stream would skip what came in between.
    last: Option<Cursor>,
}

impl Mastodon {
    fn open(context: &FeedContext, table: toml::Table) -> Result<Self, String> {
        let settings: Settings = context.settings(table)?;
        let mut server = super::link("server", &settings.server)?;
        server.set_path("/");
        if settings.tags.len() > 5 {
            return Err("tags: a server takes five at most; split them over two feeds".to_owned());
        }
        if let Some(tag) = settings.tags.iter().find(|tag| tag.is_empty() || tag.contains(['#', '/', ' '])) {
            return Err(format!("tags: \"{tag}\" is no hashtag; write it without # and blanks"));
        }
        Ok(Self {
            id: context.id.clone(),
            net: context.net.clone(),
            every: super::pause("every_secs", settings.every_secs, 1.0)?,
            bearer: settings.token.as_ref().map(|token| format!("Bearer {}", token.reveal())),
            recheck: recheck::Recheck::new(settings.recheck_secs)?,
            stream: Mutex::new(None),
            is_stream_refused: !settings.streaming || settings.token.is_none() || settings.tags.len() > 1,
            last: None,
            server,
            settings,
        })
    }

    fn stream_mut(&mut self) -> &mut Option<stream::Events> {
        self.stream.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Polls what came since the place, and opens the stream once that is all: what is left behind when the stream begins
    /// is never told.
    async fn catch_up(
        &mut self,
        place: &mut Place,
        is_first: bool,
        batch: &mut Batch,
    ) -> Result<Option<stream::Events>, FeedError> {
        if !self.poll(place, is_first, batch).await? {
            return Ok(None);
        }
        let Some(opened) = self.open_stream().await else { return Ok(None) };
        // Once more, for what came while it was opened; a flood in that moment is polled to its end first.
        Ok(self.poll(place, false, batch).await?.then_some(opened))
    }

    fn headers(&self) -> Vec<(&str, &str)> {
        self.bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect()
    }

    /// A post as this server alone names it: its deletions are told by that.
    fn local_name(&self, key: &str) -> Option<String> {
        let host = self.server.host_str().unwrap_or_default();
        (!key.is_empty() && key.len() <= MAX_KEY_BYTES).then(|| format!("{host}/{key}"))
    }

    /// Takes a status into the batch; says whether it was new.
    fn take(&self, status: timeline::Status, recent: &mut Recent, batch: &mut Batch) -> bool {
        let num_before = batch.posts.len();
        let is_new = recent.take(batch, PLATFORM, &status.key, status.decoded);
        if let Some(incoming) = batch.posts.get_mut(num_before) {
            incoming.local_name = self.local_name(&status.key);
        }
        is_new
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.server.clone();
        url.set_path(path);
        url
    }

    async fn batch(&mut self, after: Option<&Cursor>) -> Result<Batch, FeedError> {
        let place: Option<Place> = place::read(after)?;
        let is_first = place.is_none();
        let mut place = place.unwrap_or_default();
        // Taken out, so that a dropped future drops the stream too: events that it had taken are fetched anew.
        let open = self.stream_mut().take().filter(|_| self.last.as_ref() == after);
        let batch = match open {
            Some(events) => self.listen(events, place).await?,
            None => {
                let mut batch = Batch::empty(Next::After(self.every));
                let opened = self.catch_up(&mut place, is_first, &mut batch).await?;
                // The posts are worth more than the news of their changes, so this may fail.
                if let Err(error) = self.recheck(&mut place.recent, &mut batch).await {
                    tracing::debug!(feed = %self.id, "recent posts were not checked: {error}");
                }
                batch.cursor = Some(place::write(&place));
                if opened.is_some() {
                    batch.next = Next::Now;
                }
                *self.stream_mut() = opened;
                batch
            }
        };
        self.last.clone_from(&batch.cursor);
        Ok(batch)
    }
}

impl Feed for Mastodon {
    fn next_batch<'a>(&'a mut self, after: Option<&'a Cursor>) -> BoxFuture<'a, Result<Batch, FeedError>> {
        self.batch(after).boxed()
    }
}
