//! `readings.parquet`: one row per post, written as the posts come, row group by row group.
//!
//! | column | type | |
//! |---|---|---|
//! | id | string | |
//! | at | timestamp µs UTC | null without a date |
//! | platform, country | dictionary string | null where not known |
//! | author | u64 | keyed hash; null where not known |
//! | cluster | u64 | equal for posts that count as one |
//! | lang | dictionary string | `und` where nothing decides |
//! | lang_confidence | f64 | 0..=1 |
//! | kind | dictionary string | complaint, restored, news, other |
//! | down, named | list of strings | services |
//! | moves | list of {from, to} | `from` null where not said |
//! | speaks_of_block, is_repost | bool | |
//! | url | string | null where there is none |
//! | evidence | list of strings | lexicon rows, in the order of the text |
//! | text | string | only where asked for |

use std::fmt;
use std::io::Write;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Float64Builder, ListBuilder, RecordBatch, StringBuilder, StringDictionaryBuilder,
    StructBuilder, TimestampMicrosecondBuilder, UInt64Builder,
};
use arrow::datatypes::{DataType, Field, Fields, Int32Type};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use crate::model::{Country, ServiceId, TaggedPost};

/// Version of the form of `readings.parquet`, in its metadata as `caiu.readings_schema`.
pub const READINGS_SCHEMA: &str = "caiu-readings/1";

const BATCH_ROWS: usize = 4096;
const BATCH_BYTES: usize = 8 << 20;
const GROUP_BYTES: usize = 32 << 20;

/// What goes into the file beside the readings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingsOptions {
    /// Whether the text of the posts is written; many platforms forbid passing it on.
    pub with_text: bool,
    /// Version of the program, for the metadata (`caiu.version`).
    pub version: String,
    /// Hash of the lexicon, for the metadata (`caiu.lexicon`).
    pub lexicon: String,
}

/// Why readings could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReadingsError {
    /// The format or the disk.
    #[error("cannot write readings: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// The columns.
    #[error("cannot write readings: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
}

/// Writes posts with their readings; memory stays flat however many there are.
pub struct ReadingsWriter<W: Write + Send> {
    writer: ArrowWriter<W>,
    columns: Columns,
}

impl<W: Write + Send> fmt::Debug for ReadingsWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadingsWriter").field("waiting_rows", &self.columns.num_rows).finish_non_exhaustive()
    }
}

impl<W: Write + Send> ReadingsWriter<W> {
    /// Begins a file.
    pub fn new(out: W, options: &ReadingsOptions) -> Result<Self, ReadingsError> {
        let meta = |key: &str, value: &str| KeyValue::new(key.to_owned(), value.to_owned());
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(Default::default()))
            .set_created_by(format!("caiu {}", options.version))
            .set_key_value_metadata(Some(vec![
                meta("caiu.readings_schema", READINGS_SCHEMA),
                meta("caiu.version", &options.version),
                meta("caiu.lexicon", &options.lexicon),
            ]))
            .build();
        let mut columns = Columns::new(options.with_text);
        let writer = ArrowWriter::try_new(out, columns.batch()?.schema(), Some(properties))?;
        Ok(Self { writer, columns })
    }

    /// Adds a post.
    pub fn write(&mut self, tagged: &TaggedPost) -> Result<(), ReadingsError> {
        self.columns.append(tagged)?;
        if self.columns.num_rows >= BATCH_ROWS || self.columns.num_bytes >= BATCH_BYTES {
            self.writer.write(&self.columns.batch()?)?;
            if self.writer.in_progress_size() >= GROUP_BYTES {
                self.writer.flush()?;
            }
        }
        Ok(())
    }

    /// Writes the rest and the footer, and gives `out` back (an [`super::AtomicFile`] is then to be committed).
    pub fn finish(mut self) -> Result<W, ReadingsError> {
        self.writer.write(&self.columns.batch()?)?;
        Ok(self.writer.into_inner()?)
    }
}

type Words = StringDictionaryBuilder<Int32Type>;

