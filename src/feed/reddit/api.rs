//! Reddit's interface for registered apps: listings from the newest back to what is known, and a look at what is gone.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::{PLATFORM, Place, Reddit, Type, Way, refused};
use crate::corpus::{Reason, posts_of_json};
use crate::feed::http::{Answer, Net, Url};
use crate::feed::place::{gap, moment};
use crate::feed::{Batch, FeedError, Secret};
use crate::model::GapCause;

/// Pages of a hundred; Reddit gives no more than a thousand entries.
const MAX_PAGES: usize = 10;
/// Entries of a page that are read, whatever a server sends.
const MAX_ENTRIES: usize = 200;
/// Posts in one check.
const MAX_CHECKED: usize = 100;

/// A registered app with its token.
pub(super) struct App {
    basic: String,
    site: Url,
    api: Url,
    token: Option<(String, Instant)>,
    recheck_every: Option<Duration>,
    checked_at: Option<Instant>,
    /// Posts before the last one that were checked.
    num_checked: usize,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
    #[serde(default)]
    expires_in: u64,
}

#[derive(Deserialize)]
struct Listing<'a> {
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    children: Vec<Child<'a>>,
    after: Option<String>,
}

#[derive(Deserialize)]
struct Child<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize)]
struct Marks {
    name: String,
    author: Option<String>,
    removed_by_category: Option<String>,
}

/// One entry: its fullname, and whether it was taken back though some words remain.
struct Entry {
    name: String,
    is_gone: bool,
    json: String,
}

impl App {
    pub(super) fn new(id: &Secret, secret: &Secret, site: Url, api: Url, recheck_secs: f64) -> Result<Self, String> {
        let basic = BASE64_STANDARD.encode(format!("{}:{}", id.reveal(), secret.reveal()));
        let recheck_every =
            if recheck_secs == 0.0 { None } else { Some(crate::feed::pause("recheck_secs", recheck_secs, 1.0)?) };
        let basic = format!("Basic {basic}");
        Ok(Self { basic, site, api, token: None, recheck_every, checked_at: None, num_checked: 0 })
    }

    /// A token that is still good for a minute.
    async fn bearer(&mut self, net: &Net) -> Result<String, FeedError> {
        if let Some((token, until)) = &self.token
            && Instant::now() < *until
        {
            return Ok(token.clone());
        }
        let mut url = self.site.clone();
        url.set_path("/api/v1/access_token");
        let headers = [("authorization", self.basic.as_str()), ("content-type", "application/x-www-form-urlencoded")];
        let answer = net.post(&url, &headers, "grant_type=client_credentials".to_owned()).await;
        let answer = answer.map_err(|error| error.with_remedy("check client_id and client_secret"))?;
        let token: Token = answer.json()?;
        let secs = token.expires_in.clamp(120, 86_400) - 60;
        let bearer = format!("Bearer {}", token.access_token);
        self.token = Some((bearer.clone(), Instant::now() + Duration::from_secs(secs)));
        Ok(bearer)
    }

    async fn get(&mut self, net: &Net, path: &str, query: &[(&str, &str)]) -> Result<Answer, FeedError> {
        let mut url = self.api.clone();
        url.set_path(path);
        url.query_pairs_mut().extend_pairs(query);
        let bearer = self.bearer(net).await?;
        let answer = net.get(&url, &[("authorization", &bearer)]).await;
        if matches!(&answer, Err(FeedError::Fatal(said)) if said.starts_with("HTTP 401")) {
            // Taken back before its time: another one is asked for, once.
            self.token = None;
            let bearer = self.bearer(net).await?;
            return net.get(&url, &[("authorization", &bearer)]).await.map_err(refused);
        }
        answer.map_err(refused)
    }
}

