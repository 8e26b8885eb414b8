//! Output files that appear whole or not at all, hashed while they are written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Output;

/// A file that takes its name only on [`AtomicFile::commit`]: before that it lies beside it as
/// `.NAME.PID.part`, and dropping it removes it again.
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    part: PathBuf,
    out: Option<BufWriter<File>>,
    hash: Sha256,
    num_bytes: u64,
}

impl AtomicFile {
    /// Begins a file in the folder of `path`, which must exist. Errors name the path.
    pub fn create(path: &Path) -> io::Result<Self> {
        let name = path
            .file_name()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, format!("{} names no file", path.display())))?;
        let part = path.with_file_name(format!(".{}.{}.part", name.to_string_lossy(), std::process::id()));
        let open = || OpenOptions::new().write(true).create_new(true).open(&part);
        let file = match open() {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                // Left behind by a process of the same number that was killed.
                fs::remove_file(&part)?;
                open()
            }
            result => result,
        }
        .map_err(|error| named(path, &error))?;
        Ok(Self { path: path.to_owned(), part, out: Some(BufWriter::new(file)), hash: Sha256::new(), num_bytes: 0 })
    }

    /// Brings the bytes to the disk and gives the file its name, in place of an older one.
    pub fn commit(mut self) -> io::Result<Output> {
        self.finish().map_err(|error| named(&self.path, &error))
    }

    fn finish(&mut self) -> io::Result<Output> {
        let out = self.out.take().ok_or_else(|| io::Error::other("already closed"))?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&self.part, &self.path)?;
        sync_folder(&self.path)?;
        Ok(Output {
            name: self.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            sha256: hex(&std::mem::take(&mut self.hash).finalize()),
            num_bytes: self.num_bytes,
        })
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let out = self.out.as_mut().ok_or_else(|| io::Error::other("already closed"))?;
        let written = out.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        self.num_bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        // After a commit the part has moved away, and nothing is lost where removing fails.
        let _ = fs::remove_file(&self.part);
    }
}

/// Writes a whole file through `write`; on an error of it nothing appears and an older file stays.
pub fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<Output> {
    let mut file = AtomicFile::create(path)?;
    write(&mut file).map_err(|error| named(path, &error))?;
    file.commit()
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot write {}: {error}", path.display()))
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn hash_and_size_are_those_of_the_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        let output = write_file(&path, |out| out.write_all(b"abc")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"abc");
        assert_eq!(output.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!((output.name.as_str(), output.num_bytes), ("a.txt", 3));
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn a_failed_write_leaves_the_older_file_and_no_part() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_file(&path, |out| out.write_all(b"old")).unwrap();
        let error = write_file(&path, |out| {
            out.write_all(b"new")?;
            Err(io::Error::other("disk on fire"))
        })
        .unwrap_err();
        assert!(error.to_string().contains("a.txt: disk on fire"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = write_file(Path::new("no/such/folder/a.txt"), |_| Ok(())).unwrap_err();
        assert!(error.to_string().contains("no/such/folder/a.txt"), "{error}");
    }
}
