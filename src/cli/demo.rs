//! `caiu demo`.

use super::output::Found;

/// Analyze the corpus that comes with the program.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_args: &Args) -> anyhow::Result<Found> {
    anyhow::bail!("not built yet")
}
