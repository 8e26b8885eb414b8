//! `caiu lexicon`.

use super::output::Found;

/// Check, list or try the lexicons.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_args: &Args) -> anyhow::Result<Found> {
    anyhow::bail!("not built yet")
}
