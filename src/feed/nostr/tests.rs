//! Tests against a real relay (nostr-relay-builder), and against one that misbehaves.

use std::time::Duration;

use chrono::Utc;
use nostr_relay_builder::builder::{RateLimit, RelayBuilder};
use nostr_relay_builder::prelude::{EventBuilder, JsonUtil, Keys, Kind, Tag, Timestamp};
use nostr_relay_builder::{LocalRelay, MockRelay};

use super::*;
use crate::feed::http::{Net, NetOptions};
use crate::feed::socket::{Frame, Socket};
use crate::feed::socket_server::{Server, Session};
use crate::feed::{Batch, Deletion, FeedError};
use crate::model::{Cursor, FeedId, PostId};

fn options() -> NetOptions {
    NetOptions { allow_private: true, ..NetOptions::default() }
}

fn feed(relays: &[&str]) -> Box<dyn Feed> {
    let context = FeedContext { id: FeedId::new("n"), net: Net::new(options()).unwrap() };
    open(&context, format!("relays = {relays:?}").parse().unwrap()).unwrap()
}

pub(in crate::feed) fn signed(
    keys: &Keys,
    kind: u16,
    content: &str,
    tags: &[&[&str]],
    at: i64,
) -> nostr_relay_builder::prelude::Event {
    let tags = tags.iter().map(|tag| Tag::parse(tag.iter().copied()).unwrap());
    let event = EventBuilder::new(Kind::from(kind), content).tags(tags);
    event.custom_created_at(Timestamp::from(at as u64)).sign_with_keys(keys).unwrap()
}

/// Publishes events and waits until the relay has them.
async fn publish(relay: &str, events: &[nostr_relay_builder::prelude::Event]) {
    let mut socket = Socket::connect(&relay.parse().unwrap(), &[], &options()).await.unwrap();
    for event in events {
        socket.send(format!("[\"EVENT\",{}]", event.as_json())).await.unwrap();
        let Some(Frame::Text(answer)) = socket.next().await.unwrap() else { panic!("no answer") };
        assert!(answer.contains("true"), "{answer}");
    }
}

/// Asks, as the runner does, until `num` posts and deletions were told.
async fn told(feed: &mut dyn Feed, after: &mut Option<Cursor>, num: usize) -> Batch {
    let mut all = Batch::empty(crate::feed::Next::Now);
    for _ in 0..40 {
        let batch = feed.next_batch(after.as_ref()).await.unwrap();
        *after = batch.cursor.clone().or(after.take());
        all.posts.extend(batch.posts);
        all.deletions.extend(batch.deletions);
        all.gaps.extend(batch.gaps);
        all.until = batch.until;
        batch.rejected.into_iter().for_each(|(reason, count)| *all.rejected.entry(reason).or_default() += count);
        if all.posts.len() + all.deletions.len() >= num {
            return all;
        }
    }
    panic!("{} of {num} were told, and rejected {:?}", all.posts.len() + all.deletions.len(), all.rejected);
}

/// The deletion of an event by somebody.
fn deletion(event: &nostr_relay_builder::prelude::Event, by: &Keys) -> Deletion {
    let id = PostId::new(format!("{}:{}", event.id, by.public_key()));
    Deletion::Post { platform: "nostr".to_owned(), id }
}

fn texts(batch: &Batch) -> Vec<&str> {
    let mut texts: Vec<&str> = batch.posts.iter().map(|incoming| incoming.post.text.as_str()).collect();
    texts.sort_unstable();
    texts
}

#[tokio::test]
async fn two_relays_tell_each_note_once_and_only_authors_delete() {
    let (one, two) = (MockRelay::run().await.unwrap(), MockRelay::run().await.unwrap());
    let (one, two) = (one.url().await.to_string(), two.url().await.to_string());
    let alice = Keys::generate();
    let mut after: Option<Cursor> = None;
    let mut first = feed(&[&one, &two, "ws://127.0.0.1:9"]);
    // Until both are caught up; one dead relay does not hold up the others.
    while !after.as_ref().is_some_and(|place| [&one, &two].iter().all(|relay| place.as_str().contains(relay.as_str())))
    {
        let batch = first.next_batch(after.as_ref()).await.unwrap();
        after = batch.cursor.or(after);
    }
    let now = Utc::now().timestamp();
    let both = signed(&alice, 1, "both", &[&["l", "pt", "ISO-639-1"]], now);
    publish(&one, &[both.clone(), signed(&alice, 1, "one", &[], now)]).await;
    publish(&two, &[both.clone(), signed(&alice, 1, "two", &[], now)]).await;
    let batch = told(first.as_mut(), &mut after, 3).await;
    assert_eq!(texts(&batch), ["both", "one", "two"]);
    assert!(batch.posts.iter().all(|incoming| incoming.witnessed_at.is_some()), "they came as they were published");

    let id = both.id.to_hex();
    publish(&one, &[signed(&alice, 5, "", &[&["e", &id]], now)]).await;
    let batch = told(first.as_mut(), &mut after, 1).await;
    assert_eq!(batch.deletions, [deletion(&both, &alice)]);

    // What was published while nobody listened is told after a restart, by the relay's store.
    drop(first);
    publish(&two, &[signed(&alice, 1, "meanwhile", &[], Utc::now().timestamp())]).await;
    let mut again = feed(&[&one, &two]);
    let mut seen = Vec::new();
    while !seen.iter().any(|text: &String| text == "meanwhile") {
        let batch = told(again.as_mut(), &mut after, 1).await;
        seen.extend(texts(&batch).into_iter().map(str::to_owned));
        assert!(seen.len() < 10, "{seen:?}");
    }
}

