//! Envelopes: pages of any API that hold their posts in an array, and objects around a single one.

use super::json::{Object, elements};
use super::{Context, Emit, Fault, Form, decode_in};
use crate::corpus::outcome::Reason;

/// Fits where an array or an object stands under one of the usual keys.
pub(super) const FORM: Form = Form { fits: |object| content(object).is_some(), read };

const KEYS: [&str; 8] = ["data", "statuses", "posts", "records", "feed", "children", "tweets", "comments"];

/// Envelopes within envelopes that are opened: a listing holds its posts three deep.
const MAX_ENVELOPES: u8 = 4;

fn content<'a>(object: &Object<'a>) -> Option<&'a str> {
    KEYS.iter().find_map(|key| object.get(key)).filter(|value| value.starts_with(['[', '{']))
}

fn read(object: &Object<'_>, text: &str, context: Context<'_>, emit: &mut Emit<'_>) {
    let content = content(object).unwrap_or_default();
    if context.num_envelopes >= MAX_ENVELOPES {
        return emit(text, Err(Fault::new(Reason::UnknownForm, "too many envelopes")));
    }
    let inner = Context { num_envelopes: context.num_envelopes + 1, ..context };
    let posts = if content.starts_with('[') { elements(content) } else { Some(vec![content]) };
    match posts {
        Some(posts) => posts.into_iter().for_each(|post| decode_in(post, inner, emit)),
        None => emit(text, Err(Fault::new(Reason::BrokenJson, "a broken array"))),
    }
}
