//! Twitter's v2 API: single posts, pages with `data` and `includes`, and flattened posts.

use std::collections::BTreeMap;

use super::json::{Object, elements};
use super::twitter_v1::unescape;
use super::{Context, Decoded, Emit, Fault, Form, with_words};
use crate::corpus::outcome::Reason;
use crate::model::RawPost;

/// Fits posts by the keys that only v2 has, and envelopes whose `data` holds such posts.
pub(super) const FORM: Form = Form { fits, read };

const MARKS: [&str; 10] = [
    "author_id",
    "edit_history_tweet_ids",
    "edit_history_post_ids",
    "referenced_tweets",
    "referenced_posts",
    "conversation_id",
    "public_metrics",
    "note_tweet",
    "note_post",
    "in_reply_to_user_id",
];

fn fits(object: &Object<'_>) -> bool {
    match object.get("data") {
        Some(data) => {
            object.has("includes") || has_count(object) || first_post(data).is_some_and(|post| is_post(&post))
        }
        None => is_post(object) || has_count(object),
    }
}

fn has_count(object: &Object<'_>) -> bool {
    object.object("meta").is_some_and(|meta| meta.has("result_count"))
}

fn is_post(object: &Object<'_>) -> bool {
    object.has("text") && object.has("id") && MARKS.iter().any(|mark| object.has(mark))
}

fn first_post(data: &str) -> Option<Object<'_>> {
    if data.starts_with('{') {
        Object::parse(data)
    } else {
        elements(data)?.first().and_then(|post| Object::parse(post))
    }
}

fn read(object: &Object<'_>, text: &str, _: Context<'_>, emit: &mut Emit<'_>) {
    let Some(data) = object.get("data") else {
        let is_empty_page = !is_post(object);
        let empty = || Err(Fault::new(Reason::NotAPost, "a page without posts"));
        return emit(text, if is_empty_page { empty() } else { post(object, &Includes::default()) });
    };
    let includes = object.object("includes").map(|includes| Includes::read(&includes)).unwrap_or_default();
    let posts = if data.starts_with('[') { elements(data) } else { Some(vec![data]) };
    for one in posts.unwrap_or_default() {
        let decoded = match Object::parse(one) {
            Some(object) => post(&object, &includes),
            None => Err(Fault::new(Reason::UnknownForm, "an element of 'data' is no post")),
        };
        emit(one, decoded);
    }
}

/// What a page says about the things its posts refer to.
#[derive(Default)]
struct Includes {
    text_by_post: BTreeMap<String, String>,
    country_by_place: BTreeMap<String, String>,
}

impl Includes {
    fn read(includes: &Object<'_>) -> Self {
        let mut known = Self::default();
        for post in includes.elements("tweets").into_iter().chain(includes.elements("posts")) {
            if let Some(object) = Object::parse(post)
                && let (Some(id), Ok(text)) = (object.owned("id"), words(&object))
            {
                known.text_by_post.insert(id, text);
            }
        }
        for place in includes.elements("places") {
            if let Some(object) = Object::parse(place)
                && let (Some(id), Some(country)) = (object.owned("id"), object.owned("country_code"))
            {
                known.country_by_place.insert(id, country);
            }
        }
        known
    }
}

fn post(object: &Object<'_>, includes: &Includes) -> Decoded {
    if !object.has("text") {
        return Err(Fault::new(Reason::UnknownForm, "a post without 'text'"));
    }
    let mut text = words(object)?;
    let (mut reply_to, mut repost_of) = (None, None);
    for one in object.elements("referenced_tweets").into_iter().chain(object.elements("referenced_posts")) {
        let Some(reference) = Object::parse(one) else { continue };
        let id = reference.owned("id");
        match reference.owned("type").as_deref() {
            Some("replied_to") => reply_to = id,
            Some("retweeted" | "reposted") => {
                // The text of a repost is cut; the original is among the includes or, flattened, right here.
                let original = id.as_ref().and_then(|id| includes.text_by_post.get(id)).cloned();
                if let Some(whole) = original.or_else(|| words(&reference).ok().filter(|text| !text.is_empty())) {
                    text = whole;
                }
                repost_of = id;
            }
            _ => {}
        }
    }
    let author = object.object("author");
    let author = |key: &str| author.as_ref().and_then(|author| author.owned(key));
    let geo = object.object("geo");
    let place = geo.as_ref().and_then(|geo| geo.owned("place_id"));
    let country = place.and_then(|place| includes.country_by_place.get(&place).cloned());
    let id = object.owned("id");
    with_words(RawPost {
        created_at: object.date("created_at")?,
        author: object.owned("author_id").or_else(|| author("id")).or_else(|| author("username")),
        text,
        lang: object.owned("lang"),
        platform: Some("twitter".to_owned()),
        url: id.as_ref().map(|id| format!("https://twitter.com/i/web/status/{id}")),
        country: country.or_else(|| geo.as_ref().and_then(|geo| geo.owned("country_code"))),
        reply_to,
        repost_of,
        id: id.unwrap_or_default(),
    })
}

/// The whole text: a long post has it in its note.
fn words(object: &Object<'_>) -> Result<String, Fault> {
    let note = object.object("note_tweet").or_else(|| object.object("note_post"));
    let note = note.as_ref().map(|note| note.words("text")).transpose()?.flatten();
    let words = match note {
        Some(words) => words,
        None => object.words("text")?.unwrap_or_default(),
    };
    Ok(unescape(&words))
}
