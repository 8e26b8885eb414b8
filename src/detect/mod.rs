//! Counts -> bursts -> incidents -> moves: pure and total, no I/O, clock, threads or randomness.

pub mod bursts;
pub mod incidents;
pub mod settings;

mod baseline;
mod cusum;
mod end;
mod gaps;
mod grid;
mod history;
mod moves;
mod negative_binomial;
mod onset;
mod posterior;
mod season;
mod shape;
mod share;
mod tail;
mod threshold;
mod verdict;
mod witnesses;

pub use baseline::level_factor;
pub use bursts::{Detection, bursts};
pub use incidents::{Analysis, IncidentDetail, incidents};
pub use settings::{PerService, RatePrior, Settings};
pub use share::wilson;
pub use witnesses::complaints;

#[cfg(test)]
mod incidents_tests;
#[cfg(test)]
mod tests;
