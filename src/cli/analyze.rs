//! `caiu analyze`.

use super::output::Found;

/// The batch run: from dumps to an outage report.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_args: &Args) -> anyhow::Result<Found> {
    anyhow::bail!("not built yet")
}
