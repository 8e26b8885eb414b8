//! What a repair puts aside: the files of parts that cannot be read, for whoever wants to save something of them.

use std::io;
use std::path::{Path, PathBuf};

use super::IndexError;

/// Folder for them within that of the index.
const FOLDER: &str = "broken";

/// Gives files of an index a second name in a folder of their own, before the index lets go of them; `None` where that
/// cannot be done, as on file systems on which a file has one name.
pub(super) fn keep(folder: &Path, files: &[PathBuf]) -> Option<PathBuf> {
    let aside = folder.join(FOLDER);
    std::fs::create_dir_all(&aside).ok()?;
    let mut is_any_kept = false;
    for file in files {
        match std::fs::hard_link(folder.join(file), aside.join(file)) {
            Ok(()) => is_any_kept = true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => is_any_kept = true,
            Err(error) => tracing::debug!("{} is not put aside: {error}", file.display()),
        }
    }
    is_any_kept.then_some(aside)
}

/// Lets go of all that was put aside.
pub(super) fn remove(folder: &Path) -> Result<(), IndexError> {
    let aside = folder.join(FOLDER);
    match std::fs::remove_dir_all(&aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(IndexError::io(&aside, error)),
        _ => Ok(()),
    }
}
