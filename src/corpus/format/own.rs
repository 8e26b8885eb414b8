//! caiu's own form: flat objects with `text` and any of nine other keys.

use std::borrow::Cow;

use super::json::Object;
use super::{Decoded, Fault, Form, with_words};
use crate::corpus::options::Field;
use crate::model::RawPost;

/// Fits where there is a `text` and no key beyond the ten.
pub(super) const FORM: Form = Form {
    fits,
    read: |object, text, context, emit| {
        if context.columns.0.is_empty() {
            emit(text, read(object));
        } else {
            super::flat::read(object, text, context, emit);
        }
    },
};

fn fits(object: &Object<'_>) -> bool {
    object.has("text") && object.keys().all(|key| Field::ALL.iter().any(|field| field.name() == key))
}

/// Reads the ten keys; each must be a text or a number, and `text` a text.
pub(super) fn read(object: &Object<'_>) -> Decoded {
    let field = |key: &str| -> Result<Option<String>, Fault> {
        Ok(object.text(key)?.filter(|text| !text.is_empty()).map(Cow::into_owned))
    };
    with_words(RawPost {
        id: field("id")?.unwrap_or_default(),
        created_at: object.date("created_at")?,
        author: field("author")?,
        text: object.words("text")?.map(Cow::into_owned).unwrap_or_default(),
        lang: field("lang")?,
        platform: field("platform")?,
        url: field("url")?,
        country: field("country")?,
        reply_to: field("reply_to")?,
        repost_of: field("repost_of")?,
    })
}
