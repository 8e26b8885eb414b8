//! Where lexicon texts come from: a folder laid out as `lexicons/`.

use std::fs;
use std::path::Path;

use super::LexiconError;
use super::row::Section;
use crate::model::Lang;
use crate::tag::opinion::Opinion;

/// One file, not yet parsed.
#[derive(Debug, Clone)]
pub struct LexiconFile {
    /// Its name below the folder, as `outage/pt.toml`.
    pub name: String,
    /// What it holds; `None` for `services.toml`.
    pub section: Option<(Section, Lang)>,
    /// Its text.
    pub text: String,
}

impl LexiconFile {
    /// A `services.toml`.
    pub fn services(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), section: None, text: text.to_owned() }
    }

    /// A table of the second opinion.
    pub fn opinion(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), section: None, text: text.to_owned() }
    }

    /// Whether it is a table of the second opinion.
    pub fn is_opinion(&self) -> bool {
        OPINION.contains(&self.name.as_str())
    }
}

/// The tables of the second opinion: either both are there or none.
pub const OPINION: [&str; 2] = ["opinion/kind.tsv", "opinion/part.tsv"];

/// The second opinion in these files, if there is one.
pub(super) fn opinion(files: &[LexiconFile]) -> Option<Opinion> {
    let [kinds, parts] = OPINION.map(|name| files.iter().find(|file| file.name == name));
    let (kinds, parts) = (kinds?, parts?);
    Some(Opinion::new([kinds.text.clone(), parts.text.clone()]))
}

/// Reads `services.toml` and every `<section>/<lang>.toml` there is.
///
/// # Errors
/// Where `services.toml` is missing, a file cannot be read or its name is no language code.
pub fn read_folder(folder: &Path) -> Result<Vec<LexiconFile>, LexiconError> {
    let read = |path: &Path| {
        fs::read_to_string(path).map_err(|source| LexiconError::Read { path: path.display().to_string(), source })
    };
    let mut files = vec![LexiconFile::services("services.toml", &read(&folder.join("services.toml"))?)];
    let mut found = Vec::new();
    for section in Section::ALL {
        let Ok(entries) = fs::read_dir(folder.join(section.as_str())) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.extension().is_none_or(|extension| extension != "toml") {
                continue;
            }
            let name = format!("{}/{}", section.as_str(), path.file_name().unwrap_or_default().to_string_lossy());
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let lang = Lang::parse(&stem).ok_or_else(|| LexiconError::Form {
                file: name.clone(),
                detail: "the name must be a language code of two letters, as pt.toml".to_owned(),
            })?;
            found.push(LexiconFile { name, section: Some((section, lang)), text: read(&path)? });
        }
    }
    if OPINION.iter().all(|name| folder.join(name).exists()) {
        for name in OPINION {
            files.push(LexiconFile::opinion(name, &read(&folder.join(name))?));
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    files.extend(found);
    Ok(files)
}
