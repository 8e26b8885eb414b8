//! Hacker News: stories and comments through its search, in windows of time; changes through its item interface.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::http::{Net, Url};
use super::place::{self, Recent, gap};
use super::{Batch, Feed, FeedContext, FeedError, FeedKind, Next};
use crate::corpus::{Reason, posts_of_json};
use crate::model::{Cursor, GapCause};

/// The line of `KINDS`.
pub(super) const KIND: FeedKind = FeedKind {
    name: "hackernews",
    covers: "stories and comments of Hacker News, nearly all in English, about ten a minute",
    needs: "nothing",
    limits: "10,000 requests an hour; posts appear in the search after some seconds to minutes; deleted and dead ones \
             are noticed among the last 300",
    tested_with: "answers written after the description of the search and of the item interface; not against the live \
                  site",
    has_beginning: false,
    open: |context, table| Ok(Box::new(HackerNews::open(context, table)?)),
};

const PLATFORM: &str = "hackernews";
/// Hits that a query can reach, whatever it asks for.
const CEILING: usize = 1_000;
/// Seconds that are read again: the search takes posts in out of order.
const OVERLAP_SECS: i64 = 300;
/// Windows of one batch.
const MAX_WINDOWS: usize = 8;
/// Posts of the first batch.
const FIRST_HITS: usize = 100;
/// Changed items that are looked at in one batch.
const MAX_CHANGED: usize = 20;

/// The keys of `[[feed]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Words that posts must hold; empty for all posts.
    #[serde(default)]
    query: String,
    /// `story`, `comment` or both.
    #[serde(default = "both")]
    types: Vec<Type>,
    /// Seconds between two looks.
    #[serde(default = "every_secs")]
    every_secs: f64,
    /// Address of the search.
    #[serde(default = "search_url")]
    search_url: String,
    /// Address of the item interface, which tells what was deleted.
    #[serde(default = "items_url")]
    items_url: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Type {
    Story,
    Comment,
}

fn both() -> Vec<Type> {
    vec![Type::Story, Type::Comment]
}

fn every_secs() -> f64 {
    60.0
}

fn search_url() -> String {
    "https://hn.algolia.com".to_owned()
}

fn items_url() -> String {
    "https://hacker-news.firebaseio.com".to_owned()
}

/// What a restart needs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Place {
    /// Everything before this was handed over, in seconds since 1970, aside from what comes late.
    secs: i64,
    /// Whether there is more before the present: then nothing is read again.
    #[serde(default)]
    is_behind: bool,
    recent: Recent,
}

impl Place {
    /// Moves on, but never beyond the present: one date that is ahead would pass over everything until then.
    fn reach(&mut self, secs: i64) {
        self.secs = self.secs.max(secs).min(Utc::now().timestamp());
    }
}

struct HackerNews {
    net: Net,
    search: Url,
    items: Url,
    every: Duration,
}

#[derive(Deserialize)]
struct Found<'a> {
    #[serde(borrow)]
    hits: Vec<&'a RawValue>,
    #[serde(rename = "nbHits", default)]
    num_hits: usize,
}

#[derive(Deserialize)]
struct Hit {
    #[serde(rename = "objectID")]
    id: String,
    created_at_i: i64,
}

/// The hits of one window, oldest first.
struct Window {
    hits: Vec<(Hit, String)>,
    num_broken: usize,
    is_whole: bool,
}

#[derive(Deserialize)]
struct Updates {
    items: Vec<u64>,
}

impl HackerNews {
    fn open(context: &FeedContext, table: toml::Table) -> Result<Self, String> {
        let settings: Settings = context.settings(table)?;
        let mut search = super::link("search_url", &settings.search_url)?;
        search.set_path("/api/v1/search_by_date");
        let name = |kind: &Type| if *kind == Type::Story { "story" } else { "comment" };
        if settings.types.is_empty() {
            return Err("types: name \"story\", \"comment\" or both".to_owned());
        }
        let types = settings.types.iter().map(name).collect::<Vec<_>>().join(",");
        search.query_pairs_mut().append_pair("query", &settings.query).append_pair("tags", &format!("({types})"));
        Ok(Self {
            net: context.net.clone(),
            search,
            items: super::link("items_url", &settings.items_url)?,
            every: super::pause("every_secs", settings.every_secs, 5.0)?,
        })
    }

    /// The hits since `from`, and before `to` where it is given.
    async fn window(&self, from: Option<i64>, to: Option<i64>) -> Result<Window, FeedError> {
        let mut url = self.search.clone();
        let lower = from.map(|secs| format!("created_at_i>={secs}"));
        let upper = to.map(|secs| format!("created_at_i<{secs}"));
        let bounds: Vec<String> = lower.into_iter().chain(upper).collect();
        let most = if from.is_none() { FIRST_HITS } else { CEILING };
        url.query_pairs_mut().append_pair("hitsPerPage", &most.to_string());
        if !bounds.is_empty() {
            url.query_pairs_mut().append_pair("numericFilters", &bounds.join(","));
        }
        let answer = self.net.get(&url, &[]).await?;
        let found: Found<'_> = answer.json()?;
        // A date ahead of all clocks would move the place beyond everything that is still to come.
        let latest = (Utc::now() + TimeDelta::days(1)).timestamp();
        let is_inside = |hit: &Hit| {
            hit.created_at_i < latest
                && from.is_none_or(|from| hit.created_at_i >= from)
                && to.is_none_or(|to| hit.created_at_i < to)
        };
        let mut hits = Vec::with_capacity(found.hits.len().min(CEILING));
        for json in found.hits.iter().take(CEILING) {
            if let Ok(hit) = serde_json::from_str::<Hit>(json.get())
                && is_inside(&hit)
            {
                hits.push((hit, json.get().to_owned()));
            }
        }
        hits.sort_by_key(|(hit, _)| hit.created_at_i);
        let is_whole = found.num_hits <= found.hits.len() && found.hits.len() < CEILING;
        Ok(Window { num_broken: found.hits.len() - hits.len(), hits, is_whole })
    }

