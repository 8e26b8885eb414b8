//! Where records begin and end: blocks of whole records, cut from a stream without holding it.

mod lines;
mod rows;
mod values;

use std::io::{self, Read};
use std::ops::Range;

pub(super) use lines::Lines;
pub(super) use rows::Rows;
pub(super) use values::Values;

/// How the records of a block are to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Marks {
    /// One per line.
    Lines,
    /// JSON values at these places.
    Values(Vec<Range<usize>>),
    /// Rows of a table. Without quoting it is one line whose quotes never close.
    Rows {
        /// Whether quotes mean anything.
        quoting: bool,
    },
}

/// The end of the last whole record in a buffer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Bytes of the buffer that are taken.
    pub(super) end: usize,
    /// Records in them.
    pub(super) marks: Marks,
}

/// Finds record ends in a growing buffer. After a cut the buffer begins behind it.
pub(super) trait Framer: Send {
    /// Looks at what has been added to `buf` since the last call; `None` where no record ends yet.
    fn cut(&mut self, buf: &[u8]) -> Option<Cut>;
    /// The record at the beginning of `buf` does not end within the limit or the file: whether part
    /// of it can be saved.
    fn rescue(&mut self, _buf: &[u8]) -> Option<Cut> {
        None
    }
    /// The marks of a last record that the end of the file closes.
    fn last(&self, buf: &[u8]) -> Marks;
    /// While the first record is dropped: the end of it in `buf`, if it is there. Called with each
    /// piece once; the first piece is the buffer that was seen by `cut`.
    fn skip(&mut self, buf: &[u8], first: bool) -> Option<usize>;
}

/// Records of one file that belong together.
#[derive(Debug)]
pub(super) struct Block {
    /// The bytes.
    pub(super) bytes: Vec<u8>,
    /// Where the records are.
    pub(super) marks: Marks,
    /// Line of the first byte, from 1.
    pub(super) first_line: u64,
    /// JSON values that began on that line in the blocks before.
    pub(super) num_before: u64,
    /// Whether the file ended before the last record did.
    pub(super) is_open: bool,
}

/// What comes next in a file.
#[derive(Debug)]
pub(super) enum Piece {
    /// Whole records.
    Block(Block),
    /// A record above the limit was dropped.
    TooLong {
        /// Line on which it began.
        line: u64,
    },
    /// Nothing more; with the failure that ended the reading, if it was one.
    End(Option<io::Error>),
}

/// Cuts a stream into blocks.
pub(super) struct Blocks<R> {
    reader: R,
    is_live: bool,
    block_bytes: usize,
    max_record_bytes: usize,
    /// Bytes behind the last cut.
    carry: Vec<u8>,
    line: u64,
    /// JSON values that have begun on `line`.
    num_on_line: u64,
    at_end: bool,
    failure: Option<io::Error>,
}

impl<R: Read> Blocks<R> {
    /// Blocks of about `block_bytes`; records above `max_record_bytes` are dropped. A live stream
    /// is not waited for once it gave a record: a program at its other end may wait for the answer.
    pub(super) fn new(reader: R, is_live: bool, block_bytes: usize, max_record_bytes: usize) -> Self {
        Self {
            reader,
            is_live,
            block_bytes: block_bytes.max(1),
            max_record_bytes,
            carry: Vec::new(),
            line: 1,
            num_on_line: 0,
            at_end: false,
            failure: None,
        }
    }

    /// The first bytes (up to `num_bytes`) without taking them; of a live stream the first line.
    pub(super) fn peek(&mut self, num_bytes: usize) -> &[u8] {
        let mut carry = std::mem::take(&mut self.carry);
        loop {
            self.fill(&mut carry, num_bytes);
            if self.at_end || carry.len() >= num_bytes || carry.trim_ascii_start().contains(&b'\n') {
                break;
            }
        }
        self.carry = carry;
        &self.carry
    }

    /// Whether the stream failed within what has been looked at.
    pub(super) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Drops bytes that have been looked at and hold no line end.
    pub(super) fn pass_over(&mut self, num_bytes: usize) {
        self.carry.drain(..num_bytes.min(self.carry.len()));
    }

    /// Gives the reader back.
    pub(super) fn into_reader(self) -> R {
        self.reader
    }

    /// The next piece; `spare` is a used buffer.
    pub(super) fn next(&mut self, framer: &mut dyn Framer, spare: Vec<u8>) -> Piece {
        let mut buf = spare;
        buf.clear();
        buf.append(&mut self.carry);
        // What has been looked at may hold records that somebody waits for.
        if self.is_live
            && !buf.is_empty()
            && let Some(cut) = framer.cut(&buf)
        {
            return self.take(buf, cut, false);
        }
        let mut wanted = self.block_bytes;
        loop {
            self.fill(&mut buf, wanted);
            if buf.is_empty() {
                return Piece::End(self.failure.take());
            }
            if let Some(cut) = framer.cut(&buf) {
                return self.take(buf, cut, false);
            }
            let is_too_long = buf.len() > self.max_record_bytes;
            if (self.at_end || is_too_long)
                && let Some(cut) = framer.rescue(&buf)
            {
                return self.take(buf, cut, false);
            }
            if is_too_long {
                let line = self.line;
                self.drop_record(framer, buf);
                return Piece::TooLong { line };
            }
            if self.at_end {
                let cut = Cut { end: buf.len(), marks: framer.last(&buf) };
                return self.take(buf, cut, true);
            }
            wanted = buf.len() + self.block_bytes;
        }
    }

    fn take(&mut self, mut buf: Vec<u8>, cut: Cut, is_open: bool) -> Piece {
        self.carry.extend_from_slice(&buf[cut.end..]);
        buf.truncate(cut.end);
        let (first_line, num_before) = (self.line, self.num_on_line);
        self.line += memchr::memchr_iter(b'\n', &buf).count() as u64;
        if let Marks::Values(places) = &cut.marks {
            let last_line = memchr::memrchr(b'\n', &buf).map(|at| at + 1);
            let num_new = places.iter().rev().take_while(|place| place.start >= last_line.unwrap_or(0)).count() as u64;
            self.num_on_line = if last_line.is_some() { num_new } else { num_before + num_new };
        }
        Piece::Block(Block { bytes: buf, marks: cut.marks, first_line, num_before, is_open })
    }

    fn drop_record(&mut self, framer: &mut dyn Framer, mut buf: Vec<u8>) {
        let mut first = true;
        loop {
            let end = framer.skip(&buf, first);
            let dropped = end.unwrap_or(buf.len());
            let num_lines = memchr::memchr_iter(b'\n', &buf[..dropped]).count() as u64;
            self.line += num_lines;
            self.num_on_line = if num_lines > 0 { 0 } else { self.num_on_line + u64::from(first) };
            if end.is_some() || self.at_end {
                self.carry.extend_from_slice(&buf[dropped..]);
                return;
            }
            first = false;
            buf.clear();
            self.fill(&mut buf, self.block_bytes);
        }
    }

    /// Reads until `buf` holds `wanted` bytes (of a live stream: any) or the stream ends; a failure
    /// is an end that is kept, and what came before it stays in the buffer.
    fn fill(&mut self, buf: &mut Vec<u8>, wanted: usize) {
        while buf.len() < wanted && !self.at_end {
            let num_before = buf.len();
            buf.resize(wanted, 0);
            let result = self.reader.read(&mut buf[num_before..]);
            buf.truncate(num_before + *result.as_ref().unwrap_or(&0));
            match result {
                Ok(0) => self.at_end = true,
                Ok(_) if self.is_live => return,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure = Some(error);
                    self.at_end = true;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
