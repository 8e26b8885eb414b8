//! Stories and comments of Hacker News, as its search (Algolia) and its item interface (Firebase) give them.

use super::json::Object;
use super::{Decoded, Fault, Form, html, with_words};
use crate::corpus::outcome::Reason;
use crate::model::RawPost;

/// Fits hits of the search by their id, and items by their kind beside author and time.
pub(super) const FORM: Form = Form { fits, read: |object, text, _, emit| emit(text, read(object)) };

const KINDS: [&str; 5] = ["story", "comment", "job", "poll", "pollopt"];

fn fits(object: &Object<'_>) -> bool {
    let is_hit = object.has("objectID") && object.has("created_at_i");
    let is_kind = || object.owned("type").is_some_and(|kind| KINDS.contains(&kind.as_str()));
    is_hit || (object.has("time") && object.has("id") && (object.has("by") || object.has("deleted")) && is_kind())
}

fn read(object: &Object<'_>) -> Decoded {
    let is_true = |key: &str| object.get(key) == Some("true");
    if is_true("deleted") || is_true("dead") {
        return Err(Fault::new(Reason::Deleted, ""));
    }
    let title = object.words("title")?.unwrap_or_default();
    let mut body = String::new();
    for key in ["comment_text", "story_text", "text"] {
        if body.is_empty() {
            body = html::checked(&object.words(key)?.unwrap_or_default())?;
        }
    }
    let id = object.owned("objectID").or_else(|| object.owned("id"));
    let created_at = object.date("created_at_i")?;
    with_words(RawPost {
        created_at: if created_at.is_some() { created_at } else { object.date("time")? },
        author: object.owned("author").or_else(|| object.owned("by")),
        text: format!("{title}\n{body}").trim().to_owned(),
        platform: Some("hackernews".to_owned()),
        url: id.as_ref().map(|id| format!("https://news.ycombinator.com/item?id={id}")),
        reply_to: object.owned("parent_id").or_else(|| object.owned("parent")),
        id: id.unwrap_or_default(),
        ..RawPost::default()
    })
}
