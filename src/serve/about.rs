//! `GET /api/v1/about`, `/health`, `/ready`, `/metrics`: what this server is, and whether it is well.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use super::answer::{self, json};
use super::app::App;
use super::problem::{Failures, Problem};
use crate::model::Time;

/// Languages that the page and the files speak.
const LOCALES: [&str; 3] = ["en", "pt", "ar"];
/// The form of the API.
const SCHEMA: &str = "caiu-api/1";

/// What this server is.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct About {
    /// `caiu`.
    name: &'static str,
    /// Version of the program.
    version: &'static str,
    /// Hash of the lexicon that posts are read with.
    lexicon: String,
    /// Form of this interface.
    schema: &'static str,
    /// What the index holds.
    index: AboutIndex,
    /// Whether it holds posts that were made up for a drill.
    simulated: bool,
    /// Languages of the page.
    user_interface_locales: [&'static str; 3],
}

/// What the index holds.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct AboutIndex {
    /// Posts with their text.
    posts: u64,
    /// Posts that were counted and not kept.
    counted: u64,
    /// Posts that were taken back, of which the counts are left.
    deleted: u64,
    /// First post.
    from: Option<Time>,
    /// Last post.
    to: Option<Time>,
    /// Number of the last commit.
    seq: u64,
    /// Size on disk.
    bytes: u64,
}

/// What this server is and what its index holds.
#[utoipa::path(get, path = "/api/v1/about", tag = "about",
    responses((status = 200, body = About), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn about(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    let worker = Arc::clone(&app);
    let work = move || {
        let status = worker.reader.status()?;
        let about = About {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            lexicon: worker.options.lexicon.clone(),
            schema: SCHEMA,
            index: AboutIndex {
                posts: status.num_posts,
                counted: status.num_counted,
                deleted: status.num_deleted,
                from: status.from,
                to: status.to,
                seq: status.seq,
                bytes: status.num_bytes,
            },
            simulated: worker.reader.holds_simulated()?,
            user_interface_locales: LOCALES,
        };
        json(&about)
    };
    Ok(answer::cached(app.cache.get("about".to_owned(), app.board().version, work).await?))
}

/// Whether the process answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Health {
    /// `ok`.
    status: &'static str,
}

/// Whether the process answers.
#[utoipa::path(get, path = "/health", tag = "about", responses((status = 200, body = Health), Failures))]
pub(super) async fn health() -> Response {
    axum::Json(Health { status: "ok" }).into_response()
}

/// Whether there is something to answer from.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Ready {
    /// `ok`.
    status: &'static str,
    /// Commit of the index that answers are of.
    seq: u64,
}

/// Whether the index can be read, and what comes live is saved.
#[utoipa::path(get, path = "/ready", tag = "about", responses((status = 200, body = Ready), Failures))]
pub(super) async fn ready(State(app): State<Arc<App>>) -> Response {
    let seq = app.board().version.seq;
    let is_failing = app.options.live.as_ref().is_some_and(|live| live.picture().commit_trouble.is_some());
    if is_failing {
        return Problem::busy("posts come and cannot be saved; the log says why").into_response();
    }
    if app.is_blind() {
        return Problem::busy("the index cannot be followed, answers are of an earlier commit; the log says why")
            .into_response();
    }
    axum::Json(Ready { status: "ok", seq }).into_response()
}

/// Says what each number of a server is, to whoever collects them; once, when collecting has begun.
pub fn describe_metrics() {
    metrics::describe_gauge!("caiu_live_listeners", "Clients that listen to the live stream");
    metrics::describe_gauge!("caiu_index_seq", "Commit of the index that answers are of");
}

/// Numbers about the program for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "about",
    responses((status = 200, content_type = "text/plain", body = String), Failures))]
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let listeners = app.num_listeners.load(std::sync::atomic::Ordering::Relaxed);
    metrics::gauge!("caiu_live_listeners").set(listeners as f64);
    metrics::gauge!("caiu_index_seq").set(app.board().version.seq as f64);
    match &app.options.metrics {
        Some(render) => {
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], render()).into_response()
        }
        None => Problem::new(StatusCode::NOT_FOUND, "this server keeps no numbers").into_response(),
    }
}
