//! What the index costs: `cargo bench --bench index [-- POSTS [SERIES_POSTS [FOLDER]]]` (100,000 and 1,000,000 unless told
//! otherwise). The index of the series stays in FOLDER, from where the next run takes it.
//!
//! Posts a second into the index beside the search engine alone with the same schema, bytes a post, commits in the rhythm
//! of live work, and series over many posts. Posts are simulated and tagged beforehand, but for the whole of `caiu index`,
//! start-up included: over posts that all name a service, and over a stream as it comes, in which one in thirty does. The
//! ways in take turns, so that other work of the machine meets all.

mod alone;
#[path = "../reading/corpus.rs"]
mod corpus;
mod posts;
mod whole;

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use caiu::index::query::Query;
use caiu::index::{IndexReader, IndexWriter, Keep, Per, WriterOptions};
use caiu::model::{Checkpoint, FeedId, TaggedPost};
use chrono::{DateTime, TimeDelta};

/// Posts between two commits.
pub(crate) const COMMIT_POSTS: usize = 10_000;
/// Turns of each way in.
const TURNS: usize = 3;

fn main() -> Result<()> {
    let mut told = std::env::args().skip(1).filter(|arg| !arg.starts_with('-'));
    let num_posts: usize = told.next().map_or(Ok(100_000), |told| told.parse())?;
    let num_series: usize = told.next().map_or(Ok(1_000_000), |told| told.parse())?;
    let posts = posts::make(num_posts)?;
    let text_bytes: usize = posts.iter().map(|post| post.post().text.len()).sum();
    println!("{} posts of {:.0} bytes of text", posts.len(), text_bytes as f64 / posts.len() as f64);
    ways_in(&posts)?;
    stream(num_posts)?;
    rhythm(&posts)?;
    series(&posts, num_series, told.next().as_deref().map(Path::new))
}

/// Posts a second: the index, the search engine alone, and the whole program.
fn ways_in(posts: &[TaggedPost]) -> Result<()> {
    let (mut best_index, mut best_alone, mut best_whole) = (f64::MAX, f64::MAX, f64::MAX);
    let dump = tempfile::NamedTempFile::with_suffix(".jsonl")?;
    whole::dump(dump.path(), posts)?;
    for _ in 0..TURNS {
        let folder = tempfile::tempdir()?;
        best_whole = best_whole.min(whole::index(dump.path(), folder.path(), "matches")?);
        let folder = tempfile::tempdir()?;
        best_alone = best_alone.min(alone::write(folder.path(), posts)?);
        let folder = tempfile::tempdir()?;
        let secs = index(folder.path(), posts)?;
        best_index = best_index.min(secs);
        if best_index == secs {
            let status = IndexReader::open(folder.path())?.status()?;
            println!(
                "{:>12.0} bytes a post in {} parts",
                status.num_bytes as f64 / status.num_posts as f64,
                status.num_segments
            );
        }
    }
    let rate = |secs: f64| posts.len() as f64 / secs;
    println!("{:>12.0} posts/s into the index", rate(best_index));
    println!("{:>12.0} posts/s into the search engine alone, same schema and commits", rate(best_alone));
    println!("{:>12.2} of it (the aim is 0.8)", best_alone / best_index);
    println!("{:>12.0} posts/s by 'caiu index', which reads, parses and tags them first", rate(best_whole));
    println!("{:>12.2} of the search engine alone", best_alone / best_whole);
    let folder = tempfile::tempdir()?;
    index(folder.path(), posts)?;
    let again = index(folder.path(), posts)?;
    println!("{:>12.0} posts/s that are there already", rate(again));
    Ok(())
}

/// Posts a second of a stream as it comes: `caiu index`, with all posts kept and as it does unless told otherwise, and the
/// search engine alone.
fn stream(num_posts: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let corpus = corpus::make(folder.path(), num_posts)?;
    let posts = posts::read(&corpus.path)?;
    println!("{corpus}");
    let (mut best_alone, mut best) = (f64::MAX, [f64::MAX; 2]);
    for _ in 0..TURNS {
        let folder = tempfile::tempdir()?;
        best_alone = best_alone.min(alone::write(folder.path(), &posts)?);
        for (best, keep) in best.iter_mut().zip(["all", "matches"]) {
            let folder = tempfile::tempdir()?;
            *best = best.min(whole::index(&corpus.path, folder.path(), keep)?);
        }
    }
    let rate = |secs: f64| posts.len() as f64 / secs;
    println!("{:>12.0} posts/s of it into the search engine alone", rate(best_alone));
    for (secs, keep) in best.into_iter().zip(["all", "matches"]) {
        println!("{:>12.0} posts/s by 'caiu index --keep {keep}'", rate(secs));
        println!("{:>12.2} of the search engine alone (the aim is 0.8)", best_alone / secs);
    }
    Ok(())
}

