//! `caiu completions`.

use super::output::Found;

/// Print a completion script for a shell.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_args: &Args) -> anyhow::Result<Found> {
    anyhow::bail!("not built yet")
}
