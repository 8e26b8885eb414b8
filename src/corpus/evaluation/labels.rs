//! Labels: what a careful reader says of a post, one JSON object per line.

use serde::Deserialize;
use thiserror::Error;

use crate::model::{Kind, Move, ServiceId};

/// What is wrong with a line of labels.
#[derive(Debug, Error)]
#[error("line {line}: {detail}; a label is {{\"id\",\"lang\",\"text\",\"kind\",\"down\":[…],\"moves\":[[from,to],…]}}")]
pub struct LabelError {
    /// Line, from 1.
    pub line: usize,
    /// What.
    pub detail: String,
}

/// A labeled post.
#[derive(Debug, Clone)]
pub struct Label {
    /// Id.
    pub id: String,
    /// Language code or `und`.
    pub lang: String,
    /// Text of the post.
    pub text: String,
    /// Kind.
    pub kind: Kind,
    /// Services, sorted.
    pub down: Vec<ServiceId>,
    /// Moves, sorted.
    pub moves: Vec<Move>,
    /// What makes it easy or hard.
    pub why: Option<String>,
    /// The variety of the language, as far as a reader can tell.
    pub dialect: Option<String>,
    /// `written`, or the set that a real post comes from.
    pub origin: Option<String>,
    /// Name of the file that the label stands in, where the reader was told it.
    pub file: Option<String>,
}

#[derive(Deserialize)]
struct RawLabel {
    id: String,
    lang: String,
    text: String,
    kind: Kind,
    #[serde(default)]
    down: Vec<ServiceId>,
    #[serde(default)]
    moves: Vec<(Option<ServiceId>, ServiceId)>,
    why: Option<String>,
    dialect: Option<String>,
    origin: Option<String>,
}

/// Reads labels, one a line; empty lines are passed over.
///
/// # Errors
/// On the first line that is no label: a broken label would silently change every figure.
pub fn read_labels(text: &str) -> Result<Vec<Label>, LabelError> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            let raw: RawLabel = serde_json::from_str(line)
                .map_err(|error| LabelError { line: number + 1, detail: error.to_string() })?;
            let mut down = raw.down;
            down.sort();
            down.dedup();
            let mut moves: Vec<Move> = raw.moves.into_iter().map(|(from, to)| Move { from, to }).collect();
            moves.sort();
            moves.dedup();
            Ok(Label {
                id: raw.id,
                lang: raw.lang,
                text: raw.text,
                kind: raw.kind,
                down,
                moves,
                why: raw.why,
                dialect: raw.dialect,
                origin: raw.origin,
                file: None,
            })
        })
        .collect()
}
