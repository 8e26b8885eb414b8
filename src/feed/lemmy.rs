//! A Lemmy server: its newest posts and comments, in versions 3 and 4 of its interface.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::http::{Answer, Net, Url};
use super::place::{self, Recent, gap};
use super::{Batch, Feed, FeedContext, FeedError, FeedKind, Next};
use crate::corpus::{Reason, posts_of_json};
use crate::model::{Cursor, FeedId, GapCause, Time};

/// The line of `KINDS`.
pub(super) const KIND: FeedKind = FeedKind {
    name: "lemmy",
    covers: "posts and comments of one Lemmy server and of those it knows",
    needs: "nothing",
    limits: "a thousand posts and a thousand comments between two looks; deletions are noticed among the last 300 of \
             each",
    tested_with: "answers written after the types of lemmy-js-client (versions 3 and 4) and of a server 0.17.4; not \
                  against a live server",
    has_beginning: false,
    open: |context, table| Ok(Box::new(Lemmy::open(context, table)?)),
};

const PLATFORM: &str = "lemmy";
/// Entries of a page, the most that servers give.
const PAGE: &str = "50";
const MAX_PAGES: usize = 20;
/// Entries of a page that are read, whatever a server sends.
const MAX_ENTRIES: usize = 200;
/// Posts that are asked for one by one because they are missing, at one look.
const MAX_MISSING: usize = 10;

/// The keys of `[[feed]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Address of the server.
    server: String,
    /// Whose posts: of all servers that it knows, or its own.
    #[serde(default)]
    listing: Listing,
    /// Posts, comments or both.
    #[serde(default = "both")]
    types: Vec<Type>,
    /// Seconds between two looks.
    #[serde(default = "every_secs")]
    every_secs: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Listing {
    #[default]
    All,
    Local,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Type {
    Post,
    Comment,
}

impl Type {
    fn name(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Comment => "comment",
        }
    }
}

fn both() -> Vec<Type> {
    vec![Type::Post, Type::Comment]
}

fn every_secs() -> f64 {
    60.0
}

/// What a restart needs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Place {
    posts: Recent,
    comments: Recent,
}

/// Version of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Api {
    V3,
    V4,
}

struct Lemmy {
    id: FeedId,
    net: Net,
    server: Url,
    listing: Listing,
    types: Vec<Type>,
    every: Duration,
    /// Found out at the first look.
    api: Option<Api>,
    /// Posts that a page left out although they are there.
    hidden: HashSet<String>,
}

/// Both versions of a page; the entries stand under one of three names.
#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow, alias = "posts", alias = "comments")]
    items: Vec<&'a RawValue>,
    next_page: Option<String>,
}

#[derive(Deserialize)]
struct View {
    post: Option<Inner>,
    comment: Option<Inner>,
}

#[derive(Deserialize)]
struct Inner {
    id: u64,
    #[serde(default)]
    featured_local: bool,
    #[serde(default)]
    featured_community: bool,
}

/// One entry of a page.
struct Entry {
    key: String,
    /// Stands before newer ones, so that it says nothing about how far the page reaches.
    is_featured: bool,
    json: String,
}

impl Entry {
    fn read(json: &str, kind: Type) -> Option<Self> {
        let view: View = serde_json::from_str(json).ok()?;
        let inner = if kind == Type::Post { view.post } else { view.comment }?;
        let is_featured = inner.featured_local || inner.featured_community;
        Some(Self { key: inner.id.to_string(), is_featured, json: json.to_owned() })
    }
}

impl Lemmy {
    fn open(context: &FeedContext, table: toml::Table) -> Result<Self, String> {
        let settings: Settings = context.settings(table)?;
        if settings.types.is_empty() {
            return Err("types: name \"post\", \"comment\" or both".to_owned());
        }
        Ok(Self {
            id: context.id.clone(),
            net: context.net.clone(),
            server: super::link("server", &settings.server)?,
            listing: settings.listing,
            types: settings.types,
            every: super::pause("every_secs", settings.every_secs, 5.0)?,
            api: None,
            hidden: HashSet::new(),
        })
    }

    fn url(&self, api: Api, path: &str) -> Url {
        let mut url = self.server.clone();
        url.set_path(&format!("/api/{}/{path}", if api == Api::V3 { "v3" } else { "v4" }));
        url
    }

