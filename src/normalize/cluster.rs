//! Which posts count as one: a key that is a pure function of the post, so that any engine can count.
//!
//! A short text ("whatsapp down?") is what many people say by themselves: its key holds the author.
//! A long text that comes twice is a copy: its key is a min-hash of its word triples (Broder,
//! "On the resemblance and containment of documents", 1997), so that changed links, names, numbers
//! and a changed word or two leave it alone.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

use super::fold::is_alphabetic;
use super::words::{WordKind, Words};
use crate::model::{AuthorKey, ClusterKey};

/// Texts of at least so many words are copies when they come again.
pub const LONG_WORDS: usize = 8;

/// The key of a post; `fallback` (its id) stands in where neither author nor words tell it apart.
pub fn cluster_key(words: &Words, author: Option<AuthorKey>, is_repost: bool, fallback: &str) -> ClusterKey {
    let plain = (0..words.len())
        .filter(|&i| words.word(i).kind == WordKind::Plain && words.text(i).starts_with(is_alphabetic))
        .map(|i| words.text(i));
    let mut hashes = Vec::with_capacity(words.len());
    hashes.extend(plain.clone().map(hash));
    if hashes.len() >= LONG_WORDS || (is_repost && hashes.len() >= 3) {
        return ClusterKey(min_hash(&hashes));
    }
    let mut hasher = SipHasher13::new();
    match author {
        Some(author) => hasher.write_u64(author.0),
        None => hasher.write(fallback.as_bytes()),
    }
    for word in plain {
        hasher.write(word.as_bytes());
        hasher.write_u8(b' ');
    }
    ClusterKey(hasher.finish())
}

/// The smallest hashes of the word triples under two hash functions, as one key. Each word was hashed once, and the
/// hashes of a triple are mixed in their order.
fn min_hash(words: &[u64]) -> u64 {
    let mut smallest = [u64::MAX; 2];
    for triple in words.windows(3.min(words.len())) {
        let mixed = triple.iter().fold(0, |mixed, hash| mix(mixed ^ hash));
        for (seed, smallest) in smallest.iter_mut().enumerate() {
            *smallest = (*smallest).min(mix(mixed ^ seed as u64));
        }
    }
    smallest[0] ^ smallest[1].rotate_left(32)
}

fn hash(word: &str) -> u64 {
    word.as_bytes().chunks(8).fold(word.len() as u64, |hash, bytes| {
        let mut eight = [0; 8];
        eight[..bytes.len()].copy_from_slice(bytes);
        mix(hash ^ u64::from_le_bytes(eight))
    })
}

/// Spreads a number over 64 bits (the finalizer of SplitMix64: Steele et al., OOPSLA 2014).
fn mix(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str, author: u64) -> ClusterKey {
        cluster_key(&Words::plain(text), Some(AuthorKey(author)), false, "id")
    }

    #[test]
    fn copies_are_one_and_witnesses_are_many() {
        let long = "WhatsApp is down for everybody right now, move to our group and win a phone";
        for (a, b, same) in [
            ((long, 1), (long, 2), true),
            ((long, 1), (&*format!("@joe {long}!! https://t.co/abc 123"), 2), true),
            (("whatsapp down?", 1), ("whatsapp down?", 2), false),
            (("whatsapp down?", 1), ("WhatsApp DOWN???", 1), true),
            (("whatsapp down?", 1), ("whatsapp still down", 1), false),
            ((long, 1), ("my phone cannot load a single picture in this app since lunch and I am tired", 2), false),
        ] {
            assert_eq!(key(a.0, a.1) == key(b.0, b.1), same, "{a:?} {b:?}");
        }
    }
}
