//! `counts.parquet`: zstd, times in microseconds UTC, text by dictionary, and the keys of distinct counts.

use std::fs::File;
use std::io::Write;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, ListBuilder, RecordBatch, StringDictionaryBuilder, TimestampMicrosecondBuilder, UInt64Builder,
};
use arrow::datatypes::Int32Type;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::metadata::{FileMetaData, KeyValue};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use super::build::{Builder, Counted, Row};
use super::{COLUMNS, COUNTS_SCHEMA, CountsError, KEY_COLUMNS, columns, counted, kind_name, kind_to};
use crate::model::{Cell, CellKey, Country, Lang, ServiceId, Tally};

const META_SCHEMA: &str = "caiu.counts_schema";
const META_BIN_SECS: &str = "caiu.bin_secs";
const BATCH_ROWS: usize = 8192;
const BATCH_KEYS: usize = 1 << 20;
const GROUP_BYTES: usize = 32 << 20;

/// Writes `counts.parquet`; from it [`super::read_counts`] makes the very same tally.
pub fn write_counts_parquet<W: Write + Send>(tally: &Tally, out: W) -> Result<(), CountsError> {
    let mut builders = Builders::default();
    let mut writer = ArrowWriter::try_new(out, builders.batch()?.schema(), Some(properties(tally.bin_secs)))?;
    for (key, cell) in &tally.cells {
        builders.append(key, cell)?;
        if builders.num_rows >= BATCH_ROWS || builders.num_keys >= BATCH_KEYS {
            writer.write(&builders.batch()?)?;
            if writer.in_progress_size() >= GROUP_BYTES {
                writer.flush()?;
            }
        }
    }
    writer.write(&builders.batch()?)?;
    writer.into_inner()?.flush()?;
    Ok(())
}

fn properties(bin_secs: u32) -> WriterProperties {
    let meta = |key: &str, value: String| KeyValue::new(key.to_owned(), value);
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(Default::default()))
        .set_created_by(format!("caiu {}", env!("CARGO_PKG_VERSION")))
        .set_key_value_metadata(Some(vec![
            meta(META_SCHEMA, COUNTS_SCHEMA.to_owned()),
            meta(META_BIN_SECS, bin_secs.to_string()),
        ]));
    for column in KEY_COLUMNS {
        // Hashes hardly repeat, so that a dictionary of them only costs.
        let path = ColumnPath::from(vec![column.to_owned(), "list".into(), "item".into()]);
        properties = properties.set_column_dictionary_enabled(path, false);
    }
    properties.build()
}

type Texts = StringDictionaryBuilder<Int32Type>;
type Keys = ListBuilder<UInt64Builder>;

struct Builders {
    time: TimestampMicrosecondBuilder,
    /// service, lang, country, kind, to
    texts: [Texts; 5],
    /// posts, authors, clusters
    counts: [UInt64Builder; 3],
    keys: [Keys; 2],
    num_rows: usize,
    num_keys: usize,
}

impl Default for Builders {
    fn default() -> Self {
        Self {
            time: TimestampMicrosecondBuilder::new().with_timezone("UTC"),
            texts: std::array::from_fn(|_| Texts::new()),
            counts: std::array::from_fn(|_| UInt64Builder::new()),
            keys: std::array::from_fn(|_| Keys::new(UInt64Builder::new())),
            num_rows: 0,
            num_keys: 0,
        }
    }
}

impl Builders {
    fn append(&mut self, key: &CellKey, cell: &Cell) -> Result<(), CountsError> {
        self.time.append_value(key.at.timestamp_micros());
        let texts = [
            key.service.as_ref().map(ServiceId::as_str),
            key.lang.as_ref().map(Lang::as_str),
            key.country.as_ref().map(Country::as_str),
            Some(kind_name(&key.kind)),
            kind_to(&key.kind).map(ServiceId::as_str),
        ];
        for (builder, text) in self.texts.iter_mut().zip(texts) {
            match text {
                Some(text) => drop(builder.append(text)?),
                None => builder.append_null(),
            }
        }
        let counts = [Some(cell.posts), counted(&key.kind, &cell.authors), counted(&key.kind, &cell.clusters)];
        for (builder, count) in self.counts.iter_mut().zip(counts) {
            builder.append_option(count);
        }
        for (builder, distinct) in self.keys.iter_mut().zip([&cell.authors, &cell.clusters]) {
            self.num_keys += distinct.keys().map(|key| builder.values().append_value(key)).count();
            builder.append(true);
        }
        self.num_rows += 1;
        Ok(())
    }

