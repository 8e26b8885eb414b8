//! RSS, Atom and JSON Feed documents to items whose ids are equal at every reading.

use std::hash::{Hash, Hasher};

use feed_rs::model::{Entry, Text};
use feed_rs::parser::{self, ParseFeedError};
use serde_json::Value;
use siphasher::sip::SipHasher13;

use crate::corpus::plain_text;
use crate::feed::http::Url;
use crate::model::Time;

/// Items that are taken, the newest; feeds that hold more repeat their archive.
pub(in crate::feed) const MAX_ITEMS: usize = 200;
/// Characters of an item that are kept: what a service does is said at the beginning.
const MAX_CHARS: usize = 4_000;

/// One item.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::feed) struct Item {
    /// As the document gives it, else its link, else a hash of its words.
    pub(in crate::feed) id: String,
    pub(in crate::feed) link: Option<String>,
    /// `None` where it has none, or one that cannot be read.
    pub(in crate::feed) at: Option<Time>,
    pub(in crate::feed) author: Option<String>,
    pub(in crate::feed) text: String,
    pub(in crate::feed) lang: Option<String>,
}

/// A whole document, oldest item first.
#[derive(Debug, Default)]
pub(in crate::feed) struct Document {
    pub(in crate::feed) items: Vec<Item>,
    /// Items that cannot be read.
    pub(in crate::feed) num_broken: usize,
}

/// Reads a document; relative links are joined to `base`.
///
/// # Errors
/// Words for a person, without any of the document.
pub(in crate::feed) fn read(body: &[u8], base: &Url) -> Result<Document, String> {
    let first = body.iter().find(|byte| matches!(byte, b'<' | b'{'));
    let mut document = match first {
        Some(b'{') => json(body, base)?,
        Some(_) => parse(body, base).map_err(|error| told(&error, body))?,
        None => return Err("neither RSS, Atom nor JSON Feed".to_owned()),
    };
    // Newest first where all have a date; otherwise in the order of the document, which is the same by custom.
    if document.items.iter().all(|item| item.at.is_some()) {
        document.items.sort_by_key(|item| std::cmp::Reverse(item.at));
    }
    document.items.truncate(MAX_ITEMS);
    document.items.reverse();
    Ok(document)
}

fn told(error: &ParseFeedError, body: &[u8]) -> String {
    let start = String::from_utf8_lossy(&body[..body.len().min(1_000)]).to_ascii_lowercase();
    if start.contains("<html") || start.contains("<!doctype html") {
        return "a web page instead of a feed; look on it for the link of its feed".to_owned();
    }
    match error {
        ParseFeedError::JsonUnsupportedVersion(_) => "a JSON Feed of an unknown version".to_owned(),
        ParseFeedError::ParseError(_) => "neither RSS, Atom nor JSON Feed".to_owned(),
        ParseFeedError::JsonSerde(error) => format!("broken JSON at column {}", error.column()),
        ParseFeedError::XmlReader(_) => "broken XML".to_owned(),
        ParseFeedError::IoError(_) => "text in no known encoding".to_owned(),
    }
}

fn parse(body: &[u8], base: &Url) -> Result<Document, ParseFeedError> {
    // The empty id is replaced below: the parser's own would be a new one at every reading.
    let parser = parser::Builder::new().base_uri(Some(base.as_str())).id_generator(|_, _, _| String::new()).build();
    let feed = parser.parse(body)?;
    let lang = feed.language;
    let items = feed.entries.into_iter().map(|entry| item(entry, lang.as_deref())).collect();
    Ok(Document { items, num_broken: 0 })
}

/// Reads the items one by one where the whole fails, so that one bad item costs only itself.
fn json(body: &[u8], base: &Url) -> Result<Document, String> {
    let mut whole: Value =
        serde_json::from_slice(body).map_err(|error| format!("broken JSON at column {}", error.column()))?;
    let Some(Value::Array(items)) = whole.get_mut("items") else {
        return Err("JSON, but no JSON Feed".to_owned());
    };
    for item in items.iter_mut() {
        // The specification asks readers to take numbers as texts (JSON Feed 1.1, id).
        if let Some(id @ Value::Number(_)) = item.get_mut("id") {
            *id = Value::String(id.to_string());
        }
    }
    let items = std::mem::take(items);
    let read = |items: Vec<Value>, whole: &mut Value| {
        whole["items"] = Value::Array(items);
        parse(whole.to_string().as_bytes(), base)
    };
    let error = match read(items.clone(), &mut whole) {
        Ok(document) => return Ok(document),
        Err(error) => error,
    };
    let mut document = Document::default();
    for item in items.into_iter().take(MAX_ITEMS) {
        match read(vec![item], &mut whole) {
            Ok(single) => document.items.extend(single.items),
            Err(_) => document.num_broken += 1,
        }
    }
    if document.items.is_empty() { Err(told(&error, body)) } else { Ok(document) }
}

