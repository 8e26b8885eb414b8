//! Which posts an index keeps with their text.

use serde::Deserialize;

use super::{Kind, TaggedPost};

/// Which posts are kept with their text; all others are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// Those that name a service or match a row.
    #[default]
    Matches,
    /// All.
    All,
}

impl Keep {
    /// Whether a post is kept.
    pub fn wants(self, tagged: &TaggedPost) -> bool {
        let reading = tagged.reading();
        self == Self::All
            || !reading.named.is_empty()
            || reading.kind != Kind::Other
            || !reading.moves.is_empty()
            || !reading.evidence.is_empty()
    }
}
