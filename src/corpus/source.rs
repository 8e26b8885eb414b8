//! One input as a stream of bytes: unpacked by what its first bytes say, hashed as it is stored.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::error::ReadError;
use super::inputs::Input;

/// Largest zstd window, as a power of two, that is unpacked without being asked for.
const USUAL_WINDOW_LOG: u32 = 27;
/// Largest zstd window there is on this side of the format's limit: 2 GiB.
const BIG_WINDOW_LOG: u32 = 31;
/// Enough of the beginning to tell every packing (a tar's mark lies at 257).
const HEAD_BYTES: usize = 512;
/// Longest mark at the very beginning.
const MARK_BYTES: usize = 6;

/// The stored bytes, counted and hashed on their way.
struct Stored {
    inner: Box<dyn Read + Send>,
    hasher: Sha256,
    num_bytes: u64,
    progress: Arc<AtomicU64>,
}

impl Read for Stored {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let num_read = self.inner.read(buf)?;
        self.hasher.update(&buf[..num_read]);
        self.num_bytes += num_read as u64;
        self.progress.fetch_add(num_read as u64, Ordering::Relaxed);
        Ok(num_read)
    }
}

/// The stored bytes again from their beginning, which was looked at.
type Rewound = io::Chain<Cursor<Vec<u8>>, BufReader<Stored>>;

enum Packing {
    Plain(Rewound),
    Gzip(Box<MultiGzDecoder<Rewound>>),
    Zstd(zstd::Decoder<'static, Rewound>),
    Bzip2(MultiBzDecoder<Rewound>),
}

/// An opened input; reads give the unpacked bytes.
pub(super) struct Source {
    packing: Packing,
}

impl Source {
    /// Opens an input; `progress` grows with the stored bytes that are read.
    pub(super) fn open(input: &Input, big_window: bool, progress: Arc<AtomicU64>) -> Result<Self, ReadError> {
        let path = input.path.clone().unwrap_or_else(|| "-".into());
        let failed = |source| ReadError::Open { path: path.clone(), source };
        let inner: Box<dyn Read + Send> = match &input.path {
            Some(path) => Box::new(File::open(path).map_err(failed)?),
            None => Box::new(io::stdin()),
        };
        let stored = Stored { inner, hasher: Sha256::new(), num_bytes: 0, progress };
        let mut stored = BufReader::with_capacity(256 << 10, stored);
        let mut head = Vec::new();
        // A pipe may hold back after its first lines, so more than the marks need is not waited for.
        while head.len() < MARK_BYTES {
            let num_before = head.len();
            let seen = stored.fill_buf().map_err(failed)?;
            head.extend_from_slice(&seen[..seen.len().min(HEAD_BYTES)]);
            let num_new = head.len() - num_before;
            stored.consume(num_new);
            if num_new == 0 {
                break;
            }
        }
        let foreign = foreign(&head);
        let kind = Magic::of(&head);
        let rewound = Cursor::new(head).chain(stored);
        if let Some((found, remedy)) = foreign {
            let file = input.name().to_string();
            return Err(ReadError::UnknownFormat { file, found: found.to_owned(), remedy: remedy.to_owned() });
        }
        let packing = match kind {
            Magic::Plain => Packing::Plain(rewound),
            Magic::Gzip => Packing::Gzip(Box::new(MultiGzDecoder::new(rewound))),
            Magic::Bzip2 => Packing::Bzip2(MultiBzDecoder::new(rewound)),
            Magic::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(rewound).map_err(failed)?;
                let window = if big_window { BIG_WINDOW_LOG } else { USUAL_WINDOW_LOG };
                decoder.window_log_max(window).map_err(failed)?;
                Packing::Zstd(decoder)
            }
        };
        Ok(Self { packing })
    }

    /// Reads what is left of the stored bytes and gives their SHA-256 in hexadecimal and their number.
    pub(super) fn finish(self) -> io::Result<(String, u64)> {
        let (_, mut stored) = match self.packing {
            Packing::Plain(rewound) => rewound.into_inner(),
            Packing::Gzip(decoder) => decoder.into_inner().into_inner(),
            Packing::Zstd(decoder) => decoder.finish().into_inner(),
            Packing::Bzip2(decoder) => decoder.into_inner().into_inner(),
        };
        loop {
            let num_bytes = stored.fill_buf()?.len();
            if num_bytes == 0 {
                break;
            }
            stored.consume(num_bytes);
        }
        let stored = stored.into_inner();
        let digest = stored.hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok((digest, stored.num_bytes))
    }
}

impl Read for Source {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match &mut self.packing {
            Packing::Plain(reader) => reader.read(buf),
            Packing::Gzip(reader) => reader.read(buf),
            Packing::Zstd(reader) => reader.read(buf),
            Packing::Bzip2(reader) => reader.read(buf),
        }
    }
}

/// Whether a failed read means that zstd wants a larger window than was allowed.
pub(super) fn wants_big_window(error: &io::Error) -> bool {
    error.to_string().contains("requires too much memory")
}

enum Magic {
    Plain,
    Gzip,
    Zstd,
    Bzip2,
}

impl Magic {
    fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Self::Bzip2,
            _ => Self::Plain,
        }
    }
}

/// Names packings and formats that are not read here, with the way out.
fn foreign(head: &[u8]) -> Option<(&'static str, &'static str)> {
    if head.get(257..262) == Some(b"ustar") {
        return Some(("a tar archive", "unpack it, or pipe its files with tar -xOf FILE | caiu ... -"));
    }
    match head {
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(("packed with xz", "unpack it with xz -dc FILE | caiu ... -")),
        [b'P', b'K', 3, 4, ..] => Some(("a zip archive", "unpack it with unzip -p FILE | caiu ... -")),
        [b'P', b'A', b'R', b'1', ..] => Some(("a Parquet file", "export it as NDJSON or CSV first")),
        _ => None,
    }
}
