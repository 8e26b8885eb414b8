//! Tests of growing files: half lines, rotation, truncation, restarts.

use std::fs;
use std::io::Write;

use super::*;
use crate::feed::http::{Net, NetOptions};

fn feed(settings: &str) -> Box<dyn Feed> {
    let context = FeedContext { id: FeedId::new("f"), net: Net::new(NetOptions::default()).unwrap() };
    open(&context, settings.parse().unwrap()).unwrap()
}

fn line(n: u32) -> String {
    format!("{{\"id\":\"{n}\",\"text\":\"caiu\"}}\n")
}

struct Writer {
    folder: tempfile::TempDir,
}

impl Writer {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn append(&self, name: &str, text: &str) {
        let file = fs::OpenOptions::new().append(true).create(true).open(self.path(name));
        file.unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn feed(&self) -> Box<dyn Feed> {
        feed(&format!("path = '{}'", self.path("a").display()))
    }
}

/// What a feed tells until it is at the end for `pause`.
async fn told(feed: &mut dyn Feed, after: &mut Option<Cursor>, pause: Duration) -> (Vec<String>, Vec<FeedGap>) {
    let (mut ids, mut gaps, started) = (Vec::new(), Vec::new(), Instant::now());
    loop {
        let batch = feed.next_batch(after.as_ref()).await.unwrap();
        ids.extend(batch.posts.into_iter().map(|incoming| incoming.post.id));
        gaps.extend(batch.gaps);
        *after = batch.cursor.or(after.take());
        if batch.next != Next::Now && started.elapsed() >= pause {
            return (ids, gaps);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

const SOON: Duration = Duration::ZERO;
const ROTATED: Duration = Duration::from_millis(1500);

#[tokio::test]
async fn a_half_line_waits_and_a_restart_goes_on() {
    let (writer, mut after) = (Writer::new(), None);
    writer.append("a", &format!("{}{{\"id\":\"2\",\"te", line(1)));
    let mut feed = writer.feed();
    assert_eq!(told(feed.as_mut(), &mut after, SOON).await, (vec!["1".to_owned()], vec![]));
    writer.append("a", "xt\":\"caiu\"}\n");
    let mut again = after.clone();
    assert_eq!(told(feed.as_mut(), &mut after, SOON).await.0, ["2"]);
    assert_eq!(told(writer.feed().as_mut(), &mut again, SOON).await.0, ["2"], "by a new feed from the same place");
    writer.append("a", &line(3));
    assert_eq!(told(writer.feed().as_mut(), &mut after, SOON).await.0, ["3"]);
    assert_eq!(told(feed.as_mut(), &mut None, SOON).await.0, ["1", "2", "3"], "the same feed from the beginning");
}

#[tokio::test]
async fn a_rotated_file_is_read_to_its_end() {
    let (writer, mut after) = (Writer::new(), None);
    writer.append("a", &line(1));
    let mut feed = writer.feed();
    told(feed.as_mut(), &mut after, SOON).await;
    fs::rename(writer.path("a"), writer.path("a.1")).unwrap();
    assert_eq!(told(feed.as_mut(), &mut after, SOON).await.0.len(), 0, "no file at the path is no error meanwhile");
    writer.append("a", &line(3));
    // The writer has the old file still open.
    writer.append("a.1", &format!("{}{}", line(2), line(9).trim_end()));
    assert_eq!(told(feed.as_mut(), &mut after, ROTATED).await, (["2", "9", "3"].map(str::to_owned).to_vec(), vec![]));
}

#[tokio::test]
async fn rotations_during_a_stop_lose_nothing() {
    let (writer, mut after) = (Writer::new(), None);
    writer.append("a", &line(1));
    told(writer.feed().as_mut(), &mut after, SOON).await;
    writer.append("a", &line(2));
    fs::rename(writer.path("a"), writer.path("a.2")).unwrap();
    tokio::time::sleep(Duration::from_millis(30)).await;
    writer.append("a.1", &line(3));
    tokio::time::sleep(Duration::from_millis(30)).await;
    writer.append("a", &line(4));
    let (ids, gaps) = told(writer.feed().as_mut(), &mut after, 3 * ROTATED).await;
    assert_eq!((ids, gaps), (["2", "3", "4"].map(str::to_owned).to_vec(), vec![]));
}

#[tokio::test]
async fn what_was_truncated_is_told_as_a_gap() {
    let (writer, mut after) = (Writer::new(), None);
    writer.append("a", &(line(1) + &line(2)));
    let mut feed = writer.feed();
    told(feed.as_mut(), &mut after, SOON).await;
    let mut stopped = after.clone();
    // Shorter first, then as long as before with other lines: both times the place is gone.
    for text in [line(3), line(4) + &line(5) + &line(6)] {
        fs::write(writer.path("a"), &text).unwrap();
        let (ids, gaps) = told(feed.as_mut(), &mut after, SOON).await;
        assert_eq!((ids.len(), gaps.len()), (text.lines().count(), 1), "{text}");
        assert_eq!(gaps[0].cause, GapCause::CursorLost);
        assert!(gaps[0].gap.from <= gaps[0].gap.to);
    }
    let (ids, gaps) = told(writer.feed().as_mut(), &mut stopped, SOON).await;
    assert_eq!((ids.len(), gaps.len()), (3, 1), "by a new feed too");
    assert_eq!(gaps[0].cause, GapCause::Stopped, "which did not run when it happened");
}

#[tokio::test]
async fn a_giant_line_is_passed_over_and_counted() {
    let (writer, mut after) = (Writer::new(), None);
    fs::write(writer.path("a"), vec![b'x'; 100 << 20]).unwrap();
    writer.append("a", &format!("\n{}", line(1)));
    let mut feed = writer.feed();
    let (mut ids, mut num_long) = (Vec::new(), 0);
    while ids.is_empty() {
        let batch = feed.next_batch(after.as_ref()).await.unwrap();
        ids.extend(batch.posts.into_iter().map(|incoming| incoming.post.id));
        num_long += batch.rejected.get(lines::TOO_LONG).unwrap_or(&0);
        after = batch.cursor.or(after);
    }
    assert_eq!((ids, num_long), (vec!["1".to_owned()], 1));
    writer.append("a", &line(2));
    assert_eq!(told(writer.feed().as_mut(), &mut after, SOON).await.0, ["2"]);
}

#[tokio::test]
async fn the_end_of_a_file_may_be_the_beginning() {
    let (writer, mut after) = (Writer::new(), None);
    writer.append("a", &format!("{}{}", line(1), line(2).trim_end()));
    let mut feed = feed(&format!("path = '{}'\nfrom_end = true", writer.path("a").display()));
    assert_eq!(told(feed.as_mut(), &mut after, SOON).await.0.len(), 0);
    writer.append("a", &format!("\n{}", line(3)));
    assert_eq!(told(feed.as_mut(), &mut after, SOON).await.0, ["2", "3"], "the line that was half written is read");
}

#[tokio::test]
async fn what_cannot_be_read_is_told() {
    let writer = Writer::new();
    let error = writer.feed().next_batch(None).await.unwrap_err();
    assert!(matches!(&error, FeedError::Transient(words) if words.contains("cannot read")), "{error}");
    let context = FeedContext { id: FeedId::new("f"), net: Net::new(NetOptions::default()).unwrap() };
    let folder = toml::Table::from_iter([("path".to_owned(), writer.folder.path().to_str().unwrap().into())]);
    assert!(open(&context, folder).unwrap_err().contains("is a folder"));
}
