//! What reads the labels: lexicons, and the services that the labels can name.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cli::output::read_text;
use crate::model::{Reading, ServiceId};
use crate::tag::Tagger;
use crate::tag::lexicon::Lexicon;

/// Services that labels can name; all where there is no list.
pub(super) struct Known(Option<BTreeSet<ServiceId>>);

impl Known {
    /// From a file of ids with white space between them; without a file everything is known.
    ///
    /// # Errors
    /// Where it names nothing, or what the lexicon has not: a slip of the pen would count as never found.
    pub(super) fn of(file: Option<&Path>, lexicon: &Lexicon) -> anyhow::Result<Self> {
        let Some(file) = file else { return Ok(Self(None)) };
        let ids: BTreeSet<ServiceId> = read_text(file)?.split_whitespace().map(ServiceId::new).collect();
        anyhow::ensure!(!ids.is_empty(), "{} names no service: write one id per line", file.display());
        if let Some(id) = ids.iter().find(|id| lexicon.service_index(id.as_str()).is_none()) {
            anyhow::bail!("{} names {id}, which is no service: see services.toml", file.display());
        }
        Ok(Self(Some(ids)))
    }

    /// Takes out of a reading what no label could name.
    pub(super) fn strike_others(&self, reading: &mut Reading) {
        let Some(known) = &self.0 else { return };
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
    /// With a lexicon; an older one need not have every service that counts.
    pub(super) fn new(lexicon: Lexicon, known: &'a Known) -> Self {
        Self { tagger: Tagger::new(lexicon), known }
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
