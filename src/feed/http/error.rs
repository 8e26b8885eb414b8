//! Errors of the client in words: what failed and why, without the link, which may hold a secret.

use super::FeedError;

pub(super) fn transient(error: &reqwest::Error) -> FeedError {
    FeedError::Transient(whole(error))
}

/// An error with its causes and without the link, which may hold a secret.
pub(super) fn whole(error: &reqwest::Error) -> String {
    let words = match error {
        e if e.is_timeout() => "the server did not answer in time".to_owned(),
        e if e.is_connect() => "cannot connect".to_owned(),
        e if e.is_decode() => "the answer cannot be unpacked".to_owned(),
        e if e.is_body() => "the answer broke off".to_owned(),
        _ => "the request failed".to_owned(),
    };
    with_causes(words, error)
}

/// What is said of an error, and what its causes add.
pub(crate) fn with_causes(mut words: String, error: &dyn std::error::Error) -> String {
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !words.contains(&said) {
            words = format!("{words}: {said}");
        }
        cause = inner.source();
    }
    words
}
