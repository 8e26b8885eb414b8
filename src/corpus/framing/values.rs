//! JSON values one after the other, on any number of lines, in an outer array or without one.

use std::ops::Range;

use super::{Cut, Framer, Marks};

/// Follows the nesting of JSON through a growing buffer. Brackets and commas between values are
/// passed over, so that the elements of an outer array are records.
#[derive(Debug, Default)]
pub(in crate::corpus) struct Values {
    /// Bytes of the buffer that have been looked at.
    at: usize,
    /// Where the value that is open began; `Some` between its first and last byte.
    start: Option<usize>,
    /// Open brackets of that value.
    depth: usize,
    in_string: bool,
    after_backslash: bool,
    found: Vec<Range<usize>>,
}

impl Values {
    /// Follows `buf` to its end, or to the end of the next value where `one` is asked for.
    fn follow(&mut self, buf: &[u8], one: bool) {
        while let Some(&byte) = buf.get(self.at) {
            if self.after_backslash {
                self.after_backslash = false;
            } else if self.in_string {
                match memchr::memchr2(b'"', b'\\', &buf[self.at..]) {
                    None => {
                        self.at = buf.len();
                        return;
                    }
                    Some(ahead) => {
                        self.at += ahead;
                        if buf[self.at] == b'"' {
                            self.in_string = false;
                        } else {
                            self.after_backslash = true;
                        }
                        if !self.in_string && self.depth == 0 {
                            self.close(self.at + 1);
                        }
                    }
                }
            } else {
                self.step(byte);
            }
            self.at += 1;
            if one && self.start.is_none() && !self.found.is_empty() {
                return;
            }
        }
    }

    fn step(&mut self, byte: u8) {
        match (self.start, byte) {
            (None, b'{') => self.open(1, false),
            (None, b'"') => self.open(0, true),
            (None, b'[' | b']' | b',' | b' ' | b'\t' | b'\r' | b'\n') => {}
            // A number or a word, or rubbish: it ends where the next separator is.
            (None, _) => self.open(0, false),
            (Some(_), b'"') => self.in_string = true,
            (Some(_), b'{' | b'[') if self.depth > 0 => self.depth += 1,
            (Some(_), b'}' | b']') if self.depth > 1 => self.depth -= 1,
            (Some(_), b'}' | b']') if self.depth == 1 => self.close(self.at + 1),
            (Some(_), b',' | b']' | b' ' | b'\t' | b'\r' | b'\n') if self.depth == 0 => self.close(self.at),
            _ => {}
        }
    }

    fn open(&mut self, depth: usize, in_string: bool) {
        self.start = Some(self.at);
        self.depth = depth;
        self.in_string = in_string;
    }

    fn close(&mut self, end: usize) {
        if let Some(start) = self.start.take() {
            self.found.push(start..end);
        }
        self.depth = 0;
    }
}

impl Framer for Values {
    fn cut(&mut self, buf: &[u8]) -> Option<Cut> {
        self.follow(buf, false);
        let end = match (self.start, self.found.last()) {
            (None, _) => self.at,
            (Some(_), Some(last)) => last.end,
            (Some(_), None) => return None,
        };
        self.at -= end;
        self.start = self.start.map(|start| start - end);
        let marks = Marks::Values(std::mem::take(&mut self.found));
        (end > 0).then_some(Cut { end, marks })
    }

    fn rescue(&mut self, buf: &[u8]) -> Option<Cut> {
        // A missing quote or bracket would swallow the rest of the file: give up the lines up to the
        // next one that begins an object as far out as this one does.
        let start = self.start?;
        let line_start = memchr::memrchr(b'\n', &buf[..start]).map_or(0, |at| at + 1);
        let indent = &buf[line_start..start];
        let is_blank = indent.iter().all(u8::is_ascii_whitespace);
        let next = memchr::memchr_iter(b'\n', &buf[start..])
            .map(|at| start + at + 1)
            .find(|&line| buf[line..].strip_prefix(indent).is_some_and(|rest| rest.first() == Some(&b'{')));
        let end = next.filter(|_| is_blank)?;
        *self = Self::default();
        let broken = start..end;
        Some(Cut { end, marks: Marks::Values(vec![broken]) })
    }

    fn last(&self, buf: &[u8]) -> Marks {
        Marks::Values(self.start.map(|start| start..buf.len()).into_iter().collect())
    }

    fn skip(&mut self, buf: &[u8], first: bool) -> Option<usize> {
        if !first {
            self.at = 0;
            self.follow(buf, true);
        }
        if self.found.is_empty() {
            return None;
        }
        let end = self.at;
        *self = Self::default();
        Some(end)
    }
}
