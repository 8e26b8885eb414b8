//! Tests of the live incidents: a made-up outage seen minute by minute.

use super::*;
use crate::model::{Cell, Kind, ServiceId};
use chrono::DateTime;
use tempfile::TempDir;

fn at(min: i64) -> Time {
    DateTime::from_timestamp(1_600_000_020, 0).unwrap() + TimeDelta::minutes(min)
}

/// Counts of one service: a complaint every half hour, and 6 a minute in `outage`.
fn counts(minutes: std::ops::Range<i64>, outage: &std::ops::Range<i64>) -> Tally {
    let mut tally = Tally::new(60);
    for min in minutes {
        let num = if outage.contains(&min) { 6 } else { u64::from(min % 30 == 0) };
        let all = Cell { posts: 20 + num, ..Cell::default() };
        tally.cells.insert(first_key(at(min)), all);
        if num > 0 {
            let kind = CellKind::Read(Kind::Complaint);
            let key = CellKey { service: Some(ServiceId::new("whatsapp")), kind, ..first_key(at(min)) };
            let keys = || (0..num).map(|n| crate::normalize::AuthorSecret::new("").key(None, &format!("{min}-{n}")).0);
            tally.cells.insert(key, Cell { posts: num, authors: keys().collect(), clusters: keys().collect() });
        }
    }
    tally
}

struct Drill {
    watch: Watch,
    journal: Journal,
    _folder: TempDir,
}

impl Drill {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        let watch = Watch::new(60, PerService::default(), TimeDelta::days(7));
        Self { watch, journal, _folder: folder }
    }

    fn see(&mut self, minutes: std::ops::Range<i64>, outage: &std::ops::Range<i64>) -> Vec<(Change, String)> {
        let to = minutes.end;
        self.watch.replace(at(minutes.start), at(to), counts(minutes, outage));
        self.look(to)
    }

    fn look(&mut self, min: i64) -> Vec<(Change, String)> {
        let mut entries = Vec::new();
        self.watch.look(at(min), &[], &mut self.journal, at(min), &mut entries).unwrap();
        entries.into_iter().map(|entry| (entry.change, entry.incident.id)).collect()
    }
}

#[test]
fn an_incident_opens_is_revised_and_ends_under_one_id() {
    let mut drill = Drill::new();
    let outage = 1000..1060;
    assert!(drill.see(0..1000, &outage).is_empty(), "nothing in quiet times");
    let mut told = Vec::new();
    for min in (1000..1160).step_by(2) {
        told.extend(drill.see(min..min + 2, &outage));
    }
    let id = told.first().unwrap().1.clone();
    assert!(told.iter().all(|(_, other)| *other == id), "one id: {told:?}");
    assert_eq!(told.first().unwrap().0, Change::Opened);
    assert_eq!(told.iter().filter(|(change, _)| *change == Change::Opened).count(), 1);
    assert!(told.iter().any(|(change, _)| *change == Change::Ended));
    let known = &drill.journal.known()[&id];
    let opened_min = (known.opened_at - at(1000)).num_minutes();
    assert!((1..=8).contains(&opened_min), "told after {opened_min} min");
    let end = known.incident.end.unwrap().at;
    assert!((end - at(1060)).num_minutes().abs() <= 6, "{end}");
    // Quiet: nothing new is written for the same counts.
    assert!(drill.look(1160).is_empty());
}

#[test]
fn late_posts_revise_and_posts_that_go_withdraw() {
    let mut drill = Drill::new();
    let outage = 1000..1060;
    drill.see(0..1010, &outage);
    let id = drill.journal.known().keys().next().unwrap().clone();
    // Late posts: it began a quarter of an hour before.
    let early = 985..1060;
    drill.watch.replace(at(980), at(1010), counts(980..1010, &early));
    let told = drill.look(1010);
    assert_eq!(told, [(Change::Revised, id.clone())]);
    // All of them taken back.
    drill.watch.replace(at(980), at(1010), counts(980..1010, &(0..0)));
    assert_eq!(drill.look(1010), [(Change::Withdrawn, id)]);
    assert!(drill.look(1010).is_empty(), "said once");
}

#[test]
fn the_journal_survives_a_cut_line_and_tells_the_same_again() {
    let folder = TempDir::new().unwrap();
    let mut journal = Journal::open(folder.path()).unwrap();
    let mut watch = Watch::new(60, PerService::default(), TimeDelta::days(7));
    watch.replace(at(0), at(1010), counts(0..1010, &(1000..1060)));
    let mut entries = Vec::new();
    watch.look(at(1010), &[], &mut journal, at(1010), &mut entries).unwrap();
    assert_eq!(entries.len(), 1);
    let before = journal.known().clone();
    drop(journal);
    let path = folder.path().join(Journal::FILE);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend_from_slice(b"{\"seq\":2,\"at\":\"20");
    std::fs::write(&path, &bytes).unwrap();
    let mut journal = Journal::open(folder.path()).unwrap();
    assert_eq!(journal.known(), &before);
    watch.look(at(1010), &[], &mut journal, at(1011), &mut entries).unwrap();
    assert_eq!(entries.len(), 1, "nothing is told twice");
    assert_eq!(Journal::read(folder.path()).unwrap().len(), 1);
}

#[test]
fn what_was_taken_back_does_not_swallow_what_comes_later() {
    let mut drill = Drill::new();
    drill.see(0..1010, &(1000..1060));
    let first = drill.journal.known().keys().next().unwrap().clone();
    drill.watch.replace(at(980), at(1010), counts(980..1010, &(0..0)));
    assert_eq!(drill.look(1010), [(Change::Withdrawn, first.clone())]);
    let told = drill.see(1010..3010, &(3000..3060));
    assert_eq!(told.len(), 1);
    assert!(told[0].0 == Change::Opened && told[0].1 != first, "{told:?}");
}

#[test]
fn what_was_over_long_before_the_first_look_is_told_once() {
    let mut drill = Drill::new();
    let told = drill.see(0..9000, &(1000..1060));
    assert_eq!(told.iter().map(|(change, _)| *change).collect::<Vec<_>>(), [Change::Opened]);
    // Days later its beginning leaves the history, and it stays what it was told to be.
    assert!(drill.see(9000..9300, &(0..0)).is_empty());
    assert!(drill.see(9300..12_000, &(0..0)).is_empty());
}
