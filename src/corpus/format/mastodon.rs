//! Statuses of Mastodon's API and of what speaks it, and the envelopes of its stream.

use super::json::Object;
use super::{Decoded, Emit, Fault, Form, html, with_words};
use crate::corpus::outcome::Reason;
use crate::model::RawPost;

/// Fits HTML `content` beside a key of a status, and stream events.
pub(super) const FORM: Form = Form { fits, read: |object, text, _, emit| read(object, text, emit) };

fn fits(object: &Object<'_>) -> bool {
    is_status(object) || (object.has("event") && object.has("payload"))
}

fn is_status(object: &Object<'_>) -> bool {
    let marks = ["account", "spoiler_text", "visibility", "reblog", "in_reply_to_id", "reblogs_count"];
    object.has("content") && marks.iter().any(|mark| object.has(mark))
}

fn read(object: &Object<'_>, text: &str, emit: &mut Emit<'_>) {
    if is_status(object) {
        return emit(text, status(object));
    }
    let payload = object.text("payload").ok().flatten().unwrap_or_default();
    let decoded = match object.owned("event").as_deref() {
        Some("update" | "status.update") => match Object::parse(&payload) {
            Some(inner) if is_status(&inner) => status(&inner),
            _ => Err(Fault::new(Reason::UnknownForm, "the payload is no status")),
        },
        Some("delete") => Err(Fault::new(Reason::Deletion, "")),
        _ => Err(Fault::new(Reason::NotAPost, "another event")),
    };
    emit(text, decoded);
}

fn status(object: &Object<'_>) -> Decoded {
    let original = object.object("reblog");
    let account = object.object("account");
    let id = object.owned("id").or_else(|| object.owned("uri"));
    with_words(RawPost {
        created_at: object.date("created_at")?,
        author: account.as_ref().and_then(author),
        text: words(original.as_ref().unwrap_or(object))?,
        lang: original.as_ref().unwrap_or(object).owned("language"),
        platform: Some("mastodon".to_owned()),
        url: object.owned("url").or_else(|| object.owned("uri")),
        country: None,
        reply_to: object.owned("in_reply_to_id"),
        repost_of: original.as_ref().and_then(|original| original.owned("id")),
        id: id.unwrap_or_default(),
    })
}

/// `name@host`: a server leaves the host out for its own accounts.
fn author(account: &Object<'_>) -> Option<String> {
    let name = account.owned("acct").or_else(|| account.owned("username"))?;
    if name.contains('@') {
        return Some(name);
    }
    let url = account.owned("url").unwrap_or_default();
    let host = url.split_once("://").and_then(|(_, rest)| rest.split('/').next()).filter(|host| !host.is_empty());
    Some(host.map_or_else(|| name.clone(), |host| format!("{name}@{host}")))
}

fn words(object: &Object<'_>) -> Result<String, Fault> {
    let content = object.words("content")?.unwrap_or_default();
    let body = html::checked(&content)?;
    match object.owned("spoiler_text") {
        Some(warning) if body.is_empty() => Ok(warning),
        Some(warning) => Ok(format!("{warning}\n{body}")),
        None => Ok(body),
    }
}