#[tokio::test]
async fn a_store_is_read_page_by_page_back_to_the_place() {
    let limits = RateLimit { max_reqs: 100, notes_per_minute: 10_000 };
    let relay = LocalRelay::new(RelayBuilder::default().rate_limit(limits).max_filter_limit(10));
    relay.run().await.unwrap();
    let url = relay.url().await.to_string();
    let keys = Keys::generate();
    let now = Utc::now().timestamp();
    // Three notes a second, so that pages end within a second; and some from before the place.
    let notes: Vec<_> = (0..55).map(|n| signed(&keys, 1, &format!("{n:02}"), &[], now - 100 - n / 3)).collect();
    let old = signed(&keys, 1, "old", &[], now - 10_000);
    publish(&url, &notes).await;
    publish(&url, &[old]).await;
    let key = Url::parse(&url).unwrap();
    let mut after = Some(Cursor::new(serde_json::json!({key.as_str(): now - 1000}).to_string()));
    let mut feed = feed(&[&url]);
    let batch = told(feed.as_mut(), &mut after, 55).await;
    assert_eq!(texts(&batch), (0..55).map(|n| format!("{n:02}")).collect::<Vec<_>>());
    assert!(batch.gaps.is_empty() && batch.posts.iter().all(|incoming| incoming.witnessed_at.is_none()));
    // A note with a date in the future does not move the place there.
    publish(&url, &[signed(&keys, 1, "future", &[], now + 600), signed(&keys, 1, "present", &[], now)]).await;
    assert_eq!(texts(&told(feed.as_mut(), &mut after, 2).await), ["future", "present"]);
    let place: std::collections::BTreeMap<String, i64> = serde_json::from_str(after.unwrap().as_str()).unwrap();
    assert!(place[key.as_str()] <= Utc::now().timestamp(), "{place:?}");
}

/// Opens the subscription of a feed at a relay of ours.
async fn subscribed(feed: &mut dyn Feed, server: &mut Server, after: &mut Option<Cursor>) -> Session {
    let batch = feed.next_batch(after.as_ref()).await.unwrap();
    *after = batch.cursor.or(after.take());
    let mut session = server.session().await;
    let asked = session.hear().await;
    assert!(asked.starts_with("[\"REQ\",\"live\",{"), "{asked}");
    session
}

#[tokio::test]
async fn a_relay_that_lies_is_not_believed() {
    let (mut server, mut after) = (Server::start().await, None);
    let mut feed = feed(&[&format!("ws://{}", server.host)]);
    let mut session = subscribed(feed.as_mut(), &mut server, &mut after).await;
    let (keys, now) = (Keys::generate(), Utc::now().timestamp());
    let good = signed(&keys, 1, "caiu", &[], now).as_json();
    let event = |json: &str| format!("[\"EVENT\",\"live\",{json}]");
    for bad in ["", "{", "[]", "[\"EVENT\"]", "[\"EVENT\",\"live\"]", "[\"EVENT\",\"live\",7]", "[\"WHAT\"]", "[1,2,3]"]
    {
        session.send(bad).await;
    }
    session.send(event(&good.replace("caiu", "voltou"))).await;
    session.send("[".repeat(100_000)).await;
    session.send_bytes(vec![1, 2, 3]).await;
    session.send("[\"NOTICE\",\"slow down\"]").await;
    session.send(event(&good)).await;
    session.send(event(&good)).await;
    // Real relays refuse this one: a deletion of somebody else's note.
    let (mallory, note) = (Keys::generate(), signed(&keys, 1, "caiu", &[], now));
    session.send(event(&signed(&mallory, 5, "", &[&["e", &note.id.to_hex()]], now).as_json())).await;
    session.send("[\"EOSE\",\"live\"]").await;
    let batch = told(feed.as_mut(), &mut after, 2).await;
    assert_eq!(batch.posts[0].post.id, format!("{}:{}", note.id, keys.public_key()));
    assert_eq!(batch.deletions, [deletion(&note, &mallory)], "it names a post that is not there");
    assert_eq!((texts(&batch), batch.rejected.get("wrong id")), (vec!["caiu"], Some(&1)));
    assert_eq!(batch.rejected.values().sum::<u64>(), 11, "{:?}", batch.rejected);
    // One that ignores the end of the page is asked no further.
    let asked = session.hear().await;
    assert!(asked.contains("\"until\":"), "{asked}");
    session.send(format!("[\"EVENT\",\"page2\",{}]", signed(&keys, 1, "later", &[], now + 50).as_json())).await;
    session.send("[\"EOSE\",\"page2\"]").await;
    assert_eq!(session.hear().await, "[\"CLOSE\",\"page2\"]");
    told(feed.as_mut(), &mut after, 1).await;
    let place: std::collections::BTreeMap<String, i64> = serde_json::from_str(after.unwrap().as_str()).unwrap();
    assert_eq!(place.len(), 1);
}

