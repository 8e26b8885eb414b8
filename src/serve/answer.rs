//! Answers on their way out: JSON and files with what they are of, and the headers that hold for every answer.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::cache::{Cached, Version};
use super::door::Scope;
use super::problem::{self, Problem};

/// Nothing but what this server itself hands out, and no inline script or style.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; \
    font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Headers of every answer.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Tells this run of the server from others, whose commits of the same number may be of another index.
static RUN: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(std::process::id()));

/// Something as JSON.
///
/// # Errors
/// Where it holds a number that JSON cannot.
pub(super) fn json(value: &impl Serialize) -> Result<Bytes, Problem> {
    serde_json::to_vec(value).map(Bytes::from).map_err(|error| Problem::internal(&error))
}

/// JSON that is of a version.
pub(super) fn bytes(version: Version, bytes: Bytes) -> Response {
    cached(Cached::new(version, bytes))
}

/// JSON that was worked out once.
pub(super) fn cached(cached: Cached) -> Response {
    typed(cached, "application/json")
}

/// An answer of another type.
pub(super) fn typed(cached: Cached, content_type: &'static str) -> Response {
    let mut response = cached.bytes.clone().into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.extensions_mut().insert(cached);
    response
}

/// Makes a file of an answer; what is not plain in its name becomes a line.
pub(super) fn attachment(mut response: Response, name: &str) -> Response {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let name: String = name.trim_start_matches('.').chars().map(plain).take(100).collect();
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// The tag of an answer to a link: weak, since it may be packed on its way.
fn tag(version: Version, uri: &str) -> String {
    // Any hash that is equal for equal links within this run.
    static HASH: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    format!("W/\"{:x}-{:x}-{:x}-{:x}\"", *RUN, version.seq, version.line, HASH.hash_one(uri))
}

/// Answers 304 where the client has what there is, and gives answers their tags.
pub(super) async fn tagged(now: Version, request: Request, next: Next) -> Response {
    // What the admin token sees is more.
    let uri = format!("{} {:?}", request.uri(), request.extensions().get::<Scope>());
    let has = |tag: &str, headers: &HeaderMap| {
        let sent = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        sent.flat_map(|value| value.split(',')).any(|one| one.trim() == tag)
    };
    let is_get = *request.method() == Method::GET;
    let is_asked = is_get || *request.method() == Method::HEAD;
    let current = tag(now, &uri);
    let sent = request.headers().clone();
    if is_asked && has(&current, &sent) {
        return not_modified(&current);
    }
    let mut response = next.run(request).await;
    let Some(cached) = response.extensions_mut().remove::<Cached>() else { return response };
    let own = tag(cached.version, &uri);
    if is_asked && response.status() == StatusCode::OK {
        if has(&own, &sent) {
            return not_modified(&own);
        }
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::from_str(&own) {
            headers.insert(header::ETAG, value);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        if is_get && takes_gzip(&sent) {
            return packed(response, &cached);
        }
    }
    response
}

/// Whether a client takes gzip.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let sent = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    sent.flat_map(|value| value.split(',')).any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let is_refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32));
        name.trim().eq_ignore_ascii_case("gzip") && !is_refused
    })
}

/// The answer as it was packed for everybody; pictures are packed already.
fn packed(mut response: Response, cached: &Cached) -> Response {
    let is_picture = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "image/png");
    if let Some(bytes) = (!is_picture).then(|| cached.packed()).flatten() {
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
        *response.body_mut() = Body::from(bytes);
    }
    response
}

fn not_modified(tag: &str) -> Response {
    let headers = [(header::ETAG, tag), (header::CACHE_CONTROL, "private, no-cache")];
    (StatusCode::NOT_MODIFIED, headers).into_response()
}

/// Gives every answer its headers, and every error that has none a body that tells.
pub(super) async fn dressed(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let response = explained(next.run(request).await, &method);
    let (mut parts, body) = response.into_parts();
    for (name, value) in HEADERS {
        parts.headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    parts.headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    Response::from_parts(parts, body)
}

/// An error of a layer below as a problem.
fn explained(response: Response, method: &Method) -> Response {
    let status = response.status();
    let is_told = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes() == problem::MEDIA_TYPE.as_bytes());
    if !(status.is_client_error() || status.is_server_error()) || is_told {
        return response;
    }
    let detail = match status {
        StatusCode::NOT_FOUND => "there is nothing here; /api/v1/openapi.json lists what there is".to_owned(),
        StatusCode::METHOD_NOT_ALLOWED => format!("{method} is not answered here; the header Allow says what is"),
        StatusCode::PAYLOAD_TOO_LARGE => "the body is longer than this takes".to_owned(),
        StatusCode::SERVICE_UNAVAILABLE => "this took too long; ask for less time, or a wider bin".to_owned(),
        _ => status.canonical_reason().unwrap_or("error").to_lowercase(),
    };
    Problem::new(status, detail).into_response()
}

/// A panic as a problem; what it said is in the log.
pub(super) fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> axum::http::Response<Body> {
    Problem::internal(&"a handler panicked").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_plain() {
        for (name, want) in [
            ("incident-whatsapp.csv", "incident-whatsapp.csv"),
            ("../../etc/passwd", "-..-etc-passwd"),
            ("a\"\r\nSet-Cookie: x=1", "a---Set-Cookie--x-1"),
            ("عطل.csv", "---.csv"),
        ] {
            let response = attachment(().into_response(), name);
            assert_eq!(response.headers()[header::CONTENT_DISPOSITION], format!("attachment; filename=\"{want}\""));
        }
    }

    #[test]
    fn tags_tell_commits_and_links_apart() {
        let version = |seq, line| Version { seq, line };
        let tags =
            [tag(version(1, 1), "/a"), tag(version(1, 2), "/a"), tag(version(2, 1), "/a"), tag(version(1, 1), "/b")];
        for (index, one) in tags.iter().enumerate() {
            assert!(tags.iter().skip(index + 1).all(|other| other != one));
        }
        assert_eq!(tags[0], tag(version(1, 1), "/a"));
    }
}
