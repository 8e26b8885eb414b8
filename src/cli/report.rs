//! `caiu report`.

use super::output::Found;

/// Make the report again from counts.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_args: &Args) -> anyhow::Result<Found> {
    anyhow::bail!("not built yet")
}