    /// The rows so far, which are then forgotten.
    fn batch(&mut self) -> Result<RecordBatch, CountsError> {
        let mut built = std::mem::take(self);
        let [service, lang, country, kind, to] =
            built.texts.each_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef);
        let [posts, authors, clusters] = built.counts.each_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef);
        let [author_keys, cluster_keys] = built.keys.each_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef);
        let time: ArrayRef = Arc::new(built.time.finish());
        let arrays = [
            (time, false),
            (service, true),
            (lang, true),
            (country, true),
            (kind, false),
            (posts, false),
            (authors, true),
            (clusters, true),
            (to, true),
            (author_keys, false),
            (cluster_keys, false),
        ];
        let names = COLUMNS.into_iter().chain(KEY_COLUMNS);
        Ok(RecordBatch::try_from_iter_with_nullable(
            names.zip(arrays).map(|(name, (array, nullable))| (name, array, nullable)),
        )?)
    }
}

/// Reads what [`write_counts_parquet`] or another engine wrote.
pub(super) fn read(file: File, bin_secs: Option<u32>) -> Result<Tally, CountsError> {
    let parquet = ParquetRecordBatchReaderBuilder::try_new(file)?;
    let stated = stated_bin_secs(parquet.metadata().file_metadata())?;
    let mut builder = Builder::new();
    for batch in parquet.build()? {
        add_batch(&mut builder, &batch?)?;
    }
    builder.finish(stated, bin_secs)
}

fn stated_bin_secs(meta: &FileMetaData) -> Result<Option<u32>, CountsError> {
    let value = |key: &str| {
        let pairs = meta.key_value_metadata()?;
        pairs.iter().find(|pair| pair.key == key)?.value.as_deref()
    };
    if let Some(form) = value(META_SCHEMA).filter(|&form| form != COUNTS_SCHEMA) {
        return Err(CountsError::NewerForm(form.to_owned()));
    }
    Ok(value(META_BIN_SECS).and_then(|secs| secs.parse().ok()))
}

fn add_batch(builder: &mut Builder, batch: &RecordBatch) -> Result<(), CountsError> {
    let time = columns::times(batch, "time")?;
    let service = columns::texts(batch, "service")?;
    let lang = columns::texts_if_any(batch, "lang")?;
    let country = columns::texts_if_any(batch, "country")?;
    let kind = columns::texts(batch, "kind")?;
    let to = columns::texts_if_any(batch, "to")?;
    let [posts, authors, clusters] =
        [columns::counts(batch, "posts")?, columns::counts(batch, "authors")?, columns::counts(batch, "clusters")?];
    let mut author_keys = columns::keys(batch, "author_keys")?;
    let mut cluster_keys = columns::keys(batch, "cluster_keys")?;
    for index in 0..batch.num_rows() {
        let row = builder.next_row();
        let empty = |column| CountsError::Value { row, column, problem: "is empty; fill it or drop the row".into() };
        let kind = columns::text_at(&kind, index).ok_or_else(|| empty("kind"))?;
        let distinct = |column, counts, keys: &mut [Option<Vec<u64>>]| {
            let not_counted = (kind == "all").then_some(0);
            let number = columns::count_at(counts, index).or(not_counted).ok_or_else(|| empty(column))?;
            Ok::<_, CountsError>(Counted { number, keys: keys.get_mut(index).and_then(Option::take) })
        };
        builder.add(Row {
            at: columns::time_at(&time, index).ok_or_else(|| empty("time"))?,
            service: columns::text_at(&service, index),
            lang: columns::text_at(&lang, index),
            country: columns::text_at(&country, index),
            kind,
            to: columns::text_at(&to, index),
            posts: columns::count_at(&posts, index).ok_or_else(|| empty("posts"))?,
            authors: distinct("authors", &authors, &mut author_keys)?,
            clusters: distinct("clusters", &clusters, &mut cluster_keys)?,
        })?;
    }
    Ok(())
}
