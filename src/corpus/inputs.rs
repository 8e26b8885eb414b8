//! From what a person names (files, patterns, folders, `-`) to a list of inputs in a fixed order.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::ReadError;

/// One thing to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Where it lies; `None` is standard input.
    pub path: Option<PathBuf>,
    /// Whether a person named this very file: then it must hold posts, else it is passed over and counted.
    pub named: bool,
}

impl Input {
    /// Standard input.
    pub fn stdin() -> Self {
        Self { path: None, named: true }
    }

    /// A file that was named.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { path: Some(path.into()), named: true }
    }

    /// Name for people: the path as given, or `standard input`.
    pub fn name(&self) -> Arc<str> {
        match &self.path {
            Some(path) => Arc::from(path.to_string_lossy()),
            None => Arc::from("standard input"),
        }
    }

    /// Size in bytes of a regular file.
    pub fn num_bytes(&self) -> Option<u64> {
        let meta = fs::metadata(self.path.as_ref()?).ok()?;
        meta.is_file().then_some(meta.len())
    }
}

/// Expands arguments: `-` is standard input, a folder all files below it (hidden ones left out), a
/// pattern what matches it; each sorted by path. An empty list reads standard input.
pub fn expand<S: AsRef<str>>(args: &[S]) -> Result<Vec<Input>, ReadError> {
    if args.is_empty() {
        return Ok(vec![Input::stdin()]);
    }
    let mut inputs = Vec::new();
    for arg in args.iter().map(AsRef::as_ref) {
        let before = inputs.len();
        let path = Path::new(arg);
        if arg == "-" {
            inputs.push(Input::stdin());
        } else if path.is_dir() {
            walk(path, &mut inputs)?;
        } else if path.exists() {
            inputs.push(Input::file(path));
        } else if arg.contains(['*', '?', '[']) {
            for found in matches(arg)? {
                if found.is_dir() { walk(&found, &mut inputs)? } else { inputs.push(found_file(found)) }
            }
        } else {
            let source = fs::metadata(path).err().unwrap_or_else(|| std::io::ErrorKind::NotFound.into());
            return Err(ReadError::Open { path: path.to_owned(), source });
        }
        if inputs.len() == before {
            return Err(ReadError::NoMatch { pattern: arg.to_owned() });
        }
    }
    Ok(inputs)
}

fn found_file(path: PathBuf) -> Input {
    Input { path: Some(path), named: false }
}

fn matches(pattern: &str) -> Result<Vec<PathBuf>, ReadError> {
    let paths = glob::glob(pattern)
        .map_err(|error| ReadError::BadPattern { pattern: pattern.to_owned(), detail: error.msg.to_owned() })?;
    let mut found = Vec::new();
    for path in paths {
        found.push(path.map_err(|error| ReadError::Open { path: error.path().to_owned(), source: error.into() })?);
    }
    found.sort();
    Ok(found)
}

fn walk(folder: &Path, inputs: &mut Vec<Input>) -> Result<(), ReadError> {
    let failed = |source| ReadError::Open { path: folder.to_owned(), source };
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            entries.push((entry.path(), entry.file_type().map_err(failed)?));
        }
    }
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    for (path, kind) in entries {
        // A linked folder may lead back to its parent, so only linked files are followed.
        if kind.is_dir() {
            walk(&path, inputs)?;
        } else if kind.is_file() || (kind.is_symlink() && path.is_file()) {
            inputs.push(found_file(path));
        }
    }
    Ok(())
}
