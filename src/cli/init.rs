//! `caiu init`: a configuration to begin with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};

use super::output::{Found, tell};
use crate::config::{EXAMPLE, STARTER};

/// Write a configuration that works without an account.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  caiu init && caiu watch\n  caiu init --all --config all.toml")]
pub struct Args {
    /// Where to write it
    #[arg(long, short, value_name = "FILE", default_value = "caiu.toml")]
    config: PathBuf,
    /// Every setting with its default
    #[arg(long)]
    all: bool,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    let text = if args.all { EXAMPLE } else { STARTER };
    let name = args.config.display();
    let opened = OpenOptions::new()
        .write(true)
        .create(args.force)
        .create_new(!args.force)
        .truncate(args.force)
        .open(&args.config);
    match opened {
        Ok(mut file) => file.write_all(text.as_bytes()).with_context(|| format!("cannot write {name}"))?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("{name} is there already; --force writes over it")
        }
        Err(error) => return Err(error).with_context(|| format!("cannot write {name}")),
    }
    tell(format_args!("wrote {name}; `caiu feeds check` tries its feeds, `caiu watch` listens to them"));
    Ok(Found::Some)
}