struct Columns {
    id: StringBuilder,
    at: TimestampMicrosecondBuilder,
    platform: Words,
    author: UInt64Builder,
    cluster: UInt64Builder,
    lang: Words,
    lang_confidence: Float64Builder,
    kind: Words,
    down: ListBuilder<StringBuilder>,
    moves: ListBuilder<StructBuilder>,
    named: ListBuilder<StringBuilder>,
    speaks_of_block: BooleanBuilder,
    is_repost: BooleanBuilder,
    country: Words,
    url: StringBuilder,
    evidence: ListBuilder<StringBuilder>,
    text: Option<StringBuilder>,
    num_rows: usize,
    num_bytes: usize,
}

impl Columns {
    fn new(with_text: bool) -> Self {
        let step =
            Fields::from(vec![Field::new("from", DataType::Utf8, true), Field::new("to", DataType::Utf8, false)]);
        Self {
            id: StringBuilder::new(),
            at: TimestampMicrosecondBuilder::new().with_timezone("UTC"),
            platform: Words::new(),
            author: UInt64Builder::new(),
            cluster: UInt64Builder::new(),
            lang: Words::new(),
            lang_confidence: Float64Builder::new(),
            kind: Words::new(),
            down: ListBuilder::new(StringBuilder::new()),
            moves: ListBuilder::new(StructBuilder::from_fields(step, 0)),
            named: ListBuilder::new(StringBuilder::new()),
            speaks_of_block: BooleanBuilder::new(),
            is_repost: BooleanBuilder::new(),
            country: Words::new(),
            url: StringBuilder::new(),
            evidence: ListBuilder::new(StringBuilder::new()),
            text: with_text.then(StringBuilder::new),
            num_rows: 0,
            num_bytes: 0,
        }
    }

    fn append(&mut self, tagged: &TaggedPost) -> Result<(), ReadingsError> {
        let (post, reading) = (tagged.post(), tagged.reading());
        self.id.append_value(post.id.as_str());
        self.at.append_option(post.at.map(|at| at.timestamp_micros()));
        append_word(&mut self.platform, post.platform.as_deref())?;
        self.author.append_option(post.author.map(|author| author.0));
        self.cluster.append_value(post.cluster.0);
        append_word(&mut self.lang, Some(reading.lang.code()))?;
        self.lang_confidence.append_value(reading.lang.confidence());
        append_word(&mut self.kind, Some(reading.kind.as_str()))?;
        append_list(&mut self.down, reading.down.iter().map(ServiceId::as_str));
        self.append_moves(tagged);
        append_list(&mut self.named, reading.named.iter().map(ServiceId::as_str));
        self.speaks_of_block.append_value(reading.speaks_of_block);
        self.is_repost.append_value(post.is_repost);
        append_word(&mut self.country, post.country.as_ref().map(Country::as_str))?;
        self.url.append_option(post.url.as_deref());
        append_list(&mut self.evidence, reading.evidence.iter().map(|evidence| evidence.term.as_str()));
        if let Some(text) = &mut self.text {
            text.append_value(&post.text);
            self.num_bytes += post.text.len();
        }
        self.num_rows += 1;
        self.num_bytes += post.id.as_str().len() + post.url.as_ref().map_or(0, String::len);
        Ok(())
    }

    fn append_moves(&mut self, tagged: &TaggedPost) {
        for step in &tagged.reading().moves {
            let fields = self.moves.values();
            if let Some(from) = fields.field_builder::<StringBuilder>(0) {
                from.append_option(step.from.as_ref().map(ServiceId::as_str));
            }
            if let Some(to) = fields.field_builder::<StringBuilder>(1) {
                to.append_value(step.to.as_str());
            }
            fields.append(true);
        }
        self.moves.append(true);
    }

