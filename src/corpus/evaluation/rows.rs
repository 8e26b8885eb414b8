//! Readings as rows of an evaluation's JSON, so that a later one can be compared with them; never with a post's text.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{Compared, Label};
use crate::model::{Kind, Lang, LangGuess, Move, Reading, ServiceId};

/// Why an earlier evaluation cannot be compared with.
#[derive(Debug, Error)]
pub enum RowsError {
    /// It is no JSON of an evaluation.
    #[error("not what `caiu evaluate --json` prints: {0}")]
    Form(#[from] serde_json::Error),
    /// It is about other labels.
    #[error(
        "it has no reading of {num_missing} of the {num_labels} labels ('{first}' is the first): make it anew over the \
         same files"
    )]
    OtherLabels {
        /// Labels without a row.
        num_missing: usize,
        /// All labels.
        num_labels: usize,
        /// Id of the first of them.
        first: String,
    },
}

/// One reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadRow {
    /// Id of the label.
    pub id: String,
    /// First 16 hexadecimal digits of the text's SHA-256: the same id with another text is another row.
    pub text_sha256: String,
    /// Whether kind, services and moves were right.
    pub right: bool,
    /// Language code or `und`.
    pub lang: String,
    /// Kind.
    pub kind: Kind,
    /// Services.
    pub down: Vec<ServiceId>,
    /// Moves as (from, to).
    pub moves: Vec<(Option<ServiceId>, ServiceId)>,
}

/// The part of an evaluation's JSON that is read again.
#[derive(Deserialize)]
struct Earlier {
    lexicon: String,
    rows: Vec<ReadRow>,
}

impl ReadRow {
    /// The row of one comparison.
    pub fn of(one: &Compared) -> Self {
        let reading = &one.reading;
        Self {
            id: one.label.id.clone(),
            text_sha256: fingerprint(&one.label.text),
            right: one.is_right(),
            lang: reading.lang.code().to_owned(),
            kind: reading.kind,
            down: reading.down.clone(),
            moves: reading.moves.iter().map(|step| (step.from.clone(), step.to.clone())).collect(),
        }
    }

    fn into_reading(self) -> Reading {
        let lang = Lang::parse(&self.lang)
            .map_or(LangGuess::Undetermined, |lang| LangGuess::Detected { lang, confidence: 1.0 });
        let moves = self.moves.into_iter().map(|(from, to)| Move { from, to }).collect();
        Reading { kind: self.kind, down: self.down, moves, ..Reading::nothing(lang) }
    }
}

/// Hash of the lexicons, and the readings of these labels in their order, from the JSON of an earlier evaluation.
///
/// # Errors
/// Where the text is no such JSON, or a label has no row in it.
pub fn read_earlier<'a>(
    json: &str,
    labels: impl ExactSizeIterator<Item = &'a Label>,
) -> Result<(String, Vec<Reading>), RowsError> {
    let earlier: Earlier = serde_json::from_str(json)?;
    let rows: HashMap<(String, String), ReadRow> =
        earlier.rows.into_iter().map(|row| ((row.id.clone(), row.text_sha256.clone()), row)).collect();
    let num_labels = labels.len();
    let (mut readings, mut missing) = (Vec::with_capacity(num_labels), Vec::new());
    for label in labels {
        match rows.get(&(label.id.clone(), fingerprint(&label.text))) {
            Some(row) => readings.push(row.clone().into_reading()),
            None => missing.push(&label.id),
        }
    }
    match missing.first() {
        Some(first) => Err(RowsError::OtherLabels { num_missing: missing.len(), num_labels, first: (*first).clone() }),
        None => Ok((earlier.lexicon, readings)),
    }
}

fn fingerprint(text: &str) -> String {
    Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
