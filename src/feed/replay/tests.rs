//! Tests of replayed dumps: own dates, the clock, restarts.

use std::io::Write;
use std::time::Instant;

use super::*;
use crate::feed::FeedContext;
use crate::feed::http::{Net, NetOptions};

fn feed(paths: &[&std::path::Path], speed: f64) -> Box<dyn Feed> {
    let context = FeedContext { id: FeedId::new("r"), net: Net::new(NetOptions::default()).unwrap() };
    let mut table = toml::Table::new();
    let paths = paths.iter().map(|path| path.to_str().unwrap().into()).collect();
    table.insert("paths".to_owned(), toml::Value::Array(paths));
    table.insert("speed".to_owned(), speed.into());
    open(&context, table).unwrap()
}

fn dump(lines: &[&str]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(lines.join("\n").as_bytes()).unwrap();
    file
}

async fn all(feed: &mut dyn Feed, mut after: Option<Cursor>) -> (Vec<Batch>, Option<Cursor>) {
    let mut batches = Vec::new();
    loop {
        let batch = feed.next_batch(after.as_ref()).await.unwrap();
        after = batch.cursor.clone().or(after);
        let is_end = batch.next == Next::End;
        batches.push(batch);
        if is_end {
            return (batches, after);
        }
    }
}

fn ids(batches: &[Batch]) -> Vec<&str> {
    batches.iter().flat_map(|batch| &batch.posts).map(|incoming| incoming.post.id.as_str()).collect()
}

const THREE: [&str; 4] = [
    r#"{"id":"1","text":"caiu","created_at":"2026-11-22T14:00:00Z"}"#,
    "{broken",
    r#"{"text":"caiu","created_at":"2026-11-22T14:00:30Z"}"#,
    r#"{"id":"3","text":"caiu","created_at":"2026-11-22T14:01:00Z"}"#,
];

#[tokio::test]
async fn posts_keep_their_dates_and_come_at_the_pace_of_the_clock() {
    let file = dump(&THREE);
    let started = Instant::now();
    let (batches, _) = all(feed(&[file.path()], 60.0).as_mut(), None).await;
    assert!(started.elapsed().as_secs_f64() >= 0.95, "a minute at 60 takes a second");
    assert_eq!(ids(&batches), ["1", "r:3", "3"]);
    assert_eq!(batches.iter().map(|batch| batch.rejected.values().sum::<u64>()).sum::<u64>(), 1);
    let mut until = None;
    for batch in &batches {
        assert!(batch.until >= until, "the clock never runs back");
        let dates = batch.posts.iter().filter_map(|incoming| incoming.post.created_at.as_ref());
        let latest = dates.filter_map(|raw| crate::normalize::date::parse(raw, None, Utc::now()).ok()).max();
        assert!(latest.is_none() || batch.until >= latest);
        until = batch.until;
    }
    assert_eq!(until.unwrap().to_rfc3339(), "2026-11-22T14:01:00+00:00");
    // In between, the clock says that nothing happened, which is not the same as nobody listening.
    assert!(batches.iter().any(|batch| batch.posts.is_empty() && batch.until.is_some()), "{}", batches.len());
}

#[tokio::test]
async fn a_restart_goes_on_behind_what_was_told() {
    let lines: Vec<String> = (0..3000).map(|n| format!(r#"{{"id":"{n}","text":"caiu"}}"#)).collect();
    let file = dump(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let packed = tempfile::Builder::new().suffix(".gz").tempfile().unwrap();
    corpus::write_packed(packed.path(), |out| out.write_all(lines.join("\n").as_bytes())).unwrap();
    for path in [file.path(), packed.path()] {
        let mut begun = feed(&[path], 0.0);
        // On a busy machine the reading thread may not have begun within one call.
        let first = loop {
            let batch = begun.next_batch(None).await.unwrap();
            if !batch.posts.is_empty() {
                break batch;
            }
        };
        assert!(!first.posts.is_empty() && first.posts.len() <= 1000);
        let (rest, after) = all(feed(&[path], 0.0).as_mut(), first.cursor.clone()).await;
        let told: Vec<String> = ids(&[first]).into_iter().chain(ids(&rest)).map(str::to_owned).collect();
        assert_eq!(told, (0..3000).map(|n| n.to_string()).collect::<Vec<_>>());
        assert!(ids(&all(feed(&[path], 0.0).as_mut(), after).await.0).is_empty(), "told to the end");
    }
}

#[tokio::test]
async fn the_same_feed_goes_back_where_it_is_asked_to_and_a_dropped_call_loses_nothing() {
    let file = dump(&THREE);
    let mut feed = feed(&[file.path()], 600.0);
    let dropped = tokio::time::timeout(std::time::Duration::from_millis(80), feed.next_batch(None)).await;
    assert!(dropped.is_err());
    assert_eq!(ids(&all(feed.as_mut(), None).await.0), ["1", "r:3", "3"]);
    assert_eq!(ids(&all(feed.as_mut(), None).await.0), ["1", "r:3", "3"], "from the beginning again");
}

#[tokio::test]
async fn what_cannot_be_read_is_told_with_a_remedy() {
    let missing = feed(&[std::path::Path::new("/nowhere/a.ndjson")], 1.0).next_batch(None).await.unwrap_err();
    assert!(matches!(&missing, FeedError::Fatal(words) if words.contains("/nowhere/a.ndjson")), "{missing}");
    let tar = dump(&["MZ\0\0\0"]);
    let mut foreign = feed(&[tar.path()], 1.0);
    let told = loop {
        match foreign.next_batch(None).await {
            Ok(batch) => assert_ne!(batch.next, Next::End),
            Err(error) => break error.to_string(),
        }
    };
    assert!(told.contains("no text"), "{told}");
}
