//! `caiu completions`: a completion script for a shell.

use std::io::{Write, stdout};

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use super::output::Found;

/// Print a completion script for a shell.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  caiu completions bash > ~/.local/share/bash-completion/completions/caiu\n  \
    caiu completions zsh > ~/.zfunc/_caiu")]
pub struct Args {
    /// The shell
    shell: Shell,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    // Into memory first: the generator panics where the reader of stdout has gone away.
    let mut script = Vec::new();
    generate(args.shell, &mut super::Cli::command(), "caiu", &mut script);
    stdout().write_all(&script)?;
    Ok(Found::Some)
}
