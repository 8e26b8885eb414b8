//! Frames of `com.atproto.sync.subscribeRepos`: a header and a body, both DAG-CBOR, one behind the other.

use chrono::DateTime;
use cid::Cid;
use serde::Deserialize;
use serde_ipld_dagcbor::de::Deserializer;

use super::car;
use crate::corpus;
use crate::feed::{Deletion, Incoming};
use crate::model::{PostId, Time};

const POSTS: &str = "app.bsky.feed.post";
/// The platform of all posts here; the same word as in dumps.
const PLATFORM: &str = "bluesky";
/// What is no frame, for the count.
pub(super) const BROKEN: &str = "broken frame";
/// Most changes of a commit that are read, as the protocol allows (com.atproto.sync.subscribeRepos#commit, ops).
const MOST_OPS: usize = 200;

/// One thing that a frame tells.
#[derive(Debug, PartialEq)]
pub(super) enum Event {
    /// A post, new or edited.
    Post(Box<Incoming>),
    /// A post or an account was taken back.
    Deleted(Deletion),
    /// Nothing that a feed of posts tells, and why.
    Other(&'static str),
}

/// What a frame says.
#[derive(Debug, PartialEq)]
pub(super) enum Frame {
    /// Changes, in their order.
    Events {
        /// Number of the frame: the place behind it.
        seq: u64,
        /// When the server sent it first.
        at: Option<Time>,
        /// What happened.
        events: Vec<Event>,
    },
    /// A remark, by its name.
    Info(String),
    /// The server's last words: the name of the reason, and its own message.
    Error(String, String),
}

#[derive(Deserialize)]
struct Header<'a> {
    op: i64,
    #[serde(borrow)]
    t: Option<&'a str>,
}

#[derive(Deserialize)]
struct Commit<'a> {
    seq: u64,
    #[serde(borrow)]
    repo: &'a str,
    #[serde(borrow)]
    time: Option<&'a str>,
    #[serde(default, rename = "tooBig")]
    too_big: bool,
    #[serde(borrow, default)]
    blocks: Option<&'a [u8]>,
    #[serde(borrow, default)]
    ops: Vec<Op<'a>>,
}

#[derive(Deserialize)]
struct Op<'a> {
    #[serde(borrow)]
    action: &'a str,
    #[serde(borrow)]
    path: &'a str,
    cid: Option<Cid>,
}

/// Of every other kind of frame.
#[derive(Deserialize)]
struct Notice<'a> {
    #[serde(default)]
    seq: Option<u64>,
    #[serde(borrow, default)]
    time: Option<&'a str>,
    #[serde(borrow, default)]
    did: Option<&'a str>,
    #[serde(default)]
    active: Option<bool>,
    #[serde(borrow, default)]
    status: Option<&'a str>,
    #[serde(borrow, default)]
    name: Option<&'a str>,
    #[serde(borrow, default)]
    error: Option<&'a str>,
    #[serde(borrow, default)]
    message: Option<&'a str>,
}

/// The fields of a post that are read.
#[derive(Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    #[serde(rename = "$type")]
    kind: Option<String>,
    text: Option<String>,
    created_at: Option<String>,
    langs: Option<Vec<String>>,
    reply: Option<Reply>,
}

#[derive(Deserialize, serde::Serialize)]
struct Reply {
    parent: Option<Parent>,
}

#[derive(Deserialize, serde::Serialize)]
struct Parent {
    uri: Option<String>,
}

/// Reads a frame; `Err` names what is wrong with it, for the count.
pub(super) fn read(bytes: &[u8]) -> Result<Frame, &'static str> {
    let mut items = Deserializer::from_slice(bytes);
    let header = Header::deserialize(&mut items).map_err(|_| BROKEN)?;
    match (header.op, header.t) {
        (1, Some("#commit")) => commit(&Commit::deserialize(&mut items).map_err(|_| BROKEN)?),
        (1, Some(kind)) => notice(kind, &Notice::deserialize(&mut items).map_err(|_| BROKEN)?),
        (-1, _) => {
            let notice = Notice::deserialize(&mut items).map_err(|_| BROKEN)?;
            Ok(Frame::Error(short(notice.error), short(notice.message)))
        }
        _ => Err(BROKEN),
    }
}

