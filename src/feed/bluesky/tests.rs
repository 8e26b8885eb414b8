//! Tests of the stream against servers that speak both versions, well and badly.

use std::time::Duration;

use chrono::{TimeDelta, Utc};

use super::place::{Place, micros};
use super::*;
use crate::feed::http::{Net, NetOptions};
use crate::feed::place as saved;
use crate::feed::socket_server::{Server, Session};
use crate::feed::{Batch, Deletion, FeedError, Next};
use crate::model::{Cursor, FeedId, GapCause, Time};

const V2: &str = "/xrpc/network.bsky.jetstream.subscribeEvents";

fn feed_with(instances: &[String], more: &str, options: NetOptions) -> Box<dyn Feed> {
    let options = NetOptions { allow_private: true, ..options };
    let context = FeedContext { id: FeedId::new("b"), net: Net::new(options).unwrap() };
    open(&context, format!("instances = {instances:?}\n{more}").parse().unwrap()).unwrap()
}

fn feed(server: &Server, path: &str) -> Box<dyn Feed> {
    feed_with(&[format!("ws://{}{path}", server.host)], "", NetOptions::default())
}

fn cursor(at: Time, seq: Option<(&str, u64)>) -> Option<Cursor> {
    Some(saved::write(&Place { us: micros(at), seq: seq.map(|(host, seq)| (host.to_owned(), seq)) }))
}

fn place_of(after: &Option<Cursor>) -> Place {
    saved::read(after.as_ref()).unwrap().unwrap()
}

fn ago(secs: i64) -> Time {
    Utc::now() - TimeDelta::seconds(secs)
}

pub(in crate::feed) fn v1(rkey: &str, at: Time) -> String {
    format!(
        r#"{{"did":"did:plc:a","time_us":{},"kind":"commit","commit":{{"rev":"r","operation":"create","collection":"app.bsky.feed.post","rkey":"{rkey}","record":{{"$type":"app.bsky.feed.post","createdAt":"2026-11-28T10:00:00Z","text":"caiu {rkey}"}},"cid":"c"}}}}"#,
        micros(at)
    )
}

