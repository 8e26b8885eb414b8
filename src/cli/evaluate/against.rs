//! The other readings that `caiu evaluate` compares with: of other lexicons, or of an earlier run.

use std::path::Path;

use anyhow::Context;

use super::load_lexicon;
use crate::corpus::evaluation::Compared;
use crate::corpus::evaluation::rows::read_earlier;
use crate::model::Reading;
use crate::tag::Tagger;

/// Readings of the same labels by something else.
pub(super) struct Against {
    /// Hash of the lexicons that gave them.
    pub(super) lexicon: String,
    /// One for each label, in the order of the labels.
    pub(super) readings: Vec<Reading>,
}

impl Against {
    /// What other lexicons make of the labels, with the second opinion that lies beside them or without any.
    pub(super) fn lexicons(folder: &Path, compared: &[Compared]) -> anyhow::Result<Self> {
        let tagger = Tagger::new(load_lexicon(Some(folder))?);
        let readings = compared.iter().map(|one| tagger.read(&one.label.text, None)).collect();
        Ok(Self { lexicon: tagger.lexicon().hash().to_owned(), readings })
    }

    /// What an earlier run made of the labels.
    pub(super) fn report(file: &Path, compared: &[Compared]) -> anyhow::Result<Self> {
        let json = crate::cli::output::read_text(file)?;
        let (lexicon, readings) = read_earlier(&json, compared.iter().map(|one| &one.label))
            .with_context(|| format!("{} cannot be compared with", file.display()))?;
        Ok(Self { lexicon, readings })
    }
}
