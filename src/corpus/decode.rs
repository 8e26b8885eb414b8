//! What a worker does with a block: finds its records, decodes them and hands them to the work.

use std::sync::Arc;

use super::format::{self, Decoded, Fault};
use super::framing::{Block, Marks};
use super::options::ReadOptions;
use super::outcome::{Reason, Rejected};
use super::reader::FileContext;
use super::run::{Place, Record};

/// One block with all that decoding it needs.
pub(super) struct Decoder<'d> {
    pub(super) file: &'d Arc<FileContext>,
    pub(super) options: &'d ReadOptions,
    /// Whether the file ended before the last record did.
    is_open: bool,
}

/// Takes each record in order; `false` ends the block.
type Visit<'v> = dyn FnMut(Record<'_>) -> bool + 'v;

/// Decodes every record of `block` until `visit` says no.
pub(super) fn decode(
    file: &Arc<FileContext>,
    options: &ReadOptions,
    block: &Block,
    has_header: bool,
    visit: &mut Visit<'_>,
) {
    let decoder = Decoder { file, options, is_open: block.is_open };
    let bytes = block.bytes.as_slice();
    // Checked once for all lines: only a block with a broken line needs to be looked at line by line.
    let whole = str::from_utf8(bytes).ok();
    match &block.marks {
        Marks::Lines => {
            let (mut start, mut line) = (0, block.first_line);
            while start < bytes.len() {
                let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
                if !decoder.json(bytes, whole, start..end, (line, 0), visit) {
                    return;
                }
                start = end + 1;
                line += 1;
            }
        }
        Marks::Values(places) => {
            let (mut counted, mut line, mut nth_on_line) = (0, block.first_line, block.num_before);
            for place in places {
                let num_lines = memchr::memchr_iter(b'\n', &bytes[counted..place.start]).count() as u64;
                if num_lines > 0 {
                    (line, nth_on_line) = (line + num_lines, 0);
                }
                counted = place.start;
                if !decoder.json(bytes, whole, place.clone(), (line, nth_on_line), visit) {
                    return;
                }
                nth_on_line += 1;
            }
        }
        Marks::Rows { quoting } => decoder.rows(block, *quoting, has_header, visit),
    }
}

impl Decoder<'_> {
    fn json(
        &self,
        bytes: &[u8],
        whole: Option<&str>,
        place: std::ops::Range<usize>,
        (line, nth_on_line): (u64, u64),
        visit: &mut Visit<'_>,
    ) -> bool {
        let id_prefix = self.file.id_prefix.as_str();
        let mut place_of = Place { id_prefix, line, nth_on_line, nth_in_value: 0 };
        let is_last = self.is_open && place.end == bytes.len();
        let record = bytes[place.clone()].trim_ascii();
        if record.is_empty() {
            return true;
        }
        if record.len() > self.options.max_line_bytes {
            let detail = format!("above {} bytes", self.options.max_line_bytes);
            return self.visit(place_of, None, Err(Fault { reason: Reason::TooLong, detail }), visit);
        }
        let text = match whole {
            Some(whole) => whole.get(place).map(str::trim_ascii).unwrap_or_default(),
            None => match str::from_utf8(record) {
                Ok(text) => text,
                // A character that the end of the file cut in two is the end's fault.
                Err(error) => {
                    let is_cut = is_last && error.error_len().is_none();
                    let reason = if is_cut { Reason::CutShort } else { Reason::InvalidUtf8 };
                    let detail = format!("at byte {}", error.valid_up_to() + 1);
                    return self.visit(place_of, None, Err(Fault { reason, detail }), visit);
                }
            },
        };
        let mut goes_on = true;
        format::decode(text, &self.options.columns, &mut |raw, decoded| {
            if goes_on {
                let decoded = decoded.map_err(|fault| match fault.reason {
                    Reason::CutShort if !is_last => Fault { reason: Reason::BrokenJson, ..fault },
                    _ => fault,
                });
                goes_on = self.visit(place_of, Some(raw), decoded, visit);
                place_of.nth_in_value += 1;
            }
        });
        goes_on
    }

    fn rows(&self, block: &Block, quoting: bool, mut has_header: bool, visit: &mut Visit<'_>) {
        let Some((delimiter, header)) = &self.file.table else { return };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(*delimiter)
            .quoting(quoting)
            .has_headers(false)
            .flexible(true)
            .from_reader(block.bytes.as_slice());
        let mut row = csv::ByteRecord::new();
        // Reading from memory into bytes cannot fail.
        while let Ok(true) = reader.read_byte_record(&mut row) {
            if std::mem::take(&mut has_header) {
                continue;
            }
            let start = row.position().map_or(0, csv::Position::byte) as usize;
            // Blank lines before a row are counted to it by the position.
            let blank = block.bytes[start..].iter().take_while(|byte| matches!(byte, b'\n' | b'\r'));
            let blank = blank.filter(|&&byte| byte == b'\n').count() as u64;
            let line = block.first_line + row.position().map_or(1, csv::Position::line) - 1 + blank;
            let end = reader.position().byte() as usize;
            let is_last = self.is_open && end >= block.bytes.len();
            let decoded = if end - start > self.options.max_line_bytes {
                let detail = format!("above {} bytes", self.options.max_line_bytes);
                Err(Fault { reason: Reason::TooLong, detail })
            } else {
                header.read(&row).map_err(|fault| match fault.reason {
                    Reason::BrokenRow if is_last => Fault { reason: Reason::CutShort, ..fault },
                    _ => fault,
                })
            };
            let place = Place { id_prefix: &self.file.id_prefix, line, nth_on_line: 0, nth_in_value: 0 };
            if !self.visit(place, None, decoded, visit) {
                return;
            }
        }
    }

    fn visit(&self, place: Place<'_>, raw: Option<&str>, decoded: Decoded, visit: &mut Visit<'_>) -> bool {
        let line = place.line;
        let is_numbered = decoded.as_ref().is_ok_and(|post| post.id.is_empty());
        let post = match decoded {
            Ok(mut post) => {
                if is_numbered {
                    post.id = place.to_string();
                }
                Ok(post)
            }
            Err(Fault { reason, detail }) => Err(Rejected { reason, file: Arc::clone(&self.file.name), line, detail }),
        };
        let raw = raw.filter(|_| post.is_ok());
        visit(Record { file: &self.file.name, line, place, raw, post, is_numbered })
    }
}
