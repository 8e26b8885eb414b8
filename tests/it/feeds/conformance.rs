//! What every kind of feed must do, one table for all: a new kind is a line in `kinds.rs`.

use chrono::TimeDelta;

use std::collections::BTreeSet;

use super::kinds::{OTHERS, ROWS};
use super::world::{World, assert_heard, hear, open};
use caiu::feed::KINDS;

/// A kind that stands in no table would pass without a test.
#[test]
fn every_kind_is_tested() {
    let tested: BTreeSet<&str> = ROWS.iter().map(|row| row.kind).chain(OTHERS.iter().map(|(kind, ..)| *kind)).collect();
    assert_eq!(tested, KINDS.iter().map(|kind| kind.name).collect());
}

#[test]
fn every_kind_opens_with_its_minimum_and_names_an_unknown_key() {
    let rows = ROWS.iter().map(|row| (row.kind, row.minimal));
    for (kind, minimal) in rows.chain(OTHERS.iter().map(|(kind, minimal, _)| (*kind, *minimal))) {
        let minimal = minimal.replace("$BASE", "https://example.org");
        open(kind, &minimal).unwrap_or_else(|error| panic!("{kind}: {error}"));
        let error = open(kind, &format!("evry_secs = 5\n{minimal}")).unwrap_err();
        assert!(error.contains("unknown field `evry_secs`"), "{kind}: {error}");
        if minimal.is_empty() {
            continue;
        }
        let error = open(kind, "").unwrap_err();
        assert!(error.contains(minimal.split(' ').next().unwrap()), "{kind}: {error}");
    }
}

/// Every key of an example is one that its kind knows, and every kind has an example.
#[test]
fn the_examples_of_the_configuration_open() {
    let mut kinds = Vec::new();
    for part in caiu::config::EXAMPLE.split("# [[feed]]\n").skip(1) {
        let lines = part.lines().take_while(|line| !line.is_empty()).map(|line| line.trim_start_matches("# "));
        let block: String = lines.map(|line| format!("{line}\n")).collect();
        let (block, _) = block.split_once("\n\n").unwrap_or((&block, ""));
        let table: toml::Table = block.parse().unwrap_or_else(|error| panic!("{block}: {error}"));
        let kind = table["kind"].as_str().unwrap().to_owned();
        // A secret is whatever a variable holds that is set wherever tests run.
        let settings: String = table
            .iter()
            // Nor is there a dictionary where tests run.
            .filter(|(key, _)| !["kind", "id", "dictionary"].contains(&key.as_str()))
            .map(|(key, value)| match value.as_str().is_some_and(|value| value.starts_with("env:")) {
                true => format!("{key} = 'env:PATH'\n"),
                false => format!("{key} = {value}\n"),
            })
            .collect();
        open(&kind, &settings).map(drop).unwrap_or_else(|error| panic!("{kind}: {error}"));
        kinds.push(kind);
    }
    for kind in KINDS {
        assert!(kinds.iter().any(|known| known == kind.name), "{} has no example", kind.name);
    }
}

#[tokio::test]
async fn restarts_repeat_nothing_and_lose_nothing() {
    for row in ROWS {
        let world = World::new(*row).await;
        world.write(5, TimeDelta::minutes(180));
        let first = hear(&mut *world.feed(), None).await.unwrap();
        assert_heard(&first, 1, 5, row.kind);
        assert!(first.cursor.is_some(), "{}: a place behind the first batch", row.kind);
        let again = hear(&mut *world.feed(), first.cursor.clone()).await.unwrap();
        assert_heard(&again, 6, 5, row.kind);
        let mut feed = world.feed();
        let mut cursor = again.cursor;
        let mut last = 5;
        // One; a page; more than the program asks for at once; nothing.
        for (count, minutes_ago) in [(1, 120), (35, 90), (1_500.min(row.reach as u64), 50), (0, 0), (3, 0)] {
            world.write(count, TimeDelta::minutes(minutes_ago));
            let heard = hear(&mut *feed, cursor).await.unwrap();
            assert_heard(&heard, last + 1, last + count, row.kind);
            assert!(heard.gaps.is_empty(), "{}: {:?}", row.kind, heard.gaps);
            (cursor, last) = (heard.cursor, last + count);
        }
    }
}

#[tokio::test]
async fn a_batch_that_was_not_saved_comes_again() {
    for row in ROWS {
        let world = World::new(*row).await;
        world.write(3, TimeDelta::minutes(1));
        let mut feed = world.feed();
        let first = hear(&mut *feed, None).await.unwrap();
        world.write(2, TimeDelta::zero());
        for _ in 0..2 {
            let heard = hear(&mut *feed, first.cursor.clone()).await.unwrap();
            assert_heard(&heard, 4, 5, row.kind);
        }
    }
}

#[tokio::test]
async fn clocks_that_are_hours_off_cost_nothing() {
    for row in ROWS {
        for hours in [-5, 5] {
            let world = World::new(*row).await;
            world.write(3, TimeDelta::hours(hours) + TimeDelta::minutes(1));
            let mut feed = world.feed();
            let first = hear(&mut *feed, None).await.unwrap();
            assert_heard(&first, 1, 3, row.kind);
            world.write(2, TimeDelta::hours(hours));
            let heard = hear(&mut *feed, first.cursor).await.unwrap();
            assert_heard(&heard, 4, 5, &format!("{} {hours} h", row.kind));
        }
    }
}

#[tokio::test]
async fn the_place_of_another_kind_is_refused_with_a_remedy() {
    let rows = ROWS.iter().map(|row| (row.kind, row.settings));
    for (kind, settings) in rows.chain(OTHERS.iter().map(|(kind, _, settings)| (*kind, *settings))) {
        // Nobody is there: a place is looked at before anybody is asked.
        let settings = settings.replace("$BASE", "http://127.0.0.1:9");
        for place in ["1725911162329308", "not json", "[]", "\"x\""] {
            let cursor = caiu::model::Cursor::new(place);
            let mut feed = open(kind, &settings).unwrap();
            let error = feed.next_batch(Some(&cursor)).await.unwrap_err().to_string();
            assert!(error.contains("give the feed another id"), "{kind}: {place}: {error}");
        }
    }
}