    /// The rows so far, which are then forgotten.
    fn batch(&mut self) -> Result<RecordBatch, ReadingsError> {
        let mut columns: Vec<(&str, ArrayRef, bool)> = vec![
            ("id", Arc::new(self.id.finish()), false),
            ("at", Arc::new(self.at.finish()), true),
            ("platform", Arc::new(self.platform.finish()), true),
            ("author", Arc::new(self.author.finish()), true),
            ("cluster", Arc::new(self.cluster.finish()), false),
            ("lang", Arc::new(self.lang.finish()), false),
            ("lang_confidence", Arc::new(self.lang_confidence.finish()), false),
            ("kind", Arc::new(self.kind.finish()), false),
            ("down", Arc::new(self.down.finish()), false),
            ("moves", Arc::new(self.moves.finish()), false),
            ("named", Arc::new(self.named.finish()), false),
            ("speaks_of_block", Arc::new(self.speaks_of_block.finish()), false),
            ("is_repost", Arc::new(self.is_repost.finish()), false),
            ("country", Arc::new(self.country.finish()), true),
            ("url", Arc::new(self.url.finish()), true),
            ("evidence", Arc::new(self.evidence.finish()), false),
        ];
        if let Some(text) = &mut self.text {
            columns.push(("text", Arc::new(text.finish()), false));
        }
        (self.num_rows, self.num_bytes) = (0, 0);
        Ok(RecordBatch::try_from_iter_with_nullable(columns)?)
    }
}

fn append_word(column: &mut Words, word: Option<&str>) -> Result<(), ReadingsError> {
    match word {
        Some(word) => drop(column.append(word)?),
        None => column.append_null(),
    }
    Ok(())
}

fn append_list<'a>(column: &mut ListBuilder<StringBuilder>, words: impl Iterator<Item = &'a str>) {
    for word in words {
        column.values().append_value(word);
    }
    column.append(true);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;
    use arrow::array::{Array, AsArray};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    fn written(posts: &[TaggedPost], with_text: bool) -> Vec<u8> {
        let options = ReadingsOptions { with_text, version: "0.1.0".into(), lexicon: "0123456789abcdef".into() };
        let mut writer = ReadingsWriter::new(Vec::new(), &options).unwrap();
        posts.iter().for_each(|post| writer.write(post).unwrap());
        writer.finish().unwrap()
    }

    fn read(bytes: Vec<u8>, name: &str) -> (Vec<RecordBatch>, Vec<KeyValue>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let parquet = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(path).unwrap()).unwrap();
        let meta = parquet.metadata().file_metadata().key_value_metadata().unwrap().clone();
        (parquet.build().unwrap().map(Result::unwrap).collect(), meta)
    }

    #[test]
    fn what_was_written_is_there() {
        let posts = example::posts(3);
        let (batches, meta) = read(written(&posts, false), "r.parquet");
        let batch = &batches[0];
        assert_eq!(batch.num_rows(), 3);
        assert!(batch.column_by_name("text").is_none());
        assert_eq!(batch["id"].as_string::<i32>().value(0), "0");
        assert_eq!(batch["down"].as_list::<i32>().value(0).as_string::<i32>().value(0), "whatsapp");
        let steps = batch["moves"].as_list::<i32>().value(0);
        assert_eq!(steps.as_struct().column(1).as_string::<i32>().value(0), "telegram");
        assert!(steps.as_struct().column(0).is_null(0));
        assert!(batch["at"].is_null(2) && batch["author"].is_null(2));
        let value = |key: &str| meta.iter().find(|pair| pair.key == key).unwrap().value.as_deref();
        assert_eq!(value("caiu.lexicon"), Some("0123456789abcdef"));
        assert_eq!(value("caiu.readings_schema"), Some(READINGS_SCHEMA));
    }

    #[test]
    fn many_posts_come_back_in_order_and_twice_the_same_bytes() {
        let posts = example::posts(BATCH_ROWS * 2 + 17);
        let bytes = written(&posts, true);
        assert_eq!(bytes, written(&posts, true));
        let (batches, _) = read(bytes, "r.parquet");
        let ids = batches.iter().flat_map(|batch| batch["id"].as_string::<i32>().iter().flatten());
        assert!(ids.eq(posts.iter().map(|post| post.post().id.as_str())));
        let texts = batches.iter().flat_map(|batch| batch["text"].as_string::<i32>().iter().flatten());
        assert!(texts.eq(posts.iter().map(|post| post.post().text.as_str())));
    }

    #[test]
    fn no_posts_make_a_file_too() {
        let (batches, _) = read(written(&[], true), "r.parquet");
        assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 0);
    }
}
