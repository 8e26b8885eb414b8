//! The reading thread: opens the inputs one after the other and sends their blocks to the workers.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crossbeam_channel::{Receiver, Sender};

use super::encoding::Utf8Reader;
use super::error::ReadError;
use super::format::table::Header;
use super::framing::{Block, Blocks, Framer, Lines, Piece, Rows, Values};
use super::inputs::Input;
use super::layout::{self, Found};
use super::options::ReadOptions;
use super::outcome::{Reason, Rejected};
use super::run::FileRead;
use super::source::{Source, wants_big_window};

/// What the workers need to know about a file.
#[derive(Debug)]
pub(super) struct FileContext {
    pub(super) name: Arc<str>,
    /// Put before a line number that stands in for an id; empty where there is one input.
    pub(super) id_prefix: String,
    /// Of a table: its delimiter and columns.
    pub(super) table: Option<(u8, Header)>,
}

/// What the reader has to say, in order.
#[derive(Debug)]
pub(super) enum Work {
    /// Records to decode.
    Block {
        file: Arc<FileContext>,
        block: Block,
        /// Whether the first row is the header.
        has_header: bool,
    },
    /// A record that cannot be handed on.
    Lost { file: Arc<FileContext>, lost: Rejected },
    /// Something about a file as a whole.
    Trouble(Rejected),
    /// A file is done.
    File(FileRead),
    /// The run cannot go on.
    Failed(ReadError),
}

/// One piece of work with its place in the order.
#[derive(Debug)]
pub(super) struct Numbered {
    pub(super) number: u64,
    pub(super) work: Work,
}

/// Reads all inputs into `jobs`. Every piece takes a buffer from `spares` first, which the far end
/// gives back when the piece is done with: that bounds what is under way. Ends early when either
/// channel closes.
pub(super) struct Reader {
    pub(super) inputs: Vec<Input>,
    pub(super) options: ReadOptions,
    pub(super) jobs: Sender<Numbered>,
    pub(super) spares: Receiver<Vec<u8>>,
    pub(super) progress: Arc<AtomicU64>,
    pub(super) num_sent: u64,
}

/// The far end went away.
struct Closed;

impl Reader {
    /// Runs to the end.
    pub(super) fn run(mut self) {
        let prefixes = id_prefixes(&self.inputs);
        for (input, prefix) in std::mem::take(&mut self.inputs).into_iter().zip(prefixes) {
            if self.read_file(&input, prefix).is_err() {
                return;
            }
        }
    }

    fn spare(&self) -> Result<Vec<u8>, Closed> {
        let spare = self.spares.recv().map_err(|_| Closed)?;
        // One that had to hold a giant is not kept at that size.
        Ok(if spare.capacity() > 4 * self.options.block_bytes { Vec::new() } else { spare })
    }

    fn send(&mut self, work: Work) -> Result<(), Closed> {
        let number = self.num_sent;
        self.num_sent += 1;
        self.jobs.send(Numbered { number, work }).map_err(|_| Closed)
    }

    /// Sends something that holds no block; it too waits for its turn.
    fn tell(&mut self, work: Work) -> Result<(), Closed> {
        self.spare()?;
        self.send(work)
    }

