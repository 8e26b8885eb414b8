//! The lexicons: what is in the files under `lexicons/`, checked and ready to be matched.

pub mod anchor;
pub mod builtin;
pub mod check;
pub mod files;
pub mod pattern;
pub mod row;
mod row_file;
pub mod service;
mod syntax;
pub mod vocabulary;

use std::path::Path;

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::tag::opinion::Opinion;
use crate::tag::opinion::classes::Classes;
use files::{Content, LexiconFile};
pub use row::{Needs, NewsRole, Role, Row, RowKind, Scope, Section};
pub use service::Service;
use vocabulary::Vocabulary;

/// What can be wrong with a lexicon.
#[derive(Debug, Error)]
pub enum LexiconError {
    /// A file or folder cannot be read.
    #[error("cannot read the lexicon file {path}: {source}")]
    Read {
        /// Which one.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not what lexicons/README.md describes.
    #[error("{file}: {detail}")]
    Form {
        /// Which file.
        file: String,
        /// Where and what.
        detail: String,
    },
    /// A row is wrong.
    #[error("{file}: row '{row}': {detail}")]
    Row {
        /// Which file.
        file: String,
        /// Which row.
        row: String,
        /// What is wrong and what would be right.
        detail: String,
    },
    /// Several rows are wrong: all of them, so that they can be mended in one go.
    #[error("{} rows are wrong:\n  {}", .0.len(), .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  "))]
    Several(Vec<LexiconError>),
}

/// All rows and services, with their patterns compiled against one vocabulary.
#[derive(Debug)]
pub struct Lexicon {
    /// Rows in the order of the files.
    pub rows: Vec<Row>,
    /// Services in the order of `services.toml`.
    pub services: Vec<Service>,
    /// Every word that a pattern knows.
    pub vocabulary: Vocabulary,
    /// The second opinion that was trained on these rows, if there is one.
    pub opinion: Option<Opinion>,
    /// Words that play the same part, for the second opinion.
    pub classes: Classes,
    hash: String,
}

impl Lexicon {
    /// The lexicons that the program was built with.
    ///
    /// # Errors
    /// Only if the program was built with a broken lexicon.
    pub fn builtin() -> Result<Self, LexiconError> {
        Self::compile(builtin::files())
    }

    /// The lexicons under a folder laid out as `lexicons/` is.
    ///
    /// # Errors
    /// Where a file cannot be read or a row is wrong; the message names both.
    pub fn load(folder: &Path) -> Result<Self, LexiconError> {
        let mut lexicon = Self::compile(files::read_folder(folder)?)?;
        let form = |(table, detail): (&str, _)| LexiconError::Form { file: table.to_owned(), detail };
        lexicon.opinion = lexicon.opinion.map(Opinion::checked).transpose().map_err(form)?;
        let form = |(lang, detail)| LexiconError::Form { file: files::name_of(files::CLASSES, lang), detail };
        lexicon.classes = lexicon.classes.checked().map_err(form)?;
        Ok(lexicon)
    }

    /// In the order of names: the same files give the same hash, and the same one of two rows that say alike, wherever they come
    /// from.
    fn compile(mut files: Vec<LexiconFile>) -> Result<Self, LexiconError> {
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let mut lexicon = Self {
            rows: Vec::new(),
            services: Vec::new(),
            vocabulary: Vocabulary::default(),
            opinion: files::opinion(&files),
            classes: files::classes(&files),
            hash: hash_of(&files),
        };
        let mut wrong = Vec::new();
        for file in &files {
            match file.content {
                Content::Opinion | Content::Classes(_) => {}
                Content::Services => service::compile(file, &mut lexicon, &mut wrong)?,
                Content::Rows(section, lang) => row_file::compile(file, (section, lang), &mut lexicon, &mut wrong)?,
            }
        }
        if wrong.is_empty() { Ok(lexicon) } else { Err(LexiconError::Several(wrong)) }
    }

    /// SHA-256 over names and contents of the files, the first 16 hexadecimal digits.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Index of a service by its id.
    pub fn service_index(&self, id: &str) -> Option<usize> {
        self.services.iter().position(|service| service.id.as_str() == id)
    }
}

fn hash_of(files: &[LexiconFile]) -> String {
    let mut hasher = Sha256::new();
    for file in files {
        hasher.update(file.name.as_bytes());
        hasher.update([0]);
        hasher.update(file.text.as_bytes());
        hasher.update([0]);
    }
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
