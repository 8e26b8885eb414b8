//! Series of incidents as Parquet, one row per incident and bin.
//!
//! | column | type | |
//! |---|---|---|
//! | incident, service | dictionary string | |
//! | at | timestamp µs UTC | beginning of the bin |
//! | bin_secs | u32 | width of the bin |
//! | complaints | u32 | by independent witnesses; null where nobody listened |
//! | expected | f64 | when nothing is wrong |

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Float64Builder, RecordBatch, StringDictionaryBuilder, TimestampMicrosecondBuilder, UInt32Builder,
};
use arrow::datatypes::Int32Type;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::Chart;
use crate::model::Incident;

/// Version of the form, in the metadata as `caiu.series_schema`.
pub const SERIES_SCHEMA: &str = "caiu-series/1";

/// The series of one incident.
#[derive(Debug, Clone, Copy)]
pub struct SeriesRows<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// Its series with the baseline.
    pub chart: &'a Chart,
}

/// Writes the series, with pairs of name and value about them in the metadata.
///
/// # Errors
/// Where the columns cannot be put together.
pub fn write_series_parquet(rows: &[SeriesRows<'_>], about: &[(&str, &str)]) -> Result<Vec<u8>, ParquetError> {
    let mut incident = StringDictionaryBuilder::<Int32Type>::new();
    let mut service = StringDictionaryBuilder::<Int32Type>::new();
    let mut at = TimestampMicrosecondBuilder::new().with_timezone("UTC");
    let mut bin_secs = UInt32Builder::new();
    let mut complaints = UInt32Builder::new();
    let mut expected = Float64Builder::new();
    for SeriesRows { incident: about, chart } in rows {
        for (index, (bin, mean)) in chart.observed.iter().zip(&chart.expected).enumerate() {
            incident.append(&about.id)?;
            service.append(about.service.as_str())?;
            at.append_value(chart.grid.time(index).timestamp_micros());
            bin_secs.append_value(chart.grid.bin_secs);
            complaints.append_option(bin.count());
            expected.append_value(*mean);
        }
    }
    let columns: [(&str, ArrayRef, bool); 6] = [
        ("incident", Arc::new(incident.finish()), false),
        ("service", Arc::new(service.finish()), false),
        ("at", Arc::new(at.finish()), false),
        ("bin_secs", Arc::new(bin_secs.finish()), false),
        ("complaints", Arc::new(complaints.finish()), true),
        ("expected", Arc::new(expected.finish()), false),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns)?;
    let meta = |key: &str, value: &str| KeyValue::new(key.to_owned(), value.to_owned());
    let mut pairs = vec![meta("caiu.series_schema", SERIES_SCHEMA)];
    pairs.extend(about.iter().map(|(key, value)| meta(key, value)));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(Default::default()))
        .set_created_by(concat!("caiu ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(pairs))
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    writer.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Bin;
    use crate::report::example;
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::UInt32Type;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    #[test]
    fn missing_is_null_and_twice_the_same_bytes() {
        let report = example::report();
        let charts = example::charts();
        // One of the example's incidents has no chart.
        let row = |incident| Some(SeriesRows { incident, chart: charts.get(&incident.id)? });
        let rows: Vec<SeriesRows<'_>> = report.incidents.iter().filter_map(row).collect();
        let bytes = write_series_parquet(&rows, &[("caiu.simulated", "true")]).unwrap();
        assert_eq!(bytes, write_series_parquet(&rows, &[("caiu.simulated", "true")]).unwrap());
        let path = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(path.path(), bytes).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(path.reopen().unwrap()).unwrap().build().unwrap();
        let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
        let len: usize = charts.values().map(|chart| chart.grid.len).sum();
        assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), len);
        let nulls: usize =
            batches.iter().map(|batch| batch["complaints"].as_primitive::<UInt32Type>().null_count()).sum();
        let missing = charts.values().flat_map(|chart| &chart.observed).filter(|bin| **bin == Bin::Missing).count();
        assert!(missing > 0 && nulls == missing);
    }
}
