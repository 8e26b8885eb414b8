//! Rows of a table, whose quoted fields may hold line ends.

use super::{Cut, Framer, Marks};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    FieldStart,
    Bare,
    Quoted,
    /// Behind a quote inside a quoted field: its end, or the first half of a doubled quote.
    AfterQuote,
}

/// Follows quotes through a growing buffer. A quote that opens a field and is never closed as a
/// quote should be is taken for a letter, so that it does not swallow the rows behind it.
#[derive(Debug)]
pub(in crate::corpus) struct Rows {
    delimiter: u8,
    at: usize,
    state: At,
    row_start: usize,
    /// First line end inside the quotes of the row.
    inner_line_end: Option<usize>,
}

impl Rows {
    /// Rows whose fields are separated by `delimiter`.
    pub(in crate::corpus) fn new(delimiter: u8) -> Self {
        Self { delimiter, at: 0, state: At::FieldStart, row_start: 0, inner_line_end: None }
    }

    /// Follows `buf` until a row turns out broken (then its first line end comes back) or to the end.
    fn follow(&mut self, buf: &[u8]) -> Option<usize> {
        while let Some(&byte) = buf.get(self.at) {
            match self.state {
                At::FieldStart | At::AfterQuote if byte == b'\n' => self.end_row(),
                At::FieldStart if byte == b'"' => self.state = At::Quoted,
                At::FieldStart | At::AfterQuote if byte == self.delimiter => self.state = At::FieldStart,
                At::FieldStart => self.state = At::Bare,
                At::AfterQuote if byte == b'"' => self.state = At::Quoted,
                At::AfterQuote if byte == b'\r' => {}
                At::AfterQuote => {
                    if let Some(line_end) = self.inner_line_end {
                        return Some(line_end);
                    }
                    self.state = At::Bare;
                }
                At::Bare => match memchr::memchr2(self.delimiter, b'\n', &buf[self.at..]) {
                    None => self.at = buf.len() - 1,
                    Some(ahead) => {
                        self.at += ahead;
                        if buf[self.at] == b'\n' { self.end_row() } else { self.state = At::FieldStart }
                    }
                },
                At::Quoted => {
                    let close = memchr::memchr(b'"', &buf[self.at..]).map(|ahead| self.at + ahead);
                    let until = close.unwrap_or(buf.len());
                    if self.inner_line_end.is_none() {
                        self.inner_line_end = memchr::memchr(b'\n', &buf[self.at..until]).map(|ahead| self.at + ahead);
                    }
                    self.at = close.unwrap_or(buf.len() - 1);
                    if close.is_some() {
                        self.state = At::AfterQuote;
                    }
                }
            }
            self.at += 1;
        }
        None
    }

    fn end_row(&mut self) {
        self.row_start = self.at + 1;
        self.restart_row();
    }

    fn restart_row(&mut self) {
        self.state = At::FieldStart;
        self.inner_line_end = None;
    }

    /// Cuts the first line of a broken row off, or the whole rows before it.
    fn cut_broken(&mut self, line_end: usize) -> Cut {
        let (end, quoting) = if self.row_start > 0 { (self.row_start, true) } else { (line_end + 1, false) };
        self.at = 0;
        self.row_start = 0;
        self.restart_row();
        Cut { end, marks: Marks::Rows { quoting } }
    }
}

impl Framer for Rows {
    fn cut(&mut self, buf: &[u8]) -> Option<Cut> {
        if let Some(line_end) = self.follow(buf) {
            return Some(self.cut_broken(line_end));
        }
        let end = std::mem::take(&mut self.row_start);
        self.at -= end;
        self.inner_line_end = self.inner_line_end.map(|at| at - end);
        (end > 0).then_some(Cut { end, marks: Marks::Rows { quoting: true } })
    }

    fn rescue(&mut self, _buf: &[u8]) -> Option<Cut> {
        let line_end = self.inner_line_end.filter(|_| self.state == At::Quoted)?;
        Some(self.cut_broken(line_end))
    }

    fn last(&self, _buf: &[u8]) -> Marks {
        Marks::Rows { quoting: self.state != At::Quoted }
    }

    fn skip(&mut self, buf: &[u8], _first: bool) -> Option<usize> {
        // Only rows without a line end in quotes come here, so the next line end closes the row.
        self.at = 0;
        self.row_start = 0;
        self.restart_row();
        memchr::memchr(b'\n', buf).map(|at| at + 1)
    }
}
