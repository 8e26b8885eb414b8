//! `caiu feeds`: which kinds of feeds there are, and whether the configured ones answer.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args as ClapArgs, Subcommand};
use serde::Serialize;

use super::output::{Found, one_line, table, write_json};
use crate::config::Config;
use crate::feed::http::Net;
use crate::feed::{Feed, KINDS};
use crate::model::Cursor;

/// List the kinds of feeds, or try the configured ones.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  caiu feeds\n  caiu feeds --json | jq -r '.[].name'\n  caiu feeds check --config caiu.toml"
)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Ask each configured feed for its first posts, and keep nothing
    Check(CheckArgs),
}

#[derive(Debug, ClapArgs)]
struct CheckArgs {
    /// The configuration
    #[arg(long, short, value_name = "FILE", default_value = "caiu.toml")]
    config: PathBuf,
    /// Longest time for each feed, in seconds
    #[arg(long, value_name = "SECS", default_value_t = 20)]
    secs: u64,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    match &args.what {
        None => list(args.json),
        Some(What::Check(check_args)) => check(check_args, args.json),
    }
}

fn list(as_json: bool) -> anyhow::Result<Found> {
    let mut out = stdout().lock();
    if as_json {
        write_json(&mut out, KINDS)?;
        return Ok(Found::when(!KINDS.is_empty()));
    }
    for kind in KINDS {
        writeln!(out, "{}", kind.name)?;
        for (what, words) in
            [("covers", kind.covers), ("needs", kind.needs), ("limits", kind.limits), ("tested", kind.tested_with)]
        {
            writeln!(out, "  {what:<8} {words}")?;
        }
    }
    Ok(Found::when(!KINDS.is_empty()))
}

/// What came from one feed.
#[derive(Debug, Serialize)]
struct Checked {
    feed: String,
    kind: &'static str,
    is_good: bool,
    posts: usize,
    deletions: usize,
    rejected: u64,
    gaps: usize,
    secs: f64,
    said: String,
}

fn check(args: &CheckArgs, as_json: bool) -> anyhow::Result<Found> {
    let config = Config::read(&args.config)?;
    let name = args.config.display().to_string();
    let net = Net::new(config.net.options().map_err(anyhow::Error::msg)?)?;
    let opened = config
        .feeds
        .iter()
        .map(|feed| feed.open(net.clone(), &name).map(|open| (feed.id.to_string(), feed.kind.name, open)))
        .collect::<Result<Vec<_>, _>>()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let limit = Duration::from_secs(args.secs);
    let checked: Vec<Checked> = runtime.block_on(async {
        let tasks: Vec<_> =
            opened.into_iter().map(|(id, kind, feed)| tokio::spawn(try_feed(id, kind, feed, limit))).collect();
        let mut checked = Vec::new();
        for task in tasks {
            checked.extend(task.await);
        }
        checked
    });
    let is_good = !checked.is_empty() && checked.iter().all(|one| one.is_good);
    let mut out = stdout().lock();
    if as_json {
        write_json(&mut out, &checked)?;
    } else {
        let mut shown = table(["feed", "kind", "answers", "posts", "deletions", "rejected", "gaps", "secs", "said"]);
        for one in &checked {
            shown.add_row([
                one.feed.clone(),
                one.kind.to_owned(),
                if one.is_good { "yes" } else { "NO" }.to_owned(),
                one.posts.to_string(),
                one.deletions.to_string(),
                one.rejected.to_string(),
                one.gaps.to_string(),
                format!("{:.1}", one.secs),
                one_line(&one.said),
            ]);
        }
        writeln!(out, "{shown}")?;
    }
    Ok(Found::when(is_good))
}

/// Asks a feed until posts came, it failed, or the time is up.
async fn try_feed(id: String, kind: &'static str, mut feed: Box<dyn Feed>, limit: Duration) -> Checked {
    let began = Instant::now();
    let mut checked = Checked {
        feed: id,
        kind,
        is_good: false,
        posts: 0,
        deletions: 0,
        rejected: 0,
        gaps: 0,
        secs: 0.0,
        said: "no answer in time".to_owned(),
    };
    let mut cursor: Option<Cursor> = None;
    while let Some(left) = limit.checked_sub(began.elapsed()) {
        match tokio::time::timeout(left, feed.next_batch(cursor.as_ref())).await {
            Err(_) => break,
            Ok(Err(error)) => {
                (checked.is_good, checked.said) = (false, error.to_string());
                break;
            }
            Ok(Ok(batch)) => {
                checked.is_good = true;
                checked.posts += batch.posts.len();
                checked.deletions += batch.deletions.len();
                checked.rejected += batch.rejected.values().sum::<u64>();
                checked.gaps += batch.gaps.len();
                checked.said = if checked.posts > 0 { String::new() } else { "it answers; no posts yet".to_owned() };
                if checked.posts > 0 || batch.next == crate::feed::Next::End {
                    break;
                }
                cursor = batch.cursor.or(cursor);
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }
    checked.secs = began.elapsed().as_secs_f64();
    checked
}
