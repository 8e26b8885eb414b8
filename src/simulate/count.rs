//! The tally that a perfect reading of the posts would give, straight from the events: fast, no text.

use super::dice::mix;
use super::event::{Event, Says};
use crate::model::{CellKey, CellKind, Kind, ServiceId, Tally};

/// Counts events as [`Tally::add`] counts posts. `bin_secs` is the width of a bin.
pub(super) fn tally(events: &[Event], bin_secs: u32) -> Tally {
    let mut tally = Tally::new(bin_secs);
    for (number, event) in events.iter().enumerate() {
        add(&mut tally, event, number as u64);
    }
    tally
}

fn add(tally: &mut Tally, event: &Event, number: u64) {
    let at = tally.bin_start(event.at);
    let all = CellKey { at, service: None, lang: None, country: None, kind: CellKind::All };
    tally.cells.entry(all).or_default().posts += 1;
    if event.says == Says::Chatter {
        return;
    }
    let author = mix(u64::from(event.author));
    let cluster = mix(event.copy_of.map_or(number, |text| u64::MAX - u64::from(text)));
    let mut count = |service: Option<ServiceId>, kind: CellKind| {
        let key = CellKey { at, service, lang: Some(event.lang), country: Some(event.country.clone()), kind };
        let cell = tally.cells.entry(key).or_default();
        cell.posts += 1;
        cell.authors.add(author);
        cell.clusters.add(cluster);
    };
    let (kind, down) = (event.kind(), event.down());
    for service in event.named() {
        let kind = if down.contains(&service) { kind } else { Kind::Other };
        count(Some(service), CellKind::Read(kind));
    }
    if kind != Kind::Other && down.is_empty() {
        count(None, CellKind::Read(kind));
    }
    if event.speaks_of_block() {
        for service in down {
            count(Some(service), CellKind::Block);
        }
    }
    for (from, to) in event.moves() {
        count(from, CellKind::MoveTo(to));
    }
}
