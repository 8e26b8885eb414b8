//! The live path: feed -> normalize -> tag -> index, and the incidents over it.

pub mod clocks;
pub mod coverage;
pub mod forget;
pub mod incidents;
pub mod ingest;
pub mod journal;
pub mod live;
pub mod lookout;
pub mod mend;
pub mod outage;
pub mod runner;
pub mod state;
