//! What a tally needs of a reading, as one short text: few texts are different, so that a column of them is small and fast.

use serde::{Deserialize, Serialize};

use super::KeptPost;
use crate::model::{Country, Kind, Lang, LangGuess, Move, Reading, ServiceId};

/// Kind, language, country, block, named, down, moves.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Said(
    Kind,
    Option<Lang>,
    Option<Country>,
    bool,
    Vec<ServiceId>,
    Vec<ServiceId>,
    Vec<(Option<ServiceId>, ServiceId)>,
);

impl Said {
    /// What a post said.
    pub(super) fn of(post: &KeptPost) -> Self {
        Self(
            post.kind,
            post.lang,
            post.country.clone(),
            post.speaks_of_block,
            post.named.clone(),
            post.down.clone(),
            post.moves.clone(),
        )
    }

    /// As text.
    pub(super) fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The reading and the country that a text stands for; `None` of a text that [`Self::to_text`] did not write.
    pub(super) fn read(text: &str) -> Option<(Reading, Option<Country>)> {
        let Self(kind, lang, country, speaks_of_block, named, down, moves) = serde_json::from_str(text).ok()?;
        let lang = lang.map_or(LangGuess::Undetermined, LangGuess::Hinted);
        let moves = moves.into_iter().map(|(from, to)| Move { from, to }).collect();
        Some((Reading { kind, speaks_of_block, named, down, moves, ..Reading::nothing(lang) }, country))
    }
}
