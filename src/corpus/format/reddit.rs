//! Reddit dumps: submissions (`RS_`) and comments (`RC_`), from 2005 on.

use super::json::Object;
use super::twitter_v1::unescape;
use super::{Decoded, Fault, Form, with_words};
use crate::corpus::outcome::Reason;
use crate::model::RawPost;

/// Fits by the keys of the subreddit or thread beside a body or a title.
pub(super) const FORM: Form = Form { fits, read: |object, text, _, emit| emit(text, read(object)) };

fn fits(object: &Object<'_>) -> bool {
    let is_reddit = ["subreddit", "subreddit_id", "link_id", "created_utc"].iter().any(|key| object.has(key));
    is_reddit && (object.has("body") || object.has("title") || object.has("selftext"))
}

fn read(object: &Object<'_>) -> Decoded {
    let is_comment = object.has("body");
    let title = object.words("title")?.unwrap_or_default();
    let body = object.words(if is_comment { "body" } else { "selftext" })?.unwrap_or_default();
    if is_gone(&body) || is_gone(&title) {
        return Err(Fault::new(Reason::Deleted, ""));
    }
    let text = if is_comment || title.is_empty() {
        unescape(&body)
    } else if body.is_empty() {
        unescape(&title)
    } else {
        unescape(&format!("{title}\n{body}"))
    };
    let id = object.owned("id");
    let prefix = if is_comment { "t1_" } else { "t3_" };
    let name = object.owned("name").or_else(|| id.as_ref().map(|id| format!("{prefix}{id}")));
    let path = object.owned("permalink").or_else(|| {
        let thread = object.owned("link_id");
        match (thread, id) {
            (Some(thread), Some(id)) => Some(format!("/comments/{}/_/{id}/", thread.trim_start_matches("t3_"))),
            (None, Some(id)) if !is_comment => Some(format!("/comments/{id}/")),
            _ => None,
        }
    });
    with_words(RawPost {
        created_at: object.date("created_utc")?,
        author: object.owned("author").filter(|author| !is_gone(author)),
        text,
        platform: Some("reddit".to_owned()),
        url: path.map(|path| if path.starts_with('/') { format!("https://www.reddit.com{path}") } else { path }),
        reply_to: object.owned("parent_id"),
        id: name.unwrap_or_default(),
        ..RawPost::default()
    })
}

fn is_gone(text: &str) -> bool {
    matches!(
        text.trim(),
        "[deleted]" | "[removed]" | "[deleted by user]" | "[ Removed by Reddit ]" | "[ Removed by moderator ]"
    )
}
