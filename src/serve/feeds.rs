//! `GET /api/v1/feeds`: what each feed brought, how far it has come, and when it was silent.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use chrono::Utc;
use schemars::JsonSchema;
use serde::Serialize;

use super::answer::json;
use super::app::App;
use super::problem::{Failures, Problem};
use crate::index::FeedStatus;
use crate::model::{FeedGap, FeedId, Time};
use crate::pipeline::state::FeedState;

/// A feed that has told nothing for so long is behind, in seconds.
const BEHIND_SECS: f64 = 900.0;

/// Every feed of the index.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Feeds {
    /// By name.
    feeds: Vec<FeedRow>,
}

/// A feed.
#[derive(Debug, Serialize, JsonSchema)]
struct FeedRow {
    /// Its name.
    id: FeedId,
    /// Posts that it brought in their present form.
    posts: u64,
    /// Posts that were counted and not kept.
    counted: u64,
    /// First moment of which it told.
    since: Option<Time>,
    /// Up to when it told everything, the gaps aside.
    until: Option<Time>,
    /// How long ago that is.
    lag_secs: Option<f64>,
    /// Why it does not answer; known where the feeds run in this process.
    trouble: Option<String>,
    /// What it does.
    state: FeedPhase,
    /// Stretches of which it told nothing.
    gaps: Vec<FeedGap>,
}

/// What a feed does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum FeedPhase {
    /// It answers, or told something within the last quarter of an hour.
    Listening,
    /// It is longer ago.
    Behind,
    /// It does not answer.
    Failing,
    /// It has no more posts.
    Ended,
}

/// Every feed of the index.
#[utoipa::path(get, path = "/api/v1/feeds", tag = "feeds", responses((status = 200, body = Feeds), Failures))]
pub(super) async fn feeds(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    let worker = Arc::clone(&app);
    // What the index says of feeds changes with commits, and how long ago that is with the clock.
    let work = move || json(&worker.reader.status()?.feeds.iter().map(Held::of).collect::<Vec<_>>());
    let held = app.cache.get("feeds".to_owned(), app.board().version, work).await?;
    let held: Vec<Held> = serde_json::from_slice(&held.bytes).map_err(|error| Problem::internal(&error))?;
    let picture = app.options.live.as_ref().map(|live| live.picture());
    let now = Utc::now();
    let row = |held: Held| {
        let live = picture.as_ref().and_then(|picture| picture.feeds.get(&held.id));
        row(held, live, now)
    };
    let feeds = held.into_iter().map(row).collect();
    Ok(axum::response::IntoResponse::into_response(axum::Json(Feeds { feeds })))
}

/// What the index says of a feed.
#[derive(Debug, Serialize, serde::Deserialize)]
struct Held {
    id: FeedId,
    posts: u64,
    counted: u64,
    since: Option<Time>,
    until: Option<Time>,
    gaps: Vec<FeedGap>,
}

impl Held {
    fn of(status: &FeedStatus) -> Self {
        Self {
            id: status.feed.clone(),
            posts: status.num_posts,
            counted: status.num_counted,
            since: status.since,
            until: status.until,
            gaps: status.gaps.clone(),
        }
    }
}

fn row(held: Held, live: Option<&FeedState>, now: Time) -> FeedRow {
    let lag_secs = held.until.map(|until| (now - until).num_milliseconds().max(0) as f64 / 1000.0);
    let trouble = live.and_then(|live| live.trouble.as_deref()).map(|words| crate::report::text::excerpt(words, 300));
    let state = match live {
        Some(live) if live.is_ended => FeedPhase::Ended,
        _ if trouble.is_some() => FeedPhase::Failing,
        // One that runs here and answers listens, however old what it tells of is.
        Some(_) => FeedPhase::Listening,
        None if lag_secs.is_some_and(|lag| lag < BEHIND_SECS) => FeedPhase::Listening,
        None => FeedPhase::Behind,
    };
    let Held { id, posts, counted, since, until, gaps } = held;
    FeedRow { id, posts, counted, since, until, lag_secs, trouble, state, gaps }
}
