//! `caiu simulate`.

use super::output::Found;

/// Write a corpus with a known outage and its truth.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_args: &Args) -> anyhow::Result<Found> {
    anyhow::bail!("not built yet")
}
