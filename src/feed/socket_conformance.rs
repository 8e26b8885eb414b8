//! Only tests: what every kind that listens to a websocket must survive, one table for all of them.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use nostr_relay_builder::prelude::{JsonUtil, Keys};
use tokio::time::{Instant, sleep};

use super::http::{Net, NetOptions};
use super::socket_server::{Server, Session};
use super::{Feed, FeedContext, FeedError, KINDS, atproto, bluesky, nostr};
use crate::model::{Cursor, FeedId, Time};

const V2: &str = "/xrpc/network.bsky.jetstream.subscribeEvents";
const PATIENCE: Duration = Duration::from_secs(30);

/// A kind, or one of the two ways in which one is spoken to.
struct Row {
    kind: &'static str,
    /// Settings that lead to `host:port`.
    settings: fn(&str) -> String,
    /// Whether the client speaks first, and the stored events are ended with a word.
    is_asked: bool,
    /// The post `caiu N` of a moment, as the server tells it.
    post: fn(u64, Time) -> Said,
}

enum Said {
    Text(String),
    Bytes(Vec<u8>),
}

const ROWS: [Row; 4] = [
    Row {
        kind: "bluesky",
        settings: |host| format!("instances = ['ws://{host}/subscribe']"),
        is_asked: false,
        post: |number, at| Said::Text(bluesky::tests::v1(&number.to_string(), at)),
    },
    Row {
        kind: "bluesky",
        settings: |host| format!("instances = ['ws://{host}{V2}']"),
        is_asked: false,
        post: |number, at| Said::Text(bluesky::tests::v2(&number.to_string(), number, at)),
    },
    Row {
        kind: "atproto",
        settings: |host| format!("server = 'ws://{host}'"),
        is_asked: false,
        post: |number, at| Said::Bytes(atproto::tests::commit(number, at, &[&format!("caiu {number}")], &[])),
    },
    Row {
        kind: "nostr",
        settings: |host| format!("relays = ['ws://{host}']"),
        is_asked: true,
        post: |number, at| {
            let event = nostr::tests::signed(&Keys::generate(), 1, &format!("caiu {number}"), &[], at.timestamp());
            Said::Text(format!("[\"EVENT\",\"live\",{}]", event.as_json()))
        },
    },
];

fn feed(row: &Row, host: &str) -> Box<dyn Feed> {
    let net = Net::new(NetOptions { allow_private: true, ..NetOptions::default() }).unwrap();
    let kind = KINDS.iter().find(|kind| kind.name == row.kind).unwrap();
    (kind.open)(&FeedContext { id: FeedId::new("f"), net }, (row.settings)(host).parse().unwrap()).unwrap()
}

/// Asks as the runner does until the feed has connected; gives the server's end, and what it was asked for.
async fn connected(
    row: &Row,
    feed: &mut dyn Feed,
    server: &mut Server,
    after: &mut Option<Cursor>,
) -> (Session, String) {
    let began = Instant::now();
    let mut session = loop {
        if let Ok(batch) = feed.next_batch(after.as_ref()).await {
            *after = batch.cursor.or(after.take());
        }
        if let Some(session) = server.session_so_far() {
            break session;
        }
        assert!(began.elapsed() < PATIENCE, "{} does not connect", row.kind);
        sleep(Duration::from_millis(50)).await;
    };
    let mut asked = session.target.clone();
    if row.is_asked {
        asked.push_str(&session.hear().await);
        session.send("[\"EOSE\",\"live\"]").await;
    }
    (session, asked)
}

async fn tell(row: &Row, session: &mut Session, number: u64, at: Time) {
    match (row.post)(number, at) {
        Said::Text(text) => session.send(text).await,
        Said::Bytes(bytes) => session.send_bytes(bytes).await,
    }
}

/// Asks until a post was told; gives the records that were none, and up to when the feed says to have told everything.
async fn heard(row: &Row, feed: &mut dyn Feed, after: &mut Option<Cursor>, number: u64) -> (u64, Option<Time>) {
    let (began, mut num_rejected) = (Instant::now(), 0);
    while began.elapsed() < PATIENCE {
        let batch =
            feed.next_batch(after.as_ref()).await.unwrap_or_else(|error| panic!("{} {number}: {error}", row.kind));
        *after = batch.cursor.or(after.take());
        num_rejected += batch.rejected.values().sum::<u64>();
        if batch.posts.iter().any(|incoming| incoming.post.text == format!("caiu {number}")) {
            return (num_rejected, batch.until);
        }
    }
    panic!("{}: {number} was not told", row.kind);
}

/// Asks until the feed fails.
async fn failure(row: &Row, feed: &mut dyn Feed, after: &mut Option<Cursor>) -> FeedError {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        match feed.next_batch(after.as_ref()).await {
            Ok(batch) => *after = batch.cursor.or(after.take()),
            Err(error) => return error,
        }
    }
    panic!("{} does not fail", row.kind);
}

