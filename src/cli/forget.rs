//! `caiu forget`: posts and authors out of an index, and off the disk.

use super::analyze::AUTHOR_KEY;
use super::output::{Found, tell};
use super::place::IndexArg;
use crate::index::{IndexReader, IndexWriter, WriterOptions};
use crate::model::PostId;
use crate::normalize::AuthorSecret;

/// Take a post, or all posts of an author, out of an index and off the disk.
#[derive(Debug, clap::Args)]
#[command(
    group = clap::ArgGroup::new("what").required(true),
    after_help = "Nothing stays of them, and the counts change; with --keep-counts only their words and links go. An author \
    is hashed with the variable CAIU_AUTHOR_KEY, which must be the one that was used when the posts came.\n\n\
    Exit codes: 0 found and gone, 1 nothing found, 2 error.\n\nExamples:\n  \
    caiu forget --post 1445078208190291973 --platform twitter\n  \
    caiu forget --author @joe --platform bluesky\n  caiu forget --author joe --platform twitter --keep-counts"
)]
pub struct Args {
    /// Author, written as the posts had it
    #[arg(long, value_name = "NAME", group = "what")]
    author: Option<String>,
    /// Id of a post
    #[arg(long, value_name = "ID", group = "what")]
    post: Option<String>,
    /// Where they were written, as search --json shows it; left out where it shows null
    #[arg(long, value_name = "PLATFORM")]
    platform: Option<String>,
    /// Let go of words, links and evidence, and keep what is counted
    #[arg(long)]
    keep_counts: bool,
    #[command(flatten)]
    index: IndexArg,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    // An index that is not there is told, not made.
    IndexReader::open(&args.index.index)?;
    let mut writer = IndexWriter::open(&args.index.index, WriterOptions::default())?;
    let platform = args.platform.as_deref();
    let num_gone = match (&args.author, &args.post) {
        (Some(author), _) => {
            let secret = AuthorSecret::new(&std::env::var(AUTHOR_KEY).unwrap_or_default());
            writer.claim_authors(secret)?;
            let key = secret.key(platform, author);
            if args.keep_counts { writer.delete_author(key)? } else { writer.forget_author(key)? }
        }
        (None, Some(id)) => {
            let id = PostId::new(id);
            let is_gone = if args.keep_counts {
                writer.delete_post(platform, &id)?
            } else {
                writer.forget_post(platform, &id)?
            };
            usize::from(is_gone)
        }
        (None, None) => 0,
    };
    if num_gone > 0 {
        let checkpoint = writer.checkpoint().clone();
        writer.commit(&checkpoint)?;
        writer.purge()?;
    }
    writer.close()?;
    match num_gone {
        0 => tell("no such post here: is --platform as search --json shows it?"),
        num => tell(format_args!("{num} gone")),
    }
    Ok(Found::when(num_gone > 0))
}
