//! The second opinion: what linear models, trained on labeled posts, make of a post that the rules have read.
//!
//! Logistic regression over what the rules found, words, their letters and their classes, after Wang and Manning,
//! "Baselines and Bigrams", ACL 2012. The weights stand in `lexicons/opinion/`; `cargo run --release --example train` makes
//! them.

mod asked;
pub mod classes;
mod entries;
pub mod features;
pub mod fit;
pub mod linear;
mod mention;
mod post;
mod relations;
mod route;
mod skeleton;
mod tokens;
mod told;
pub mod weigh;
mod wording;

use std::sync::OnceLock;

use super::Tagger;
use super::lexicon::Row;
use crate::model::{Kind, ServiceId};
use features::Features;
use linear::Linear;

/// The two models, read from their tables when the first post needs them.
#[derive(Debug)]
pub struct Opinion {
    tables: [String; 2],
    models: OnceLock<Models>,
    /// How sure it must be.
    pub limits: weigh::Limits,
}

#[derive(Debug, Default)]
struct Models {
    /// The kind of a post.
    kinds: Linear,
    /// The part of a service in a post.
    parts: Linear,
}

/// What can be learned from one post.
#[derive(Debug)]
pub struct Study {
    /// Features of the post.
    pub post: Features,
    /// Features of each service that it may speak of.
    pub services: Vec<(ServiceId, Features)>,
}

impl Opinion {
    /// From the tables of kinds and of parts.
    pub fn new(tables: [String; 2]) -> Self {
        Self { tables, models: OnceLock::new(), limits: weigh::Limits::default() }
    }

    /// Reads the tables now.
    ///
    /// # Errors
    /// Where one of them is no table of weights; the message names the line.
    pub fn checked(self) -> Result<Self, String> {
        let models = self.read()?;
        Ok(Self { models: OnceLock::from(models), ..self })
    }

    fn read(&self) -> Result<Models, String> {
        let [kinds, parts] = &self.tables;
        Ok(Models { kinds: Linear::parse(kinds)?, parts: Linear::parse(parts)? })
    }

    /// Tables that cannot be read have no say: only those inside the program are not checked, and a test holds them.
    fn models(&self) -> &Models {
        self.models.get_or_init(|| self.read().unwrap_or_default())
    }
}

impl Tagger {
    /// The features of a text, as if only the rows that `keep` holds for were in the lexicon. `kind` is what the post
    /// really does. Posts of which no opinion would be asked teach what is not there.
    pub fn study(&self, text: &str, kind: Kind, keep: impl Fn(&Row) -> bool) -> Study {
        self.inspect(
            text,
            &self.words(text),
            None,
            |row| keep(&self.lexicon.rows[row]),
            |inside| Study {
                post: post::post_features(&inside),
                services: asked::candidates(&inside)
                    .into_iter()
                    .map(|service| {
                        (self.lexicon.services[service].id.clone(), mention::service_features(&inside, service, kind))
                    })
                    .collect(),
            },
        )
    }
}
