//! `GET /incidents.atom`: incidents for feed readers.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;

use super::answer;
use super::app::App;
use super::cache::Cached;
use super::problem::{Failures, Problem};
use crate::alert::atom;
use crate::model::Known;

/// Incidents as an Atom feed, the latest change first.
#[utoipa::path(get, path = "/incidents.atom", tag = "incidents",
    responses((status = 200, content_type = "application/atom+xml", body = String), (status = 304, description = "Nothing changed."),
        Failures))]
pub(super) async fn feed(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Problem> {
    let version = app.board().version;
    let asked = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or("localhost");
    // Ids of entries are made with it: where the server has a name, it is that one.
    let base =
        app.options.access.hosts.first().map_or_else(|| format!("http://{asked}"), |name| format!("https://{name}"));
    let known: Vec<Known> = app.book().latest().into_iter().cloned().collect();
    let is_plain = |id: &str| id.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    let link = |id: &str| is_plain(id).then(|| format!("{base}/incidents/{id}"));
    let bytes = atom::write(&known, Some(&format!("{base}/incidents.atom")), link).into();
    Ok(answer::typed(Cached::new(version, bytes), "application/atom+xml; charset=utf-8"))
}
