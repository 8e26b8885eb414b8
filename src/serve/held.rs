//! How many connections each network holds: one that hoards them leaves places for others.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::app::is_loopback;
use super::door::network;

/// Connections by network; clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Held(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// A connection of a network, given up when it is dropped.
#[derive(Debug)]
pub(super) struct Hold {
    held: Held,
    network: IpAddr,
}

impl Held {
    /// A place for a connection; `None` where its network has `most` already. Loopback, where proxies are, has no limit.
    pub(super) fn take(&self, peer: IpAddr, most: usize) -> Option<Hold> {
        let network = network(peer);
        let mut by_network = self.lock();
        let num = by_network.entry(network).or_default();
        if *num >= most && !is_loopback(peer) {
            return None;
        }
        *num += 1;
        drop(by_network);
        Some(Hold { held: self.clone(), network })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut by_network = self.held.lock();
        if let Some(num) = by_network.get_mut(&self.network) {
            *num -= 1;
            if *num == 0 {
                by_network.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_cannot_take_all_places() {
        let held = Held::default();
        let of = |address: &str| address.parse::<IpAddr>().unwrap();
        let mut places: Vec<_> = (1..=3).map(|last| held.take(of(&format!("2001:db8::{last}")), 3).unwrap()).collect();
        assert!(held.take(of("2001:db8::4"), 3).is_none(), "whoever has a network of addresses has many");
        assert!(held.take(of("203.0.113.9"), 3).is_some() && held.take(of("2001:db8:0:1::1"), 3).is_some());
        places.pop();
        assert!(held.take(of("2001:db8::4"), 3).is_some(), "a place that was given up is free");
        let local: Vec<_> = (0..9).map(|_| held.take(of("::ffff:127.0.0.1"), 3).unwrap()).collect();
        drop((places, local));
        assert!(held.lock().is_empty(), "nobody is remembered who is gone");
    }
}
