//! Tests of whole corpora: same bytes, right counts, right truth.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use super::*;
use crate::model::{CellKind, Kind, RawDate};

fn made(name: &str, seed: u64, volume: f64) -> Simulation {
    let overrides = Overrides { volume: Some(volume), ..Overrides::default() };
    simulate(&overrides.apply(builtin::load(name).unwrap()), seed).unwrap()
}

fn lines(simulation: &Simulation, with_truth: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for post in simulation.posts() {
        write::line(&post, with_truth, &mut bytes).unwrap();
    }
    bytes
}

#[test]
fn same_seed_same_bytes_and_another_seed_others() {
    for name in ["2017-05-03", "grid", "traps"] {
        let first = made(name, 7, 0.05);
        let again = made(name, 7, 0.05);
        assert_eq!(lines(&first, true), lines(&again, true), "{name}");
        assert_eq!(first.truth(), again.truth());
        assert_ne!(lines(&first, true), lines(&made(name, 8, 0.05), true), "{name}");
    }
}

#[test]
fn every_built_in_scenario_can_be_played() {
    for (name, _) in builtin::ALL {
        let simulation = made(name, 1, 0.01);
        assert!(simulation.truth().num_posts > 10, "{name}");
    }
}

#[test]
fn posts_are_in_order_and_complete() {
    let simulation = made("2017-05-03", 3, 0.2);
    let mut last = String::new();
    let mut ids = BTreeSet::new();
    for SimulatedPost { post, .. } in simulation.posts() {
        let Some(RawDate::Text(at)) = post.created_at else { panic!("no date") };
        assert!(at >= last && at.ends_with('Z') && at.len() == 20, "{at} after {last}");
        last = at;
        assert!(post.id.starts_with("sim-3-") && ids.insert(post.id));
        assert!(!post.text.trim().is_empty() && !post.text.contains(['{', '}']), "{}", post.text);
        assert!(post.author.is_some_and(|author| author.starts_with("sim_user_")));
        assert_eq!(post.platform.as_deref(), Some("simulated"));
    }
    assert_eq!(ids.len() as u64, simulation.truth().num_posts);
}

#[test]
fn truth_is_beside_the_post_only_when_asked_for() {
    let simulation = made("traps", 1, 0.05);
    let plain = String::from_utf8(lines(&simulation, false)).unwrap();
    assert!(!plain.contains("\"truth\""));
    let full = String::from_utf8(lines(&simulation, true)).unwrap();
    for line in full.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(value["truth"]["kind"].is_string(), "{line}");
    }
}

#[test]
fn outage_brings_its_complaints_moves_and_countries() {
    let simulation = made("block", 5, 1.0);
    let outage = &simulation.truth().outages[0];
    assert_eq!(outage.to - outage.from, TimeDelta::minutes(1500));
    assert!((outage.moves[&"telegram".into()] - 0.8).abs() < 1e-12);
    let during = |event: &&Event| event.at >= outage.from && event.at < outage.to;
    let blocked: Vec<&Event> = simulation.events().iter().filter(during).filter(|e| e.speaks_of_block()).collect();
    assert!(blocked.len() > 1_000);
    assert!(blocked.iter().all(|event| event.country.as_str() == "BR"));
    // 1,500 minutes from 6 a minute down to 1.8, half of the moves say the failure, and the baseline.
    let expected = 1_500.0 * (6.0 * 0.65 + 0.8 * 0.65 * 0.5 + 0.1);
    assert!((outage.num_complaints as f64 / expected - 1.0).abs() < 0.06, "{} for {expected}", outage.num_complaints);
    let to: BTreeMap<&str, usize> =
        simulation.events().iter().filter_map(|e| e.to.as_ref()).fold(BTreeMap::new(), |mut counts, to| {
            *counts.entry(to.as_str()).or_default() += 1;
            counts
        });
    assert!(to["telegram"] > 3 * to["signal"]);
}

#[test]
fn linear_response_has_the_right_number_in_its_ramp() {
    let overrides = Overrides { lag_min: Some(20.0), peak_per_min: Some(60.0), ..Overrides::default() };
    let scenario = overrides.apply(builtin::load("grid").unwrap());
    let num: usize = (0..20)
        .map(|seed| {
            let simulation = simulate(&scenario, seed).unwrap();
            let start = simulation.truth().outages[0].from;
            let ramp = simulation.events().iter().filter(|e| e.at >= start && e.at < start + TimeDelta::minutes(20));
            ramp.filter(|event| event.says == Says::Complaint).count()
        })
        .sum();
    assert!((num as f64 / 20.0 - 600.0).abs() < 30.0, "{num}");
}

