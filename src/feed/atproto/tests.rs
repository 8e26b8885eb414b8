//! Tests of the stream against a server that speaks well and badly.

use chrono::{TimeDelta, Utc};
use cid::Cid;
use serde::{Serialize, Serializer};

use super::car::tests::{address, car};
use super::frame::{Event, Frame};
use super::stream::Place;
use super::*;
use crate::feed::http::{Net, NetOptions};
use crate::feed::place as saved;
use crate::feed::socket_server::{Server, Session};
use crate::feed::{Batch, Deletion, FeedError, Next};
use crate::model::{Cursor, FeedId, GapCause, Time};

#[derive(Serialize)]
struct Header {
    op: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    t: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CommitBody {
    seq: u64,
    repo: &'static str,
    time: String,
    rev: &'static str,
    since: Option<String>,
    commit: Cid,
    blocks: Bytes,
    ops: Vec<OpBody>,
    blobs: Vec<Cid>,
    rebase: bool,
    too_big: bool,
}

#[derive(Serialize)]
struct OpBody {
    action: &'static str,
    path: String,
    cid: Option<Cid>,
}

struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

fn frame_of(op: i64, kind: Option<&'static str>, body: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_ipld_dagcbor::to_vec(&Header { op, t: kind }).unwrap();
    bytes.extend(serde_ipld_dagcbor::to_vec(body).unwrap());
    bytes
}

fn json_frame(op: i64, kind: Option<&'static str>, body: &serde_json::Value) -> Vec<u8> {
    frame_of(op, kind, body)
}

fn record(text: &str) -> Vec<u8> {
    serde_ipld_dagcbor::to_vec(&serde_json::json!({
        "$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-11-28T10:00:00Z", "langs": ["pt"],
        "reply": {"parent": {"uri": "at://did:plc:b/app.bsky.feed.post/0", "cid": "x"}}, "tags": [1, {"a": null}],
    }))
    .unwrap()
}

/// A commit that creates these posts and deletes those.
pub(in crate::feed) fn commit(seq: u64, at: Time, texts: &[&str], deleted: &[&str]) -> Vec<u8> {
    let records: Vec<Vec<u8>> = texts.iter().map(|text| record(text)).collect();
    let created = records.iter().enumerate().map(|(nth, record)| OpBody {
        action: "create",
        path: format!("app.bsky.feed.post/{seq}-{nth}"),
        cid: Some(address(record)),
    });
    let gone =
        deleted.iter().map(|rkey| OpBody { action: "delete", path: format!("app.bsky.feed.post/{rkey}"), cid: None });
    let other = OpBody { action: "create", path: "app.bsky.feed.like/1".to_owned(), cid: None };
    let body = CommitBody {
        seq,
        repo: "did:plc:a",
        time: at.to_rfc3339(),
        rev: "r",
        since: None,
        commit: address(b"commit"),
        blocks: Bytes(car(&records.iter().map(Vec::as_slice).collect::<Vec<_>>())),
        ops: created.chain(gone).chain([other]).collect(),
        blobs: vec![],
        rebase: false,
        too_big: false,
    };
    frame_of(1, Some("#commit"), &body)
}

fn feed(server: &Server) -> Box<dyn Feed> {
    let options = NetOptions { allow_private: true, ..NetOptions::default() };
    let context = FeedContext { id: FeedId::new("a"), net: Net::new(options).unwrap() };
    open(&context, format!("server = 'ws://{}'", server.host).parse().unwrap()).unwrap()
}

fn place(server: &str, seq: u64, at: Time) -> Option<Cursor> {
    Some(saved::write(&Place { server: server.to_owned(), seq, at_ms: at.timestamp_millis() }))
}

fn ago(secs: i64) -> Time {
    Utc::now() - TimeDelta::seconds(secs)
}

/// Asks until something was told, as the runner does.
async fn told(feed: &mut dyn Feed, after: &mut Option<Cursor>) -> Batch {
    for _ in 0..20 {
        let batch = feed.next_batch(after.as_ref()).await.unwrap();
        *after = batch.cursor.clone().or(after.take());
        let Batch { posts, deletions, rejected, gaps, .. } = &batch;
        if !(posts.is_empty() && deletions.is_empty() && rejected.is_empty() && gaps.is_empty()) {
            return batch;
        }
    }
    panic!("nothing was told");
}

async fn connected(feed: &mut dyn Feed, server: &mut Server, after: &mut Option<Cursor>) -> Session {
    let batch = feed.next_batch(after.as_ref()).await.unwrap();
    *after = batch.cursor.or(after.take());
    server.session().await
}

fn texts(batch: &Batch) -> Vec<&str> {
    batch.posts.iter().map(|incoming| incoming.post.text.as_str()).collect()
}

#[tokio::test]
async fn posts_deletions_accounts_and_a_restart() {
    let (mut server, mut after) = (Server::start().await, None);
    let mut first = feed(&server);
    let mut session = connected(first.as_mut(), &mut server, &mut after).await;
    assert_eq!(session.target, "/xrpc/com.atproto.sync.subscribeRepos");
    let at = ago(2);
    session.send_bytes(commit(5, at, &["واتساب معطل", "o zap caiu"], &["old"])).await;
    // The order of the other kinds is not to be relied on.
    let who = |status| serde_json::json!({"seq": 6, "did": "did:plc:z", "time": at.to_rfc3339(), "active": false, "status": status});
    session.send_bytes(json_frame(1, Some("#account"), &who("deactivated"))).await;
    session.send_bytes(json_frame(1, Some("#account"), &who("takendown"))).await;
    session.send_bytes(json_frame(1, Some("#identity"), &who("x"))).await;
    session.send_bytes(json_frame(1, Some("#news"), &who("x"))).await;
    let batch = told(first.as_mut(), &mut after).await;
    assert_eq!(texts(&batch), ["واتساب معطل", "o zap caiu"]);
    let post = &batch.posts[1].post;
    assert_eq!(post.id, "at://did:plc:a/app.bsky.feed.post/5-1");
    assert_eq!((post.lang.as_deref(), post.author.as_deref()), (Some("pt"), Some("did:plc:a")));
    assert_eq!(post.reply_to.as_deref(), Some("at://did:plc:b/app.bsky.feed.post/0"));
    assert!(batch.posts[0].witnessed_at.is_some());
    assert!(
        matches!(&batch.deletions[0], Deletion::Post { id, .. } if id.as_str() == "at://did:plc:a/app.bsky.feed.post/old")
    );
    assert!(matches!(&batch.deletions[1], Deletion::Author { author, .. } if author == "did:plc:z"));
    assert_eq!((batch.deletions.len(), batch.rejected.values().sum::<u64>()), (2, 3), "{:?}", batch.rejected);
    let mut again = feed(&server);
    let session = connected(again.as_mut(), &mut server, &mut after).await;
    assert!(session.target.ends_with("?cursor=6"), "{}", session.target);
}

#[tokio::test]
async fn what_the_server_no_longer_has_is_a_gap() {
    let mut server = Server::start().await;
    let (asked, first) = (ago(1000), ago(3));
    let mut after = place(&server.host, 7, asked);
    let mut feed = feed(&server);
    let mut session = connected(feed.as_mut(), &mut server, &mut after).await;
    session.send_bytes(json_frame(1, Some("#info"), &serde_json::json!({"name": "OutdatedCursor"}))).await;
    session.send_bytes(commit(900, first, &["caiu"], &[])).await;
    let batch = told(feed.as_mut(), &mut after).await;
    let gap = &batch.gaps[0];
    assert_eq!((gap.gap.from.timestamp_millis(), gap.cause), (asked.timestamp_millis(), GapCause::CursorLost));
    assert_eq!(gap.gap.to, first);
    session.close().await;
    assert!(matches!(feed.next_batch(after.as_ref()).await, Err(FeedError::Transient(_))));

    // The server was set up anew: it refuses a number of its former life.
    let mut session = connected(feed.as_mut(), &mut server, &mut after).await;
    assert!(session.target.ends_with("?cursor=900"));
    let future = serde_json::json!({"error": "FutureCursor", "message": "Cursor in the future."});
    session.send_bytes(json_frame(-1, None, &future)).await;
    let error = feed.next_batch(after.as_ref()).await.unwrap_err();
    assert!(error.to_string().contains("FutureCursor"), "{error}");
    let batch = told(feed.as_mut(), &mut after).await;
    assert_eq!(batch.gaps.len(), 1);
    let mut session = server.session().await;
    assert!(!session.target.contains("cursor"), "{}", session.target);
    session.send_bytes(commit(1, ago(1), &["de novo"], &[])).await;
    let batch = told(feed.as_mut(), &mut after).await;
    assert_eq!((texts(&batch), batch.gaps.len()), (vec!["de novo"], 0));

    // Numbers of another server are of no use.
    let mut after = place("elsewhere", 7, asked);
    let batch = feed.next_batch(after.as_ref()).await.unwrap();
    assert_eq!(batch.gaps.len(), 1);
    after = batch.cursor.or(after);
    assert!(after.is_some() && !server.session().await.target.contains("cursor"));
}

#[tokio::test]
async fn garbage_is_counted_and_survived() {
    let (mut server, mut after) = (Server::start().await, None);
    let mut feed = feed(&server);
    let mut session = connected(feed.as_mut(), &mut server, &mut after).await;
    let good = commit(1, ago(1), &["caiu"], &[]);
    let mut num_bad = 0;
    for cut in (0..good.len()).step_by(7) {
        session.send_bytes(good[..cut].to_vec()).await;
        num_bad += 1;
    }
    // Arrays in arrays without end, and a length that no memory holds.
    for bad in [vec![0x81; 100_000], vec![0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], vec![0xff; 50]] {
        session.send_bytes(bad).await;
        num_bad += 1;
    }
    session.send("{}").await;
    session.send_bytes(good).await;
    let (mut texts, mut num_rejected) = (Vec::new(), 0);
    while texts.is_empty() {
        let batch = told(feed.as_mut(), &mut after).await;
        texts.extend(batch.posts.into_iter().map(|incoming| incoming.post.text));
        num_rejected += batch.rejected.get("broken frame").unwrap_or(&0);
    }
    assert_eq!((texts, num_rejected), (vec!["caiu".to_owned()], num_bad + 1));
    session.send_bytes(commit(2, ago(1), &["2"], &[])).await;
    session.break_off(&[0x82, 126, 0xff]).await;
    assert_eq!(self::texts(&told(feed.as_mut(), &mut after).await), ["2"]);
}

#[tokio::test]
async fn a_giant_frame_is_jumped_over() {
    let mut server = Server::start().await;
    let mut after = place(&server.host, 7, ago(60));
    let mut feed = feed(&server);
    for wanted in [7, 8, 10, 14] {
        let mut session = connected(feed.as_mut(), &mut server, &mut after).await;
        assert!(session.target.ends_with(&format!("?cursor={wanted}")), "{}", session.target);
        let sending = tokio::spawn(async move { session.send_bytes(vec![0; 20 << 20]).await });
        let batch = told(feed.as_mut(), &mut after).await;
        assert_eq!(batch.rejected.get("too long"), Some(&1));
        assert!(matches!(batch.next, Next::After(_)));
        sending.await.unwrap();
    }
}

/// A commit of many changes over many blocks takes as long as both together, not as one times the other.
#[test]
fn changes_times_blocks_is_no_way_to_spend_our_time() {
    let contents: Vec<Vec<u8>> = (0..30_000_u32).map(|n| n.to_le_bytes().to_vec()).collect();
    let blocks = car(&contents.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let missing = address(b"nowhere");
    let op = |nth: u32| OpBody { action: "create", path: format!("app.bsky.feed.post/{nth}"), cid: Some(missing) };
    let body = CommitBody {
        seq: 1,
        repo: "did:plc:a",
        time: "never".to_owned(),
        rev: "r",
        since: None,
        commit: missing,
        blocks: Bytes(blocks),
        ops: (0..20_000).map(op).collect(),
        blobs: vec![],
        rebase: false,
        too_big: false,
    };
    let bytes = frame_of(1, Some("#commit"), &body);
    let began = std::time::Instant::now();
    let Ok(Frame::Events { events, .. }) = frame::read(&bytes) else { panic!("it can be read") };
    assert_eq!(events.len(), 201, "as many as the protocol allows, and the word that there were more");
    assert!(events.contains(&Event::Other("too many changes")));
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
}

#[test]
fn records_that_are_no_posts_are_named() {
    let change = |record: Vec<u8>, is_there: bool| {
        let body = CommitBody {
            seq: 1,
            repo: "did:plc:a",
            time: "never".to_owned(),
            rev: "r",
            since: None,
            commit: address(b"commit"),
            blocks: Bytes(if is_there { car(&[&record]) } else { Vec::new() }),
            ops: vec![OpBody {
                action: "update",
                path: "app.bsky.feed.post/1".to_owned(),
                cid: Some(address(&record)),
            }],
            blobs: vec![],
            rebase: false,
            too_big: !is_there,
        };
        match frame::read(&frame_of(1, Some("#commit"), &body)) {
            Ok(Frame::Events { events, .. }) => events,
            other => panic!("{other:?}"),
        }
    };
    let cbor = |value| serde_ipld_dagcbor::to_vec(&value).unwrap();
    assert!(matches!(&change(record("a"), true)[..], [Event::Post(_)]), "an edit is told as the post that it became");
    assert_eq!(change(record("a"), false), [Event::Other("too big"), Event::Other("post without record")]);
    assert_eq!(change(cbor(serde_json::json!({"text": 7})), true), [Event::Other("wrong type")]);
    assert_eq!(change(cbor(serde_json::json!({"text": " "})), true), [Event::Other("no text")]);
    let like = serde_json::json!({"$type": "app.bsky.feed.like"});
    assert_eq!(change(cbor(like), true), [Event::Other("not a post")]);
    assert_eq!(change(vec![0x81; 50_000], true), [Event::Other("wrong type")]);
}

#[test]
fn settings_are_checked() {
    let context = FeedContext { id: FeedId::new("a"), net: Net::new(NetOptions::default()).unwrap() };
    for written in ["server = 'https://a.b'", "server = 'x'", "server = 'wss://a.b/c'"] {
        let error = open(&context, written.parse().unwrap()).err().unwrap();
        assert!(error.contains("such as wss://bsky.network"), "{error}");
    }
    assert!(open(&context, toml::Table::new()).is_ok());
}
