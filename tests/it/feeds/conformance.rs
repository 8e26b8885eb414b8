//! What every kind of feed must do, one table for all: a new kind is a line in `kinds.rs`.

use chrono::TimeDelta;

use super::kinds::ROWS;
use super::world::{World, assert_heard, hear, open};

#[test]
fn every_kind_opens_with_its_minimum_and_names_an_unknown_key() {
    for row in ROWS {
        let minimal = row.minimal.replace("$BASE", "https://example.org");
        open(row.kind, &minimal).unwrap_or_else(|error| panic!("{}: {error}", row.kind));
        let error = open(row.kind, &format!("evry_secs = 5\n{minimal}")).unwrap_err();
        assert!(error.contains("unknown field `evry_secs`"), "{}: {error}", row.kind);
        if minimal.is_empty() {
            continue;
        }
        let error = open(row.kind, "").unwrap_err();
        assert!(error.contains(minimal.split(' ').next().unwrap()), "{}: {error}", row.kind);
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
        if !ROWS.iter().any(|row| row.kind == kind) {
            continue;
        }
        // A secret is whatever a variable holds that is set wherever tests run.
        let settings: String = table
            .iter()
            .filter(|(key, _)| !["kind", "id"].contains(&key.as_str()))
            .map(|(key, value)| match value.as_str().is_some_and(|value| value.starts_with("env:")) {
                true => format!("{key} = 'env:PATH'\n"),
                false => format!("{key} = {value}\n"),
            })
            .collect();
        open(&kind, &settings).map(drop).unwrap_or_else(|error| panic!("{kind}: {error}"));
        kinds.push(kind);
    }
    for row in ROWS {
        assert!(kinds.iter().any(|kind| kind == row.kind), "{} has no example", row.kind);
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
    for row in ROWS {
        let world = World::new(*row).await;
        for place in ["1725911162329308", "not json", "[]", "\"x\""] {
            let cursor = caiu::model::Cursor::new(place);
            let error = world.feed().next_batch(Some(&cursor)).await.unwrap_err().to_string();
            assert!(error.contains("give the feed another id"), "{}: {place}: {error}", row.kind);
        }
    }
}
