//! The last few thousand things that were seen, as short hashes: small enough to travel in every commit.

use std::collections::{HashSet, VecDeque};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes kept of each hash: one of a hundred thousand million strangers is taken for known.
const HASH_BYTES: usize = 6;
const MASK: u64 = (1 << (8 * HASH_BYTES)) - 1;

/// A window over what was seen, oldest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Recent {
    order: VecDeque<u64>,
    set: HashSet<u64>,
}

impl Recent {
    /// Whether a hash is in the window.
    pub(super) fn holds(&self, hash: u64) -> bool {
        self.set.contains(&(hash & MASK))
    }

    /// Puts a hash in, and the oldest out where there are more than `most`; `false` where it was in.
    pub(super) fn add(&mut self, hash: u64, most: usize) -> bool {
        let hash = hash & MASK;
        if !self.set.insert(hash) {
            return false;
        }
        self.order.push_back(hash);
        while self.order.len() > most {
            if let Some(oldest) = self.order.pop_front() {
                self.set.remove(&oldest);
            }
        }
        true
    }
}

impl Serialize for Recent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> =
            self.order.iter().flat_map(|hash| hash.to_le_bytes().into_iter().take(HASH_BYTES)).collect();
        serializer.serialize_str(&STANDARD_NO_PAD.encode(bytes))
    }
}

impl<'de> Deserialize<'de> for Recent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD_NO_PAD.decode(text).map_err(serde::de::Error::custom)?;
        let mut recent = Self::default();
        for chunk in bytes.chunks_exact(HASH_BYTES) {
            let mut eight = [0; 8];
            eight[..HASH_BYTES].copy_from_slice(chunk);
            recent.add(u64::from_le_bytes(eight), usize::MAX);
        }
        Ok(recent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_and_the_rest_comes_back() {
        let mut recent = Recent::default();
        for hash in 0..10 {
            assert!(recent.add(hash << 8, 4));
        }
        assert!(!recent.add(9 << 8, 4));
        assert!(recent.holds(6 << 8) && !recent.holds(5 << 8));
        let text = serde_json::to_string(&recent).unwrap();
        assert!(text.len() < 40, "{text}");
        assert_eq!(serde_json::from_str::<Recent>(&text).unwrap(), recent);
    }
}
