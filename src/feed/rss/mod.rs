//! Any RSS, Atom or JSON Feed: asked with its own validators, so that an unchanged one costs a server nothing.

pub(super) mod document;

use std::time::Duration;

use chrono::Utc;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::http::{Answer, Net, Url};
use super::place::{self, Recent, gap};
use super::{Batch, Feed, FeedContext, FeedError, FeedKind, Next, Secret};
use crate::corpus::Reason;
use crate::model::{Cursor, FeedId, GapCause, RawDate, RawPost};
use document::{Document, Item};

/// The line of `KINDS`.
pub(super) const KIND: FeedKind = FeedKind {
    name: "rss",
    covers: "news sites, status pages and blogs: RSS, Atom or JSON Feed",
    needs: "nothing",
    limits: "only what the feed holds when it is asked; deletions are never told; items without a date count from the \
             moment at which they are first seen",
    tested_with: "nginx 1.22 (validators, packed answers, moves, limits); documents written after the specifications",
    has_beginning: false,
    open: |context, table| Ok(Box::new(Rss::open(context, table)?)),
};

/// Longest validator that is sent back; without one the feed is sent whole.
const MAX_VALIDATOR_BYTES: usize = 512;

/// What a server is asked for.
pub(super) const ACCEPT: (&str, &str) =
    ("accept", "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5");

/// The keys of `[[feed]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Link of the feed, or `env:NAME` where the link itself is a secret.
    url: String,
    /// Platform that its posts get.
    #[serde(default = "platform")]
    platform: String,
    /// Seconds between two looks.
    #[serde(default = "every_secs")]
    every_secs: f64,
}

fn platform() -> String {
    "rss".to_owned()
}

fn every_secs() -> f64 {
    300.0
}

/// What a restart needs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Place {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    modified: Option<String>,
    recent: Recent,
}

struct Rss {
    id: FeedId,
    net: Net,
    /// Where it is read: where it has moved to, until the end of the run.
    url: Url,
    /// Begins the ids that are unique only within the feed.
    name: String,
    /// Whether the link itself must not be said.
    is_secret: bool,
    platform: String,
    every: Duration,
}

impl Rss {
    fn open(context: &FeedContext, table: toml::Table) -> Result<Self, String> {
        let settings: Settings = context.settings(table)?;
        let is_secret = settings.url.starts_with("env:");
        let url = match is_secret {
            true => super::link("url", Secret::try_from(settings.url)?.reveal())
                .map_err(|_| "url: the variable holds no link".to_owned())?,
            false => super::link("url", &settings.url)?,
        };
        Ok(Self {
            id: context.id.clone(),
            net: context.net.clone(),
            name: name(&url, is_secret),
            is_secret,
            url,
            platform: settings.platform,
            every: super::pause("every_secs", settings.every_secs, 1.0)?,
        })
    }

    async fn batch(&mut self, after: Option<&Cursor>) -> Result<Batch, FeedError> {
        let place: Option<Place> = place::read(after)?;
        let is_first = place.is_none();
        let mut place = place.unwrap_or_default();
        let mut batch = Batch::empty(Next::After(self.every));
        let mut headers = vec![ACCEPT];
        headers.extend(place.etag.as_deref().map(|etag| ("if-none-match", etag)));
        headers.extend(place.modified.as_deref().map(|modified| ("if-modified-since", modified)));
        let answer = self.net.get(&self.url, &headers).await?;
        if answer.moved {
            // The host only: the rest of a link may be a secret.
            tracing::warn!(feed = %self.id, "the feed has moved for good to {}: change its url",
                answer.url.host_str().unwrap_or_default()
            );
            self.url = answer.url.clone();
        }
        match answer.status {
            304 => return Ok(batch),
            404 => return Err(FeedError::Transient("there is no feed (HTTP 404); check its url".to_owned())),
            410 => {
                let words = "the feed is gone for good (HTTP 410); take it out of the configuration";
                return Err(FeedError::Fatal(words.to_owned()));
            }
            _ => {}
        }
        // Exactly as they came: a packed answer has a weak validator, which is not ours to mend.
        let validator =
            |name| answer.header(name).filter(|value| value.len() <= MAX_VALIDATOR_BYTES).map(str::to_owned);
        (place.etag, place.modified) = (validator("etag"), validator("last-modified"));
        let document = read(answer, self.is_secret).await?;
        self.take(document, is_first, &mut place.recent, &mut batch);
        batch.cursor = Some(place::write(&place));
        Ok(batch)
    }

