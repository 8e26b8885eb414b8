//! A second implementation of a Nostr relay (nostr-relay of PyPI), beside the one of the unit tests.

use caiu::feed::http::NetOptions;
use caiu::feed::socket::{Frame, Socket};
use chrono::Utc;
use nostr_relay_builder::prelude::{Event, EventBuilder, JsonUtil, Keys, Kind, Tag, Timestamp};

use super::support::{Reader, server, url};

fn signed(keys: &Keys, kind: u16, content: &str, tags: &[&[&str]]) -> Event {
    let tags = tags.iter().map(|tag| Tag::parse(tag.iter().copied()).unwrap());
    let event = EventBuilder::new(Kind::from(kind), content).tags(tags);
    event.custom_created_at(Timestamp::from(Utc::now().timestamp() as u64)).sign_with_keys(keys).unwrap()
}

async fn publish(relay: &str, event: &Event) {
    let options = NetOptions { allow_private: true, ..NetOptions::default() };
    let mut socket = Socket::connect(&url(relay), &[], &options).await.unwrap();
    socket.send(format!("[\"EVENT\",{}]", event.as_json())).await.unwrap();
    let Some(Frame::Text(answer)) = socket.next().await.unwrap() else { panic!("no answer") };
    assert!(answer.contains("true"), "{answer}");
    socket.close().await;
}

#[tokio::test]
#[ignore = "needs a real server: cargo xtask e2e"]
async fn notes_deletions_and_a_restart() {
    let relay = server("CAIU_E2E_NOSTR");
    let mut reader = Reader::open("nostr", &format!("relays = ['{relay}']"));
    reader.ask().await.unwrap();
    let keys = Keys::generate();
    let note = signed(&keys, 1, "o zap caiu", &[&["l", "pt", "ISO-639-1"]]);
    publish(&relay, &note).await;
    reader.until_text("o zap caiu").await;
    assert_eq!(reader.posts[0].post.lang.as_deref(), Some("pt"));
    publish(&relay, &signed(&keys, 5, "", &[&["e", &note.id.to_hex()]])).await;
    let id = format!("{}:{}", note.id, keys.public_key());
    reader.until("deletion", |reader| reader.is_gone(&id)).await;
    let text = "published while nobody listened";
    publish(&relay, &signed(&keys, 1, text, &[])).await;
    reader.restart();
    reader.until_text(text).await;
    assert!(reader.gaps.is_empty());
}
