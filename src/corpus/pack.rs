//! The way out: a file of posts, packed as the end of its name says.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

/// Writes a file through `write`; a name in `.zst` or `.gz` packs it.
///
/// # Errors
/// Those of the file and of `write`.
pub fn write_packed(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("zst") => {
            let mut packed = zstd::Encoder::new(file, 0)?;
            write(&mut packed)?;
            packed.finish()?.flush()
        }
        Some("gz") => {
            let mut packed = GzEncoder::new(file, Compression::default());
            write(&mut packed)?;
            packed.finish()?.flush()
        }
        _ => {
            write(&mut file)?;
            file.flush()
        }
    }
}
