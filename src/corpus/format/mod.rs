//! The forms of JSON posts: each record is recognized by its keys, so that mixed files work.

mod bluesky;
mod flat;
mod hackernews;
pub(super) mod html;
mod json;
mod lemmy;
mod mastodon;
mod own;
mod page;
mod reddit;
pub(super) mod table;
mod twitter_v1;
mod twitter_v2;

use super::options::ColumnMap;
use super::outcome::Reason;
use crate::model::RawPost;
use json::Object;

/// Why a record gave no post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) reason: Reason,
    pub(super) detail: String,
}

impl Fault {
    fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}

/// A post, or why there is none.
pub(super) type Decoded = Result<RawPost, Fault>;

/// Takes each post of a record with the JSON that is its own.
type Emit<'e> = dyn FnMut(&str, Decoded) + 'e;

/// One form of posts.
struct Form {
    /// Whether an object has this form.
    fits: fn(&Object<'_>) -> bool,
    /// Hands over what the object (whose text is the second argument) holds.
    read: fn(&Object<'_>, &str, Context<'_>, &mut Emit<'_>),
}

/// What a form may want to know beside the object.
#[derive(Clone, Copy)]
struct Context<'c> {
    columns: &'c ColumnMap,
    /// Envelopes around the object; hostile input nests them without end.
    num_envelopes: u8,
}

/// All forms; the first that fits is taken, so those with the surest marks stand first.
const FORMS: &[Form] = &[
    own::FORM,
    bluesky::FORM,
    twitter_v1::FORM,
    reddit::FORM,
    hackernews::FORM,
    lemmy::FORM,
    mastodon::FORM,
    twitter_v2::FORM,
    page::FORM,
    flat::FORM,
];

/// Reads one JSON record: `emit` gets each post in it, or one fault.
pub(super) fn decode(text: &str, columns: &ColumnMap, emit: &mut Emit<'_>) {
    decode_in(text, Context { columns, num_envelopes: 0 }, emit);
}

fn decode_in(text: &str, context: Context<'_>, emit: &mut Emit<'_>) {
    let Some(object) = Object::parse(text) else {
        return emit(text, Err(syntax_fault(text)));
    };
    match FORMS.iter().find(|form| (form.fits)(&object)) {
        Some(form) => (form.read)(&object, text, context, emit),
        None => {
            let keys: Vec<&str> = object.keys().take(6).collect();
            emit(text, Err(Fault::new(Reason::UnknownForm, format!("keys {}", keys.join(", ")))));
        }
    }
}

/// Says what is wrong with text that is no JSON object, without repeating any of it.
fn syntax_fault(text: &str) -> Fault {
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Fault::new(Reason::UnknownForm, "not a JSON object"),
        Err(error) if error.is_eof() => Fault::new(Reason::CutShort, format!("ends at column {}", error.column())),
        Err(error) => Fault::new(Reason::BrokenJson, format!("at column {}", error.column())),
    }
}

/// A post of which only the text counts as needed: without words it is rejected.
fn with_words(post: RawPost) -> Decoded {
    if post.text.trim().is_empty() { Err(Fault::new(Reason::NoText, "")) } else { Ok(post) }
}

#[cfg(test)]
mod tests;