#[test]
fn traps_are_what_they_say() {
    let simulation = made("traps", 2, 1.0);
    let truth = simulation.truth();
    assert!(truth.outages.is_empty());
    let gap = simulation.gaps()[0];
    assert_eq!(gap.to - gap.from, TimeDelta::minutes(30));
    assert!(!simulation.events().iter().any(|event| event.at >= gap.from && event.at < gap.to));
    let copies: Vec<&Event> = simulation.events().iter().filter(|event| event.says == Says::Copy).collect();
    assert_eq!(copies.len(), 500);
    assert_eq!(copies.iter().map(|event| event.author).collect::<BTreeSet<_>>().len(), 20);
    let headlines = |hour: i64| {
        let from = truth.from + TimeDelta::hours(hour);
        let within = simulation.events().iter().filter(|e| e.at >= from && e.at < from + TimeDelta::hours(1));
        within.filter(|e| e.says == Says::Headline && e.service == Some("whatsapp".into())).count()
    };
    assert!(headlines(8) > 5 * headlines(10), "{} and {}", headlines(8), headlines(10));
}

#[test]
fn perfect_tally_counts_every_post_once() {
    let simulation = made("traps", 4, 1.0);
    let tally = simulation.tally(60);
    let sum = |wanted: &CellKind| -> u64 {
        tally.cells.iter().filter(|(key, _)| key.kind == *wanted).map(|(_, cell)| cell.posts).sum()
    };
    assert_eq!(sum(&CellKind::All), simulation.truth().num_posts);
    let complaints = simulation.events().iter().filter(|event| event.kind() == Kind::Complaint).count() as u64;
    assert_eq!(sum(&CellKind::Read(Kind::Complaint)), complaints);
    let most_authors = tally.cells.values().map(|cell| cell.authors.count()).max();
    assert!(most_authors.is_some_and(|most| most <= 20), "copies come from few authors");
}

#[test]
fn scenarios_that_cannot_be_are_refused_with_advice() {
    type Spoil = fn(&mut Scenario);
    let rows: [(Spoil, &str); 9] = [
        (|s| s.places.clear(), "at least one"),
        (|s| s.duration_min = -1.0, "duration_min"),
        (|s| s.chatter_per_min = f64::NAN, "chatter_per_min"),
        (|s| s.chatter_per_min = 1e9, "lower the rates"),
        (|s| s.near_miss_share = 1.5, "0..=1"),
        (|s| s.daily = vec![1.0], "24 numbers"),
        (|s| s.outages[0].moves.clear(), "moves_per_min"),
        (|s| s.outages[0].service = "nobody".into(), "nobody"),
        (|s| s.duration_min = 30.0, "after the end"),
    ];
    for (spoil, advice) in rows {
        let mut scenario = builtin::load("grid").unwrap();
        spoil(&mut scenario);
        let error = simulate(&scenario, 1).unwrap_err().to_string();
        assert!(error.contains(advice), "{error}");
    }
}

/// The command is the one in data/README.md.
#[test]
fn demo_corpus_is_what_its_command_makes() {
    let shipped = include_bytes!("../../data/demo/posts.jsonl");
    let simulation = made("2021-10-04", 4, 0.08);
    assert!(shipped.as_slice() == lines(&simulation, false), "make data/demo/posts.jsonl again: see data/README.md");
    assert!(shipped.len() < 1_500_000);
    let truth = serde_json::to_string_pretty(simulation.truth()).unwrap() + "\n";
    assert_eq!(include_str!("../../data/demo/truth.json"), truth);
}

#[test]
fn known_outages_are_well_formed() {
    let mut rows = csv::Reader::from_reader(include_bytes!("../../data/labels/outages.csv").as_slice());
    let columns = ["service", "from_utc", "to_utc", "precision", "kind", "where", "moved_to", "source"];
    assert_eq!(rows.headers().unwrap(), &csv::StringRecord::from(columns.to_vec()));
    let mut num_rows = 0;
    for row in rows.records() {
        let row = row.unwrap();
        let from: crate::model::Time = row[1].parse().unwrap();
        if !row[2].is_empty() {
            assert!(row[2].parse::<crate::model::Time>().unwrap() > from, "{row:?}");
        }
        assert!(["minutes", "quarter-hour", "half-hour", "hours", "day"].contains(&&row[3]), "{row:?}");
        assert!(["outage", "block"].contains(&&row[4]), "{row:?}");
        assert!(!row[0].is_empty() && !row[5].is_empty() && row[7].len() > 10, "{row:?}");
        num_rows += 1;
    }
    assert!(num_rows >= 15);
}
