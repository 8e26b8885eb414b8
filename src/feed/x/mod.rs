//! X (Twitter): its recent search or its filtered stream, each post paid for and counted against a budget.

mod budget;
mod search;
mod stream;

use std::sync::Mutex;
use std::time::Duration;

use chrono::Utc;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::http::{Net, Url};
use super::place::{self, Recent};
use super::{Batch, Feed, FeedContext, FeedError, FeedKind, Next, Secret};
use crate::corpus::posts_of_json;
use crate::model::{Cursor, FeedId, Time};
use budget::Spent;

/// The line of `KINDS`.
pub(super) const KIND: FeedKind = FeedKind {
    name: "x",
    covers: "posts of X (Twitter) that match a query",
    needs: "a bearer token of a paid app (token = \"env:NAME\"): $0.005 for each post that is read",
    limits: "max_posts_per_month, after which it rests until the month ends; the search reaches back seven days, and \
             catching up takes at most half of what is left of the month: what is beyond is told as a gap; deletions \
             are not told",
    tested_with: "answers written after the description of version 2.167 and the older names; not against the live site",
    has_beginning: false,
    open: |context, table| Ok(Box::new(X::open(context, table)?)),
};

const PLATFORM: &str = "twitter";

/// The keys of `[[feed]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// What to search for, in X's own form.
    query: String,
    /// Bearer token of the app.
    token: Secret,
    /// Posts that may be read in a calendar month (UTC); each costs money.
    max_posts_per_month: u64,
    /// Whether to search again and again, or to keep a stream open.
    #[serde(default)]
    mode: Mode,
    /// Seconds between two searches.
    #[serde(default = "every_secs")]
    every_secs: f64,
    /// Address of the interface.
    #[serde(default = "api_url")]
    api_url: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    #[default]
    Search,
    Stream,
}

fn every_secs() -> f64 {
    60.0
}

fn api_url() -> String {
    "https://api.x.com".to_owned()
}

/// What a restart needs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Place {
    recent: Recent,
    spent: Spent,
    /// Up to when everything was told, in seconds since 1970.
    until_secs: i64,
    /// The newest post before the pages that are being turned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// The pages that are being turned, from the newest back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    walk: Option<Walk>,
}

impl Place {
    fn until(&self) -> Option<Time> {
        chrono::DateTime::from_timestamp(self.until_secs, 0)
    }
}

/// A search of several pages, of which some have been told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Walk {
    next: String,
    /// The newest post of the first page.
    newest: Option<String>,
    /// When it was begun, in seconds since 1970: what is written later is for the next search.
    begun_secs: i64,
    /// Posts that were read in it.
    #[serde(default)]
    num_posts: u64,
    /// Posts that may be read in it.
    #[serde(default = "no_cap")]
    most_posts: u64,
}

fn no_cap() -> u64 {
    u64::MAX
}

struct X {
    id: FeedId,
    net: Net,
    settings: Settings,
    api: Url,
    every: Duration,
    bearer: String,
    /// Names of the fields: those of the guides, or the newer ones of the description.
    is_new_dialect: bool,
    /// Behind a lock only because a stream cannot be shared between threads; nobody else asks for it.
    stream: Mutex<Option<stream::Lines>>,
    /// The place behind the last batch: from any other one, the stream would skip what came in between.
    last: Option<Cursor>,
    is_budget_told: bool,
}

impl X {
    fn open(context: &FeedContext, table: toml::Table) -> Result<Self, String> {
        let settings: Settings = context.settings(table)?;
        if settings.query.trim().is_empty() || settings.query.chars().count() > 4_096 {
            return Err("query: write 1 to 4096 characters".to_owned());
        }
        let most = settings.max_posts_per_month;
        if most < search::LEAST_POSTS {
            return Err(format!("max_posts_per_month = {most}: a search reads at least {} posts", search::LEAST_POSTS));
        }
        tracing::info!(feed = %context.id, "up to {most} posts a month, about ${:.2}", budget::price_dollars(most));
        Ok(Self {
            id: context.id.clone(),
            net: context.net.clone(),
            api: super::link("api_url", &settings.api_url)?,
            every: super::pause("every_secs", settings.every_secs, 2.0)?,
            bearer: format!("Bearer {}", settings.token.reveal()),
            is_new_dialect: false,
            stream: Mutex::new(None),
            last: None,
            is_budget_told: false,
            settings,
        })
    }

