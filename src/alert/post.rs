//! One JSON body to one address, the answer sorted by what the worker does about it.

use std::time::Duration;

use serde_json::Value;

use super::SendError;
use crate::feed::FeedError;
use crate::feed::http::{Answer, Net, Url, Verb};
use crate::feed::{Secret, link};
use crate::report::text::excerpt;

/// Characters of an answer that are told.
const MAX_REASON_CHARS: usize = 200;

/// Hands a body over. What is told of a refusal holds neither the path of the address nor what authorizes the request:
/// both may be secrets, and some servers repeat them.
///
/// # Errors
/// Sorted by status: 429 and 503 with a wait are [`SendError::Throttled`], what speaks against the message itself
/// (400, 409, 413, 415, 422) is `Refused`, and everything else may work later.
pub(super) async fn post(
    net: &Net,
    verb: Verb,
    url: &Url,
    headers: &[(&str, &str)],
    body: String,
) -> Result<Answer, SendError> {
    let headers = [&[("content-type", "application/json")], headers].concat();
    let answer = net.deliver(verb, url, &headers, body).await.map_err(|error| match error {
        FeedError::Throttled { retry_after } => SendError::Throttled { retry_after },
        FeedError::Transient(words) | FeedError::Fatal(words) => SendError::Failed(words),
    })?;
    let said = said(&answer, url, &headers);
    match answer.status {
        200..=299 => Ok(answer),
        429 => Err(SendError::Throttled { retry_after: answer.wait().or_else(|| wait_in_body(&answer)) }),
        503 if answer.wait().is_some() => Err(SendError::Throttled { retry_after: answer.wait() }),
        status @ (400 | 409 | 413 | 415 | 422) => Err(SendError::Refused(format!("HTTP {status}{said}"))),
        status @ 300..=399 => {
            Err(SendError::Failed(format!("HTTP {status}: it is somewhere else now; write its new address")))
        }
        status @ (401 | 403) => Err(SendError::Failed(format!("HTTP {status}{said}; check the token or secret"))),
        status @ (404 | 410) => Err(SendError::Failed(format!("HTTP {status}{said}; check the address"))),
        status => Err(SendError::Failed(format!("HTTP {status}{said}"))),
    }
}

/// The beginning of what an answer says.
fn said(answer: &Answer, url: &Url, headers: &[(&str, &str)]) -> String {
    let mut text = answer.text();
    if text.trim_start().starts_with('<') || text.trim().is_empty() {
        return String::new();
    }
    let authorization = headers.iter().filter(|(name, _)| *name == "authorization").map(|(_, value)| *value);
    let token = authorization.clone().filter_map(|value| value.split_once(' ').map(|(_, token)| token));
    let path = Some(url.path()).filter(|path| path.len() > 4);
    for secret in authorization.clone().chain(token).chain(path).chain(url.query()) {
        text = text.replace(secret, "***");
    }
    format!(": {}", excerpt(&text, MAX_REASON_CHARS))
}

/// The wait that Telegram (`parameters.retry_after`, seconds), Discord (`retry_after`, seconds) and Matrix
/// (`retry_after_ms`) write into the body.
fn wait_in_body(answer: &Answer) -> Option<Duration> {
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    let millis = body["retry_after_ms"].as_f64().map(|millis| millis / 1000.0);
    let secs = millis.or(body["parameters"]["retry_after"].as_f64()).or(body["retry_after"].as_f64())?;
    Some(Duration::from_secs_f64(secs.clamp(0.0, 6.0 * 3600.0)))
}

/// An address of the configuration; `env:NAME` where it is itself a secret.
pub(super) fn address(key: &str, written: String) -> Result<Url, String> {
    match written.starts_with("env:") {
        true => {
            link(key, Secret::try_from(written)?.reveal()).map_err(|_| format!("{key}: the variable holds no link"))
        }
        false => link(key, &written),
    }
}

/// An address with more segments of a path.
pub(super) fn join(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}
