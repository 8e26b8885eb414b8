//! `caiu status`: what an index holds, how far its feeds have come, who writes to it.

use std::io::{Write, stdout};

use chrono::{SecondsFormat, TimeDelta, Utc};

use super::output::{Found, one_line, table, write_json};
use super::place::IndexArg;
use crate::index::{FeedStatus, Status};
use crate::model::Time;

/// Tell what an index holds, how far its feeds have come, and who writes to it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 there are posts, 1 there are none, 2 error.\n\nExamples:\n  caiu status\n  \
    caiu status --index /srv/caiu --json | jq '.feeds[] | {feed, until}'")]
pub struct Args {
    #[command(flatten)]
    index: IndexArg,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    let status = args.index.open()?.status()?;
    let mut out = stdout().lock();
    if args.json {
        write_json(&mut out, &status)?;
    } else {
        write!(out, "{}", told(args, &status))?;
    }
    out.flush()?;
    Ok(Found::when(status.num_posts + status.num_deleted + status.num_counted > 0))
}

fn told(args: &Args, status: &Status) -> String {
    let stamp = |time: Option<Time>| {
        time.map_or_else(|| "-".to_owned(), |time| time.to_rfc3339_opts(SecondsFormat::Secs, true))
    };
    let mut text = format!("{} ({}, commit {})\n", args.index.index.display(), status.form, status.seq);
    let mut line = |name: &str, value: String| text.push_str(&format!("{name:<10}{value}\n"));
    let (posts, counted) = (status.num_posts, status.num_counted);
    line("posts", format!("{posts} with their text, {} taken back, {counted} counted only", status.num_deleted));
    line("size", format!("{:.1} MB in {} parts", status.num_bytes as f64 / 1e6, status.num_segments));
    line("times", format!("{} to {}", stamp(status.from), stamp(status.to)));
    line("writer", status.writer.as_ref().map_or_else(|| "nobody".to_owned(), ToString::to_string));
    if !status.feeds.is_empty() {
        let mut feeds = table(["feed", "posts", "told from", "told up to", "behind", "gaps", "goes on at"]);
        feeds.force_no_tty();
        for feed in &status.feeds {
            let cursor = feed
                .cursor
                .as_deref()
                .map_or_else(|| "-".to_owned(), |cursor| crate::report::text::excerpt(cursor, 40));
            feeds.add_row([
                one_line(feed.feed.as_str()),
                (feed.num_posts + feed.num_counted).to_string(),
                stamp(feed.since),
                stamp(feed.until),
                behind(feed),
                gaps(feed),
                cursor,
            ]);
        }
        text.push_str(&format!("\n{feeds}\n"));
    }
    text
}

/// How long ago the last moment is of which a feed told.
fn behind(feed: &FeedStatus) -> String {
    feed.until.map_or_else(|| "-".to_owned(), |until| length(Utc::now() - until))
}

/// How many gaps, and how much time they take together.
fn gaps(feed: &FeedStatus) -> String {
    let total: TimeDelta = feed.gaps.iter().map(|gap| gap.gap.to - gap.gap.from).sum();
    if feed.gaps.is_empty() { "none".to_owned() } else { format!("{}, {}", feed.gaps.len(), length(total)) }
}

fn length(delta: TimeDelta) -> String {
    match delta.num_seconds().max(0) {
        secs @ ..120 => format!("{secs} s"),
        secs @ ..7_200 => format!("{} min", secs / 60),
        secs @ ..172_800 => format!("{} h", secs / 3_600),
        secs => format!("{} days", secs / 86_400),
    }
}