fn short(words: Option<&str>) -> String {
    words.unwrap_or_default().chars().take(200).collect()
}

fn time(written: Option<&str>) -> Option<Time> {
    DateTime::parse_from_rfc3339(written?).ok().map(|time| time.to_utc())
}

fn notice(kind: &str, notice: &Notice<'_>) -> Result<Frame, &'static str> {
    if kind == "#info" {
        return Ok(Frame::Info(short(notice.name)));
    }
    let is_gone = notice.active == Some(false) && matches!(notice.status, Some("deleted" | "takendown"));
    let event = match (kind, notice.did) {
        // A deactivated or suspended account may come back, so its posts stay.
        ("#account", Some(did)) if is_gone => {
            Event::Deleted(Deletion::Author { platform: PLATFORM.to_owned(), author: did.to_owned() })
        }
        ("#account", _) => Event::Other("account"),
        ("#identity", _) => Event::Other("identity"),
        ("#sync", _) => Event::Other("sync"),
        _ => Event::Other("unknown kind of frame"),
    };
    let seq = notice.seq.ok_or(BROKEN)?;
    Ok(Frame::Events { seq, at: time(notice.time), events: vec![event] })
}

fn commit(commit: &Commit<'_>) -> Result<Frame, &'static str> {
    let at = time(commit.time);
    let mut events = Vec::new();
    if commit.too_big {
        events.push(Event::Other("too big"));
    }
    if commit.ops.len() > MOST_OPS {
        events.push(Event::Other("too many changes"));
    }
    // Looked through once, where there is a post: a search for each change would let a hostile server spend our time in
    // squares.
    let mut blocks = None;
    for op in commit.ops.iter().take(MOST_OPS) {
        let Some(("app.bsky.feed.post", rkey)) = op.path.split_once('/') else { continue };
        events.push(match op.action {
            "delete" => Event::Deleted(Deletion::Post {
                platform: PLATFORM.to_owned(),
                id: PostId::new(format!("at://{}/{POSTS}/{rkey}", commit.repo)),
            }),
            "create" | "update" => {
                let blocks = blocks.get_or_insert_with(|| car::blocks(commit.blocks.unwrap_or_default()));
                post(commit, op, rkey, at, blocks)
            }
            _ => Event::Other("unknown kind of change"),
        });
    }
    if events.is_empty() {
        events.push(Event::Other("another collection"));
    }
    Ok(Frame::Events { seq: commit.seq, at, events })
}

/// Reads the record of a post, and hands it to the one decoder of Bluesky posts as the event it would be in JSON.
fn post(commit: &Commit<'_>, op: &Op<'_>, rkey: &str, at: Option<Time>, blocks: &car::Blocks<'_>) -> Event {
    let block = op.cid.as_ref().and_then(|cid| blocks.get(cid));
    let Some(block) = block else { return Event::Other("post without record") };
    let Ok(record) = serde_ipld_dagcbor::from_slice::<Record>(block) else {
        return Event::Other(corpus::Reason::WrongType.name());
    };
    let event = serde_json::json!({
        "did": commit.repo,
        "kind": "commit",
        "time": commit.time,
        "commit": {"operation": op.action, "collection": POSTS, "rkey": rkey, "record": record},
    });
    match corpus::posts_of_json(&event.to_string()).pop() {
        Some(Ok(post)) => Event::Post(Box::new(Incoming::new(post, at))),
        Some(Err((reason, _))) => Event::Other(reason.name()),
        None => Event::Other(BROKEN),
    }
}
