//! `TaggedPost`s <-> disk: the one room that knows the search engine. It loses nothing and counts nothing twice.
//!
//! # Writing
//!
//! One [`IndexWriter`] at a time, in one process; a second one is refused and told who writes.
//!
//! ```no_run
//! # use caiu::index::{IndexWriter, Keep, WriterOptions};
//! # fn batches() -> Vec<(caiu::model::FeedId, Vec<caiu::model::TaggedPost>, caiu::model::Checkpoint)> { Vec::new() }
//! # fn main() -> Result<(), caiu::index::IndexError> {
//! let mut writer = IndexWriter::open("caiu-index".as_ref(), WriterOptions::default())?;
//! let from = writer.checkpoint().clone(); // where every feed goes on
//! for (feed, posts, checkpoint) in batches() {
//!     for tagged in &posts {
//!         writer.record(&feed, tagged, chrono::Utc::now(), Keep::Matches)?; // keeps or counts, each once
//!     }
//!     let committed = writer.commit(&checkpoint)?; // posts, numbers and progress: all of it or nothing
//!     for range in committed.touched { /* these minutes of a tally are to be read again */ }
//! }
//! writer.close()
//! # }
//! ```
//!
//! A commit that fails (a full disk) loses nothing: everything since the last one waits in memory and the next commit
//! tries it again. A process that is killed loses what was not committed, and the checkpoint of the last commit says
//! from where the feeds must tell it again: what comes twice is recognized, by its platform and id where it is kept, and
//! by a window over the last few thousand of each feed where it was only counted.
//!
//! # Damage
//!
//! A part that cannot be read is an [`IndexError::Damaged`]. [`repair()`] leaves it out and winds the feeds back to a place
//! before it, [`mend`] does so where a look shows damage.
//!
//! # Reading
//!
//! Any number of [`IndexReader`]s, also in other processes, beside the writer. Each looks at one commit until
//! [`IndexReader::reload`].

mod aside;
mod commit;
mod deletion;
mod directory;
mod distinct;
mod engine;
mod error;
mod figures;
mod kept;
mod known;
mod lineage;
mod lock;
mod lost;
mod parts;
mod payload;
mod places;
pub mod query;
mod reader;
mod recent;
mod repair;
mod retention;
mod rewind;
mod said;
mod schema;
mod search;
mod series;
mod staging;
mod status;
mod tally;
mod witnesses;
mod words;
mod writer;

pub use crate::model::Keep;
pub use commit::Committed;
pub use error::IndexError;
pub use kept::KeptPost;
pub use lock::Holder;
pub use query::QueryError;
pub use reader::IndexReader;
pub use repair::{Repaired, mend, repair, suspect};
pub use retention::{Retention, Retired};
pub use rewind::Rewound;
pub use search::{Found, Hit, Sort};
pub use series::{Per, Series};
pub use status::{FeedStatus, Status};
pub use writer::{Added, IndexWriter, Recorded, WriterOptions};

#[cfg(test)]
mod full_disk_tests;