    fn read_file(&mut self, input: &Input, id_prefix: String) -> Result<(), Closed> {
        let name = input.name();
        let trouble =
            |reason, detail: String| Work::Trouble(Rejected { reason, file: Arc::clone(&name), line: 0, detail });
        let source = match Source::open(input, self.options.big_window, Arc::clone(&self.progress)) {
            Ok(source) => source,
            Err(error) => return self.refuse(input, error),
        };
        let is_live = input.path.is_none();
        let (size, limit) = (self.options.block_bytes, self.options.max_line_bytes);
        let mut blocks = Blocks::new(Utf8Reader::new(source), is_live, size, limit);
        let found = match layout::find(blocks.peek(layout::HEAD_BYTES), &name, &self.options) {
            // Nothing came out because the archive is broken at once.
            Err(_) | Ok(Found::Empty) if blocks.has_failed() => Found::Ndjson,
            Ok(found) => found,
            Err(error) => return self.refuse(input, error),
        };
        let mut table = None;
        let mut framer: Box<dyn Framer> = match found {
            Found::Empty => {
                self.tell(trouble(Reason::EmptyFile, String::new()))?;
                Box::new(Lines::default())
            }
            Found::Ndjson => Box::new(Lines::default()),
            Found::Json { preamble } => {
                blocks.pass_over(preamble);
                Box::new(Values::default())
            }
            Found::Table { delimiter, header } => {
                table = Some((delimiter, header));
                Box::new(Rows::new(delimiter))
            }
        };
        let mut has_header = table.is_some();
        let file = Arc::new(FileContext { name: Arc::clone(&name), id_prefix, table });
        loop {
            let spare = self.spare()?;
            match blocks.next(framer.as_mut(), spare) {
                Piece::Block(block) => {
                    self.send(Work::Block { file: Arc::clone(&file), block, has_header })?;
                    has_header = false;
                }
                Piece::TooLong { line } => {
                    let detail = format!("above {limit} bytes");
                    let lost = Rejected { reason: Reason::TooLong, file: Arc::clone(&name), line, detail };
                    self.send(Work::Lost { file: Arc::clone(&file), lost })?;
                }
                Piece::End(Some(error)) if wants_big_window(&error) => {
                    return self.send(Work::Failed(ReadError::BigWindow { file: name.to_string() }));
                }
                Piece::End(Some(error)) => {
                    let is_cut = error.kind() == io::ErrorKind::UnexpectedEof;
                    let reason = if is_cut { Reason::Truncated } else { Reason::Unreadable };
                    self.send(trouble(reason, error.to_string()))?;
                    break;
                }
                Piece::End(None) => {
                    // The buffer is not used: what is told next takes its place in the count.
                    return self.finish(blocks, is_live, &name);
                }
            }
        }
        self.spare()?;
        self.finish(blocks, is_live, &name)
    }

    /// Sends the sum over a file; the caller holds a buffer for it.
    fn finish(&mut self, blocks: Blocks<Utf8Reader<Source>>, is_live: bool, name: &Arc<str>) -> Result<(), Closed> {
        let name = Arc::clone(name);
        match blocks.into_reader().into_inner().finish() {
            Ok((sha256, num_bytes)) => {
                self.send(Work::File(FileRead { name, sha256: (!is_live).then_some(sha256), num_bytes }))
            }
            Err(error) => self.send(Work::Trouble(Rejected {
                reason: Reason::Unreadable,
                file: name,
                line: 0,
                detail: error.to_string(),
            })),
        }
    }

    /// A file that holds no posts ends the run if it was named, and is counted if it was found.
    fn refuse(&mut self, input: &Input, error: ReadError) -> Result<(), Closed> {
        let is_passable = matches!(error, ReadError::UnknownFormat { .. } | ReadError::NoColumn { .. });
        if input.named || !is_passable {
            return self.tell(Work::Failed(error));
        }
        let reason = Reason::UnknownFormat;
        self.tell(Work::Trouble(Rejected { reason, file: input.name(), line: 0, detail: error.to_string() }))
    }
}

/// `name:` for each of several inputs, with a number where two have the same name; nothing for one.
fn id_prefixes(inputs: &[Input]) -> Vec<String> {
    if inputs.len() < 2 {
        return vec![String::new(); inputs.len()];
    }
    let mut taken = BTreeSet::new();
    let stems = inputs.iter().map(|input| match input.path.as_ref().and_then(|path| path.file_name()) {
        Some(name) => {
            let name = name.to_string_lossy();
            name.split('.').find(|part| !part.is_empty()).unwrap_or("file").to_owned()
        }
        None => "stdin".to_owned(),
    });
    let unique = stems.map(|stem| {
        let mut name = stem.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = format!("{stem}-{number}");
            number += 1;
        }
        format!("{name}:")
    });
    unique.collect()
}
