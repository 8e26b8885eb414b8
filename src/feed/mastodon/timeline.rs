//! Polling a timeline: forward from the last posts with `min_id`, which loses nothing; backward where that place is gone.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Mastodon, Place, Timeline};
use crate::corpus::{Reason, posts_of_json};
use crate::feed::http::{Answer, Url};
use crate::feed::place::{Recent, gap, moment};
use crate::feed::{Batch, FeedError, Next};
use crate::model::{GapCause, RawPost};

/// Posts of a page, the most that servers give.
const PAGE: &str = "40";
/// Pages in one batch: what is beyond comes with the next one.
const MAX_PAGES: usize = 10;
/// Entries of a page that are read, whatever a server sends.
const MAX_ENTRIES: usize = 200;
/// Posts that are read again: so late ones, edits, and a last post that is gone cost nothing.
const OVERLAP: usize = 20;

/// A status with what is needed beside the post in it.
pub(super) struct Status {
    /// Id on this server: opaque, never compared but for equality.
    pub(super) key: String,
    pub(super) decoded: Result<RawPost, (Reason, String)>,
}

#[derive(Deserialize)]
struct Marks {
    id: serde_json::Value,
    uri: Option<String>,
    reblog: Option<Reblog>,
}

#[derive(Deserialize)]
struct Reblog {
    uri: Option<String>,
}

impl Status {
    /// Reads one status; `None` where it has no id.
    pub(super) fn read(json: &str) -> Option<Self> {
        let marks: Marks = serde_json::from_str(json).ok()?;
        let key = match marks.id {
            serde_json::Value::String(id) if !id.is_empty() => id,
            serde_json::Value::Number(id) => id.to_string(),
            _ => return None,
        };
        let decoded = posts_of_json(json).pop()?.map(|mut post| {
            // Equal on all servers, so that a post which two of them show counts once.
            if let Some(uri) = marks.uri.filter(|uri| !uri.is_empty()) {
                post.id = uri;
            }
            if let Some(uri) = marks.reblog.and_then(|reblog| reblog.uri) {
                post.repost_of = Some(uri);
            }
            post
        });
        Some(Self { key, decoded })
    }
}

/// One page, newest first as servers send it.
struct Page {
    statuses: Vec<Status>,
    num_broken: usize,
    newer: Option<String>,
    older: Option<String>,
}

impl Page {
    fn read(answer: &Answer) -> Result<Self, FeedError> {
        let entries: Vec<&RawValue> = answer.json()?;
        let num_entries = entries.len();
        let statuses: Vec<Status> =
            entries.into_iter().take(MAX_ENTRIES).filter_map(|json| Status::read(json.get())).collect();
        let num_broken = num_entries - statuses.len();
        let link = answer.header("link").unwrap_or_default();
        let newer = linked(link, "prev", "min_id").or_else(|| statuses.first().map(|status| status.key.clone()));
        let older = linked(link, "next", "max_id").or_else(|| statuses.last().map(|status| status.key.clone()));
        Ok(Self { statuses, num_broken, newer, older })
    }
}

/// The id that a `Link` header names: only the id is taken, so that a server cannot send us elsewhere.
fn linked(header: &str, relation: &str, parameter: &str) -> Option<String> {
    let part = header.split(',').find(|part| part.contains(&format!("rel=\"{relation}\"")))?;
    let url = Url::parse(part.split_once('<')?.1.split_once('>')?.0).ok()?;
    url.query_pairs().find(|(name, _)| name == parameter).map(|(_, id)| id.into_owned())
}

impl Mastodon {
    fn timeline(&self) -> Url {
        let mut url = match self.settings.tags.first() {
            Some(tag) => {
                let mut url = self.url("/api/v1/timelines/tag/");
                if let Ok(mut path) = url.path_segments_mut() {
                    path.pop_if_empty().push(tag);
                }
                url
            }
            None => self.url("/api/v1/timelines/public"),
        };
        let mut query = url.query_pairs_mut();
        query.append_pair("limit", PAGE);
        for tag in self.settings.tags.iter().skip(1) {
            query.append_pair("any[]", tag);
        }
        match self.settings.timeline {
            Timeline::Public => {}
            Timeline::Local => _ = query.append_pair("local", "true"),
            Timeline::Remote => _ = query.append_pair("remote", "true"),
        }
        drop(query);
        url
    }