pub(in crate::feed) fn v2(rkey: &str, seq: u64, at: Time) -> String {
    format!(
        r#"{{"$type":"message","payload":{{"$type":"network.bsky.jetstream.subscribeEvents#commit","seq":{seq},"did":"did:plc:a","time":"{}","rev":"r","operation":"create","collection":"app.bsky.feed.post","rkey":"{rkey}","cid":"c","record":{{"$type":"app.bsky.feed.post","createdAt":"2026-11-28T10:00:00Z","text":"caiu {rkey}"}}}}}}"#,
        at.to_rfc3339()
    )
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

/// Connects, and gives the server's end.
async fn connected(feed: &mut dyn Feed, server: &mut Server, after: &mut Option<Cursor>) -> Session {
    let batch = feed.next_batch(after.as_ref()).await.unwrap();
    *after = batch.cursor.or(after.take());
    server.session().await
}

fn keys(batch: &Batch) -> Vec<&str> {
    batch.posts.iter().map(|incoming| incoming.post.id.rsplit('/').next().unwrap()).collect()
}

#[tokio::test]
async fn posts_deletions_and_a_reconnection_by_time() {
    let (mut server, mut after) = (Server::start().await, None);
    let mut feed = feed(&server, "/subscribe");
    let mut session = connected(feed.as_mut(), &mut server, &mut after).await;
    assert_eq!(session.target, "/subscribe?wantedCollections=app.bsky.feed.post&maxMessageSizeBytes=1000000");
    let at = ago(3);
    session.send(v1("1", at)).await;
    session.send(v1("2", at).replace("create", "delete").replace("\"record\"", "\"r\"")).await;
    session
        .send(r#"{"did":"did:plc:z","time_us":1,"kind":"account","account":{"active":false,"status":"takendown"}}"#)
        .await;
    let batch = told(feed.as_mut(), &mut after).await;
    assert_eq!((keys(&batch), batch.next), (vec!["1"], Next::Now));
    assert_eq!(batch.posts[0].witnessed_at.map(micros), Some(micros(at)));
    assert!(batch.until >= Some(at) && batch.until <= Some(Utc::now()));
    let Deletion::Author { author, .. } = &batch.deletions[1] else { panic!("{:?}", batch.deletions) };
    assert_eq!(author, "did:plc:z");
    session.close().await;
    let error = feed.next_batch(after.as_ref()).await.unwrap_err();
    assert!(matches!(error, FeedError::Transient(_)), "{error}");
    let session = connected(feed.as_mut(), &mut server, &mut after).await;
    assert!(session.target.ends_with(&format!("&cursor={}", micros(at) - 5_000_000)), "{}", session.target);
}

#[tokio::test]
async fn v1_moves_an_old_place_up_without_a_word() {
    for (age_secs, is_lost) in [(3 * 24 * 3600, true), (300, false)] {
        let mut server = Server::start().await;
        let (asked, first) = (ago(age_secs), ago(1));
        let mut after = cursor(asked, None);
        let mut feed = feed(&server, "");
        let before = feed.next_batch(after.as_ref()).await.unwrap();
        assert_eq!(before.until.map(micros), Some(micros(asked)), "nothing has been told yet");
        let mut session = server.session().await;
        session.send(v1("1", first)).await;
        let batch = told(feed.as_mut(), &mut after).await;
        let gaps: Vec<_> = batch.gaps.iter().map(|gap| (micros(gap.gap.from), micros(gap.gap.to), gap.cause)).collect();
        let want = if is_lost { vec![(micros(asked), micros(first), GapCause::CursorLost)] } else { vec![] };
        assert_eq!(gaps, want, "{age_secs}");
    }
}

/// v2 may do the same, by a time as by a number; a server whose first event is the very one that was asked for has all.
#[tokio::test]
async fn v2_moves_an_old_place_up_without_a_word() {
    let day = 24 * 3600;
    for (age_secs, asked_seq, first_seq, is_lost) in [
        (3 * day, None, 90, true),
        (300, None, 90, false),
        (3 * day, Some(7), 90, true),
        (3 * day, Some(7), 7, false),
        (300, Some(7), 90, false),
    ] {
        let mut server = Server::start().await;
        let mut after = cursor(ago(age_secs), asked_seq.map(|seq| (server.host.as_str(), seq)));
        let mut feed = feed(&server, V2);
        let mut session = connected(feed.as_mut(), &mut server, &mut after).await;
        session.send(v2("1", first_seq, ago(1))).await;
        let batch = told(feed.as_mut(), &mut after).await;
        assert_eq!(batch.gaps.len(), usize::from(is_lost), "{age_secs} {asked_seq:?} {first_seq}: {:?}", batch.gaps);
    }
}

#[tokio::test]
async fn the_first_version_leaves_no_number_of_the_second_behind() {
    let (mut server, at) = (Server::start().await, ago(60));
    let mut after = cursor(at, Some((&server.host, 7)));
    let mut v1_feed = feed(&server, "/subscribe");
    let mut session = connected(v1_feed.as_mut(), &mut server, &mut after).await;
    session.send(v1("1", ago(2))).await;
    told(v1_feed.as_mut(), &mut after).await;
    assert_eq!(place_of(&after).seq, None);
    let mut v2_feed = feed(&server, V2);
    let session = connected(v2_feed.as_mut(), &mut server, &mut after).await;
    assert!(!session.target.ends_with("cursor=7"), "everything since would be told again: {}", session.target);
}

#[tokio::test]
async fn a_clock_that_is_ahead_does_not_push_the_place_into_the_future() {
    for path in ["/subscribe", V2] {
        let mut server = Server::start().await;
        // A place that was saved in the future, by an older program, is brought back too.
        let mut after = cursor(Utc::now() + TimeDelta::days(2), None);
        let mut feed = feed(&server, path);
        let mut session = connected(feed.as_mut(), &mut server, &mut after).await;
        let asked: u64 = session.target.rsplit('=').next().unwrap().parse().unwrap();
        assert!(asked <= micros(Utc::now()), "{}", session.target);
        let ahead = Utc::now() + TimeDelta::days(1);
        session.send(if path == V2 { v2("1", 1, ahead) } else { v1("1", ahead) }).await;
        told(feed.as_mut(), &mut after).await;
        assert!(place_of(&after).us <= micros(Utc::now()), "{path}");
    }
}

/// A server that says a word and hangs up is not called again without a pause: the one who asks hears of it.
#[tokio::test]
async fn the_end_of_a_connection_is_told_behind_what_it_brought() {
    let (mut server, mut after) = (Server::start().await, None);
    let mut feed = feed(&server, "/subscribe");
    for rkey in ["1", "2"] {
        let mut session = connected(feed.as_mut(), &mut server, &mut after).await;
        session.send(v1(rkey, ago(1))).await;
        session.close().await;
        assert_eq!(keys(&told(feed.as_mut(), &mut after).await), [rkey]);
        let error = feed.next_batch(after.as_ref()).await.unwrap_err();
        assert!(matches!(&error, FeedError::Transient(words) if words.contains("closed")), "{error}");
    }
}

#[tokio::test]
async fn the_place_of_another_kind_is_refused_with_a_remedy() {
    let server = Server::start().await;
    let error = feed(&server, V2).next_batch(Some(&Cursor::new("7"))).await.unwrap_err().to_string();
    assert!(error.contains("give the feed another id"), "{error}");
}

#[tokio::test]
async fn v2_goes_on_by_number_and_by_time_where_the_number_is_too_old() {
    let mut server = Server::start().await;
    let asked = ago(3 * 24 * 3600);
    let mut after = cursor(asked, Some((&server.host, 7)));
    let mut feed = feed(&server, V2);
    let mut session = connected(feed.as_mut(), &mut server, &mut after).await;
    assert!(session.target.starts_with(&format!("{V2}?collections=app.bsky.feed.post&kinds=commit&kinds=account&")));
    assert!(session.target.ends_with("&cursor=7"), "{}", session.target);
    session.send(v2("7", 7, asked)).await;
    session.send(v2("8", 8, ago(2))).await;
    let batch = told(feed.as_mut(), &mut after).await;
    assert_eq!((keys(&batch), batch.gaps.len()), (vec!["7", "8"], 0), "a quiet stretch is no gap: the number says so");
    assert_eq!(place_of(&after).seq, Some((server.host.clone(), 8)));
    session.send(r#"{"$type":"error","error":"ConsumerTooSlow","message":"slow"}"#).await;
    let error = feed.next_batch(after.as_ref()).await.unwrap_err();
    assert!(error.to_string().contains("ConsumerTooSlow"), "{error}");

    server.answer("cursor=8", 400, r#"{"error":"CursorTooOld","message":"cursor 8 below lookback floor 90"}"#);
    let place = place_of(&after);
    let mut session = connected(feed.as_mut(), &mut server, &mut after).await;
    assert!(session.target.ends_with(&format!("&cursor={}", place.us - 5_000_000)), "{}", session.target);
    session.send(r#"{"$type":"message","payload":{"$type":"x#info","name":"OutdatedCursor","message":"m"}}"#).await;
    let first = ago(1);
    session.send(v2("9", 90, first)).await;
    let batch = told(feed.as_mut(), &mut after).await;
    assert_eq!((keys(&batch), batch.gaps.len()), (vec!["9"], 1));
    assert_eq!(micros(batch.gaps[0].gap.to), micros(first));
}

#[tokio::test]
async fn a_server_that_counts_anew_lost_what_lay_between() {
    let mut server = Server::start().await;
    let mut after = cursor(ago(60), Some((&server.host, 5000)));
    let mut feed = feed(&server, V2);
    let mut session = connected(feed.as_mut(), &mut server, &mut after).await;
    session.send(v2("1", 3, ago(1))).await;
    assert_eq!(told(feed.as_mut(), &mut after).await.gaps.len(), 1);
    // Another server's number means nothing here.
    let mut after = cursor(ago(60), Some(("elsewhere", 5000)));
    let session = connected(feed.as_mut(), &mut server, &mut after).await;
    assert!(!session.target.contains("cursor=5000"), "{}", session.target);
}

#[tokio::test]
async fn another_instance_takes_over() {
    let (mut server, mut after) = (Server::start().await, cursor(ago(30), None));
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let busy = Server::start().await;
    busy.answer("", 503, "warming up");
    let links = [format!("ws://{closed}"), format!("ws://{}", busy.host), format!("ws://{}{V2}", server.host)];
    let mut feed = feed_with(&links, "", NetOptions::default());
    let mut session = connected(feed.as_mut(), &mut server, &mut after).await;
    session.send(v2("1", 1, ago(1))).await;
    assert_eq!(keys(&told(feed.as_mut(), &mut after).await), ["1"]);
    let mut none = feed_with(&links[..2], "", NetOptions::default());
    let error = none.next_batch(None).await.unwrap_err();
    assert!(matches!(&error, FeedError::Transient(words) if words.contains(&closed.to_string())), "{error}");
    busy.answer("", 400, "no");
    let mut refused = feed_with(&links[1..2], "", NetOptions::default());
    let error = refused.next_batch(None).await.unwrap_err();
    assert!(matches!(&error, FeedError::Fatal(words) if words.contains("HTTP 400 no")), "{error}");
}

#[tokio::test]
async fn packed_messages() {
    let samples: Vec<String> = (0..2000).map(|n| v1(&n.to_string(), ago(n))).collect();
    let dictionary = zstd::dict::from_samples(&samples, 4096).unwrap();
    let pack = |text: &str| {
        zstd::bulk::Compressor::with_dictionary(3, &dictionary).unwrap().compress(text.as_bytes()).unwrap()
    };
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, &dictionary).unwrap();
    let id = u32::from_le_bytes(dictionary[4..8].try_into().unwrap());
    for (path, wanted) in [(V2, format!("zstdDictionary={id}")), ("/subscribe", "compress=true".to_owned())] {
        let (mut server, mut after) = (Server::start().await, None);
        server.answer("getZstdDictionary", 200, &dictionary);
        let more = format!("compress = true\ndictionary = '{}'", file.path().display());
        let mut feed = feed_with(&[format!("ws://{}{path}", server.host)], &more, NetOptions::default());
        let mut session = connected(feed.as_mut(), &mut server, &mut after).await;
        assert!(session.target.ends_with(&wanted), "{}", session.target);
        let bomb = "x".repeat(20_000_000);
        session.send_bytes(pack(&if path == V2 { v2("1", 1, ago(1)) } else { v1("1", ago(1)) })).await;
        session.send_bytes(pack(&bomb)).await;
        session.send_bytes(vec![1, 2, 3]).await;
        let batch = told(feed.as_mut(), &mut after).await;
        assert_eq!((keys(&batch), batch.rejected.get("cannot be unpacked")), (vec!["1"], Some(&2)));
    }
    let (mut server, mut after) = (Server::start().await, None);
    server.answer("getZstdDictionary", 404, "");
    let mut feed = feed_with(&[format!("ws://{}{V2}", server.host)], "compress = true", NetOptions::default());
    let session = connected(feed.as_mut(), &mut server, &mut after).await;
    assert!(!session.target.contains("zstd"), "without a dictionary messages come as they are: {}", session.target);
}

#[tokio::test]
async fn garbage_is_counted_and_survived() {
    let (mut server, mut after) = (Server::start().await, None);
    let mut feed = feed(&server, V2);
    let mut session = connected(feed.as_mut(), &mut server, &mut after).await;
    for garbage in ["", "{", "[[[[[[", "\u{0}", "null", r#"{"$type":"message","payload":7}"#] {
        session.send(garbage).await;
    }
    session.send(&"[".repeat(100_000)).await;
    session.send_bytes(vec![0; 1000]).await;
    session.send(v2("1", 1, ago(1))).await;
    let batch = told(feed.as_mut(), &mut after).await;
    assert_eq!((keys(&batch), batch.rejected.values().sum::<u64>()), (vec!["1"], 8), "{:?}", batch.rejected);
    // A frame that says 100 bytes and breaks off after two.
    session.send(v2("2", 2, ago(1))).await;
    session.break_off(&[0x81, 100, b'{', b'"']).await;
    let batch = told(feed.as_mut(), &mut after).await;
    assert_eq!(keys(&batch), ["2"], "what came before the break is told");
    assert!(feed.next_batch(after.as_ref()).await.is_err(), "then the break itself");
    assert!(feed.next_batch(after.as_ref()).await.is_ok(), "and the next call connects again");
    assert!(server.session().await.target.ends_with("cursor=2"));
}

#[tokio::test]
async fn a_giant_message_is_jumped_over() {
    let mut server = Server::start().await;
    let start = place::time(micros(ago(600)));
    let mut after = cursor(start, Some((&server.host, 7)));
    let mut feed = feed(&server, V2);
    let mut jumps = Vec::new();
    for _ in 0..3 {
        let mut session = connected(feed.as_mut(), &mut server, &mut after).await;
        let sending = tokio::spawn(async move { session.send_bytes(vec![b'x'; 50 << 20]).await });
        let batch = told(feed.as_mut(), &mut after).await;
        assert_eq!((batch.rejected.get("too long"), batch.gaps.len()), (Some(&1), 1));
        assert!(matches!(batch.next, Next::After(_)), "a server that only sends giants is not asked all the time");
        jumps.push((batch.gaps[0].gap.to - start).num_seconds());
        sending.await.unwrap();
    }
    assert_eq!(jumps, [1, 3, 7]);
}

#[tokio::test]
async fn silence_ends_a_connection_and_a_dropped_call_does_not() {
    let options = NetOptions { read_timeout: Duration::from_millis(800), ..NetOptions::default() };
    let (mut server, mut after) = (Server::start().await, None);
    let mut feed = feed_with(&[format!("ws://{}", server.host)], "", options);
    // Held, but not read: pings stay without an answer.
    let mut session = connected(feed.as_mut(), &mut server, &mut after).await;
    session.send(v1("1", ago(1))).await;
    let dropped = tokio::time::timeout(Duration::from_millis(100), feed.next_batch(after.as_ref())).await;
    assert!(dropped.is_err());
    let batch = told(feed.as_mut(), &mut after).await;
    assert_eq!(keys(&batch), ["1"], "taken by the call that was dropped");
    let started = std::time::Instant::now();
    let error = loop {
        match feed.next_batch(after.as_ref()).await {
            Ok(batch) => after = batch.cursor.or(after),
            Err(error) => break error,
        }
    };
    assert!(error.to_string().contains("silent"), "{error}");
    assert!(started.elapsed() > Duration::from_millis(800), "{:?}", started.elapsed());
}

#[tokio::test]
async fn the_same_feed_goes_back_where_it_is_asked_to() {
    let (mut server, mut after) = (Server::start().await, None);
    let mut feed = feed(&server, V2);
    let mut session = connected(feed.as_mut(), &mut server, &mut after).await;
    session.send(v2("1", 1, ago(2))).await;
    told(feed.as_mut(), &mut after).await;
    let first = after.clone();
    session.send(v2("2", 2, ago(1))).await;
    told(feed.as_mut(), &mut after).await;
    feed.next_batch(first.as_ref()).await.unwrap();
    assert!(server.session().await.target.ends_with("cursor=1"), "the index did not take the second batch");
}

#[test]
fn settings_are_checked() {
    let context = FeedContext { id: FeedId::new("b"), net: Net::new(NetOptions::default()).unwrap() };
    for (written, told) in [
        ("instances = []", "leave it out"),
        ("instances = ['https://a.b']", "is no link such as wss://"),
        ("instances = ['jetstream']", "is no link such as wss://"),
        ("dictionary = '/nowhere'", "cannot read /nowhere"),
        ("compres = true", "unknown field `compres`"),
    ] {
        let error = open(&context, written.parse().unwrap()).err().unwrap();
        assert!(error.contains(told), "{written}: {error}");
    }
    assert!(open(&context, toml::Table::new()).is_ok());
}
