//! Which posts an index may hold, told without looking: a Bloom filter (Bloom, "Space/time trade-offs in hash coding with
//! allowable errors", CACM 1970) over the hashes of their keys. It never denies what is there.

use std::hash::Hasher;

use sha2::{Digest, Sha256};
use siphasher::sip::SipHasher13;

use crate::model::PostId;

/// Bits for each post that there is room for: with four probes one of 90 strangers looks known.
const BITS_PER_POST: usize = 12;
/// Probes for each post.
const NUM_PROBES: u64 = 4;
/// Room of the smallest filter.
const MIN_POSTS: usize = 1 << 16;
/// Longest key that stands as it is.
const MAX_KEY_BYTES: usize = 512;

/// The exact term of a post: platform and id. A giant is cut, with its hash behind.
pub(super) fn key(platform: Option<&str>, id: &PostId) -> String {
    let mut key = format!("{}\u{1f}{id}", platform.unwrap_or_default());
    if key.len() > MAX_KEY_BYTES {
        let whole = hash(&key);
        key.truncate(key.floor_char_boundary(MAX_KEY_BYTES));
        key.push_str(&format!("\u{1f}{whole:016x}"));
    }
    key
}

/// Letters of a hash that stands for an id: 128 bits.
const HIDDEN_LETTERS: usize = 32;

/// What stands for the id of a post that was taken back: enough to know it again, and not the id itself, which may name
/// its author. A plain hash of its key (SHA-256, cut to 128 bits): whoever has the id can find it, nobody can read it.
pub(super) fn hidden_id(key: &str) -> PostId {
    let bits =
        Sha256::digest(key).iter().take(HIDDEN_LETTERS / 2).fold(0, |bits: u128, &byte| bits << 8 | u128::from(byte));
    PostId::new(format!("#{bits:0HIDDEN_LETTERS$x}"))
}

/// Whether an id is such a hash.
pub(super) fn is_hidden(id: &PostId) -> bool {
    let letters = id.as_str().strip_prefix('#').unwrap_or_default();
    letters.len() == HIDDEN_LETTERS && letters.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The exact term of what is left of the post with a key.
pub(super) fn hidden_key(key: &str) -> String {
    key_of_hidden(&hidden_id(key))
}

/// The same, from the hash.
pub(super) fn key_of_hidden(id: &PostId) -> String {
    format!("\u{1f}{id}")
}

/// The hash of a key: the same in every version of the program, for it stands in the index.
pub(super) fn hash(key: &str) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write(key.as_bytes());
    hasher.finish()
}

/// The filter.
#[derive(Debug, Default)]
pub(super) struct Known {
    words: Vec<u64>,
    room: usize,
    num_added: usize,
}

impl Known {
    /// A filter with room for so many posts and as many again.
    pub(super) fn with_room_beyond(num_posts: usize) -> Self {
        let room = (num_posts * 2).max(MIN_POSTS).next_power_of_two();
        Self { words: vec![0; (room * BITS_PER_POST).div_ceil(64)], room, num_added: 0 }
    }

    /// Whether it holds more than it has room for and should be made anew.
    pub(super) fn is_full(&self) -> bool {
        self.num_added >= self.room
    }

    /// Adds a hash.
    pub(super) fn add(&mut self, hash: u64) {
        self.num_added += 1;
        for (word, bit) in places(hash, self.words.len()) {
            if let Some(word) = self.words.get_mut(word) {
                *word |= bit;
            }
        }
    }

    /// Whether a post with this hash may be there.
    pub(super) fn may_hold(&self, hash: u64) -> bool {
        places(hash, self.words.len()).all(|(word, bit)| self.words.get(word).is_some_and(|word| word & bit != 0))
    }
}

/// The bits of a hash: each probe is another part of it (Kirsch and Mitzenmacher, "Less hashing, same performance", 2006).
fn places(hash: u64, num_words: usize) -> impl Iterator<Item = (usize, u64)> {
    let step = hash.rotate_left(32) | 1;
    (0..NUM_PROBES).map(move |probe| {
        let bit = hash.wrapping_add(probe.wrapping_mul(step));
        // The upper bits choose the word, as a share of all of them.
        let word = (u128::from(bit) * num_words as u128) >> 64;
        (word as usize, 1 << (bit & 63))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_known_is_denied_and_few_strangers_are_known() {
        let mut known = Known::with_room_beyond(100);
        let of = |number: u32| hash(&number.to_string());
        (0..60_000).for_each(|number| known.add(of(number)));
        assert!((0..60_000).all(|number| known.may_hold(of(number))));
        let strangers = (100_000..200_000).filter(|&number| known.may_hold(of(number))).count();
        assert!(strangers < 2_000, "{strangers} of 100,000");
        assert!(!Known::default().may_hold(7) && Known::default().is_full());
    }

    #[test]
    fn keys_tell_posts_apart() {
        let id = |text: &str| PostId::new(text);
        assert_ne!(key(Some("a"), &id("b1")), key(Some("ab"), &id("1")));
        assert_ne!(key(None, &id("1")), key(Some("x"), &id("1")));
        let long = "é".repeat(4_000);
        assert_ne!(key(None, &id(&format!("{long}1"))), key(None, &id(&format!("{long}2"))));
        assert!(key(None, &id(&long)).len() < 600);
        let hidden = hidden_id(&key(Some("bluesky"), &id("at://did:plc:abc/app.bsky.feed.post/1")));
        assert_eq!(hidden.as_str(), "#bfb7ff70607ec065d6910240b590e7e8", "it stands in indexes that exist");
        assert!(is_hidden(&hidden) && !is_hidden(&id("#1")) && !is_hidden(&id("1")));
        assert_eq!(hash("twitter\u{1f}1"), 12_876_796_334_553_748_802, "it stands in indexes that exist");
    }
}
