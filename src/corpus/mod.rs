//! Dumps of posts, in any of the known forms and packings, to `RawPost`s, in parallel and in order.

mod decode;
mod encoding;
pub mod error;
pub mod evaluation;
mod format;
mod framing;
pub mod inputs;
mod layout;
pub mod options;
pub mod outcome;
mod pack;
mod reader;
pub mod run;
mod source;

pub use error::ReadError;
pub use inputs::{Input, expand};
pub use options::{ColumnMap, Field, Layout, ReadOptions};
pub use outcome::{Outcomes, Reason, Rejected};
pub use pack::write_packed;
pub use run::{FileRead, Place, Progress, ReadSummary, Record, run};