    async fn batch(&self, after: Option<&Cursor>) -> Result<Batch, FeedError> {
        let mut batch = Batch::empty(Next::After(self.every));
        let Some(mut place) = place::read::<Place>(after)? else {
            let window = self.window(None, None).await?;
            let mut place = Place::default();
            place.reach(newest(&window).unwrap_or_default());
            take(window, &mut place.recent, &mut batch);
            batch.cursor = Some(place::write(&place));
            return Ok(batch);
        };
        place.reach(place.secs);
        let from = if place.is_behind { place.secs } else { place.secs - OVERLAP_SECS };
        let window = self.window(Some(from), None).await?;
        place.is_behind = !window.is_whole;
        if window.is_whole {
            place.reach(newest(&window).unwrap_or_default());
            take(window, &mut place.recent, &mut batch);
            self.changed(&mut place.recent, &mut batch).await?;
        } else {
            self.catch_up(from, &window, &mut place, &mut batch).await?;
            batch.until = DateTime::from_timestamp(place.secs, 0);
            batch.next = Next::Now;
        }
        batch.cursor = Some(place::write(&place));
        Ok(batch)
    }

    /// Goes forward in windows that hold less than the ceiling, after a long pause or in a flood.
    async fn catch_up(
        &self,
        from: i64,
        newest_hits: &Window,
        place: &mut Place,
        batch: &mut Batch,
    ) -> Result<(), FeedError> {
        let range = newest_hits.hits.first().zip(newest_hits.hits.last());
        let (Some(end), Some(span)) = (
            range.map(|(_, last)| last.0.created_at_i + 1),
            // As wide as the newest hits lie apart, because so many fit.
            range.map(|(first, last)| last.0.created_at_i - first.0.created_at_i),
        ) else {
            return Err(FeedError::Transient("the search names more hits than it shows".to_owned()));
        };
        let (mut from, mut span) = (from, span.max(1));
        for _ in 0..MAX_WINDOWS {
            if from >= end {
                return Ok(());
            }
            let to = (from + span).min(end);
            let window = self.window(Some(from), Some(to)).await?;
            if !window.is_whole && to - from > 1 {
                span = ((to - from) / 2).max(1);
                continue;
            }
            if !window.is_whole {
                let moment = |secs| DateTime::from_timestamp(secs, 0);
                batch.gaps.extend(gap(moment(from), moment(to), GapCause::Overrun));
            }
            take(window, &mut place.recent, batch);
            // Twice as wide where it was quiet: a flood of one minute must not make the hours before it slow.
            (from, span) = (to, span * 2);
            place.reach(to);
        }
        Ok(())
    }

    /// Looks at those of the last posts that have changed: deleted, killed or edited.
    async fn changed(&self, recent: &mut Recent, batch: &mut Batch) -> Result<(), FeedError> {
        let item = |name: &str| {
            let mut url = self.items.clone();
            url.set_path(&format!("/v0/{name}.json"));
            url
        };
        // The posts are worth more than the news of their changes, so these may fail.
        let Ok(answer) = self.net.get(&item("updates"), &[]).await else { return Ok(()) };
        let Ok(updates) = answer.json::<Updates>() else { return Ok(()) };
        let known = updates.items.iter().map(u64::to_string).filter(|id| recent.knows(id));
        for id in known.take(MAX_CHANGED).collect::<Vec<_>>() {
            let Ok(answer) = self.net.get(&item(&format!("item/{id}")), &[]).await else { return Ok(()) };
            if let Some(decoded) = posts_of_json(&answer.text()).pop() {
                let is_same =
                    decoded.as_ref().map_or_else(|(reason, _)| *reason == Reason::Deleted, |post| post.id == id);
                if is_same {
                    recent.take(batch, PLATFORM, &id, decoded);
                }
            }
        }
        Ok(())
    }
}

fn newest(window: &Window) -> Option<i64> {
    window.hits.last().map(|(hit, _)| hit.created_at_i)
}

fn take(window: Window, recent: &mut Recent, batch: &mut Batch) {
    for _ in 0..window.num_broken {
        batch.reject(Reason::UnknownForm.name());
    }
    for (hit, json) in window.hits {
        if let Some(decoded) = posts_of_json(&json).pop() {
            recent.take(batch, PLATFORM, &hit.id, decoded);
        }
    }
}

impl Feed for HackerNews {
    fn next_batch<'a>(&'a mut self, after: Option<&'a Cursor>) -> BoxFuture<'a, Result<Batch, FeedError>> {
        self.batch(after).boxed()
    }
}
