//! Events of Jetstream, v1 and v2, as far as a feed of posts needs them.

use std::borrow::Cow;

use chrono::DateTime;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::place::micros;
use crate::corpus;
use crate::feed::{Deletion, Incoming};
use crate::model::{PostId, Time};

/// The collection of posts.
pub(super) const POSTS: &str = "app.bsky.feed.post";
/// The platform of all posts here; the same word as in dumps.
const PLATFORM: &str = "bluesky";

/// What a message of the server says.
#[derive(Debug, PartialEq)]
pub(super) enum Event {
    /// A post, new or edited.
    Post(Box<Incoming>),
    /// A post or an account was taken back.
    Deleted(Deletion),
    /// Nothing that a feed of posts tells, and why.
    Other(String),
    /// A remark of the server, by its name.
    Info(String),
    /// The server's last words: its name for the reason, and its own message.
    Error(String),
}

/// A message with its place.
#[derive(Debug, PartialEq)]
pub(super) struct Message {
    pub(super) event: Event,
    /// When the server saw it.
    pub(super) at: Option<Time>,
    /// Its number (v2).
    pub(super) seq: Option<u64>,
}

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow, rename = "$type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<Cow<'a, str>>,
    #[serde(borrow)]
    message: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow, default)]
    did: Cow<'a, str>,
    /// v1: microseconds since 1970.
    time_us: Option<u64>,
    /// v2: RFC 3339.
    #[serde(borrow)]
    time: Option<Cow<'a, str>>,
    seq: Option<u64>,
    /// v1.
    #[serde(borrow)]
    kind: Option<Cow<'a, str>>,
    /// v2: the kind behind a `#`.
    #[serde(borrow, rename = "$type")]
    typed: Option<Cow<'a, str>>,
    /// v1 has the change here, v2 beside the `did`.
    #[serde(borrow)]
    commit: Option<Commit<'a>>,
    #[serde(borrow)]
    operation: Option<Cow<'a, str>>,
    #[serde(borrow)]
    collection: Option<Cow<'a, str>>,
    #[serde(borrow)]
    rkey: Option<Cow<'a, str>>,
    #[serde(borrow)]
    account: Option<Account<'a>>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Commit<'a> {
    #[serde(borrow)]
    operation: Option<Cow<'a, str>>,
    #[serde(borrow)]
    collection: Option<Cow<'a, str>>,
    #[serde(borrow)]
    rkey: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Account<'a> {
    active: Option<bool>,
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
}

/// Reads a message; `Err` names what is wrong with it, for the count.
pub(super) fn read(text: &str) -> Result<Message, &'static str> {
    const BROKEN: &str = "broken event";
    let frame: Frame<'_> = serde_json::from_str(text).map_err(|_| BROKEN)?;
    if frame.kind.as_deref() == Some("error") {
        let name = frame.error.unwrap_or_default();
        let words = format!("{name}: {}", frame.message.unwrap_or_default());
        return Ok(Message { event: Event::Error(words.chars().take(200).collect()), at: None, seq: None });
    }
    let body = frame.payload.map_or(text, RawValue::get);
    let fields: Fields<'_> = serde_json::from_str(body).map_err(|_| BROKEN)?;
    let at = match (fields.time_us, &fields.time) {
        (Some(us), _) => Some(super::place::time(us)),
        (None, Some(text)) => DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc()),
        (None, None) => None,
    };
    let seq = fields.seq;
    let event = event(&fields, body, at)?;
    Ok(Message { event, at: at.filter(|at| micros(*at) > 0), seq })
}

