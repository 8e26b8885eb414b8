//! What servers answer: a whole answer, and statuses sorted by what to do about them.

use std::time::Duration;

use chrono::Utc;
use reqwest::header::HeaderMap;
use reqwest::{Response, Url};

use super::{FeedError, pace};

/// Characters of a refusal that are told.
const MAX_REASON_CHARS: usize = 200;

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers, names in small letters.
    pub(super) headers: HeaderMap,
    /// The body, unpacked; empty for 304.
    pub body: Vec<u8>,
    /// Where it came from in the end.
    pub url: Url,
    /// Whether there were redirects and all of them were permanent: then the feed has moved there.
    pub moved: bool,
}

impl Answer {
    /// A header by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The wait that its headers ask for.
    pub fn wait(&self) -> Option<Duration> {
        pace::wait(|name| self.header(name), Utc::now())
    }

    /// The body as text; bytes that are no UTF-8 become replacement characters.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// `Transient`, because a page of a proxy or half a body may pass; none of the body is told.
    pub fn json<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, FeedError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let start = self.body.trim_ascii_start().first();
            FeedError::Transient(match start {
                None => format!("an empty answer (HTTP {}) instead of JSON", self.status),
                Some(b'<') => format!("a web page (HTTP {}) instead of JSON", self.status),
                _ if error.is_eof() => "the JSON of the answer breaks off".to_owned(),
                _ => format!("the answer is not the JSON that was expected, at column {}", error.column()),
            })
        })
    }
}

/// A response that is an answer, or the error that its status stands for.
pub(super) async fn sort(response: Response) -> Result<Response, FeedError> {
    let status = response.status().as_u16();
    let wait = wait_of(&response);
    match status {
        200..=299 | 304 | 404 | 410 => Ok(response),
        429 => Err(FeedError::Throttled { retry_after: wait }),
        503 if wait.is_some() => Err(FeedError::Throttled { retry_after: wait }),
        400 | 401 | 403 | 405 | 406 | 422 => Err(FeedError::Fatal(format!("HTTP {status}{}", reason(response).await))),
        _ => Err(FeedError::Transient(format!("HTTP {status}"))),
    }
}

/// The beginning of a refusal, which names its reason; a web page names none.
async fn reason(mut response: Response) -> String {
    let chunk = response.chunk().await.ok().flatten().unwrap_or_default();
    let said = String::from_utf8_lossy(&chunk);
    if said.trim_start().starts_with('<') || said.trim().is_empty() {
        return String::new();
    }
    let plain = said.chars().map(|char| if char.is_control() { ' ' } else { char });
    format!(": {}", plain.take(MAX_REASON_CHARS).collect::<String>().trim())
}

/// The wait that its headers ask for.
pub(super) fn wait_of(response: &Response) -> Option<Duration> {
    pace::wait(|name| response.headers().get(name).and_then(|value| value.to_str().ok()), Utc::now())
}
