//! What reads the labels: lexicons, and the services that the labels can name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::load_lexicon;
use crate::cli::output::read_text;
use crate::model::{Reading, ServiceId};
use crate::tag::Tagger;

/// Services that labels can name, with the file that lists them; all where there is no list.
pub(super) struct Known(Option<(PathBuf, BTreeSet<ServiceId>)>);

impl Known {
    /// From a file of ids with white space between them; without a file everything is known.
    pub(super) fn of(file: Option<&Path>) -> anyhow::Result<Self> {
        let Some(file) = file else { return Ok(Self(None)) };
        let ids: BTreeSet<ServiceId> = read_text(file)?.split_whitespace().map(ServiceId::new).collect();
        anyhow::ensure!(!ids.is_empty(), "{} names no service: write one id per line", file.display());
        Ok(Self(Some((file.to_owned(), ids))))
    }

    /// Takes out of a reading what no label could name.
    pub(super) fn strike_others(&self, reading: &mut Reading) {
        let Some((_, known)) = &self.0 else { return };
        reading.down.retain(|id| known.contains(id));
        reading.moves.retain(|step| known.contains(&step.to));
        for step in &mut reading.moves {
            step.from.take_if(|from| !known.contains(from));
        }
        reading.moves.sort();
        reading.moves.dedup();
    }
}

/// A tagger that knows which services count.
pub(super) struct Reader<'a> {
    tagger: Tagger,
    known: &'a Known,
}

impl<'a> Reader<'a> {
    /// With the lexicons in a folder, or those inside the program.
    pub(super) fn new(folder: Option<&Path>, known: &'a Known) -> anyhow::Result<Self> {
        Ok(Self { tagger: Tagger::new(load_lexicon(folder)?), known })
    }

    /// Refuses a list with ids that these lexicons have not: a slip of the pen would count as never found.
    pub(super) fn ensure_known(&self) -> anyhow::Result<()> {
        let Some((file, ids)) = &self.known.0 else { return Ok(()) };
        match ids.iter().find(|id| self.tagger.lexicon().service_index(id.as_str()).is_none()) {
            Some(id) => anyhow::bail!("{} names {id}, which is no service: see services.toml", file.display()),
            None => Ok(()),
        }
    }

    /// Hash of the lexicons.
    pub(super) fn lexicon_hash(&self) -> String {
        self.tagger.lexicon().hash().to_owned()
    }

    /// Reads a text. The language of its label is what is asked for, so it is no hint.
    pub(super) fn read(&self, text: &str) -> Reading {
        let mut reading = self.tagger.read(text, None);
        self.known.strike_others(&mut reading);
        reading
    }
}
