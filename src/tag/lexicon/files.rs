//! Where lexicon texts come from: a folder laid out as `lexicons/`.

use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;

use super::LexiconError;
use super::row::Section;
use crate::model::Lang;
use crate::tag::opinion::classes::Classes;
use crate::tag::opinion::{Opinion, Tables};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Services and their names.
    Services,
    /// Rows of a section in a language.
    Rows(Section, Lang),
    /// Word classes of a language.
    Classes(Lang),
    /// A table of the second opinion.
    Opinion,
}

/// One file, not yet parsed.
#[derive(Debug, Clone)]
pub struct LexiconFile {
    /// Its name below the folder, as `outage/pt.toml`.
    pub name: String,
    /// What it holds.
    pub content: Content,
    /// Its text.
    pub text: String,
}

impl LexiconFile {
    /// A file by its name below the folder.
    pub fn new(name: &str, content: Content, text: &str) -> Self {
        Self { name: name.to_owned(), content, text: text.to_owned() }
    }

    /// What its text says.
    ///
    /// # Errors
    /// Where it has not the form that its content asks for.
    pub(super) fn parsed<T: DeserializeOwned>(&self) -> Result<T, LexiconError> {
        toml::from_str(&self.text)
            .map_err(|error| LexiconError::Form { file: self.name.clone(), detail: error.to_string() })
    }
}

/// The tables of the second opinion for kinds and parts: either both are there or none.
pub const REQUIRED_TABLES: [&str; 2] = ["opinion/kind.tsv", "opinion/part.tsv"];

/// The tables of its first look and of its network, which need not be there.
pub const OPTIONAL_TABLES: [&str; 2] = ["opinion/glance.tsv", "opinion/network.tsv"];

/// All tables of the second opinion, in the order in which they are trained.
pub fn opinion_tables() -> impl Iterator<Item = &'static str> {
    REQUIRED_TABLES.into_iter().chain(OPTIONAL_TABLES)
}

/// The folder of word classes.
pub const CLASSES: &str = "class";

/// The second opinion in these files, if there is one.
pub(super) fn opinion(files: &[LexiconFile]) -> Option<Opinion> {
    let text = |name: &str| files.iter().find(|file| file.name == name).map(|file| file.text.clone());
    let [kinds, parts] = REQUIRED_TABLES.map(text);
    let [glances, network] = OPTIONAL_TABLES.map(text);
    Some(Opinion::new(Tables { kinds: kinds?, parts: parts?, glances: glances.unwrap_or_default(), network }))
}

/// The word classes in these files.
pub(super) fn classes(files: &[LexiconFile]) -> Classes {
    let of = |file: &LexiconFile| match file.content {
        Content::Classes(lang) => Some((lang, file.text.clone())),
        _ => None,
    };
    Classes::new(files.iter().filter_map(of).collect())
}

/// Name of a language's file below the folder.
pub(super) fn name_of(below: &str, lang: Lang) -> String {
    format!("{below}/{lang}.toml")
}

/// Reads `services.toml`, every `<section>/<lang>.toml` and `class/<lang>.toml` there is, and the second opinion.
///
/// # Errors
/// Where `services.toml` is missing, a file cannot be read or its name is no language code.
pub fn read_folder(folder: &Path) -> Result<Vec<LexiconFile>, LexiconError> {
    let read = |name: &str, content: Content| {
        let path = folder.join(name);
        let text = fs::read_to_string(&path)
            .map_err(|source| LexiconError::Read { path: path.display().to_string(), source })?;
        Ok(LexiconFile { name: name.to_owned(), content, text })
    };
    let mut files = vec![read("services.toml", Content::Services)?];
    if REQUIRED_TABLES.iter().all(|name| folder.join(name).exists()) {
        for name in opinion_tables().filter(|name| folder.join(name).exists()) {
            files.push(read(name, Content::Opinion)?);
        }
    }
    for (name, lang) in by_language(folder, CLASSES)? {
        files.push(read(&name, Content::Classes(lang))?);
    }
    for section in Section::ALL {
        for (name, lang) in by_language(folder, section.as_str())? {
            files.push(read(&name, Content::Rows(section, lang))?);
        }
    }
    Ok(files)
}

/// Names of the files of a folder that are named after languages, with these.
fn by_language(folder: &Path, below: &str) -> Result<Vec<(String, Lang)>, LexiconError> {
    let Ok(entries) = fs::read_dir(folder.join(below)) else { return Ok(Vec::new()) };
    let paths = entries.flatten().map(|entry| entry.path());
    let texts = paths.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
    texts
        .map(|path| {
            let name = format!("{below}/{}", path.file_name().unwrap_or_default().to_string_lossy());
            let lang = Lang::parse(&path.file_stem().unwrap_or_default().to_string_lossy());
            let detail = "the name must be a language code of two letters, as pt.toml";
            let lang = lang.ok_or_else(|| LexiconError::Form { file: name.clone(), detail: detail.to_owned() })?;
            Ok((name, lang))
        })
        .collect()
}