    /// One page; which version there is shows at the first one that is a page.
    async fn page(&mut self, kind: Type, number: usize, next: Option<&str>) -> Result<Answer, FeedError> {
        let mut failed = None;
        // The other one is tried too, because a server may be brought up to date while it is read.
        for api in if self.api == Some(Api::V3) { [Api::V3, Api::V4] } else { [Api::V4, Api::V3] } {
            let mut url = self.url(api, &format!("{}/list", kind.name()));
            let (listing, sort) = match (api, self.listing) {
                (Api::V3, Listing::All) => ("All", "New"),
                (Api::V3, Listing::Local) => ("Local", "New"),
                (Api::V4, Listing::All) => ("all", "new"),
                (Api::V4, Listing::Local) => ("local", "new"),
            };
            url.query_pairs_mut().extend_pairs([("type_", listing), ("sort", sort), ("limit", PAGE)]);
            match (api, next) {
                (Api::V4, Some(next)) => _ = url.query_pairs_mut().append_pair("page_cursor", next),
                // Newer entries may push some onto the next page: seen twice, never lost.
                (Api::V3, _) => _ = url.query_pairs_mut().append_pair("page", &number.to_string()),
                (Api::V4, None) => {}
            }
            let answer = self.net.get(&url, &[]).await?;
            if answer.status == 404 {
                continue;
            }
            // A page of the web behind every unknown path is no page of posts.
            match answer.json::<Page<'_>>() {
                Ok(_) => {
                    self.api = Some(api);
                    return Ok(answer);
                }
                Err(error) => _ = failed.get_or_insert(error),
            }
        }
        Err(failed.unwrap_or_else(|| FeedError::Transient("no Lemmy there (HTTP 404); check `server`".to_owned())))
    }

    async fn batch(&mut self, after: Option<&Cursor>) -> Result<Batch, FeedError> {
        let place: Option<Place> = place::read(after)?;
        let is_first = place.is_none();
        let mut place = place.unwrap_or_default();
        let mut batch = Batch::empty(Next::After(self.every));
        for kind in self.types.clone() {
            let recent = if kind == Type::Post { &mut place.posts } else { &mut place.comments };
            self.look(kind, is_first, recent, &mut batch).await?;
        }
        batch.cursor = Some(place::write(&place));
        Ok(batch)
    }

    /// From the newest entry back to one that is known.
    async fn look(
        &mut self,
        kind: Type,
        is_first: bool,
        recent: &mut Recent,
        batch: &mut Batch,
    ) -> Result<(), FeedError> {
        let (newest, mut entries, mut next) = (recent.newest(), Vec::<Entry>::new(), None::<String>);
        let mut is_joined = is_first;
        for number in 1..=if is_first { 1 } else { MAX_PAGES } {
            let answer = self.page(kind, number, next.as_deref()).await?;
            let page: Page<'_> = answer.json()?;
            let mut read = Vec::new();
            for json in page.items.iter().take(MAX_ENTRIES) {
                match Entry::read(json.get(), kind) {
                    Some(entry) => read.push(entry),
                    None => batch.reject(Reason::UnknownForm.name()),
                }
            }
            is_joined |= read.iter().any(|entry| !entry.is_featured && recent.knows(&entry.key));
            let is_end = read.is_empty() || (self.api == Some(Api::V4) && page.next_page.is_none());
            entries.extend(read);
            next = page.next_page;
            if is_joined || is_end {
                is_joined = true;
                break;
            }
        }
        let mut oldest: Option<Time> = None;
        for entry in entries.iter().rev() {
            let Some(decoded) = posts_of_json(&entry.json).pop() else { continue };
            if !entry.is_featured
                && let Ok(post) = &decoded
            {
                oldest = oldest.into_iter().chain(place::moment(post)).min();
            }
            recent.take(batch, PLATFORM, &entry.key, decoded);
        }
        if !is_joined {
            batch.gaps.extend(gap(newest, oldest, GapCause::Overrun));
        }
        let Some(oldest) = oldest else { return Ok(()) };
        let is_missing = |key: &&str| !self.hidden.contains(*key) && !entries.iter().any(|entry| entry.key == **key);
        let missing: Vec<String> =
            recent.after(oldest).filter(is_missing).take(MAX_MISSING).map(str::to_owned).collect();
        for key in missing {
            // The posts are worth more than the news of what is missing, and the other missing ones than this one.
            if let Err(error) = self.ask(kind, key, recent, batch).await {
                tracing::debug!(feed = %self.id, "a missing post was not checked: {error}");
                if matches!(error, FeedError::Throttled { .. }) {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Looks at one post that a page should hold and does not: old servers leave deleted ones out.
    async fn ask(&mut self, kind: Type, key: String, recent: &mut Recent, batch: &mut Batch) -> Result<(), FeedError> {
        let mut url = self.url(self.api.unwrap_or(Api::V3), kind.name());
        url.query_pairs_mut().append_pair("id", &key);
        let is_gone = match self.net.get(&url, &[]).await {
            Ok(answer) if answer.status == 200 => is_taken_back(&answer.text(), kind),
            Ok(_) => true,
            Err(FeedError::Fatal(said)) => said.contains("couldnt_find") || said.contains("not_found"),
            Err(error) => return Err(error),
        };
        if is_gone {
            recent.forget(batch, PLATFORM, &key);
        } else {
            if self.hidden.len() > 1_000 {
                self.hidden.clear();
            }
            self.hidden.insert(key);
        }
        Ok(())
    }
}

fn is_taken_back(body: &str, kind: Type) -> bool {
    let answer: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let view = &answer[if kind == Type::Post { "post_view" } else { "comment_view" }];
    let inner = &view[kind.name()];
    inner["deleted"] == true || inner["removed"] == true
}

impl Feed for Lemmy {
    fn next_batch<'a>(&'a mut self, after: Option<&'a Cursor>) -> BoxFuture<'a, Result<Batch, FeedError>> {
        self.batch(after).boxed()
    }
}
