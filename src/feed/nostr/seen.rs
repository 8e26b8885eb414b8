//! The last ids that came by: many relays have the same notes.

use std::collections::VecDeque;

use rustc_hash::FxHashSet;

/// Ids that are remembered.
const NUM_IDS: usize = 1 << 16;

/// A set that forgets its oldest members.
#[derive(Debug, Default)]
pub(super) struct Seen {
    ids: FxHashSet<String>,
    order: VecDeque<String>,
}

impl Seen {
    /// Remembers an id; whether it is new.
    pub(super) fn insert(&mut self, id: &str) -> bool {
        if !self.ids.insert(id.to_owned()) {
            return false;
        }
        self.order.push_back(id.to_owned());
        if self.order.len() > NUM_IDS
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }

    /// Whether an id is remembered.
    pub(super) fn contains(&self, id: &str) -> bool {
        self.ids.contains(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_forgotten() {
        let mut seen = Seen::default();
        assert!(seen.insert("first") && !seen.insert("first"));
        for n in 0..NUM_IDS {
            assert!(seen.insert(&n.to_string()));
        }
        assert!(!seen.contains("first") && seen.contains("0"));
        assert_eq!((seen.ids.len(), seen.order.len()), (NUM_IDS, NUM_IDS));
    }
}
