//! Events of Nostr: their check (a relay may lie), and what they tell.
//!
//! Formats: NIP-01 (events, ids, signatures), NIP-09 (deletions), NIP-32 (labels of language), NIP-40 (expiration).

use bech32::{Bech32, Hrp};
use k256::schnorr::{Signature, VerifyingKey};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::feed::{Deletion, Incoming};
use crate::model::{PostId, RawDate, RawPost, Time};

/// Kind of a short text note.
const NOTE: u64 = 1;
/// Kind of a request to delete.
const DELETION: u64 = 5;
/// The platform of all posts here.
const PLATFORM: &str = "nostr";

/// An event whose id and signature hold.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) pubkey: String,
    /// When it was written, by its own account, in seconds since 1970.
    pub(super) created_at: i64,
    kind: u64,
    tags: Vec<Vec<String>>,
    content: String,
    sig: String,
}

/// What an event tells.
#[derive(Debug, PartialEq)]
pub(super) enum Told {
    /// A note, and when it is to vanish (in seconds since 1970) if it says so.
    Note { incoming: Box<Incoming>, expires_at: Option<i64> },
    /// Notes that their own author took back.
    Deletions(Vec<Deletion>),
}

impl Event {
    /// Reads an event and checks it; `Err` names what is wrong, for the count.
    pub(super) fn read(json: &str) -> Result<Self, &'static str> {
        let event: Self = serde_json::from_str(json).map_err(|_| "broken event")?;
        let id: [u8; 32] = bytes(&event.id).ok_or("broken event")?;
        let key: [u8; 32] = bytes(&event.pubkey).ok_or("broken event")?;
        let signature: [u8; 64] = bytes(&event.sig).ok_or("broken event")?;
        let canonical = (0, &event.pubkey, event.created_at, event.kind, &event.tags, &event.content);
        let canonical = serde_json::to_string(&canonical).map_err(|_| "broken event")?;
        if Sha256::digest(canonical.as_bytes()).as_slice() != id {
            return Err("wrong id");
        }
        let holds = VerifyingKey::from_slice(&key).is_ok_and(|key| {
            Signature::try_from(signature.as_slice()).is_ok_and(|signature| key.verify_raw(&id, &signature).is_ok())
        });
        if holds { Ok(event) } else { Err("wrong signature") }
    }

    /// What it tells; `witnessed_at` is when it came, if it came as it was published.
    pub(super) fn told(&self, witnessed_at: Option<Time>, now: Time) -> Result<Told, &'static str> {
        match self.kind {
            NOTE => self.note(witnessed_at, now),
            DELETION => {
                let ids = self.tags.iter().filter(|tag| tag.first().is_some_and(|name| name == "e"));
                let ids = ids.filter_map(|tag| tag.get(1)).filter(|id| bytes::<32>(id).is_some());
                Ok(Told::Deletions(
                    ids.map(|id| Deletion::Post { platform: PLATFORM.to_owned(), id: self.post_id(id) }).collect(),
                ))
            }
            _ => Err("another kind of event"),
        }
    }

    fn note(&self, witnessed_at: Option<Time>, now: Time) -> Result<Told, &'static str> {
        let expires_at = self.tag("expiration").and_then(|secs| secs.parse().ok());
        if expires_at.is_some_and(|secs: i64| secs <= now.timestamp()) {
            return Err("expired");
        }
        if self.content.trim().is_empty() {
            return Err("no text");
        }
        let is_lang = |tag: &&Vec<String>| matches!(&tag[..], [l, _, scheme, ..] if l == "l" && scheme == "ISO-639-1");
        let answered = self.tags.iter().rfind(|tag| tag.first().is_some_and(|name| name == "e"));
        let post = RawPost {
            id: self.post_id(&self.id).as_str().to_owned(),
            created_at: Some(RawDate::Epoch(self.created_at as f64)),
            author: Some(self.pubkey.clone()),
            text: self.content.clone(),
            lang: self.tags.iter().find(is_lang).map(|tag| tag[1].clone()),
            platform: Some(PLATFORM.to_owned()),
            url: self.url(),
            country: None,
            reply_to: answered.and_then(|tag| tag.get(1)).cloned(),
            repost_of: None,
        };
        Ok(Told::Note { incoming: Box::new(Incoming::new(post, witnessed_at)), expires_at })
    }

    /// The id of a post holds its author's key, so that a deletion by anybody else names a post that is not there.
    fn post_id(&self, event: &str) -> PostId {
        PostId::new(format!("{event}:{}", self.pubkey))
    }

    fn tag(&self, name: &str) -> Option<&str> {
        self.tags.iter().find(|tag| tag.first().is_some_and(|first| first == name))?.get(1).map(String::as_str)
    }

    /// A page that shows the note: Nostr itself has no links.
    fn url(&self) -> Option<String> {
        let id: [u8; 32] = bytes(&self.id)?;
        let note = bech32::encode::<Bech32>(Hrp::parse("note").ok()?, &id).ok()?;
        Some(format!("https://njump.me/{note}"))
    }
}

