//! Lines of JSON as they come in pieces, and what one line adds to a batch: shared by the local feeds.

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use super::{Batch, Incoming};
use crate::corpus;
use crate::model::Time;
use crate::normalize::date;

/// Longest line that is read, in bytes; a longer one is passed over without being held.
pub(super) const MAX_LINE_BYTES: usize = 16 << 20;
/// Name under which lines above the limit are counted.
pub(super) const TOO_LONG: &str = "too long";

/// A line, or what is left of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'l> {
    /// A whole line without its end.
    Whole(&'l [u8]),
    /// One above the limit, which was dropped.
    TooLong,
}

/// Cuts a stream of bytes into lines and holds at most one line's beginning.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    partial: Vec<u8>,
    /// Bytes of the current line that were dropped because it is too long.
    num_dropped: u64,
}

impl Cutter {
    /// Takes the next bytes; `each` gets every line that ends in them, and its length with its end in bytes.
    pub(super) fn push(&mut self, mut bytes: &[u8], each: &mut dyn FnMut(Line<'_>, u64)) {
        while let Some(at) = memchr::memchr(b'\n', bytes) {
            let (line, behind) = (&bytes[..at], &bytes[at + 1..]);
            let num_bytes = self.pending() + at as u64 + 1;
            let is_too_long = num_bytes > MAX_LINE_BYTES as u64;
            if is_too_long {
                each(Line::TooLong, num_bytes);
            } else if self.partial.is_empty() {
                each(Line::Whole(line), num_bytes);
            } else {
                self.partial.extend_from_slice(line);
                each(Line::Whole(&self.partial), num_bytes);
            }
            self.reset();
            bytes = behind;
        }
        if self.pending() + bytes.len() as u64 > MAX_LINE_BYTES as u64 {
            self.num_dropped = self.pending() + bytes.len() as u64;
            self.partial = Vec::new();
        } else {
            self.partial.extend_from_slice(bytes);
        }
    }

    /// Hands over a last line that has no end, and begins anew.
    pub(super) fn finish(&mut self, each: &mut dyn FnMut(Line<'_>, u64)) {
        match (self.num_dropped, self.partial.is_empty()) {
            (0, true) => {}
            (0, false) => each(Line::Whole(&self.partial), self.pending()),
            _ => each(Line::TooLong, self.pending()),
        }
        self.reset();
    }

    /// Bytes of the line that has not ended yet.
    pub(super) fn pending(&self) -> u64 {
        self.num_dropped + self.partial.len() as u64
    }

    fn reset(&mut self) {
        self.num_dropped = 0;
        self.partial.clear();
        // One that had to hold a giant is not kept at that size.
        self.partial.shrink_to(64 << 10);
    }
}

/// Adds the posts of one line; `place` is the id of a post that has none of its own.
pub(super) fn add(line: &Line<'_>, place: impl Fn() -> String, batch: &mut Batch) {
    let Line::Whole(bytes) = line else { return reject(TOO_LONG, batch) };
    let bytes = bytes.trim_ascii();
    if bytes.is_empty() {
        return;
    }
    let Ok(text) = str::from_utf8(bytes) else { return reject(corpus::Reason::InvalidUtf8.name(), batch) };
    for (nth, read) in corpus::posts_of_json(text).into_iter().enumerate() {
        match read {
            Ok(mut post) => {
                if post.id.is_empty() {
                    post.id = if nth == 0 { place() } else { format!("{}.{nth}", place()) };
                }
                batch.posts.push(Incoming::new(post, None));
            }
            Err((reason, _)) => reject(reason.name(), batch),
        }
    }
}

/// Counts a record that is no post.
pub(super) fn reject(reason: &str, batch: &mut Batch) {
    *batch.rejected.entry(reason.to_owned()).or_default() += 1;
}

/// A source whose last post is older than this is a dump: what is silent behind it was not observed.
const LIVE_WITHIN: TimeDelta = TimeDelta::hours(1);

/// Notes from and up to when a batch tells everything, by the dates that its posts claim. `latest` is the latest date
/// of the batches before it; a source that is written now tells everything up to now.
pub(super) fn note_dates(batch: &mut Batch, latest: &mut Option<Time>, now: Time) {
    let dates = batch.posts.iter().filter_map(|incoming| incoming.post.created_at.as_ref());
    let dates: Vec<Time> = dates.filter_map(|raw| date::parse(raw, None, now).ok()).map(|at| at.min(now)).collect();
    batch.since = dates.iter().min().copied();
    batch.until = dates.iter().max().copied();
    *latest = (*latest).max(batch.until);
    batch.has_own_clock = latest.is_none_or(|latest| latest < now - LIVE_WITHIN);
}

/// A short hash of bytes, to tell files and lines apart.
pub(super) fn mark(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(pieces: &[&[u8]]) -> Vec<(String, u64)> {
        let (mut cutter, mut lines) = (Cutter::default(), Vec::new());
        let mut each = |line: Line<'_>, num_bytes| {
            let Line::Whole(bytes) = line else { return lines.push(("too long".to_owned(), num_bytes)) };
            lines.push((String::from_utf8_lossy(bytes).into_owned(), num_bytes));
        };
        pieces.iter().for_each(|piece| cutter.push(piece, &mut each));
        cutter.finish(&mut each);
        assert_eq!(cutter.pending(), 0);
        lines
    }

    #[test]
    fn lines_come_whole_however_the_pieces_fall() {
        let want = [("a".to_owned(), 2), (String::new(), 1), ("bc".to_owned(), 3), ("d".to_owned(), 1)];
        assert_eq!(cut(&[b"a\n\nbc\nd"]), want);
        assert_eq!(cut(&[b"a", b"\n", b"\nb", b"c\nd"]), want);
        assert_eq!(cut(&[]), []);
    }

    #[test]
    fn a_giant_is_passed_over_and_not_held() {
        let mut cutter = Cutter::default();
        let mut seen = Vec::new();
        let mut each = |line: Line<'_>, num_bytes| seen.push((line == Line::TooLong, num_bytes));
        let piece = vec![b'x'; 1 << 20];
        for _ in 0..100 {
            cutter.push(&piece, &mut each);
            assert!(cutter.partial.capacity() <= 2 * MAX_LINE_BYTES, "{}", cutter.partial.capacity());
        }
        cutter.push(b"\nshort\n", &mut each);
        assert_eq!(seen, [(true, (100 << 20) + 1), (false, 6)]);
    }

    #[test]
    fn what_is_no_post_is_counted_by_reason() {
        let mut batch = Batch::empty(super::super::Next::Now);
        for line in [&b"{\"text\":\"caiu\"}"[..], b"  ", b"{\"text\":\"\xff\"}", b"{", b"{\"text\":\"b\",\"id\":\"7\"}"]
        {
            add(&Line::Whole(line), || "f:1".to_owned(), &mut batch);
        }
        add(&Line::TooLong, String::new, &mut batch);
        let ids: Vec<&str> = batch.posts.iter().map(|incoming| incoming.post.id.as_str()).collect();
        assert_eq!(ids, ["f:1", "7"]);
        let rejected: Vec<(&str, u64)> = batch.rejected.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        assert_eq!(rejected, [("cut short", 1), ("invalid utf-8", 1), ("too long", 1)]);
    }
}
