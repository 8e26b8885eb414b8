//! The vocabulary of the whole program: plain data, no I/O, no clock, imports nothing of ours.

pub mod burst;
pub mod change;
pub mod coverage;
pub mod cursor;
pub mod estimate;
pub mod ids;
pub mod incident;
pub mod keep;
pub mod lang;
pub mod migration;
pub mod post;
pub mod reading;
pub mod report;
pub mod series;
pub mod sketch;
pub mod tally;

pub use burst::Burst;
pub use change::{Change, Entry, Known};
pub use coverage::{Coverage, Gap};
pub use cursor::{Again, Checkpoint, Cursor, FeedGap, FeedProgress, GapCause};
pub use estimate::{Share, Time, TimeEstimate};
pub use ids::{AuthorKey, ClusterKey, Country, FeedId, PostId, ServiceId, TermId};
pub use incident::{Incident, Phase, Verdict};
pub use keep::Keep;
pub use lang::{Lang, LangGuess};
pub use migration::Migration;
pub use post::{Post, PostFields, RawDate, RawPost, TaggedPost};
pub use reading::{Evidence, Kind, Move, Reading};
pub use report::Report;
pub use series::{Bin, CountSeries, Grid};
pub use sketch::Distinct;
pub use tally::{Cell, CellKey, CellKind, Tally};
