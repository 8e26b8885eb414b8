//! Counts -> bursts -> incidents -> moves: pure and total, no I/O, clock, threads or randomness.

pub mod incidents;
pub mod settings;
pub mod single;

pub use incidents::{Analysis, IncidentDetail, incidents};
pub use settings::Settings;
pub use single::{Detection, bursts};