fn event(fields: &Fields<'_>, body: &str, at: Option<Time>) -> Result<Event, &'static str> {
    let typed = fields.typed.as_deref().and_then(|typed| typed.split_once('#')).map(|(_, kind)| kind);
    let kind = typed.or(fields.kind.as_deref()).unwrap_or("unknown kind");
    match kind {
        "commit" => {}
        "account" => return account(fields),
        "info" => return Ok(Event::Info(fields.name.as_deref().unwrap_or_default().chars().take(100).collect())),
        "identity" | "sync" => return Ok(Event::Other(kind.to_owned())),
        _ => return Ok(Event::Other("unknown kind of event".to_owned())),
    }
    let nested = fields.commit.as_ref();
    let part = |v1: Option<&Cow<'_, str>>, v2: &Option<Cow<'_, str>>| {
        v1.or(v2.as_ref()).map(|text| text.as_ref().to_owned()).unwrap_or_default()
    };
    let operation = part(nested.and_then(|commit| commit.operation.as_ref()), &fields.operation);
    let collection = part(nested.and_then(|commit| commit.collection.as_ref()), &fields.collection);
    let rkey = part(nested.and_then(|commit| commit.rkey.as_ref()), &fields.rkey);
    if collection != POSTS {
        return Ok(Event::Other("another collection".to_owned()));
    }
    if fields.did.is_empty() || rkey.is_empty() {
        return Err("event without address");
    }
    if operation == "delete" {
        return Ok(Event::Deleted(Deletion::Post {
            platform: PLATFORM.to_owned(),
            id: PostId::new(format!("at://{}/{POSTS}/{rkey}", fields.did)),
        }));
    }
    match corpus::posts_of_json(body).pop() {
        Some(Ok(post)) => Ok(Event::Post(Box::new(Incoming::new(post, at)))),
        Some(Err((reason, _))) => Ok(Event::Other(reason.name().to_owned())),
        None => Err("broken event"),
    }
}

/// An account that is gone or was taken down takes its posts along; a deactivated or suspended one may come back.
fn account(fields: &Fields<'_>) -> Result<Event, &'static str> {
    let account = fields.account.as_ref().ok_or("broken event")?;
    let is_gone = account.active == Some(false) && matches!(account.status.as_deref(), Some("deleted" | "takendown"));
    if !is_gone || fields.did.is_empty() {
        return Ok(Event::Other("account".to_owned()));
    }
    Ok(Event::Deleted(Deletion::Author { platform: PLATFORM.to_owned(), author: fields.did.to_string() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, want: &str) {
        let got = match read(text) {
            Ok(Message { event: Event::Post(incoming), at, seq }) => {
                let post = incoming.post;
                assert_eq!(incoming.witnessed_at, at);
                let (lang, reply) = (post.lang.unwrap_or_default(), post.reply_to.unwrap_or_default());
                format!("post {} {} {lang} {reply} {seq:?} {}", post.id, post.text, at.unwrap().to_rfc3339())
            }
            Ok(Message { event, .. }) => format!("{event:?}"),
            Err(reason) => reason.to_owned(),
        };
        assert_eq!(got, want, "{text}");
    }

    /// Bodies after the descriptions of the two interfaces.
    #[test]
    fn events_of_both_versions() {
        let record = r#"{"$type":"app.bsky.feed.post","createdAt":"2026-11-28T10:00:00Z","langs":["pt-BR","en"],"text":"o zap caiu","reply":{"parent":{"uri":"at://did:plc:b/app.bsky.feed.post/1","cid":"x"},"root":{"uri":"at://r","cid":"x"}}}"#;
        let post = "post at://did:plc:a/app.bsky.feed.post/2 o zap caiu pt-BR at://did:plc:b/app.bsky.feed.post/1";
        for operation in ["create", "update"] {
            check(
                &format!(
                    r#"{{"did":"did:plc:a","time_us":1795860000000001,"kind":"commit","commit":{{"rev":"r","operation":"{operation}","collection":"app.bsky.feed.post","rkey":"2","record":{record},"cid":"c"}}}}"#
                ),
                &format!("{post} None 2026-11-28T10:00:00.000001+00:00"),
            );
            check(
                &format!(
                    r#"{{"$type":"message","payload":{{"$type":"network.bsky.jetstream.subscribeEvents#commit","seq":7,"did":"did:plc:a","time":"2026-11-28T10:00:00.000002Z","rev":"r","operation":"{operation}","collection":"app.bsky.feed.post","rkey":"2","cid":"c","record":{record}}}}}"#
                ),
                &format!("{post} Some(7) 2026-11-28T10:00:00.000002+00:00"),
            );
        }
        let gone = r#"Deleted(Post { platform: "bluesky", id: PostId("at://did:plc:a/app.bsky.feed.post/2") })"#;
        check(
            r#"{"did":"did:plc:a","time_us":1795860000000001,"kind":"commit","commit":{"rev":"r","operation":"delete","collection":"app.bsky.feed.post","rkey":"2"}}"#,
            gone,
        );
        check(
            r#"{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#commit","seq":8,"did":"did:plc:a","time":"2026-11-28T10:00:00Z","rev":"r","operation":"delete","collection":"app.bsky.feed.post","rkey":"2"}}"#,
            gone,
        );
    }

    #[test]
    fn accounts_and_remarks() {
        for (status, gone) in [
            (r#""active":false,"status":"deleted""#, true),
            (r#""active":false,"status":"takendown""#, true),
            (r#""active":false,"status":"deactivated""#, false),
            (r#""active":true"#, false),
            (r#""active":true,"status":"deleted""#, false),
        ] {
            let want = if gone {
                r#"Deleted(Author { platform: "bluesky", author: "did:plc:a" })"#
            } else {
                r#"Other("account")"#
            };
            let v1 = format!(r#"{{"did":"did:plc:a","time_us":1,"kind":"account","account":{{{status},"seq":1}}}}"#);
            check(&v1, want);
            let v2 = format!(
                r#"{{"$type":"message","payload":{{"$type":"x#account","seq":1,"did":"did:plc:a","time":"2026-11-28T10:00:00Z","account":{{"did":"did:plc:a",{status}}}}}}}"#
            );
            check(&v2, want);
        }
        check(r#"{"did":"did:plc:a","time_us":1,"kind":"identity","identity":{}}"#, r#"Other("identity")"#);
        check(
            r#"{"$type":"message","payload":{"$type":"x#info","name":"OutdatedCursor","message":"m"}}"#,
            r#"Info("OutdatedCursor")"#,
        );
        check(
            r#"{"$type":"error","error":"ConsumerTooSlow","message":"too slow"}"#,
            r#"Error("ConsumerTooSlow: too slow")"#,
        );
    }

    #[test]
    fn what_is_no_event_is_named() {
        check("{", "broken event");
        check("[]", "broken event");
        check(r#"{"did":7,"kind":"commit"}"#, "broken event");
        check(r#"{"did":"a","time_us":1,"kind":"account"}"#, "broken event");
        check(r#"{"did":"a","time_us":1,"kind":"news"}"#, r#"Other("unknown kind of event")"#);
        let commit = |rest: &str| {
            format!(r#"{{"did":"a","time_us":1,"kind":"commit","commit":{{"operation":"create",{rest}}}}}"#)
        };
        check(&commit(r#""collection":"app.bsky.feed.like","rkey":"1""#), r#"Other("another collection")"#);
        check(&commit(r#""collection":"app.bsky.feed.post""#), "event without address");
        check(&commit(r#""collection":"app.bsky.feed.post","rkey":"1""#), r#"Other("wrong type")"#);
        check(&commit(r#""collection":"app.bsky.feed.post","rkey":"1","record":{"text":7}"#), r#"Other("wrong type")"#);
        check(&commit(r#""collection":"app.bsky.feed.post","rkey":"1","record":{"text":" "}"#), r#"Other("no text")"#);
        // Far beyond all calendars: no date, but no panic.
        check(&format!(r#"{{"did":"a","time_us":{},"kind":"identity"}}"#, u64::MAX), r#"Other("identity")"#);
    }
}