    fn stream_mut(&mut self) -> &mut Option<stream::Lines> {
        self.stream.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.api.clone();
        url.set_path(path);
        url
    }

    /// Asks for the fields that a post needs.
    fn add_fields(&self, url: &mut Url) {
        let (post, referenced, note) = match self.is_new_dialect {
            true => ("post", "referenced_posts", "note_post"),
            false => ("tweet", "referenced_tweets", "note_tweet"),
        };
        let fields = format!("created_at,lang,author_id,conversation_id,geo,{referenced},{note}");
        url.query_pairs_mut()
            .append_pair(&format!("{post}.fields"), &fields)
            .append_pair("expansions", &format!("{referenced}.id,geo.place_id"))
            .append_pair("place.fields", "country_code");
    }

    /// Posts that may still be read this month; an error that rests until it may be asked again where there are none.
    fn left(&mut self, place: &mut Place) -> Result<u64, FeedError> {
        let left = place.spent.left(self.settings.max_posts_per_month, Utc::now());
        if left >= search::LEAST_POSTS {
            self.is_budget_told = false;
            return Ok(left);
        }
        if !self.is_budget_told {
            tracing::warn!(feed = %self.id, "the {} posts of this month (max_posts_per_month) are read: X is not asked until the month ends",
                self.settings.max_posts_per_month
            );
            self.is_budget_told = true;
        }
        Err(FeedError::Throttled { retry_after: Some(Duration::from_secs(3600)) })
    }

    /// Searches for what came since the place, and opens the stream once that is all: what is left behind when the stream
    /// begins is never told.
    async fn catch_up(
        &mut self,
        is_first: bool,
        place: &mut Place,
        batch: &mut Batch,
    ) -> Result<Option<stream::Lines>, FeedError> {
        let left = self.left(place)?;
        if !self.search(is_first, left, place, batch).await? || self.settings.mode == Mode::Search {
            return Ok(None);
        }
        let Some(opened) = self.open_stream().await? else { return Ok(None) };
        // Once more, for what came while it was opened; a flood in that moment is searched to its end first.
        let left = place.spent.left(self.settings.max_posts_per_month, Utc::now());
        if left < search::LEAST_POSTS || !self.search(false, left, place, batch).await? {
            return Ok(None);
        }
        batch.next = Next::Now;
        Ok(Some(opened))
    }

    async fn batch(&mut self, after: Option<&Cursor>) -> Result<Batch, FeedError> {
        let mut place: Place = place::read(after)?.unwrap_or_default();
        let is_first = after.is_none();
        let mut batch = Batch::empty(Next::After(self.every));
        // Taken out, so that a dropped future drops the stream too: posts that it had taken are searched for anew.
        let open = self.stream_mut().take().filter(|_| self.last.as_ref() == after);
        match open {
            Some(lines) => self.listen(lines, &mut place, &mut batch).await?,
            None => {
                let opened = self.catch_up(is_first, &mut place, &mut batch).await?;
                *self.stream_mut() = opened;
            }
        }
        batch.cursor = Some(place::write(&place));
        self.last.clone_from(&batch.cursor);
        Ok(batch)
    }
}

/// Takes the posts of one answer or line, oldest first, and notes them as paid for, with those that they refer to.
/// Says how many were paid for.
fn take(json: &str, envelope: &Envelope<'_>, place: &mut Place, batch: &mut Batch) -> u64 {
    if envelope.data.is_none() {
        return 0;
    }
    let includes = envelope.includes.as_ref().map_or(0, |includes| includes.posts.len());
    let posts = posts_of_json(json);
    let num_paid = (posts.len() + includes) as u64;
    place.spent.add(num_paid);
    for decoded in posts.into_iter().rev() {
        match decoded {
            Ok(post) => {
                let key = post.id.clone();
                place.recent.take(batch, PLATFORM, &key, Ok(post));
            }
            Err((reason, _)) => batch.reject(reason.name()),
        }
    }
    num_paid
}

/// What surrounds posts; either side may be missing.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    includes: Option<Includes>,
    meta: Option<Meta>,
    errors: Option<Vec<Problem>>,
}

#[derive(Deserialize)]
struct Includes {
    #[serde(default, alias = "tweets")]
    posts: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Meta {
    newest_id: Option<String>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
struct Problem {
    title: Option<String>,
}

impl Feed for X {
    fn next_batch<'a>(&'a mut self, after: Option<&'a Cursor>) -> BoxFuture<'a, Result<Batch, FeedError>> {
        self.batch(after).boxed()
    }
}
