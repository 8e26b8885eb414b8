//! A look into a JSON object without building it: its keys, and where their values lie in the text.

use std::borrow::Cow;

use crate::model::RawDate;

use super::super::outcome::Reason;
use super::Fault;

/// The fields of one JSON object, borrowed from its text. The values are cut out by their brackets
/// and quotes alone; what is inside is judged when it is asked for.
#[derive(Debug)]
pub(super) struct Object<'a> {
    fields: Vec<(&'a str, &'a str)>,
}

impl<'a> Object<'a> {
    /// The object that is the whole of `text`; `None` if it is none.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let mut fields = Vec::with_capacity(16);
        let mut rest = skip_blank(text).strip_prefix('{').map(skip_blank)?;
        if let Some(behind) = rest.strip_prefix('}') {
            return skip_blank(behind).is_empty().then_some(Self { fields });
        }
        loop {
            let (key, behind) = rest.split_at_checked(string_end(rest.as_bytes())?)?;
            let value_on = skip_blank(behind).strip_prefix(':').map(skip_blank)?;
            let (value, behind) = value_on.split_at_checked(value_end(value_on.as_bytes())?)?;
            fields.push((&key[1..key.len() - 1], value));
            let behind = skip_blank(behind);
            match behind.as_bytes().first()? {
                b',' => rest = skip_blank(&behind[1..]),
                b'}' => return skip_blank(&behind[1..]).is_empty().then_some(Self { fields }),
                _ => return None,
            }
        }
    }

    /// The JSON text of a field, of the last one where a key comes twice; `null` counts as absent.
    pub(super) fn get(&self, key: &str) -> Option<&'a str> {
        let found = self.fields.iter().rev().find(|(name, _)| *name == key);
        found.map(|&(_, value)| value).filter(|&value| value != "null")
    }

    /// Whether the field is there and not `null`.
    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The fields in their order.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.fields.iter().map(|&(key, _)| key)
    }

    /// The object in a field.
    pub(super) fn object(&self, key: &str) -> Option<Self> {
        self.get(key).and_then(Self::parse)
    }

    /// The elements of the array in a field; empty if there is none.
    pub(super) fn elements(&self, key: &str) -> Vec<&'a str> {
        self.get(key).and_then(elements).unwrap_or_default()
    }

    /// A text, or a number as text; a fault that names the key where it is anything else.
    pub(super) fn text(&self, key: &str) -> Result<Option<Cow<'a, str>>, Fault> {
        let Some(value) = self.get(key) else { return Ok(None) };
        match value.as_bytes().first() {
            Some(b'"') => string(value).map(Some).ok_or_else(|| Fault::new(Reason::BrokenJson, key)),
            Some(b'0'..=b'9' | b'-') => Ok(Some(Cow::Borrowed(value))),
            _ => Err(Fault::new(Reason::WrongType, format!("'{key}' must be a text"))),
        }
    }

    /// As `text`, and nothing where a foreign format holds something unexpected.
    pub(super) fn owned(&self, key: &str) -> Option<String> {
        self.text(key).ok().flatten().map(Cow::into_owned).filter(|text| !text.is_empty())
    }

    /// A text that must not be a number: the text of a post.
    pub(super) fn words(&self, key: &str) -> Result<Option<Cow<'a, str>>, Fault> {
        match self.get(key) {
            Some(value) if !value.starts_with('"') => {
                Err(Fault::new(Reason::WrongType, format!("'{key}' must be a text")))
            }
            _ => self.text(key),
        }
    }

    /// A date as text or number.
    pub(super) fn date(&self, key: &str) -> Result<Option<RawDate>, Fault> {
        let Some(value) = self.get(key) else { return Ok(None) };
        if value.starts_with('"') {
            return Ok(self.text(key)?.filter(|text| !text.is_empty()).map(|text| RawDate::Text(text.into_owned())));
        }
        let number = value.parse().map_err(|_| Fault::new(Reason::WrongType, format!("'{key}' must be a date")))?;
        Ok(Some(RawDate::Epoch(number)))
    }
}

/// The elements of a JSON array; `None` if `text` is none.
pub(super) fn elements(text: &str) -> Option<Vec<&str>> {
    let mut found = Vec::new();
    let mut rest = text.strip_prefix('[').map(skip_blank)?;
    if rest.starts_with(']') {
        return Some(found);
    }
    loop {
        let (value, behind) = rest.split_at_checked(value_end(rest.as_bytes())?)?;
        found.push(value);
        let behind = skip_blank(behind);
        match behind.as_bytes().first()? {
            b',' => rest = skip_blank(&behind[1..]),
            b']' => return Some(found),
            _ => return None,
        }
    }
}

