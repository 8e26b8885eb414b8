//! `caiu tag`.

use super::output::Found;

/// Posts in, one reading per post out, in input order.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_args: &Args) -> anyhow::Result<Found> {
    anyhow::bail!("not built yet")
}
