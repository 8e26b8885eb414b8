//! `caiu evaluate`.

use super::output::Found;

/// Compare readings with labels.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_args: &Args) -> anyhow::Result<Found> {
    anyhow::bail!("not built yet")
}
