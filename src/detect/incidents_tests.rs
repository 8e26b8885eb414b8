//! Traps and a whole incident, from cells to moves.

use chrono::{DateTime, TimeDelta};

use super::{Analysis, PerService, Settings, incidents};
use crate::model::{CellKey, CellKind, Country, Distinct, Kind, Lang, Phase, ServiceId, Tally, Time, Verdict};

/// A tally in the making: three days of chatter at 20 posts a minute and some ordinary complaints.
struct Feed {
    tally: Tally,
    next: u64,
}

const DAYS: i64 = 3;

fn at(min: i64) -> Time {
    DateTime::from_timestamp(1_633_132_800 + 60 * min, 0).unwrap()
}

impl Feed {
    fn ordinary() -> Self {
        let mut feed = Self { tally: Tally::new(60), next: 1 };
        for min in 0..DAYS * 1440 {
            let key = CellKey { at: at(min), service: None, lang: None, country: None, kind: CellKind::All };
            feed.tally.cells.entry(key).or_default().posts = 20;
            if min % 20 == 7 {
                feed.post(min, "whatsapp", CellKind::Read(Kind::Complaint), "BR");
            }
            if min % 15 == 3 {
                feed.post(min, "telegram", CellKind::Read(Kind::Other), "BR");
            }
        }
        feed
    }

    /// A number that is well mixed and never the same.
    fn fresh(&mut self) -> u64 {
        self.next += 1;
        self.next.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31).wrapping_mul(0xBF58_476D_1CE4_E5B9)
    }

    fn post(&mut self, min: i64, service: &str, kind: CellKind, country: &str) {
        let (author, cluster) = (self.fresh(), self.fresh());
        self.copy(min, service, kind, country, author, cluster);
    }

    fn copy(&mut self, min: i64, service: &str, kind: CellKind, country: &str, author: u64, cluster: u64) {
        let lang = Some(if country == "US" { Lang::EN } else { Lang::PT });
        let key =
            CellKey { at: at(min), service: Some(service.into()), lang, country: Some(Country::new(country)), kind };
        let cell = self.tally.cells.entry(key).or_default();
        cell.posts += 1;
        cell.authors.merge(&Distinct::from_iter([author]));
        cell.clusters.merge(&Distinct::from_iter([cluster]));
    }

    fn incidents(&self) -> Analysis {
        incidents(&self.tally, &Settings::default().into(), &[])
    }
}

fn check_quiet(name: &str, feed: &Feed) -> Analysis {
    let found = feed.incidents();
    assert!(found.incidents.is_empty(), "{name}: {:#?}", found.incidents[0].incident);
    found
}

#[test]
fn traps_give_no_incident() {
    check_quiet("an ordinary week", &Feed::ordinary());

    let mut copies = Feed::ordinary();
    let text = copies.fresh();
    let authors: Vec<u64> = (0..20).map(|_| copies.fresh()).collect();
    for i in 0..500 {
        let author = authors[i as usize % 20];
        copies.copy(2000 + i % 60, "whatsapp", CellKind::Read(Kind::Complaint), "BR", author, text);
    }
    check_quiet("500 copies by 20 accounts", &copies);

    let mut news = Feed::ordinary();
    for min in 2000..2060 {
        for _ in 0..5 {
            news.post(min, "whatsapp", CellKind::Read(Kind::News), "BR");
        }
        if min % 15 == 0 {
            news.post(min, "whatsapp", CellKind::Read(Kind::Complaint), "BR");
        }
    }
    check_quiet("tenfold news with a few complaints", &news);

    let mut past = Feed::ordinary();
    for min in 2000..2060 {
        for _ in 0..5 {
            past.post(min, "whatsapp", CellKind::Read(Kind::Other), "BR");
        }
    }
    check_quiet("anniversary", &past);

    let mut gap = Feed::ordinary();
    gap.tally.cells.retain(|key, _| !(at(2000)..at(2030)).contains(&key.at));
    let found = check_quiet("thirty minutes without a feed", &gap);
    assert_eq!(found.coverage.gaps.len(), 1);
    assert_eq!((found.coverage.gaps[0].from, found.coverage.gaps[0].to), (at(2000), at(2030)));
    assert_eq!((found.coverage.from, found.coverage.to), (Some(at(0)), Some(at(DAYS * 1440 - 1))));

    assert_eq!(incidents(&Tally::new(60), &Settings::default().into(), &[]).incidents, []);
}

fn outage(block: bool) -> Feed {
    let mut feed = Feed::ordinary();
    for min in 2000..2120 {
        for i in 0..6 {
            let country = if i < 5 || block { "BR" } else { "US" };
            feed.post(min, "whatsapp", CellKind::Read(Kind::Complaint), country);
        }
        if block {
            feed.post(min, "whatsapp", CellKind::Block, "BR");
        }
        if min >= 2010 && min % 4 == 0 {
            feed.post(min, "whatsapp", CellKind::MoveTo("telegram".into()), "BR");
            feed.post(min, "telegram", CellKind::Read(Kind::Other), "BR");
            feed.post(min, "telegram", CellKind::Read(Kind::Other), "BR");
        }
    }
    feed
}