#[tokio::test]
async fn servers_that_let_nobody_in_are_asked_again() {
    let page = "<!DOCTYPE html><html><title>Just a moment…</title></html>";
    for row in &ROWS {
        let mut server = Server::start().await;
        let mut after = None;
        for (number, (status, headers)) in
            [(500, ""), (502, "content-type: text/html\r\n"), (503, ""), (200, ""), (302, "location: /loop\r\n")]
                .into_iter()
                .enumerate()
        {
            let mut feed = feed(row, &server.host);
            server.answer_with("", status, headers, page);
            let error = failure(row, &mut *feed, &mut after).await;
            assert!(matches!(error, FeedError::Transient(_)), "{} {status}: {error:?}", row.kind);
            server.answer_no_more();
            let number = number as u64 + 1;
            let (mut session, _) = connected(row, &mut *feed, &mut server, &mut after).await;
            tell(row, &mut session, number, Utc::now()).await;
            heard(row, &mut *feed, &mut after, number).await;
        }
    }
}

#[tokio::test]
async fn waits_are_kept_and_refusals_give_their_reason() {
    for row in &ROWS {
        let server = Server::start().await;
        for status in [429, 503] {
            server.answer_with("", status, "retry-after: 17\r\n", "slow down");
            let error = failure(row, &mut *feed(row, &server.host), &mut None).await;
            // What is left of it: of several relays each waits for itself.
            let is_it =
                matches!(error, FeedError::Throttled { retry_after: Some(wait) } if wait <= Duration::from_secs(17));
            assert!(is_it, "{} {status}: {error:?}", row.kind);
        }
        server.answer("", 403, "not for you");
        let error = failure(row, &mut *feed(row, &server.host), &mut None).await;
        assert!(matches!(&error, FeedError::Fatal(said) if said.contains("not for you")), "{}: {error:?}", row.kind);
        let error = failure(row, &mut *feed(row, "127.0.0.1:9"), &mut None).await;
        assert!(matches!(error, FeedError::Transient(_)), "{}: {error:?}", row.kind);
    }
}

#[tokio::test]
async fn garbage_and_half_a_message_are_counted_and_the_feed_comes_back() {
    for row in &ROWS {
        let (mut server, mut after) = (Server::start().await, None);
        let mut feed = feed(row, &server.host);
        let (mut session, _) = connected(row, &mut *feed, &mut server, &mut after).await;
        for garbage in ["", "{", "null", "<html>", "\u{0}"] {
            session.send(garbage).await;
        }
        session.send("[".repeat(100_000)).await;
        session.send_bytes(b"\0\xff\xfe{[<garbage".to_vec()).await;
        tell(row, &mut session, 1, Utc::now()).await;
        session.break_off(&[0x81, 100, b'{', b'"']).await;
        let (num_rejected, _) = heard(row, &mut *feed, &mut after, 1).await;
        assert_eq!(num_rejected, 7, "{}", row.kind);
        let error = failure(row, &mut *feed, &mut after).await;
        assert!(matches!(error, FeedError::Transient(_)), "{}: {error:?}", row.kind);
        let (mut session, _) = connected(row, &mut *feed, &mut server, &mut after).await;
        tell(row, &mut session, 2, Utc::now()).await;
        heard(row, &mut *feed, &mut after, 2).await;
    }
}

#[tokio::test]
async fn clocks_that_are_hours_off_cost_nothing() {
    for row in &ROWS {
        for hours in [-5, 5] {
            let (mut server, mut after) = (Server::start().await, None);
            let mut feed = feed(row, &server.host);
            let (mut session, _) = connected(row, &mut *feed, &mut server, &mut after).await;
            for number in 1..=2 {
                tell(row, &mut session, number, Utc::now() + TimeDelta::hours(hours)).await;
                let (_, until) = heard(row, &mut *feed, &mut after, number).await;
                assert!(until.is_some_and(|until| until <= Utc::now()), "{} {hours} h: {until:?}", row.kind);
            }
            // After a restart the server is asked for what comes now, not for what comes in hours.
            let mut again = self::feed(row, &server.host);
            let (mut session, _) = connected(row, &mut *again, &mut server, &mut after).await;
            tell(row, &mut session, 3, Utc::now()).await;
            heard(row, &mut *again, &mut after, 3).await;
        }
    }
}

#[tokio::test]
async fn a_batch_that_was_not_saved_is_asked_for_as_after_a_restart() {
    for row in &ROWS {
        let (mut server, mut after) = (Server::start().await, None);
        let mut first = feed(row, &server.host);
        let (mut session, _) = connected(row, &mut *first, &mut server, &mut after).await;
        tell(row, &mut session, 1, Utc::now()).await;
        heard(row, &mut *first, &mut after, 1).await;
        let saved = after.clone();
        assert!(saved.is_some(), "{}: a place behind the first post", row.kind);
        // Places of relays are whole seconds.
        sleep(Duration::from_millis(1_100)).await;
        tell(row, &mut session, 2, Utc::now()).await;
        heard(row, &mut *first, &mut after, 2).await;
        assert_ne!(after, saved, "{}", row.kind);
        let (_, asked) = connected(row, &mut *first, &mut server, &mut saved.clone()).await;
        let (_, expected) = connected(row, &mut *feed(row, &server.host), &mut server, &mut saved.clone()).await;
        assert_eq!(asked, expected, "{}", row.kind);
    }
}

#[tokio::test]
async fn the_place_of_another_kind_is_refused_with_a_remedy() {
    for row in &ROWS {
        for place in ["1725911162329308", "not json", "[]", "\"x\""] {
            let cursor = Cursor::new(place);
            let error = feed(row, "127.0.0.1:9").next_batch(Some(&cursor)).await.unwrap_err().to_string();
            assert!(error.contains("give the feed another id"), "{}: {place}: {error}", row.kind);
        }
    }
}