    async fn page(&self, bound: Option<(&str, &str)>) -> Result<Page, FeedError> {
        let mut url = self.timeline();
        if let Some((name, id)) = bound {
            url.query_pairs_mut().append_pair(name, id);
        }
        let answer = self.net.get(&url, &self.headers()).await.map_err(|error| error.with_remedy(REMEDY))?;
        if answer.status == 404 {
            return Err(FeedError::Transient("no Mastodon API there (HTTP 404); check `server`".to_owned()));
        }
        Page::read(&answer)
    }

    /// What came since the place, and whether that is all; leaves the cursor of the batch to its caller.
    pub(super) async fn poll(&self, place: &mut Place, is_first: bool, batch: &mut Batch) -> Result<bool, FeedError> {
        let Some(anchor) = place.recent.anchor(OVERLAP).map(str::to_owned) else {
            self.backward(&mut place.recent, batch, if is_first { 1 } else { MAX_PAGES }).await?;
            if place.recent.is_empty() {
                self.check_access().await?;
            }
            return Ok(true);
        };
        let mut from = anchor;
        let mut num_new = 0;
        for num_pages in 0..MAX_PAGES {
            let page = self.page(Some(("min_id", &from))).await?;
            let next = page.newer.clone().filter(|next| *next != from);
            let is_empty = page.statuses.is_empty();
            num_new += self.take_page(page, &mut place.recent, batch);
            match next {
                Some(next) if !is_empty => from = next,
                // Some servers answer nothing at all from a post that is gone, for ever.
                _ if num_pages == 0 => {
                    self.backward(&mut place.recent, batch, MAX_PAGES).await?;
                    if batch.posts.is_empty() {
                        self.check_access().await?;
                    }
                    return Ok(true);
                }
                _ => return Ok(true),
            }
        }
        if num_new > 0 {
            batch.until = batch.posts.iter().filter_map(|incoming| moment(&incoming.post)).max();
            batch.next = Next::Now;
        }
        Ok(num_new == 0)
    }

    /// From the newest post back to one that is known.
    async fn backward(&self, recent: &mut Recent, batch: &mut Batch, max_pages: usize) -> Result<(), FeedError> {
        let (newest, mut pages) = (recent.newest(), Vec::new());
        let (mut until, mut is_joined) = (None::<String>, newest.is_none());
        while pages.len() < max_pages {
            let page = self.page(until.as_deref().map(|id| ("max_id", id))).await?;
            let older = page.older.clone().filter(|older| Some(older) != until.as_ref());
            let is_known = page.statuses.iter().any(|status| recent.knows(&status.key));
            let is_end = page.statuses.is_empty() || older.is_none();
            until = older;
            pages.push(page);
            if is_known || is_end {
                is_joined = true;
                break;
            }
        }
        for page in pages.into_iter().rev() {
            self.take_page(page, recent, batch);
        }
        if !is_joined {
            let oldest = batch.posts.iter().filter_map(|incoming| moment(&incoming.post)).min();
            batch.gaps.extend(gap(newest, oldest, GapCause::Overrun));
        }
        Ok(())
    }

    /// Takes a page, oldest first; says how many were new.
    fn take_page(&self, page: Page, recent: &mut Recent, batch: &mut Batch) -> usize {
        for _ in 0..page.num_broken {
            batch.reject(Reason::UnknownForm.name());
        }
        page.statuses.into_iter().rev().filter_map(|status| self.take(status, recent, batch).then_some(())).count()
    }

    /// Whether a timeline that is empty is switched off: servers from 4.5 on say so.
    async fn check_access(&self) -> Result<(), FeedError> {
        let Ok(answer) = self.net.get(&self.url("/api/v2/instance"), &self.headers()).await else { return Ok(()) };
        let instance: serde_json::Value = answer.json().unwrap_or_default();
        let feeds = if self.settings.tags.is_empty() { "live_feeds" } else { "hashtag_feeds" };
        let access = &instance["configuration"]["timelines_access"][feeds];
        let said = |of: &str| access[of].as_str().unwrap_or("public").to_owned();
        let ways = match self.settings.timeline {
            Timeline::Public => vec![said("local"), said("remote")],
            Timeline::Local => vec![said("local")],
            Timeline::Remote => vec![said("remote")],
        };
        let is_open = |way: &String| way == "public" || (way == "authenticated" && self.bearer.is_some());
        if ways.iter().any(is_open) {
            return Ok(());
        }
        Err(FeedError::Fatal(format!("the server has closed this timeline ({}); {REMEDY}", ways.join(", "))))
    }
}

const REMEDY: &str = "the server may show this timeline to its users only: set token = \"env:NAME\", or choose another \
                      server or hashtags";
