//! One record per line.

use super::{Cut, Framer, Marks};

/// Cuts at line ends.
#[derive(Debug, Default)]
pub(in crate::corpus) struct Lines {
    /// Bytes at the beginning of the buffer that are known to hold no line end.
    num_seen: usize,
}

impl Framer for Lines {
    fn cut(&mut self, buf: &[u8]) -> Option<Cut> {
        match memchr::memrchr(b'\n', &buf[self.num_seen..]) {
            Some(at) => {
                let end = self.num_seen + at + 1;
                self.num_seen = buf.len() - end;
                Some(Cut { end, marks: Marks::Lines })
            }
            None => {
                self.num_seen = buf.len();
                None
            }
        }
    }

    fn last(&self, _buf: &[u8]) -> Marks {
        Marks::Lines
    }

    fn skip(&mut self, buf: &[u8], _first: bool) -> Option<usize> {
        self.num_seen = 0;
        memchr::memchr(b'\n', buf).map(|at| at + 1)
    }
}