fn item(entry: Entry, lang: Option<&str>) -> Item {
    let title = entry.title.as_ref().map(plain).unwrap_or_default();
    let content = entry.content.and_then(|content| content.body).map(|body| plain_text(&body));
    let body = entry.summary.as_ref().map(plain).filter(|text| !text.is_empty()).or(content).unwrap_or_default();
    let text = match (title.trim_end_matches(['…', '.']), body.as_str()) {
        // Short messages have their own beginning for a title.
        (title, body) if body.starts_with(title) => body.to_owned(),
        (title, "") => title.to_owned(),
        (title, body) => format!("{title}\n{body}"),
    };
    let is_page = |rel: Option<&str>| matches!(rel, None | Some("alternate"));
    let link = entry.links.iter().find(|link| is_page(link.rel.as_deref())).or(entry.links.first());
    let link = link.map(|link| link.href.clone()).filter(|link| !link.is_empty());
    let id = Some(entry.id).filter(|id| !id.trim().is_empty()).or_else(|| link.clone()).unwrap_or_else(|| hash(&text));
    let author = entry.authors.into_iter().next();
    Item {
        id,
        link,
        at: entry.published.or(entry.updated),
        author: author.and_then(|author| author.uri.or(author.email).or(author.name)).filter(|name| !name.is_empty()),
        text: text.chars().take(MAX_CHARS).collect(),
        lang: entry.language.or_else(|| lang.map(str::to_owned)),
    }
}

/// Titles and summaries hold markup more often than they say so.
fn plain(text: &Text) -> String {
    let content = text.content.trim();
    let is_markup = text.content_type.essence().to_string().contains("html") || content.contains("</");
    if is_markup || content.contains('&') { plain_text(content) } else { content.to_owned() }
}

fn hash(text: &str) -> String {
    let mut hasher = SipHasher13::new_with_keys(1, 2);
    text.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(body: &str) -> Vec<Item> {
        read(body.as_bytes(), &Url::parse("https://example.org/feed").unwrap()).unwrap().items
    }

    fn rss(inner: &str) -> String {
        format!("<rss version=\"2.0\"><channel><title>t</title><language>pt-br</language>{inner}</channel></rss>")
    }

    #[test]
    fn ids_are_equal_at_every_reading() {
        for (inner, id) in [
            ("<item><guid>g1</guid><title>a</title></item>", "g1"),
            ("<item><link>https://example.org/1</link><title>a</title></item>", "https://example.org/1"),
        ] {
            assert_eq!(items(&rss(inner))[0].id, id, "{inner}");
        }
        let bare = rss("<item><title>a</title><description>b</description></item>");
        assert_eq!(items(&bare), items(&bare));
        assert_eq!(items(&bare)[0].id.len(), 16);
    }

    #[test]
    fn a_bad_date_is_no_date() {
        let read = items(&rss("<item><guid>g</guid><title>a</title><pubDate>yesterday</pubDate></item>"));
        assert_eq!((read[0].at, read[0].lang.as_deref()), (None, Some("pt-br")));
    }

    #[test]
    fn titles_and_bodies_become_text_once() {
        for (inner, text) in [
            (
                "<title>Zap caiu</title><description>&lt;p&gt;de&lt;br&gt;novo&lt;/p&gt;</description>",
                "Zap caiu\nde\nnovo",
            ),
            ("<title>Zap caiu…</title><description>Zap caiu de novo</description>", "Zap caiu de novo"),
            ("<description><![CDATA[a &amp; b]]></description>", "a & b"),
            ("<title>a &amp;lt; b</title>", "a < b"),
        ] {
            assert_eq!(items(&rss(&format!("<item><guid>g</guid>{inner}</item>")))[0].text, text, "{inner}");
        }
    }

    #[test]
    fn json_feeds_with_numbers_and_broken_items_are_read() {
        let feed =
            |items: &str| format!(r#"{{"version":"https://jsonfeed.org/version/1.1","title":"t","items":[{items}]}}"#);
        let good =
            r#"{"id":7,"url":"https://example.org/7","content_text":"down","date_published":"2026-11-22T14:00:00Z"}"#;
        assert_eq!(items(&feed(good))[0].id, "7");
        let mixed = read(
            feed(&format!(r#"{good},{{"id":"8","title":{{}}}},{{"id":"9","content_html":"<p>up</p>"}}"#)).as_bytes(),
            &Url::parse("https://example.org/").unwrap(),
        )
        .unwrap();
        assert_eq!((mixed.items.len(), mixed.num_broken), (2, 1));
    }

    #[test]
    fn old_encodings_are_read() {
        let mut body = b"<?xml version=\"1.0\" encoding=\"windows-1256\"?><rss version=\"2.0\"><channel><item><guid>g</guid><title>".to_vec();
        // "معطل" in windows-1256.
        body.extend([0xe3, 0xda, 0xd8, 0xe1]);
        body.extend(b"</title></item></channel></rss>");
        let read = read(&body, &Url::parse("https://example.org/").unwrap()).unwrap();
        assert_eq!(read.items[0].text, "معطل");
    }

    #[test]
    fn what_is_no_feed_is_told() {
        let base = Url::parse("https://example.org/").unwrap();
        for (body, told) in [
            ("", "neither"),
            ("\0\u{1}garbage", "neither"),
            ("<!DOCTYPE html><html><body>hi", "look on it for the link"),
            ("{\"a\":1}", "no JSON Feed"),
            ("{\"items\":[", "broken JSON"),
            ("<rss version=\"2.0\"><channel><item><title>cut", "broken XML"),
            ("<svg/>", "neither"),
        ] {
            let error = read(body.as_bytes(), &base).unwrap_err();
            assert!(error.contains(told), "{body}: {error}");
        }
    }

    #[test]
    fn nested_markup_is_survived() {
        let deep = format!("<item><guid>g</guid><title>a</title>{}</item>", "<x>".repeat(200_000));
        let _ = read(rss(&deep).as_bytes(), &Url::parse("https://example.org/").unwrap());
        let deep = format!(
            "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><content type=\"xhtml\">{}",
            "<b>".repeat(200_000)
        );
        let _ = read(deep.as_bytes(), &Url::parse("https://example.org/").unwrap());
    }
}
