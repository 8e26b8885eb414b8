//! The live path under load for long: `cargo run --release --example soak [-- MINUTES [POSTS_PER_SEC]]`.
//!
//! Runs `caiu watch` as a person does (the program beside this one, or `CAIU_BIN`) with a pipe for a feed, writes posts into
//! it at a steady rate, and reads the index beside it as any reader would. Prints the program's memory minute by minute, how
//! long after its writing a post can be found, and whether each post is there once at the end; fails where one is not,
//! where the lag's 99th percentile passes two seconds, or where memory still grows in the second half.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use caiu::index::IndexReader;
use caiu::simulate::{Overrides, builtin, simulate};
use chrono::{SecondsFormat, Utc};

/// Lag that is allowed at its 99th percentile (issue of the live path).
const MOST_LAG: Duration = Duration::from_secs(2);
/// Memory of the last quarter against that of the second, beyond which it is said to grow.
const MOST_GROWTH: f64 = 1.15;
/// Between two looks at the index.
const LOOK: Duration = Duration::from_millis(100);
/// Between two writes into the pipe.
const TICK: Duration = Duration::from_millis(10);

/// What was written up to now, and when each tenth of a second began.
#[derive(Default)]
struct Written {
    num_posts: AtomicU64,
    is_over: AtomicBool,
}

fn program() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CAIU_BIN") {
        return Ok(named.into());
    }
    let own = std::env::current_exe()?;
    let folder = own.parent().and_then(Path::parent).context("the folder of this program")?;
    let program = folder.join("caiu");
    ensure!(program.exists(), "{} is not there: cargo build --release, or name one in CAIU_BIN", program.display());
    Ok(program)
}

/// Words of a day on which services fail, among everyday words: three posts in a hundred speak of a service.
fn texts() -> Result<Vec<String>> {
    let overrides = Overrides { volume: Some(0.2), ..Overrides::default() };
    let simulation = simulate(&overrides.apply(builtin::load("2021-10-04")?), 7).map_err(anyhow::Error::msg)?;
    let about: Vec<String> = simulation.posts().map(|simulated| simulated.post.text).take(3_000).collect();
    let everyday =
        ["bom dia, gente", "what a match last night", "صباح الخير جميعا", "reading on the train", "que calor hoje"];
    Ok((0..100_000)
        .map(|nth| match nth % 33 {
            0 => about[nth / 33 % about.len()].clone(),
            _ => format!("{} {nth}", everyday[nth % everyday.len()]),
        })
        .collect())
}

/// Writes posts at a rate until the time is over; the pipe is closed then.
fn write(mut pipe: impl Write, texts: &[String], rate: f64, time: Duration, written: &Written) -> Result<()> {
    let (began, mut num) = (Instant::now(), 0_u64);
    while began.elapsed() < time {
        let due = (began.elapsed().as_secs_f64() * rate) as u64;
        let now = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
        while num < due {
            let post = serde_json::json!({
                "id": num.to_string(), "platform": "soak", "author": (num % 50_021).to_string(), "created_at": now,
                "text": texts[num as usize % texts.len()],
            });
            serde_json::to_writer(&mut pipe, &post)?;
            pipe.write_all(b"\n")?;
            num += 1;
        }
        pipe.flush()?;
        written.num_posts.store(num, Ordering::SeqCst);
        thread::sleep(TICK);
    }
    written.is_over.store(true, Ordering::SeqCst);
    Ok(())
}

/// Posts that the index holds or has counted, by the progress of its only feed.
fn num_saved(reader: &IndexReader) -> Result<u64> {
    reader.reload()?;
    Ok(reader.checkpoint().feeds.values().map(|progress| progress.num_posts).sum())
}

/// Resident memory of a process in MB.
fn memory_mb(child: &Child) -> Option<f64> {
    let statm = fs::read_to_string(format!("/proc/{}/statm", child.id())).ok()?;
    let pages: f64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4096.0 / 1e6)
}

fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let at = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn main() -> Result<()> {
    let number = |at: usize, default: f64| std::env::args().nth(at).map_or(Ok(default), |text| text.parse());
    let (minutes, rate) = (number(1, 60.0)?, number(2, 1_000.0)?);
    let folder = tempfile::tempdir()?;
    let (config, index) = (folder.path().join("caiu.toml"), folder.path().join("index"));
    fs::write(&config, format!("[index]\npath = \"{}\"\n[[feed]]\nkind = \"stdin\"\n", index.display()))?;
    let mut child = Command::new(program()?)
        .args(["watch", "--no-view", "--config"])
        .arg(&config)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    let pipe = BufWriter::new(child.stdin.take().context("the pipe")?);
    let texts = texts()?;
    let time = Duration::from_secs_f64(minutes * 60.0);
    let written = Arc::<Written>::default();
    let writer = thread::spawn({
        let written = Arc::clone(&written);
        move || write(pipe, &texts, rate, time, &written)
    });
    let reader = loop {
        match IndexReader::open(&index) {
            Ok(reader) => break reader,
            Err(_) => thread::sleep(LOOK),
        }
        ensure!(child.try_wait()?.is_none(), "the program ended");
    };

    // When how many had been written, so that a saved number is a moment in the past.
    let (mut history, mut lags, mut memory) = (Vec::<(Instant, u64)>::new(), Vec::new(), Vec::new());
    let (began, mut next_line, mut passed) = (Instant::now(), 60.0, 0);
    while !written.is_over.load(Ordering::SeqCst) {
        history.push((Instant::now(), written.num_posts.load(Ordering::SeqCst)));
        let saved = num_saved(&reader)?;
        while history.get(passed).is_some_and(|(_, num)| *num <= saved) {
            passed += 1;
        }
        // The oldest moment of which not everything is saved; none is a lag of no more than one look.
        lags.push(history.get(passed).map_or(Duration::ZERO, |(at, _)| at.elapsed()));
        memory.extend(memory_mb(&child));
        if began.elapsed().as_secs_f64() >= next_line {
            let recent = &memory[memory.len().saturating_sub(600)..];
            println!("{:>4.0} min  {saved:>9} posts  {:>6.0} MB", next_line / 60.0, mean(recent));
            next_line += 60.0;
        }
        thread::sleep(LOOK);
    }
    writer.join().ok().context("the writing thread")??;
    ensure!(child.wait()?.success(), "the program failed");
    let num_written = written.num_posts.load(Ordering::SeqCst);
    reader.reload()?;
    let status = reader.status()?;
    let num_there = status.num_posts + status.num_counted + status.num_deleted;
    lags.sort();
    let (half, last) = (percentile(&lags, 0.5), percentile(&lags, 0.99));
    let quarter = memory.len() / 4;
    let (second, fourth) = (mean(&memory[quarter..2 * quarter]), mean(&memory[3 * quarter..]));
    println!("{num_written} posts written and {num_there} there ({} with their text)", status.num_posts);
    println!("lag: median {:.2} s, 99th percentile {:.2} s", half.as_secs_f64(), last.as_secs_f64());
    println!("memory: {second:.0} MB in the second quarter, {fourth:.0} MB in the last");
    ensure!(num_there == num_written, "posts are missing or double");
    ensure!(last <= MOST_LAG, "the lag is above {} s", MOST_LAG.as_secs());
    ensure!(fourth <= second * MOST_GROWTH, "memory grows");
    Ok(())
}
