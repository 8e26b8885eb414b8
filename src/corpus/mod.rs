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

/// The posts of one JSON record in any known form, or why there are none (with a detail).
pub fn posts_of_json(record: &str) -> Vec<Result<crate::model::RawPost, (Reason, String)>> {
    let mut posts = Vec::new();
    format::decode(record, &ColumnMap::default(), &mut |_, decoded| {
        posts.push(decoded.map_err(|fault| (fault.reason, fault.detail)));
    });
    posts
}

/// Markup to plain text: line breaks and paragraphs become line ends. Of very long markup only the beginning.
pub fn plain_text(html: &str) -> String {
    format::html::beginning(html)
}