#[test]
fn an_outage_is_described() {
    let mut feed = outage(false);
    // One more account says twenty times that it goes to Signal.
    let (author, text) = (feed.fresh(), feed.fresh());
    for min in 2050..2070 {
        feed.copy(min, "whatsapp", CellKind::MoveTo("signal".into()), "BR", author, text);
    }
    let found = feed.incidents();
    assert_eq!(found.incidents.len(), 1, "{found:#?}");
    let detail = &found.incidents[0];
    let incident = &detail.incident;
    assert_eq!(
        (incident.service.as_str(), incident.verdict, incident.phase),
        ("whatsapp", Verdict::Outage, Phase::Ended)
    );
    assert!((incident.onset.at - at(2000)).abs() <= TimeDelta::minutes(2), "{incident:?}");
    assert!((incident.end.unwrap().at - at(2120)).abs() <= TimeDelta::minutes(5), "{incident:?}");
    assert_eq!(incident.id, format!("whatsapp-{}", incident.onset.at.format("%Y%m%dT%H%MZ")));
    assert!((700..=740).contains(&incident.num_complaints) && incident.num_authors == incident.num_complaints);
    assert!((incident.countries["BR"] - 5.0 / 6.0).abs() < 0.02 && (incident.langs["en"] - 1.0 / 6.0).abs() < 0.02);
    assert!(incident.peak.per_min >= 6.0 && incident.quotes.is_empty());
    assert_eq!(detail.series.bins.len(), detail.expected.len());

    let [telegram, signal] = incident.migrations.as_slice() else { panic!("{:#?}", incident.migrations) };
    assert_eq!((telegram.to.as_str(), telegram.num_stated, telegram.num_authors), ("telegram", 27, 27));
    assert!(telegram.share.mid > 0.9 && telegram.p_value < 1e-6, "{telegram:?}");
    let lift = telegram.lift.unwrap();
    assert!(lift.low > 2.0 && lift.low < lift.mid && lift.mid < lift.high, "{lift:?}");
    assert_eq!((signal.to.as_str(), signal.num_stated, signal.num_authors), ("signal", 20, 1));
    assert!(signal.share.high < 0.2 && signal.p_value > 0.005, "{signal:?}");
}

#[test]
fn a_block_is_told_from_an_outage() {
    let found = outage(true).incidents();
    assert_eq!(found.incidents.len(), 1);
    assert_eq!(found.incidents[0].incident.verdict, Verdict::Block);
}

#[test]
fn no_moves_is_a_result_and_moves_from_nowhere_go_to_the_largest() {
    let mut feed = Feed::ordinary();
    for min in 2000..2060 {
        for _ in 0..6 {
            feed.post(min, "whatsapp", CellKind::Read(Kind::Complaint), "BR");
        }
        for _ in 0..2 {
            feed.post(min, "instagram", CellKind::Read(Kind::Complaint), "BR");
        }
    }
    let found = feed.incidents();
    let services: Vec<&ServiceId> = found.incidents.iter().map(|detail| &detail.incident.service).collect();
    assert_eq!(services.len(), 2, "{services:?}");
    assert!(found.incidents.iter().all(|detail| detail.incident.migrations.is_empty()));

    let key =
        CellKey { at: at(2020), service: None, lang: None, country: None, kind: CellKind::MoveTo("signal".into()) };
    let (author, cluster) = (feed.fresh(), feed.fresh());
    let cell = feed.tally.cells.entry(key).or_default();
    cell.posts = 1;
    cell.authors.add(author);
    cell.clusters.add(cluster);
    for detail in feed.incidents().incidents {
        let num = detail.incident.migrations.len();
        assert_eq!(num, usize::from(detail.incident.service.as_str() == "whatsapp"), "{:?}", detail.incident);
    }
}

#[test]
fn a_long_sparse_tally_is_no_trouble() {
    let mut feed = Feed { tally: Tally::new(10), next: 1 };
    for day in 0..120 {
        feed.post(day * 1440, "whatsapp", CellKind::Read(Kind::Complaint), "BR");
    }
    check_quiet("four months by ten seconds", &feed);
}

#[test]
fn a_service_has_a_threshold_of_its_own() {
    let usual = PerService::default();
    let strict = usual.clone().with_false_alarms("whatsapp".into(), 1e-6);
    let other = usual.clone().with_false_alarms("telegram".into(), 1e-6);
    // Rises of an hour, from a mild one on: one of them the usual threshold takes, and a very strict one does not.
    let is_between = (1..=6).rev().any(|every| {
        let mut feed = Feed::ordinary();
        for min in (2000..2060).filter(|min| min % every == 0) {
            feed.post(min, "whatsapp", CellKind::Read(Kind::Complaint), "BR");
        }
        let found = |settings: &PerService| incidents(&feed.tally, settings, &[]).incidents.len();
        assert_eq!(found(&usual), found(&other), "what another service has changes nothing");
        found(&usual) == 1 && found(&strict) == 0
    });
    assert!(is_between);
}

#[test]
fn nobody_moves_to_what_is_down_itself() {
    let mut feed = Feed::ordinary();
    for min in 2000..2120 {
        for service in ["instagram", "facebook"] {
            (0..4).for_each(|_| feed.post(min, service, CellKind::Read(Kind::Complaint), "BR"));
        }
        feed.post(min, "instagram", CellKind::MoveTo("facebook".into()), "BR");
        if min % 2 == 0 {
            feed.post(min, "instagram", CellKind::MoveTo("telegram".into()), "BR");
        }
    }
    let found = feed.incidents().incidents;
    let [first, second] = &found[..] else { panic!("{} incidents", found.len()) };
    let instagram = if first.incident.service.as_str() == "instagram" { first } else { second };
    let moves = &instagram.incident.migrations;
    // What is stated in the minutes before the alarm's onset or after its end stays a move to it.
    let stated = |to: &str| moves.iter().find(|found| found.to.as_str() == to).map_or(0, |found| found.num_stated);
    assert!(stated("telegram") >= 55 && stated("facebook") <= 5, "{moves:#?}");
}
