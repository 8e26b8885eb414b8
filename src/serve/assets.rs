//! The web page: one document for every view, its files under an address that changes with them.

use std::sync::LazyLock;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::page::{FILES, INDEX};
use super::params::Name;
use super::problem::Problem;

/// Hash over the names and bodies of all files.
static HASH: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = Sha256::new();
    for (name, _, body) in FILES {
        hasher.update(name);
        hasher.update(body);
    }
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
});

/// The document, which finds its files.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| INDEX.replace("@ASSETS@", &format!("/assets/{}", *HASH)));

/// The page.
pub(super) async fn index() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, DOCUMENT.as_str()).into_response()
}

/// A file of the page: only what is listed is found, whatever the path says.
pub(super) async fn asset(Name(path): Name) -> Result<Response, Problem> {
    let missing = || Problem::not_found("the page has no such file; load it anew");
    let name = path.strip_prefix(HASH.as_str()).and_then(|rest| rest.strip_prefix('/')).ok_or_else(missing)?;
    let (_, content_type, body) = FILES.iter().find(|(known, _, _)| *known == name).ok_or_else(missing)?;
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    Ok(response)
}

/// The icon that browsers ask for unasked.
pub(super) async fn icon() -> Response {
    match FILES.iter().find(|(name, _, _)| *name == "icon.svg") {
        Some((_, content_type, body)) => ([(header::CONTENT_TYPE, *content_type)], *body).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}