#[tokio::test]
async fn refusals_and_giants_are_told() {
    for (words, is_fatal) in [("auth-required: log in", true), ("rate-limited: slow", false), ("error: down", false)] {
        let (mut server, mut after) = (Server::start().await, None);
        let mut feed = feed(&[&format!("ws://{}", server.host)]);
        let mut session = subscribed(feed.as_mut(), &mut server, &mut after).await;
        session.send(format!("[\"CLOSED\",\"live\",\"{words}\"]")).await;
        let error = loop {
            match feed.next_batch(after.as_ref()).await {
                Ok(batch) => after = batch.cursor.or(after),
                Err(error) => break error,
            }
        };
        assert_eq!(matches!(error, FeedError::Fatal(_)), is_fatal, "{words}: {error}");
    }
    let (mut server, mut after) = (Server::start().await, None);
    let mut feed = feed(&[&format!("ws://{}", server.host)]);
    let mut session = subscribed(feed.as_mut(), &mut server, &mut after).await;
    let sending = tokio::spawn(async move { session.send_bytes(vec![0; 50 << 20]).await });
    let mut rejected = 0;
    while rejected == 0 {
        match feed.next_batch(after.as_ref()).await {
            Ok(batch) => {
                rejected += batch.rejected.get("too long").unwrap_or(&0);
                after = batch.cursor.or(after);
            }
            Err(error) => panic!("{error}"),
        }
    }
    sending.await.unwrap();
    assert!(server.session().await.hear().await.starts_with("[\"REQ\""), "and it is asked again");
}

#[tokio::test]
async fn notes_vanish_at_their_time_and_stay_away() {
    let (mut server, mut after) = (Server::start().await, None);
    let mut feed = feed(&[&format!("ws://{}", server.host)]);
    let mut session = subscribed(feed.as_mut(), &mut server, &mut after).await;
    let (keys, now) = (Keys::generate(), Utc::now().timestamp());
    let soon = (now + 3).to_string();
    let note = signed(&keys, 1, "soon", &[&["expiration", &soon]], now);
    session.send(format!("[\"EVENT\",\"live\",{}]", note.as_json())).await;
    assert_eq!(texts(&told(feed.as_mut(), &mut after, 1).await), ["soon"]);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(told(feed.as_mut(), &mut after, 1).await.deletions.len(), 1);
    // A deletion that comes before its note: another relay may have the note still.
    let other = signed(&keys, 1, "taken back", &[], now);
    let deletion = signed(&keys, 5, "", &[&["e", &other.id.to_hex()]], now);
    session.send(format!("[\"EVENT\",\"live\",{}]", deletion.as_json())).await;
    session.send(format!("[\"EVENT\",\"live\",{}]", other.as_json())).await;
    session.send(format!("[\"EVENT\",\"live\",{}]", signed(&keys, 1, "stays", &[], now).as_json())).await;
    let batch = told(feed.as_mut(), &mut after, 2).await;
    assert_eq!((texts(&batch), batch.rejected.get("deleted")), (vec!["stays"], Some(&1)));
}

#[test]
fn settings_are_checked() {
    let context = FeedContext { id: FeedId::new("n"), net: Net::new(NetOptions::default()).unwrap() };
    for (written, told) in [("relays = []", "leave it out"), ("relays = ['nos.lol']", "is no link such as wss://")] {
        let error = open(&context, written.parse().unwrap()).err().unwrap();
        assert!(error.contains(told), "{error}");
    }
    assert!(open(&context, toml::Table::new()).is_ok());
}

#[test]
fn logs_and_places_hold_no_secret_of_a_link() {
    let url = |link: &str| Url::parse(link).unwrap();
    assert_eq!(key(&url("wss://nos.lol")), "wss://nos.lol/", "as places that were saved have it");
    for link in ["wss://u:hidden@relay.example:7777/x", "wss://relay.example:7777/?token=hidden"] {
        let (key, name) = (key(&url(link)), name(&url(link)));
        assert!(!key.contains("hidden") && key.starts_with("relay.example:7777#"), "{key}");
        assert_eq!(name, "relay.example:7777");
    }
    assert_ne!(key(&url("wss://a.b/?t=1")), key(&url("wss://a.b/?t=2")));
}