fn entries(answer: &Answer, batch: &mut Batch) -> Result<(Vec<Entry>, Option<String>), FeedError> {
    if answer.status == 404 {
        return Err(FeedError::Transient("there is no such subreddit (HTTP 404); check `subreddits`".to_owned()));
    }
    let listing: Listing<'_> = answer.json()?;
    let mut entries = Vec::new();
    for child in listing.data.children.iter().take(MAX_ENTRIES) {
        match serde_json::from_str::<Marks>(child.data.get()) {
            Ok(marks) => entries.push(Entry {
                is_gone: marks.removed_by_category.is_some() || marks.author.as_deref() == Some("[deleted]"),
                name: marks.name,
                json: child.data.get().to_owned(),
            }),
            Err(_) => batch.reject(Reason::UnknownForm.name()),
        }
    }
    Ok((entries, listing.data.after))
}

impl Reddit {
    pub(super) async fn ask_app(
        &mut self,
        is_first: bool,
        place: &mut Place,
        batch: &mut Batch,
    ) -> Result<(), FeedError> {
        for kind in self.types.clone() {
            self.look(kind, is_first, place, batch).await?;
        }
        // The posts are worth more than the news of their changes, so this may fail.
        if let Err(error) = self.recheck(place, batch).await {
            tracing::debug!(feed = %self.id, "recent posts were not checked: {error}");
        }
        Ok(())
    }

    /// From the newest entry back to one that is known.
    async fn look(
        &mut self,
        kind: Type,
        is_first: bool,
        place: &mut Place,
        batch: &mut Batch,
    ) -> Result<(), FeedError> {
        let path = self.path(kind);
        let Way::App(app) = &mut self.way else { return Ok(()) };
        let recent = place.recent(kind);
        let (newest, mut all, mut after) = (recent.newest(), Vec::new(), None::<String>);
        let mut is_joined = is_first || recent.is_empty();
        for _ in 0..if is_first { 1 } else { MAX_PAGES } {
            let mut query = vec![("limit", "100")];
            query.extend(after.as_deref().map(|after| ("after", after)));
            let answer = app.get(&self.net, &path, &query).await?;
            let (entries, next) = entries(&answer, batch)?;
            is_joined |= entries.iter().any(|entry| recent.knows(&entry.name));
            let is_end = entries.is_empty() || next.is_none();
            all.extend(entries);
            after = next;
            if (is_joined && !recent.is_empty()) || is_end {
                break;
            }
        }
        let num_before = batch.posts.len();
        for entry in all.into_iter().rev() {
            if entry.is_gone && recent.knows(&entry.name) {
                recent.forget(batch, PLATFORM, &entry.name);
            } else if let Some(decoded) = posts_of_json(&entry.json).pop() {
                recent.take(batch, PLATFORM, &entry.name, decoded);
            }
        }
        if !is_joined {
            let oldest = batch.posts[num_before..].iter().filter_map(|incoming| moment(&incoming.post)).min();
            batch.gaps.extend(gap(newest, oldest, GapCause::Overrun));
        }
        Ok(())
    }

    /// Whether the last posts are still there, a hundred at a time.
    async fn recheck(&mut self, place: &mut Place, batch: &mut Batch) -> Result<(), FeedError> {
        let Way::App(app) = &mut self.way else { return Ok(()) };
        let Some(every) = app.recheck_every else { return Ok(()) };
        if app.checked_at.is_some_and(|last| last.elapsed() < every) {
            return Ok(());
        }
        app.checked_at = Some(Instant::now());
        let half = MAX_CHECKED / 2;
        let skip = app.num_checked;
        app.num_checked += half;
        let names = [place.posts.keys(skip, half), place.comments.keys(skip, half)].concat();
        if names.is_empty() {
            return Ok(());
        }
        let answer = app.get(&self.net, "/api/info", &[("id", &names.join(","))]).await?;
        for entry in entries(&answer, batch)?.0.into_iter().filter(|entry| names.contains(&entry.name)) {
            let recent = if entry.name.starts_with("t1_") { &mut place.comments } else { &mut place.posts };
            if entry.is_gone {
                recent.forget(batch, PLATFORM, &entry.name);
            } else if let Some(decoded) = posts_of_json(&entry.json).pop() {
                recent.take(batch, PLATFORM, &entry.name, decoded);
            }
        }
        Ok(())
    }
}
