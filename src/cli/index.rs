//! `caiu index`: dumps into an index, and its upkeep.

use std::io::{Write, stdout};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::Utc;
use clap::ValueEnum;
use serde_json::json;

use super::analyze::AUTHOR_KEY;
use super::evaluate::load_lexicon;
use super::input::{InputArgs, ReadBar, parse_size};
use super::output::{Found, one_line, tell, tell_outcomes, write_json};
use super::place::IndexArg;
use crate::batch::{FillPlan, Filled, fill};
use crate::corpus::Input;
use crate::index::{IndexWriter, Keep, Repaired, Retention, WriterOptions, repair};
use crate::normalize::AuthorSecret;
use crate::report::burst::stamp;
use crate::tag::Tagger;

/// Put dumps of posts into an index, to search them, count them and find bursts in them.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Stopped at any point and run again, it goes on where it was; run twice, it changes nothing. A file is known \
    again by its beginning, whatever its name, and goes on where it ended when it has grown. A post with a known platform \
    and id takes the place of its earlier form. Authors are kept as hashes, keyed by the variable CAIU_AUTHOR_KEY.\n\n\
    Exit codes: 0 there were posts, 1 there were none, 2 error.\n\nExamples:\n  \
    caiu index posts.jsonl.zst\n  caiu index archive/ --index /srv/caiu --keep all\n  \
    zcat RC_2021-10.jsonl.gz | caiu index -\n  caiu index --max-age 90 --keep-counts\n  caiu index --repair"
)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    index: IndexArg,
    /// Which posts are kept with their text; the others are counted
    #[arg(long, value_enum, default_value = "matches")]
    keep: Keeping,
    /// Read files from their beginning even where they were read before: after a repair, or with other lexicons
    #[arg(long)]
    again: bool,
    /// Kept posts between two commits, from which an interrupted run goes on
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..))]
    commit_every: u64,
    /// Print what became of the posts as JSON
    #[arg(long)]
    json: bool,
    /// Folder of lexicons to use instead of the built-in ones
    #[arg(long, value_name = "DIR")]
    lexicons: Option<PathBuf>,
    #[command(flatten)]
    upkeep: Upkeep,
}

/// Which posts are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Keeping {
    /// Those that name a service or match a row of a lexicon
    Matches,
    /// All
    All,
}

/// Upkeep; alone, no posts are read.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Upkeep")]
struct Upkeep {
    /// Let go of days before the last N, whole days, oldest first
    #[arg(long, value_name = "DAYS")]
    max_age: Option<u32>,
    /// Let go of the oldest days until the folder has about this size (k, M, G)
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    max_size: Option<usize>,
    /// With --max-age: let go of texts and links, and keep the counts
    #[arg(long, requires = "max_age")]
    keep_counts: bool,
    /// Write parts with deleted posts anew, so that their words leave the disk
    #[arg(long)]
    purge: bool,
    /// Check every file, and leave out the parts that cannot be read
    #[arg(long)]
    repair: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    let folder = &args.index.index;
    let upkeep = &args.upkeep;
    let is_upkeep = upkeep.max_age.is_some() || upkeep.max_size.is_some() || upkeep.purge || upkeep.repair;
    let is_reading = !is_upkeep || args.input.inputs != ["-"];
    // Inputs that are not there are told before an index is made for them.
    let inputs = if is_reading { args.input.expand()? } else { Vec::new() };
    if upkeep.repair {
        // Files of dumps are read again with --again.
        tell_repair(folder, &repair(folder, &|_| false)?);
    }
    let options = WriterOptions { memory_bytes: 256 << 20, ..WriterOptions::default() };
    let mut writer = IndexWriter::open(folder, options)?;
    let filled = if is_reading { read(args, inputs, &mut writer)? } else { Filled::default() };
    let retention = Retention {
        max_days: upkeep.max_age,
        max_bytes: upkeep.max_size.map(|bytes| bytes as u64),
        keep_counts: upkeep.keep_counts,
    };
    for retired in writer.retire(&retention, Utc::now())? {
        let what = if retired.kept_counts { "texts" } else { "posts and counts" };
        tell(format_args!("{}: {} {what} let go", retired.day, retired.num_posts));
    }
    if upkeep.purge {
        let num_parts = writer.purge()?;
        tell(format_args!("{num_parts} parts written anew"));
    }
    writer.close()?;
    show(args, &filled)?;
    let num_posts: u64 = filled.posts.values().sum();
    Ok(Found::when(!is_reading || num_posts > 0 || filled.num_known_files > 0))
}

/// Says what was broken, what comes again and what does not.
fn tell_repair(folder: &Path, repaired: &Repaired) {
    let Repaired { bad_files, num_lost, num_left, rewound, lost, aside } = repaired;
    for file in bad_files {
        tell(format_args!("{} cannot be read", folder.join(file).display()));
    }
    if bad_files.is_empty() {
        return tell(format_args!("{}: every file is whole", folder.display()));
    }
    tell(format_args!(
        "{num_lost} of {} posts and counts are lost; 'caiu index INPUT --again' brings those of a dump back",
        num_lost + num_left
    ));
    if let Some(aside) = aside {
        tell(format_args!("what was broken lies in {} now; --purge removes it", aside.display()));
    }
    for feed in rewound {
        let to = feed.to.map_or_else(|| "its beginning".to_owned(), |to| format!("its place of {}", stamp(to)));
        tell(format_args!("{} goes on from {to}: what its source still has comes again", one_line(feed.feed.as_str())));
    }
    for gap in lost {
        tell(format_args!("{} to {} is a gap of every feed now", stamp(gap.from), stamp(gap.to)));
    }
}

fn read(args: &Args, inputs: Vec<Input>, writer: &mut IndexWriter) -> anyhow::Result<Filled> {
    // The program ends with it, and taking its many small parts down one by one takes as long as reading a thousand posts.
    let tagger = ManuallyDrop::new(Tagger::new(load_lexicon(args.lexicons.as_deref())?));
    if inputs.iter().any(|input| input.path.is_none()) {
        tell(
            "standard input cannot be known again: posts that are counted and not kept count anew each time it is read",
        );
    }
    let secret = AuthorSecret::new(&std::env::var(AUTHOR_KEY).unwrap_or_default());
    writer.claim_authors(secret)?;
    let plan = FillPlan {
        inputs,
        read: args.input.read_options(),
        assume_tz: args.input.assume_tz,
        keep: match args.keep {
            Keeping::Matches => Keep::Matches,
            Keeping::All => Keep::All,
        },
        again: args.again,
        commit_every: usize::try_from(args.commit_every).unwrap_or(usize::MAX),
        secret,
        now: Utc::now(),
    };
    let bar = ReadBar::new();
    let filled = fill(&plan, &tagger, writer, &mut |progress| bar.update(progress));
    bar.finish();
    let filled = filled.context("the run stopped; run again, it goes on from its last commit")?;
    tell_outcomes(&filled.rejected);
    Ok(filled)
}

fn show(args: &Args, filled: &Filled) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    if args.json {
        let report = json!({
            "index": args.index.index,
            "files_read": filled.num_read_files,
            "files_known": filled.num_known_files,
            "posts": filled.posts,
            "rejected": filled.rejected.iter().map(|(reason, tried)| (reason, tried.count)).collect::<Vec<_>>(),
        });
        write_json(&mut out, &report)?;
    } else {
        for (name, num) in &filled.posts {
            writeln!(out, "{num:>10}  {name}")?;
        }
        if filled.num_known_files > 0 {
            writeln!(out, "{:>10}  files in the index already", filled.num_known_files)?;
        }
    }
    Ok(out.flush()?)
}