    fn take(&self, document: Document, is_first: bool, recent: &mut Recent, batch: &mut Batch) {
        for _ in 0..document.num_broken {
            batch.reject(Reason::UnknownForm.name());
        }
        let is_joined = document.items.iter().any(|item| recent.knows(&self.unique(&item.id)));
        if !is_joined {
            let oldest = document.items.iter().filter_map(|item| item.at).min();
            batch.gaps.extend(gap(recent.newest(), oldest, GapCause::Overrun));
        }
        let now = Utc::now();
        for item in document.items {
            let is_dated = item.at.is_some();
            let (num_before, post) = (batch.posts.len(), self.post(item));
            let key = post.id.clone();
            let decoded = if post.text.is_empty() { Err((Reason::NoText, String::new())) } else { Ok(post) };
            recent.take(batch, &self.platform, &key, decoded);
            if is_dated || batch.posts.len() == num_before {
                continue;
            }
            // Of what was there at the first look nobody knows how old it is.
            if is_first {
                batch.posts.pop();
                batch.reject("no date at the first look");
            } else if let Some(incoming) = batch.posts.last_mut() {
                incoming.witnessed_at = Some(now);
            }
        }
    }

    /// Ids such as `1` are unique only within their feed.
    fn unique(&self, id: &str) -> String {
        let is_global = id.contains("://") || id.starts_with("urn:") || id.starts_with("tag:");
        if is_global { id.to_owned() } else { format!("{}#{id}", self.name) }
    }

    fn post(&self, item: Item) -> RawPost {
        RawPost {
            id: self.unique(&item.id),
            created_at: item.at.map(|at| RawDate::Text(at.to_rfc3339())),
            author: item.author,
            text: item.text,
            lang: item.lang,
            platform: Some(self.platform.clone()),
            url: item.link,
            ..RawPost::default()
        }
    }
}

/// What begins the ids of a feed. They are kept and shown: where any part of the link may be the secret, a hash stands
/// for the whole of it.
fn name(url: &Url, is_secret: bool) -> String {
    if is_secret {
        return place::short_hash(url.as_str());
    }
    format!("{}{}", url.host_str().unwrap_or_default(), url.path())
}

/// The host of a link alone.
fn bare(url: &Url) -> Url {
    let mut bare = url.clone();
    bare.set_path("/");
    bare.set_query(None);
    bare.set_fragment(None);
    // Only links that cannot have them refuse.
    let _ = bare.set_username("").and_then(|()| bare.set_password(None));
    bare
}

/// A document is read beside the other feeds: a long one takes a while, and one that breaks the reader ends only that.
/// Relative links of one whose own link is secret are joined to the host alone.
pub(super) async fn read(answer: Answer, is_secret: bool) -> Result<Document, FeedError> {
    let base = if is_secret { bare(&answer.url) } else { answer.url };
    let reading = tokio::task::spawn_blocking(move || document::read(&answer.body, &base));
    let read = reading.await.map_err(|_| FeedError::Transient("the document broke the reader".to_owned()))?;
    read.map_err(FeedError::Transient)
}

impl Feed for Rss {
    fn next_batch<'a>(&'a mut self, after: Option<&'a Cursor>) -> BoxFuture<'a, Result<Batch, FeedError>> {
        self.batch(after).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_link_is_in_nothing_that_is_told() {
        let url = Url::parse("https://u:hidden@status.example/hidden/feed.xml?token=hidden").unwrap();
        let body = b"<rss version=\"2.0\"><channel><title>t</title><item><guid>7</guid><title>down</title>\
            <link>item1</link></item><item><title>up</title><link>item2</link></item></channel></rss>";
        let document = document::read(body, &bare(&url)).unwrap();
        let name = name(&url, true);
        assert_eq!(document.items.len(), 2);
        for item in document.items {
            let told = format!("{name} {} {:?}", item.id, item.link);
            assert!(!told.contains("hidden"), "{told}");
        }
        assert_ne!(name, self::name(&Url::parse("https://status.example/other").unwrap(), true));
        assert_eq!(self::name(&Url::parse("https://a.b/c?d=e").unwrap(), false), "a.b/c", "as ids that exist have it");
    }
}
