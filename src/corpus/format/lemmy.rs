//! Posts and comments of Lemmy, as its interface gives them in versions 3 and 4.

use super::json::Object;
use super::twitter_v1::unescape;
use super::{Decoded, Fault, Form, with_words};
use crate::corpus::outcome::Reason;
use crate::model::{RawDate, RawPost};

/// Fits a view: a post or a comment with its ActivityPub id, beside its community or creator.
pub(super) const FORM: Form = Form { fits, read: |object, text, _, emit| emit(text, read(object)) };

fn fits(object: &Object<'_>) -> bool {
    let is_view = object.has("creator") && object.has("community");
    is_view && inner(object).is_some_and(|inner| inner.has("ap_id"))
}

/// A comment's view holds its post too.
fn inner<'a>(object: &Object<'a>) -> Option<Object<'a>> {
    object.object("comment").or_else(|| object.object("post"))
}

fn read(object: &Object<'_>) -> Decoded {
    let is_comment = object.has("comment");
    let Some(inner) = inner(object) else { return Err(Fault::new(Reason::UnknownForm, "no post")) };
    if ["deleted", "removed"].iter().any(|key| inner.get(key) == Some("true")) {
        return Err(Fault::new(Reason::Deleted, ""));
    }
    let (title, body) = if is_comment { ("", "content") } else { ("name", "body") };
    let title = inner.words(title)?.unwrap_or_default();
    let body = inner.words(body)?.unwrap_or_default();
    let date = inner.date("published_at")?;
    let date = if date.is_some() { date } else { inner.date("published")? };
    let ap_id = inner.owned("ap_id").unwrap_or_default();
    let creator = object.object("creator");
    let creator = |key: &str| creator.as_ref().and_then(|creator| creator.owned(key));
    let post = object.object("post").filter(|_| is_comment);
    with_words(RawPost {
        created_at: date.map(with_zone),
        author: creator("ap_id").or_else(|| creator("actor_id")).or_else(|| creator("name")),
        // Markdown is close enough to plain text; entities are what the server escapes.
        text: unescape(format!("{title}\n{body}").trim()),
        platform: Some("lemmy".to_owned()),
        url: Some(ap_id.clone()),
        reply_to: post.and_then(|post| post.owned("ap_id")),
        id: ap_id,
        ..RawPost::default()
    })
}

/// Servers before 0.19 leave the zone out and mean UTC.
fn with_zone(date: RawDate) -> RawDate {
    match date {
        RawDate::Text(text) if text.contains('T') && !text.ends_with('Z') && !has_offset(&text) => {
            RawDate::Text(format!("{text}Z"))
        }
        other => other,
    }
}

fn has_offset(text: &str) -> bool {
    text.split_once('T').is_some_and(|(_, time)| time.contains(['+', '-']))
}