/// The text that a JSON string stands for.
pub(super) fn string(value: &str) -> Option<Cow<'_, str>> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    let parsed = serde_json::from_str::<String>(value);
    parsed.or_else(|_| serde_json::from_str(&mend_surrogates(value))).ok().map(Cow::Owned)
}

/// Halves of surrogate pairs, which careless cutting leaves behind, become U+FFFD.
fn mend_surrogates(value: &str) -> String {
    let mut mended = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('\\') {
        mended.push_str(&rest[..at]);
        rest = &rest[at..];
        let unit = escaped_unit(rest);
        let is_pair = matches!(unit, Some(0xd800..0xdc00))
            && rest.get(6..).and_then(escaped_unit).is_some_and(|next| (0xdc00..0xe000).contains(&next));
        let (kept, width) = match unit {
            Some(_) if is_pair => (&rest[..12], 12),
            Some(0xd800..0xe000) => ("\\ufffd", 6),
            Some(_) => (&rest[..6], 6),
            None => {
                let width = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                (&rest[..width], width)
            }
        };
        mended.push_str(kept);
        rest = &rest[width..];
    }
    mended.push_str(rest);
    mended
}

fn escaped_unit(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

fn skip_blank(text: &str) -> &str {
    // Most values have no blank before them, so the common case is one comparison.
    match text.as_bytes().first() {
        Some(b' ' | b'\t' | b'\r' | b'\n') => text.trim_start_matches([' ', '\t', '\r', '\n']),
        _ => text,
    }
}

/// Length of the string at the beginning of `text`, quotes included.
fn string_end(text: &[u8]) -> Option<usize> {
    if text.first() != Some(&b'"') {
        return None;
    }
    let mut at = 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Length of the value at the beginning of `text`.
fn value_end(text: &[u8]) -> Option<usize> {
    match text.first()? {
        b'"' => string_end(text),
        b'{' | b'[' => nested_end(text),
        _ => {
            let end = text.iter().position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n'));
            let end = end.unwrap_or(text.len());
            is_plain(&text[..end]).then_some(end)
        }
    }
}

fn is_plain(word: &[u8]) -> bool {
    matches!(word, b"true" | b"false" | b"null")
        || (word.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-')
            && word.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')))
}

fn nested_end(text: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(byte) = text.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b'"' => {
                at += string_end(&text[at..])?;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, want: Option<&[(&str, &str)]>) {
        let got = Object::parse(text).map(|object| object.fields);
        assert_eq!(got.as_deref(), want, "{text}");
    }

    #[test]
    fn fields_of_objects() {
        check("{}", Some(&[]));
        check(" { \"a\" : 1 , \"b\":\"x,}\\\"\" }\r", Some(&[("a", "1"), ("b", "\"x,}\\\"\"")]));
        check(r#"{"a":{"b":[1,"]}"]},"c":null}"#, Some(&[("a", r#"{"b":[1,"]}"]}"#), ("c", "null")]));
        for broken in [
            "",
            "{",
            "[]",
            "1",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1"#,
            r#"{"a":"x"#,
            r#"{"a":"x\"#,
            r#"{"a":"x\"}"#,
            r#"{"a":1,}"#,
            r#"{"a":1}x"#,
            r#"{"a":1}{"a":2}"#,
            r#"{a:1}"#,
            r#"{"a":nul}"#,
            r#"{"a":[1}"#,
            r#"{"a":'x'}"#,
            "{\"a\":1\0}",
        ] {
            check(broken, None);
        }
    }

    #[test]
    fn values() {
        let object = Object::parse(
            r#"{"a":1,"a":"last","n":12345678901234567890,"o":{},"e":"","t":"\u0648\u0627 \ud83d x \ud83d\udd25","d":1.5}"#,
        )
        .unwrap();
        assert_eq!(object.text("a").unwrap().as_deref(), Some("last"));
        assert_eq!(object.text("n").unwrap().as_deref(), Some("12345678901234567890"));
        assert_eq!(object.text("t").unwrap().as_deref(), Some("وا \u{fffd} x 🔥"));
        assert_eq!(object.text("x").unwrap(), None);
        assert_eq!(object.text("o").unwrap_err().reason, Reason::WrongType);
        assert_eq!(object.words("n").unwrap_err().reason, Reason::WrongType);
        assert_eq!(object.date("d").unwrap(), Some(RawDate::Epoch(1.5)));
        assert_eq!(object.date("e").unwrap(), None);
        assert_eq!(object.date("o").unwrap_err().reason, Reason::WrongType);
        assert_eq!(elements("[1, {\"a\":[2]} ,\"x\"]").unwrap(), ["1", "{\"a\":[2]}", "\"x\""]);
        assert_eq!(elements("[]").unwrap(), Vec::<&str>::new());
        assert_eq!((elements("[1"), elements("{}")), (None, None));
    }
}
