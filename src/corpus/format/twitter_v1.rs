//! Twitter's v1.1 objects: streams, searches, personal archives; deletions and limit notices.

use super::json::Object;
use super::{Decoded, Fault, Form, with_words};
use crate::corpus::outcome::Reason;
use crate::model::RawPost;

/// Fits tweets by `id_str`, `full_text` or `truncated`, and the notices of the stream.
pub(super) const FORM: Form = Form { fits, read: |object, text, _, emit| emit(text, read(object)) };

/// Notices that a stream puts between its tweets.
const NOTICES: [&str; 8] =
    ["delete", "scrub_geo", "limit", "status_withheld", "user_withheld", "disconnect", "warning", "friends_str"];

fn fits(object: &Object<'_>) -> bool {
    is_tweet(object) || notice(object).is_some() || (object.keys().count() == 1 && object.has("tweet"))
}

fn is_tweet(object: &Object<'_>) -> bool {
    let has_words = object.has("text") || object.has("full_text");
    has_words && (object.has("id_str") || object.has("full_text") || (object.has("truncated") && object.has("user")))
}

fn notice(object: &Object<'_>) -> Option<&'static str> {
    // With more keys than these it is something of its own that happens to have such a field.
    if object.keys().count() > 2 || object.has("text") {
        return None;
    }
    NOTICES.into_iter().find(|name| object.get(name).is_some_and(|value| value.starts_with(['{', '['])))
}

fn read(object: &Object<'_>) -> Decoded {
    if let Some(name) = notice(object) {
        let reason = if name == "delete" { Reason::Deletion } else { Reason::NotAPost };
        return Err(Fault::new(reason, name));
    }
    if let Some(inner) = object.object("tweet").filter(|_| !is_tweet(object)) {
        return if is_tweet(&inner) { tweet(&inner) } else { Err(Fault::new(Reason::UnknownForm, "tweet")) };
    }
    tweet(object)
}

fn tweet(object: &Object<'_>) -> Decoded {
    let original = object.object("retweeted_status");
    let user = object.object("user");
    let user = |key: &str| user.as_ref().and_then(|user| user.owned(key));
    let id = id(object);
    with_words(RawPost {
        created_at: object.date("created_at")?,
        author: user("id_str").or_else(|| user("id")).or_else(|| user("screen_name")),
        // The text of a retweet is cut at 140 characters; the original has all of it.
        text: words(original.as_ref().unwrap_or(object))?,
        lang: object.owned("lang"),
        platform: Some("twitter".to_owned()),
        url: id.as_ref().map(|id| format!("https://twitter.com/i/web/status/{id}")),
        country: object.object("place").and_then(|place| place.owned("country_code")),
        reply_to: object.owned("in_reply_to_status_id_str").or_else(|| object.owned("in_reply_to_status_id")),
        repost_of: original.as_ref().and_then(self::id),
        id: id.unwrap_or_default(),
    })
}

fn id(object: &Object<'_>) -> Option<String> {
    object.owned("id_str").or_else(|| object.owned("id"))
}

fn words(object: &Object<'_>) -> Result<String, Fault> {
    let whole = object.object("extended_tweet");
    let words = match whole.as_ref().map(|whole| whole.words("full_text")).transpose()?.flatten() {
        Some(words) => words,
        None => match object.words("full_text")? {
            Some(words) => words,
            None => object.words("text")?.unwrap_or_default(),
        },
    };
    Ok(unescape(&words))
}

/// Twitter writes `&`, `<` and `>` as entities in its texts, and nothing else.
pub(super) fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
