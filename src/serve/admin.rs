//! `POST /api/v1/admin/…`: what changes something, for the admin token.

use std::path::Path;
use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::app::App;
use super::problem::{Failures, Problem};
use crate::alert::{ReceiverConfig, Tried, try_receivers};
use crate::index::{IndexError, IndexWriter, WriterOptions};
use crate::model::{PostId, ServiceId};
use crate::normalize::AuthorSecret;
use crate::pipeline::forget;

/// A body of JSON.
pub(super) struct Sent<T>(T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(body)) => Ok(Self(body)),
            Err(rejection) => {
                let status = match rejection {
                    // One status for all bodies that cannot be read.
                    JsonRejection::JsonDataError(_) | JsonRejection::JsonSyntaxError(_) => StatusCode::BAD_REQUEST,
                    _ => rejection.status(),
                };
                Err(Problem::new(status, rejection.body_text()))
            }
        }
    }
}

/// What is to be forgotten: a post, or all posts of an author.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Forget {
    /// Author, written as the posts had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    /// Id of a post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    post: Option<String>,
    /// Where they were written, as /posts shows it; left out where it shows null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
}

/// What was forgotten.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Forgotten {
    /// So many posts are gone, from the disk too.
    num_posts: usize,
}

/// Takes a post, or all posts of an author, out of the index and off the disk, with all that was counted.
#[utoipa::path(post, path = "/api/v1/admin/forget", tag = "admin", request_body = Forget,
    responses((status = 200, body = Forgotten),
        (status = 409, description = "Another program writes to the index, or its authors were hashed with another key.", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too long.", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body is no JSON.", body = Problem, content_type = "application/problem+json"),
        Failures))]
pub(super) async fn forget(State(app): State<Arc<App>>, Sent(what): Sent<Forget>) -> Result<Response, Problem> {
    let Forget { author, post, platform } = what;
    let what = match (author, post) {
        (Some(name), None) => forget::Forget::Author { platform, name },
        (None, Some(id)) => forget::Forget::Post { platform, id: PostId::new(&id) },
        _ => return Err(Problem::param("author", "name an author or a post, and not both")),
    };
    let told = |error| match error {
        IndexError::Locked { .. } => Problem::new(
            StatusCode::CONFLICT,
            "another program writes to the index: stop it, or run 'caiu forget' when it is done",
        ),
        IndexError::OtherAuthorKey { .. } => Problem::new(
            StatusCode::CONFLICT,
            "the authors of this index were hashed with another key: start the server with that one in CAIU_AUTHOR_KEY",
        ),
        error => error.into(),
    };
    // Where the live feeds run in this process, the one thread that writes does it.
    let num_posts = match app.options.live.as_ref().and_then(|live| live.requests()) {
        Some(queue) => match what.ask(&queue).await {
            Some(answer) => answer.map_err(told)?,
            None => return Err(Problem::busy("the feeds have just ended; ask again")),
        },
        None => {
            let (index, secret) = (app.options.index.clone(), app.options.secret);
            app.workers.run(move || at_once(&index, &what, secret).map_err(told)).await?
        }
    };
    tracing::info!(num_posts, "forgotten by request");
    Ok(axum::Json(Forgotten { num_posts }).into_response())
}

/// Which receivers of alerts are to be tried.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AlertTest {
    /// Id of one receiver; all where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    receiver: Option<String>,
}

/// What receivers answered.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct AlertsTried {
    /// One row for each.
    receivers: Vec<Tried>,
}

/// Sends receivers of alerts an incident that says it is a test.
#[utoipa::path(post, path = "/api/v1/admin/alerts/test", tag = "admin", request_body = AlertTest,
    responses((status = 200, body = AlertsTried),
        (status = 413, description = "The body is too long.", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body is no JSON.", body = Problem, content_type = "application/problem+json"),
        Failures))]
pub(super) async fn try_alerts(State(app): State<Arc<App>>, Sent(what): Sent<AlertTest>) -> Result<Response, Problem> {
    let is_chosen = |alert: &&ReceiverConfig| what.receiver.as_ref().is_none_or(|id| alert.id == *id);
    let chosen: Vec<ReceiverConfig> = app.options.alerts.iter().filter(is_chosen).cloned().collect();
    if chosen.is_empty() {
        return Err(Problem::not_found("the configuration of this server has no such receiver of alerts"));
    }
    let receivers = try_receivers(&chosen, &app.options.net, &ServiceId::new("whatsapp")).await;
    Ok(axum::Json(AlertsTried { receivers }).into_response())
}

/// Forgets in an index that nobody else writes to.
fn at_once(index: &Path, what: &forget::Forget, secret: AuthorSecret) -> Result<usize, IndexError> {
    let mut writer = IndexWriter::open(index, WriterOptions::default())?;
    if matches!(what, forget::Forget::Author { .. }) {
        // With another key nobody would be found, and that would look like nothing to forget.
        writer.claim_authors(secret)?;
    }
    let num_gone = what.apply(&mut writer, secret)?;
    if num_gone > 0 {
        let checkpoint = writer.checkpoint().clone();
        writer.commit(&checkpoint)?;
        writer.purge()?;
    }
    writer.close()?;
    Ok(num_gone)
}