/// Seconds that it takes to index posts, merges included.
fn index(folder: &Path, posts: &[TaggedPost]) -> Result<f64> {
    let options = WriterOptions { memory_bytes: alone::MEMORY_BYTES, ..WriterOptions::default() };
    let mut writer = IndexWriter::open(folder, options)?;
    let feed = FeedId::new("bench");
    let began = Instant::now();
    for part in posts.chunks(COMMIT_POSTS) {
        for post in part {
            writer.record(&feed, post, DateTime::UNIX_EPOCH, Keep::All)?;
        }
        writer.commit(&Checkpoint::default())?;
    }
    writer.close()?;
    Ok(began.elapsed().as_secs_f64())
}

/// Small commits, as live feeds make them.
fn rhythm(posts: &[TaggedPost]) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut writer = IndexWriter::open(folder.path(), WriterOptions::default())?;
    let feed = FeedId::new("bench");
    let (mut millis, mut most_parts) = (Vec::new(), 0);
    for part in posts.chunks(50).take(400) {
        for post in part {
            writer.record(&feed, post, DateTime::UNIX_EPOCH, Keep::All)?;
        }
        let began = Instant::now();
        writer.commit(&Checkpoint::default())?;
        millis.push(began.elapsed().as_secs_f64() * 1e3);
        if millis.len().is_multiple_of(20) {
            most_parts = most_parts.max(IndexReader::open(folder.path())?.status()?.num_segments);
        }
    }
    millis.sort_by(f64::total_cmp);
    let at = |share: usize| millis[(millis.len() * share / 100).min(millis.len() - 1)];
    println!("{:>12.0} ms for a commit of 50 posts (median), {:.0} ms at most in 95 of 100", at(50), at(95));
    println!("{most_parts:>12} parts at most over {} commits", millis.len());
    Ok(())
}

/// Counts over many posts: the same ones again and again, each time some hours later.
fn series(posts: &[TaggedPost], num_series: usize, kept: Option<&Path>) -> Result<()> {
    let own = tempfile::tempdir()?;
    let folder = kept.unwrap_or(own.path());
    let began = Instant::now();
    if !kept.is_some_and(|kept| kept.join("meta.json").exists()) {
        posts::fill(folder, posts, num_series)?;
    }
    let reader = IndexReader::open(folder)?;
    let status = reader.status()?;
    let num = status.num_posts as f64;
    println!(
        "{:>12} posts for the series, in {} parts, {:.0} s to index",
        status.num_posts,
        status.num_segments,
        began.elapsed().as_secs_f64()
    );
    let (Some(from), Some(last)) = (status.from, status.to) else { return Ok(()) };
    let to = last + TimeDelta::seconds(1);
    for (query, per, bin_secs) in [
        ("*", Per::Posts, 60),
        ("down:whatsapp kind:complaint", Per::Posts, 60),
        ("down:whatsapp kind:complaint", Per::Authors, 60),
        ("caiu -lang:en", Per::Posts, 3_600),
    ] {
        let parsed = Query::parse(query)?;
        let mut best = f64::MAX;
        let mut found = 0_u64;
        for _ in 0..7 {
            let began = Instant::now();
            let series = reader.series(&parsed, from, to, bin_secs, per)?;
            best = best.min(began.elapsed().as_secs_f64() * 1e3);
            found = series.counts.iter().map(|&count| u64::from(count)).sum();
        }
        println!(
            "{best:>12.1} ms series of '{query}' by {per:?}, {bin_secs} s: {found} ({:.0} ms for 10 M)",
            best * 1e7 / num
        );
    }
    let began = Instant::now();
    let tally = reader.tally(None, None, 60)?;
    let secs = began.elapsed().as_secs_f64();
    println!("{:>12.2} s tally of everything: {} cells, {:.0} posts/s", secs, tally.cells.len(), num / secs);
    let began = Instant::now();
    let tally = reader.tally(Some(to - TimeDelta::minutes(5)), Some(to), 60)?;
    println!(
        "{:>12.1} ms tally of the last five minutes: {} cells",
        began.elapsed().as_secs_f64() * 1e3,
        tally.cells.len()
    );
    Ok(())
}
