//! Simulated posts as lines of NDJSON in the program's own form.

use std::io::{self, Write};

use serde::Serialize;

use super::{PostTruth, SimulatedPost};
use crate::model::RawDate;

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    created_at: Option<&'a str>,
    author: Option<&'a str>,
    text: &'a str,
    lang: Option<&'a str>,
    platform: Option<&'a str>,
    url: Option<&'a str>,
    country: Option<&'a str>,
    reply_to: Option<&'a str>,
    repost_of: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    truth: Option<&'a PostTruth>,
}

/// Writes one line; the field `truth` only `with_truth`, so that no reader can peek by accident.
///
/// # Errors
/// Those of `out`.
pub fn line(simulated: &SimulatedPost, with_truth: bool, out: &mut impl Write) -> io::Result<()> {
    let post = &simulated.post;
    let created_at = match &post.created_at {
        Some(RawDate::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let line = Line {
        id: &post.id,
        created_at,
        author: post.author.as_deref(),
        text: &post.text,
        lang: post.lang.as_deref(),
        platform: post.platform.as_deref(),
        url: post.url.as_deref(),
        country: post.country.as_deref(),
        reply_to: post.reply_to.as_deref(),
        repost_of: post.repost_of.as_deref(),
        truth: with_truth.then_some(&simulated.truth),
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")
}
