//! Names of things: posts, services, lexicon rows, authors, clusters, countries.

use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps a name as it stands.
            pub fn new(name: impl AsRef<str>) -> Self {
                Self(Arc::from(name.as_ref()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self::new(name)
            }
        }
    };
}

name_type! {
    /// Id of a post, as its platform gives it: opaque, never parsed or ordered as a number.
    PostId
}
name_type! {
    /// Name of a configured feed, as the configuration gives it.
    FeedId
}
name_type! {
    /// Canonical id of a service that people talk about, such as `whatsapp`.
    ServiceId
}
name_type! {
    /// Id of a lexicon row, such as `pt.outage.caiu`.
    TermId
}
name_type! {
    /// ISO 3166-1 alpha-2 code in capitals, as claimed by the post or its feed.
    Country
}

/// Keyed hash of an author: equal for equal authors of one platform, and not to be turned back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuthorKey(pub u64);

/// Equal for posts that count as one: a pure function of the post, see `normalize::cluster`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClusterKey(pub u64);
