//! Kills a writer at random moments, many times, and holds the index against what should be in it each time:
//! `cargo run --release --example crash [-- KILLS [EVENTS [LONGEST_MS]]]`. On a busy machine a life of up to LONGEST_MS (400)
//! milliseconds is often too short for anything to be saved: give it more.
//!
//! The child is this program again. It reads an endless stream of events (posts worth keeping and not, copies of earlier
//! ones, edits, posts from hours ago, deletions before and after their posts) from the cursor of the index, with the events
//! before it once more, as a feed does after a reconnect. The parent kills it (SIGKILL) and replays the events up to the
//! saved cursor in memory: posts, texts, counts and cursor must be the same.

use std::collections::{BTreeMap, HashSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use caiu::index::query::Query;
use caiu::index::{IndexReader, IndexWriter, Keep, Sort, WriterOptions};
use caiu::model::lang::LangGuess;
use caiu::model::{
    AuthorKey, Checkpoint, ClusterKey, Cursor, FeedId, Kind, Lang, Post, PostFields, PostId, Reading, TaggedPost,
    Tally, Time,
};
use chrono::DateTime;

/// Events that come again after each start.
const OVERLAP: u64 = 700;
/// How far back copies, edits and deletions reach, in events.
const REACH: u64 = 400;
const PLATFORM: &str = "crash";

/// One thing that a feed tells.
enum Event {
    Post(Box<TaggedPost>),
    Delete(PostId),
}

fn mix(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// The event at a place: a pure function of it.
fn event(place: u64) -> Event {
    let dice = mix(place) % 100;
    let earlier = place.saturating_sub(mix(place ^ 1) % REACH);
    match dice {
        // A copy of an earlier post, an edit of it, its deletion, and a deletion that comes before its post.
        0..10 => Event::Post(Box::new(post(earlier, 0))),
        10..16 => Event::Post(Box::new(post(earlier, place))),
        16..20 => Event::Delete(id(earlier)),
        20..22 => Event::Delete(id(place + 1 + mix(place ^ 2) % 50)),
        _ => Event::Post(Box::new(post(place, 0))),
    }
}

fn id(number: u64) -> PostId {
    PostId::new(number.to_string())
}

/// The post with a number, in its first form (0) or that of an edit. One in three is not worth keeping.
fn post(number: u64, edit: u64) -> TaggedPost {
    let dice = mix(number ^ 3);
    let is_late = dice.is_multiple_of(50);
    let secs = 1_700_000_000 + (number / 5) as i64 - if is_late { (dice % 36_000) as i64 } else { 0 };
    let is_kept = !dice.is_multiple_of(3);
    let author = mix(dice % 900 + 7);
    let text = if is_kept { format!("whatsapp caiu aqui {number} {edit}") } else { format!("bom dia {number}") };
    let lang = if dice & 8 == 0 { LangGuess::Hinted(Lang::PT) } else { LangGuess::Undetermined };
    let mut reading = Reading::nothing(lang);
    if is_kept {
        reading.kind = if (dice + edit).is_multiple_of(4) { Kind::News } else { Kind::Complaint };
        reading.named = vec!["whatsapp".into()];
        reading.down = reading.named.clone();
    }
    let post = Post::stamp(PostFields {
        id: id(number),
        at: Some(time(secs)),
        author: Some(AuthorKey(author)),
        cluster: ClusterKey(mix(author ^ number)),
        text,
        lang_hint: None,
        platform: Some(PLATFORM.to_owned()),
        url: None,
        country: None,
        is_repost: false,
    });
    TaggedPost::stamp(post, reading)
}

fn time(secs: i64) -> Time {
    DateTime::from_timestamp(secs, 0).unwrap_or_default()
}

fn feed() -> FeedId {
    FeedId::new("crash")
}

fn place_of(checkpoint: &Checkpoint) -> Result<u64> {
    let cursor = checkpoint.feeds.get(&feed()).and_then(|progress| progress.cursor.as_ref());
    cursor.map_or(Ok(0), |cursor| Ok(cursor.as_str().parse()?))
}

/// Writes until it is killed, or the events are at their end.
fn child(folder: &Path, end: u64) -> Result<()> {
    let mut writer = IndexWriter::open(folder, WriterOptions::default())?;
    let mut checkpoint = writer.checkpoint().clone();
    let start = place_of(&checkpoint)?;
    println!("ready");
    std::io::stdout().flush()?;
    for place in start.saturating_sub(OVERLAP)..end {
        match event(place) {
            Event::Post(tagged) => {
                writer.record(&feed(), &tagged, time(1_800_000_000), Keep::Matches)?;
            }
            Event::Delete(id) => {
                writer.delete_post(Some(PLATFORM), &id)?;
            }
        }
        // What comes again may bring an older form first, so nothing is saved before it is through.
        let is_due = mix(place ^ 4).is_multiple_of(300) || place + 1 == end;
        if place >= start && is_due {
            checkpoint.feeds.entry(feed()).or_default().cursor = Some(Cursor::new((place + 1).to_string()));
            writer.commit(&checkpoint)?;
        }
    }
    writer.close()?;
    println!("end");
    Ok(())
}

/// What should be in the index once the events up to a place were told.
#[derive(Default)]
struct Expected {
    place: u64,
    posts: BTreeMap<String, TaggedPost>,
    deleted: HashSet<String>,
    counted: BTreeMap<String, Time>,
}

impl Expected {
    fn go_on_to(&mut self, end: u64) {
        for place in self.place..end {
            match event(place) {
                Event::Delete(id) => {
                    self.deleted.insert(id.to_string());
                }
                Event::Post(tagged) => {
                    let id = tagged.post().id.to_string();
                    if !Keep::Matches.wants(&tagged) {
                        self.counted.entry(id).or_insert(tagged.post().at.unwrap_or_default());
                    } else if !self.deleted.contains(&id) {
                        self.posts.insert(id, *tagged);
                    }
                }
            }
        }
        self.place = self.place.max(end);
    }

    fn tally(&self) -> Tally {
        let mut tally = Tally::new(60);
        self.posts.values().for_each(|post| {
            tally.add(post);
        });
        self.counted.values().for_each(|at| tally.count_unread(*at, 1));
        tally
    }
}

fn check(folder: &Path, expected: &mut Expected, with_texts: bool) -> Result<u64> {
    let reader = IndexReader::open(folder)?;
    let place = place_of(&reader.checkpoint())?;
    ensure!(place >= expected.place, "the cursor went back from {} to {place}", expected.place);
    expected.go_on_to(place);
    let is_deleted = |id: &&String| expected.deleted.contains(*id);
    let num_deleted = expected.posts.keys().filter(is_deleted).count() as u64;
    let status = reader.status()?;
    let found = (status.num_posts, status.num_deleted, status.num_counted);
    let want = (expected.posts.len() as u64 - num_deleted, num_deleted, expected.counted.len() as u64);
    ensure!(found == want, "at {place}: {found:?} posts, deleted and counted, and {want:?} are right");
    if reader.tally(None, None, 60)? != expected.tally() {
        bail!("at {place}: another tally");
    }
    if with_texts {
        let hits = reader.search(&Query::all(), Sort::Oldest, usize::MAX >> 1, None)?.hits;
        let alive = expected.posts.iter().filter(|(id, _)| !expected.deleted.contains(*id));
        let want: BTreeMap<&str, &str> = alive.map(|(id, post)| (id.as_str(), post.post().text.as_str())).collect();
        let found: BTreeMap<&str, &str> =
            hits.iter().map(|hit| (hit.post.id.as_str(), hit.post.text.as_deref().unwrap_or_default())).collect();
        ensure!(found == want && hits.len() == want.len(), "at {place}: other texts");
    }
    Ok(place)
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [child_flag, folder, end] = &args[..]
        && child_flag == "child"
    {
        return child(Path::new(folder), end.parse()?);
    }
    let number = |at: usize, default: u64| args.get(at).map_or(Ok(default), |text| text.parse());
    let (num_kills, num_events, longest_ms) = (number(0, 200)?, number(1, 200_000)?, number(2, 400)?.max(1));
    let folder = tempfile::tempdir()?;
    let mut expected = Expected::default();
    let began = Instant::now();
    let (mut num_killed, mut num_lives, mut num_idle) = (0, 0, 0);
    let start = |end: u64| -> Result<_> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["child", &folder.path().to_string_lossy(), &end.to_string()])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut words = BufReader::new(child.stdout.take().context("the child's words")?);
        let mut line = String::new();
        words.read_line(&mut line)?;
        ensure!(line.trim() == "ready", "the child did not begin: {line}");
        Ok((child, words))
    };
    while num_killed < num_kills {
        num_lives += 1;
        let (mut child, _words) = start(num_events)?;
        // The first milliseconds are the overlap; a commit takes some tens of them.
        thread::sleep(Duration::from_micros(mix(num_lives ^ 0xabcd) % (longest_ms * 1_000)));
        if child.try_wait()?.is_none() {
            child.kill()?;
            num_killed += 1;
        }
        child.wait()?;
        let before = expected.place;
        let place = check(folder.path(), &mut expected, num_lives.is_multiple_of(10))
            .with_context(|| format!("kill {num_killed}"))?;
        num_idle += u64::from(place == before);
        if num_killed.is_multiple_of(20) {
            println!("{num_killed:>4} kills, {place:>7} events, {:.0} s", began.elapsed().as_secs_f64());
        }
        if place >= num_events {
            println!("all events are told after {num_killed} kills: begin again");
            for entry in std::fs::read_dir(folder.path())? {
                std::fs::remove_file(entry?.path())?;
            }
            expected = Expected::default();
        }
    }
    let (mut child, _words) = start(num_events)?;
    ensure!(child.wait()?.success(), "the last life ended badly");
    let place = check(folder.path(), &mut expected, true)?;
    let (kept, counted) = (expected.posts.len(), expected.counted.len());
    println!(
        "{num_killed} kills ({num_idle} before anything was saved), {place} events: {kept} posts kept and {counted} counted, all right"
    );
    Ok(())
}
