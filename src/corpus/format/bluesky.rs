//! Bluesky: records and views of posts, and the events of Jetstream (v1 and v2).

use super::json::Object;
use super::{Decoded, Fault, Form, with_words};
use crate::corpus::outcome::Reason;
use crate::model::{RawDate, RawPost};

/// Fits what carries a `$type` of the network, an `at://` address, or a `did` with an event.
pub(super) const FORM: Form = Form { fits, read: |object, text, _, emit| emit(text, read(object)) };

const POST: &str = "app.bsky.feed.post";

fn fits(object: &Object<'_>) -> bool {
    is_event(object) || is_frame(object) || is_view(object) || is_record(object) || is_feed_item(object)
}

fn is_event(object: &Object<'_>) -> bool {
    object.has("did") && ["commit", "kind", "collection", "identity", "account"].iter().any(|key| object.has(key))
}

fn is_frame(object: &Object<'_>) -> bool {
    let kind = object.get("$type").unwrap_or_default();
    (object.has("payload") && kind == "\"message\"")
        || (object.has("error") && kind == "\"error\"")
        || kind.starts_with("\"network.bsky.jetstream.")
}

fn is_view(object: &Object<'_>) -> bool {
    object.get("uri").is_some_and(|uri| uri.starts_with("\"at://")) && (object.has("record") || object.has("value"))
}

fn is_record(object: &Object<'_>) -> bool {
    object.get("$type").is_some_and(|kind| kind.starts_with("\"app.bsky."))
}

fn is_feed_item(object: &Object<'_>) -> bool {
    object.object("post").is_some_and(|post| is_view(&post))
}

fn read(object: &Object<'_>) -> Decoded {
    if let Some(view) = object.object("post").filter(is_view) {
        return feed_item(&view, object.object("reason"));
    }
    if is_view(object) {
        return view(object);
    }
    if let Some(payload) = object.object("payload") {
        return event(&payload);
    }
    if is_event(object) {
        return event(object);
    }
    if is_frame(object) {
        return Err(Fault::new(Reason::NotAPost, "a notice of the stream"));
    }
    post(object, None, None)
}

/// An event: v1 has the change under `commit`, v2 beside the `did`.
fn event(object: &Object<'_>) -> Decoded {
    let nested = object.object("commit");
    let commit = nested.as_ref().unwrap_or(object);
    let Some(collection) = commit.owned("collection") else {
        return Err(Fault::new(Reason::NotAPost, object.owned("kind").unwrap_or_default()));
    };
    if collection != POST {
        return Err(Fault::new(Reason::NotAPost, collection));
    }
    if commit.owned("operation").as_deref() == Some("delete") {
        return Err(Fault::new(Reason::Deletion, ""));
    }
    let Some(record) = commit.object("record") else {
        return Err(Fault::new(Reason::WrongType, "'record' must be an object"));
    };
    let did = object.owned("did").unwrap_or_default();
    let rkey = commit.owned("rkey").unwrap_or_default();
    let witnessed = match object.date("time_us")? {
        Some(time) => Some(time),
        None => object.date("time")?,
    };
    post(&record, Some(format!("at://{did}/{POST}/{rkey}")), witnessed)
}

/// A view of a post (`record`), or a record with its address (`value`).
fn view(object: &Object<'_>) -> Decoded {
    let Some(record) = object.object("record").or_else(|| object.object("value")) else {
        return Err(Fault::new(Reason::WrongType, "'record' must be an object"));
    };
    post(&record, object.owned("uri"), object.date("indexedAt")?)
}

fn feed_item(item: &Object<'_>, reason: Option<Object<'_>>) -> Decoded {
    let mut post = view(item)?;
    let reposter = reason.as_ref().and_then(|reason| reason.object("by")).and_then(|by| by.owned("did"));
    if let (Some(reposter), Some(reason)) = (reposter, reason) {
        let original = std::mem::take(&mut post.id);
        post.id = reason.owned("uri").unwrap_or_else(|| format!("{original}#{reposter}"));
        post.repost_of = Some(original);
        post.created_at = reason.date("indexedAt")?;
        post.author = Some(reposter);
    }
    Ok(post)
}

fn post(record: &Object<'_>, uri: Option<String>, witnessed: Option<RawDate>) -> Decoded {
    if let Some(kind) = record.owned("$type").filter(|kind| kind != POST) {
        return Err(Fault::new(Reason::NotAPost, kind));
    }
    let (did, rkey) = uri.as_deref().and_then(split_address).unzip();
    let lang = record.elements("langs").first().and_then(|lang| super::json::string(lang));
    let parent = record.object("reply").and_then(|reply| reply.object("parent"));
    with_words(RawPost {
        created_at: record.date("createdAt")?.or(witnessed),
        author: did.map(str::to_owned),
        text: record.words("text")?.unwrap_or_default().into_owned(),
        lang: lang.map(std::borrow::Cow::into_owned).filter(|lang| !lang.is_empty()),
        platform: Some("bluesky".to_owned()),
        url: did.zip(rkey).map(|(did, rkey)| format!("https://bsky.app/profile/{did}/post/{rkey}")),
        country: None,
        reply_to: parent.and_then(|parent| parent.owned("uri")),
        repost_of: None,
        id: uri.unwrap_or_default(),
    })
}

/// Account and record key of `at://DID/COLLECTION/RKEY`.
fn split_address(uri: &str) -> Option<(&str, &str)> {
    let (did, rest) = uri.strip_prefix("at://")?.split_once('/')?;
    let (_, rkey) = rest.split_once('/')?;
    (!did.is_empty() && !rkey.is_empty()).then_some((did, rkey))
}
