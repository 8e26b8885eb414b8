//! Subreddits of Reddit: through its interface with a registered app, otherwise through the RSS that everybody may read.

mod api;
mod public;

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::http::Net;
use super::place::{self, Recent};
use super::{Batch, Feed, FeedContext, FeedError, FeedKind, Next, Secret};
use crate::model::{Cursor, FeedId};

/// The line of `KINDS`.
pub(super) const KIND: FeedKind = FeedKind {
    name: "reddit",
    covers: "posts and comments of the subreddits that are named",
    needs: "nothing for RSS; an app that Reddit has approved (client_id and client_secret) for more",
    limits: "RSS: one request a minute from one address, the newest 100 posts, no deletions; app: 100 requests a \
             minute, the newest 1,000 posts, deletions among the last 300",
    tested_with: "answers written after Reddit's API documentation and the form of its RSS; not against the live site",
    has_beginning: false,
    open: |context, table| Ok(Box::new(Reddit::open(context, table)?)),
};

const PLATFORM: &str = "reddit";
/// Between two requests for RSS: Reddit allows one a minute.
const RSS_PAUSE: Duration = Duration::from_secs(60);

/// The keys of `[[feed]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Names without `r/`.
    subreddits: Vec<String>,
    /// Posts, comments or both.
    #[serde(default = "both")]
    types: Vec<Type>,
    /// Id of an app.
    client_id: Option<Secret>,
    /// Its secret.
    client_secret: Option<Secret>,
    /// Token of an account's private feeds, which lifts the limit of RSS.
    feed_token: Option<Secret>,
    /// Name of that account.
    feed_user: Option<String>,
    /// Seconds between two looks.
    #[serde(default = "every_secs")]
    every_secs: f64,
    /// Seconds between two checks whether recent posts are still there; 0 for none. With an app only.
    #[serde(default = "recheck_secs")]
    recheck_secs: f64,
    /// Address of the site.
    #[serde(default = "site_url")]
    site_url: String,
    /// Address of the interface for apps.
    #[serde(default = "api_url")]
    api_url: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Type {
    Post,
    Comment,
}

fn both() -> Vec<Type> {
    vec![Type::Post, Type::Comment]
}

fn every_secs() -> f64 {
    60.0
}

fn recheck_secs() -> f64 {
    300.0
}

fn site_url() -> String {
    "https://www.reddit.com".to_owned()
}

fn api_url() -> String {
    "https://oauth.reddit.com".to_owned()
}

/// What a restart needs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Place {
    posts: Recent,
    comments: Recent,
    /// Looks taken at RSS, which takes turns between posts and comments.
    #[serde(default)]
    num_looks: usize,
}

impl Place {
    fn recent(&mut self, kind: Type) -> &mut Recent {
        match kind {
            Type::Post => &mut self.posts,
            Type::Comment => &mut self.comments,
        }
    }
}

struct Reddit {
    id: FeedId,
    net: Net,
    subreddits: String,
    types: Vec<Type>,
    every: Duration,
    way: Way,
}

enum Way {
    App(api::App),
    Rss(public::Public),
}

impl Reddit {
    fn open(context: &FeedContext, table: toml::Table) -> Result<Self, String> {
        let settings: Settings = context.settings(table)?;
        let is_name = |name: &String| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if settings.subreddits.is_empty() || settings.subreddits.len() > 100 {
            return Err("subreddits: name one to a hundred".to_owned());
        }
        if let Some(name) = settings.subreddits.iter().find(|name| !is_name(name)) {
            return Err(format!("subreddits: \"{name}\" is no name; write it without r/"));
        }
        if settings.types.is_empty() {
            return Err("types: name \"post\", \"comment\" or both".to_owned());
        }
        let (site, mut every) =
            (super::link("site_url", &settings.site_url)?, super::pause("every_secs", settings.every_secs, 5.0)?);
        let way = match (settings.client_id, settings.client_secret) {
            (Some(id), Some(secret)) => {
                let api = super::link("api_url", &settings.api_url)?;
                Way::App(api::App::new(&id, &secret, site, api, settings.recheck_secs)?)
            }
            (None, None) => {
                every = every.max(if settings.feed_token.is_some() { Duration::ZERO } else { RSS_PAUSE });
                Way::Rss(public::Public::new(site, settings.feed_token, settings.feed_user)?)
            }
            (Some(_), None) => return Err("client_secret is missing beside client_id".to_owned()),
            (None, Some(_)) => return Err("client_id is missing beside client_secret".to_owned()),
        };
        let (net, subreddits, types) = (context.net.clone(), settings.subreddits.join("+"), settings.types);
        Ok(Self { id: context.id.clone(), net, subreddits, types, every, way })
    }

    /// Path of a listing, newest first.
    fn path(&self, kind: Type) -> String {
        format!("/r/{}/{}", self.subreddits, if kind == Type::Post { "new" } else { "comments" })
    }

    async fn batch(&mut self, after: Option<&Cursor>) -> Result<Batch, FeedError> {
        let place: Option<Place> = place::read(after)?;
        let is_first = place.is_none();
        let mut place = place.unwrap_or_default();
        let mut batch = Batch::empty(Next::After(self.every));
        match &self.way {
            Way::App(_) => self.ask_app(is_first, &mut place, &mut batch).await?,
            Way::Rss(public) => self.ask_rss(public, &mut place, &mut batch).await?,
        }
        batch.cursor = Some(place::write(&place));
        Ok(batch)
    }
}

/// What a refusal of a listing means.
fn refused(error: FeedError) -> FeedError {
    error.with_remedy(
        "a subreddit may be private or closed, or Reddit refuses this address; see `caiu feeds` for what it needs",
    )
}

impl Feed for Reddit {
    fn next_batch<'a>(&'a mut self, after: Option<&'a Cursor>) -> BoxFuture<'a, Result<Batch, FeedError>> {
        self.batch(after).boxed()
    }
}
