//! Dumps of posts, in any of the known forms and packings, to `RawPost`s, in parallel and in order.

pub mod error;
pub mod evaluation;
pub mod inputs;
pub mod options;
pub mod outcome;
pub mod run;

pub use error::ReadError;
pub use inputs::{Input, expand};
pub use options::{ColumnMap, Field, Layout, ReadOptions};
pub use outcome::{Outcomes, Reason, Rejected};
pub use run::{FileRead, Progress, ReadSummary, Record, run};