/// Bytes written as small hexadecimal digits, which is the only way that an id is written.
fn bytes<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    if hex.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use nostr_relay_builder::prelude::{EventBuilder, EventId, JsonUtil, Keys, Kind, Tag, Timestamp, ToBech32};

    use super::*;

    /// Signed by another implementation.
    fn signed(kind: u16, content: &str, tags: &[&[&str]]) -> String {
        let tags = tags.iter().map(|tag| Tag::parse(tag.iter().copied()).unwrap());
        let keys = Keys::parse("1111111111111111111111111111111111111111111111111111111111111111").unwrap();
        let event =
            EventBuilder::new(Kind::from(kind), content).tags(tags).custom_created_at(Timestamp::from(1_795_860_000));
        event.sign_with_keys(&keys).unwrap().as_json()
    }

    #[test]
    fn ids_and_signatures_of_another_implementation_hold() {
        for content in ["caiu", "واتساب\nمعطل\t\"x\" \\ \u{7f}\u{1}\u{8}\u{c}\u{2028}</script>🔥", ""] {
            let json = signed(1, content, &[&["t", "a\"b\n"]]);
            assert_eq!(Event::read(&json).unwrap().content, content);
        }
    }

    #[test]
    fn what_was_tampered_with_is_refused() {
        let json = signed(1, "WhatsApp is down", &[]);
        let event = Event::read(&json).unwrap();
        for (from, to, why) in [
            ("is down", "is up", "wrong id"),
            ("\"created_at\":1795860000", "\"created_at\":1795860001", "wrong id"),
            ("\"tags\":[]", "\"tags\":[[\"t\",\"x\"]]", "wrong id"),
            ("\"kind\":1", "\"kind\":1.5", "broken event"),
            (&event.id[..4], "zzzz", "broken event"),
            (&event.sig[..64], &"0".repeat(64), "wrong signature"),
            (&event.sig[..64], &"f".repeat(64), "wrong signature"),
            ("\"tags\":[]", "\"tags\":[[7]]", "broken event"),
        ] {
            let forged = json.replacen(from, to, 1);
            assert_ne!(forged, json, "{from}");
            assert_eq!(Event::read(&forged).unwrap_err(), why, "{from}");
        }
        assert_eq!(Event::read("[]").unwrap_err(), "broken event");
    }

    #[test]
    fn notes_with_their_language_and_end() {
        let now = Utc::now();
        let later = (now.timestamp() + 100).to_string();
        let tags: [&[&str]; 4] =
            [&["l", "other", "x"], &["l", "pt", "ISO-639-1"], &["e", "root"], &["expiration", &later]];
        let event = Event::read(&signed(1, "o zap caiu", &tags)).unwrap();
        let Ok(Told::Note { incoming, expires_at }) = event.told(None, now) else { panic!("a note") };
        let post = &incoming.post;
        assert_eq!((post.lang.as_deref(), post.reply_to.as_deref()), (Some("pt"), Some("root")));
        assert_eq!(expires_at, Some(now.timestamp() + 100));
        assert_eq!(post.created_at, Some(RawDate::Epoch(1_795_860_000.0)));
        assert_eq!(post.id, format!("{}:{}", event.id, event.pubkey));
        let past = Event::read(&signed(1, "x", &[&["expiration", "1"]])).unwrap();
        assert_eq!(past.told(None, now), Err("expired"));
        assert_eq!(Event::read(&signed(1, " \n", &[])).unwrap().told(None, now), Err("no text"));
        assert_eq!(Event::read(&signed(7, "+", &[])).unwrap().told(None, now), Err("another kind of event"));
    }

    #[test]
    fn a_deletion_names_posts_of_its_own_author() {
        let id = "a".repeat(64);
        let event = Event::read(&signed(5, "", &[&["e", &id], &["e", "short"], &["k", "1"], &["a", "x"]])).unwrap();
        let Ok(Told::Deletions(deletions)) = event.told(None, Utc::now()) else { panic!("deletions") };
        let post = PostId::new(format!("{id}:{}", event.pubkey));
        assert_eq!(deletions, [Deletion::Post { platform: "nostr".to_owned(), id: post }]);
    }

    #[test]
    fn links_name_the_note() {
        let event = Event::read(&signed(1, "x", &[])).unwrap();
        let note = EventId::from_hex(&event.id).unwrap().to_bech32().unwrap();
        assert_eq!(event.url(), Some(format!("https://njump.me/{note}")));
    }
}
