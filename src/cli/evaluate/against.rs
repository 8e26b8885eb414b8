//! The other readings that `caiu evaluate` compares with: of other lexicons, or of an earlier run.

use std::path::Path;

use anyhow::Context;

use super::reader::{Known, Reader};
use crate::corpus::evaluation::Compared;
use crate::corpus::evaluation::rows::read_earlier;
use crate::model::Reading;

/// Readings of the same labels by something else.
pub(super) struct Against {
    /// Hash of the lexicons that gave them.
    pub(super) lexicon: String,
    /// One for each label, in the order of the labels.
    pub(super) readings: Vec<Reading>,
}

impl Against {
    /// What other lexicons make of the labels, with the second opinion that lies beside them or without any.
    pub(super) fn lexicons(reader: &Reader<'_>, compared: &[Compared]) -> Self {
        Self {
            lexicon: reader.lexicon_hash(),
            readings: compared.iter().map(|one| reader.read(&one.label.text)).collect(),
        }
    }

    /// What an earlier run made of the labels, as far as they could name it.
    pub(super) fn report(file: &Path, compared: &[Compared], known: &Known) -> anyhow::Result<Self> {
        let json = crate::cli::output::read_text(file)?;
        let (lexicon, mut readings) = read_earlier(&json, compared.iter().map(|one| &one.label))
            .with_context(|| format!("{} cannot be compared with", file.display()))?;
        readings.iter_mut().for_each(|reading| known.strike_others(reading));
        Ok(Self { lexicon, readings })
    }
}
