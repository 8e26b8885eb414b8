//! Takes the byte order mark away and turns UTF-16 into UTF-8; everything else passes unchanged.

use std::io::{self, Read};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

/// A reader of UTF-8 over a reader of UTF-8 or of UTF-16 with a byte order mark. Bytes that are no
/// UTF-8 pass through, to be judged line by line; lone UTF-16 surrogates become U+FFFD.
pub(super) struct Utf8Reader<R> {
    inner: R,
    /// `None` until the first bytes have been looked at.
    encoding: Option<Encoding>,
    /// Bytes that wait to be read.
    ready: Vec<u8>,
    ready_at: usize,
    /// UTF-16 bytes that are not yet a whole character.
    partial: Vec<u8>,
    /// A failure behind the first bytes, told once they have been read.
    failure: Option<io::Error>,
}

impl<R: Read> Utf8Reader<R> {
    /// Wraps `inner` at its beginning.
    pub(super) fn new(inner: R) -> Self {
        Self { inner, encoding: None, ready: Vec::new(), ready_at: 0, partial: Vec::new(), failure: None }
    }

    /// Gives the inner reader back.
    pub(super) fn into_inner(self) -> R {
        self.inner
    }

    fn look(&mut self) -> Encoding {
        let mut head = Vec::new();
        self.failure = self.inner.by_ref().take(3).read_to_end(&mut head).err();
        let (encoding, mark) = match head[..] {
            [0xef, 0xbb, 0xbf] => (Encoding::Utf8, 3),
            [0xff, 0xfe, ..] => (Encoding::Utf16Le, 2),
            [0xfe, 0xff, ..] => (Encoding::Utf16Be, 2),
            _ => (Encoding::Utf8, 0),
        };
        let rest = head.split_off(mark);
        if encoding == Encoding::Utf8 {
            self.ready = rest;
        } else {
            self.partial = rest;
        }
        self.encoding = Some(encoding);
        encoding
    }

    /// Reads and converts a chunk of UTF-16 into `ready`; `false` at the end.
    fn convert(&mut self, encoding: Encoding) -> io::Result<bool> {
        let mut chunk = [0; 32 << 10];
        let num_read = self.inner.read(&mut chunk)?;
        self.partial.extend_from_slice(&chunk[..num_read]);
        let at_end = num_read == 0;
        let mut units: Vec<u16> = self.partial.as_chunks::<2>().0.iter().map(|&pair| unit(pair, encoding)).collect();
        // A leading surrogate waits for its other half.
        if !at_end && units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
            units.pop();
        }
        self.partial.drain(..units.len() * 2);
        let mut text: String =
            char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        if at_end && !self.partial.is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
            self.partial.clear();
        }
        self.ready = text.into_bytes();
        self.ready_at = 0;
        Ok(!at_end || !self.ready.is_empty())
    }
}

fn unit(pair: [u8; 2], encoding: Encoding) -> u16 {
    if encoding == Encoding::Utf16Be { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let encoding = match self.encoding {
            Some(encoding) => encoding,
            None => self.look(),
        };
        while self.ready_at == self.ready.len() {
            if let Some(failure) = self.failure.take() {
                return Err(failure);
            }
            if encoding == Encoding::Utf8 {
                return self.inner.read(buf);
            }
            if !self.convert(encoding)? {
                return Ok(0);
            }
        }
        let num_bytes = buf.len().min(self.ready.len() - self.ready_at);
        buf[..num_bytes].copy_from_slice(&self.ready[self.ready_at..self.ready_at + num_bytes]);
        self.ready_at += num_bytes;
        Ok(num_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, so that every character is split.
    struct Dribble<'a>(&'a [u8]);

    impl Read for Dribble<'_> {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            let num_bytes = self.0.len().min(buf.len()).min(1);
            buf[..num_bytes].copy_from_slice(&self.0[..num_bytes]);
            self.0 = &self.0[num_bytes..];
            Ok(num_bytes)
        }
    }

    fn check(stored: &[u8], want: &[u8]) {
        let (mut whole, mut split) = (Vec::new(), Vec::new());
        Utf8Reader::new(stored).read_to_end(&mut whole).unwrap();
        Utf8Reader::new(Dribble(stored)).read_to_end(&mut split).unwrap();
        assert_eq!((whole.as_slice(), split.as_slice()), (want, want), "{stored:?}");
    }

    #[test]
    fn marks_and_encodings() {
        check(b"", b"");
        check(b"a", b"a");
        check(b"caiu\n", b"caiu\n");
        check("\u{feff}caiu".as_bytes(), b"caiu");
        check(b"\xff\xfe", b"");
        check(b"\xff\xfea", "\u{fffd}".as_bytes());
        let text = "واتساب 🔥\r\n{\"a\":1}";
        let le: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        check(&le, text.as_bytes());
        check(&be, text.as_bytes());
        check(b"\xff\xfe\x00\xd8a\x00", "\u{fffd}a".as_bytes());
        check(b"\xff\xfea\x00\x00\xd8", "a\u{fffd}".as_bytes());
        check(b"ok \xff\xfe", b"ok \xff\xfe");
    }
}
