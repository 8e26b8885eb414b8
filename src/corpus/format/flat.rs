//! Flat objects with other names for the fields: mapped by hand, or guessed as columns are.

use std::borrow::Cow;

use super::json::Object;
use super::table::guess;
use super::{Context, Decoded, Emit, Fault, Form, with_words};
use crate::corpus::options::{ColumnMap, Field};
use crate::corpus::outcome::Reason;
use crate::model::{RawDate, RawPost};

/// Fits where nothing else does and a key is known to hold text.
pub(super) const FORM: Form = Form { fits: |_| true, read };

/// Reads by the names given, and by the usual ones for the rest.
pub(super) fn read(object: &Object<'_>, text: &str, context: Context<'_>, emit: &mut Emit<'_>) {
    emit(text, decode(object, context.columns));
}

fn decode(object: &Object<'_>, columns: &ColumnMap) -> Decoded {
    let keys: Vec<&str> = object.keys().collect();
    let key = |field: Field| match columns.0.get(&field) {
        Some(name) => Some(name.as_str()),
        None => guess(field, &keys).map(|at| keys[at]),
    };
    let value = |field: Field| -> Result<Option<String>, Fault> {
        let Some(key) = key(field) else { return Ok(None) };
        // A nested author or place is some platform's own; the post is worth more than it.
        if columns.0.contains_key(&field) {
            Ok(object.text(key)?.filter(|text| !text.is_empty()).map(Cow::into_owned))
        } else {
            Ok(object.owned(key))
        }
    };
    let Some(words) = key(Field::Text).filter(|key| object.has(key)) else {
        let names: Vec<&str> = keys.iter().take(6).copied().collect();
        return Err(Fault::new(Reason::UnknownForm, format!("keys {}", names.join(", "))));
    };
    let created_at: Option<RawDate> = match key(Field::CreatedAt) {
        Some(key) => object.date(key)?,
        None => None,
    };
    with_words(RawPost {
        id: value(Field::Id)?.unwrap_or_default(),
        created_at,
        author: value(Field::Author)?,
        text: object.words(words)?.map(Cow::into_owned).unwrap_or_default(),
        lang: value(Field::Lang)?,
        platform: value(Field::Platform)?,
        url: value(Field::Url)?,
        country: value(Field::Country)?,
        reply_to: value(Field::ReplyTo)?,
        repost_of: value(Field::RepostOf)?,
    })
}
