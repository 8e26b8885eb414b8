//! Parquet columns of any engine -> the types that we count with.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Float64Type, TimeUnit, TimestampMicrosecondType, UInt64Type};
use chrono::DateTime;
use std::sync::Arc;

use super::CountsError;
use crate::model::Time;

/// Times in UTC, with a zone or without, in any unit.
pub(super) fn times(batch: &RecordBatch, column: &'static str) -> Result<TimestampMicrosecondArray, CountsError> {
    let wanted = "a timestamp in UTC";
    let array = required(batch, column)?;
    if !matches!(array.data_type(), DataType::Timestamp(..)) {
        return Err(wrong_type(column, array, wanted));
    }
    let array = converted(column, array, &DataType::Timestamp(TimeUnit::Microsecond, None), wanted)?;
    Ok(array.as_primitive::<TimestampMicrosecondType>().clone())
}

/// Text, plain, large, viewed or by dictionary.
pub(super) fn texts(batch: &RecordBatch, column: &'static str) -> Result<StringArray, CountsError> {
    let array = required(batch, column)?;
    text_array(column, array)
}

/// Text, or nothing but nulls where the column is missing.
pub(super) fn texts_if_any(batch: &RecordBatch, column: &'static str) -> Result<StringArray, CountsError> {
    match batch.column_by_name(column) {
        Some(array) => text_array(column, array),
        None => Ok(StringArray::new_null(batch.num_rows())),
    }
}

fn text_array(column: &'static str, array: &ArrayRef) -> Result<StringArray, CountsError> {
    let wanted = "a string";
    let is_text =
        |kind: &DataType| matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null);
    let fits = match array.data_type() {
        DataType::Dictionary(_, value) => is_text(value),
        kind => is_text(kind),
    };
    if !fits {
        return Err(wrong_type(column, array, wanted));
    }
    Ok(converted(column, array, &DataType::Utf8, wanted)?.as_string::<i32>().clone())
}

/// Whole numbers of 0 and more, of any type: DuckDB writes the sum of a column of counts as doubles.
pub(super) fn counts(batch: &RecordBatch, column: &'static str) -> Result<UInt64Array, CountsError> {
    let wanted = "an unsigned 64-bit integer without negative values or fractions";
    let array = required(batch, column)?;
    let fits = match array.data_type() {
        DataType::Decimal128(_, scale) => *scale == 0,
        DataType::Float32 | DataType::Float64 => {
            let doubles = converted(column, array, &DataType::Float64, wanted)?;
            doubles.as_primitive::<Float64Type>().iter().flatten().all(is_whole)
        }
        kind => kind.is_integer(),
    };
    if !fits {
        return Err(wrong_type(column, array, wanted));
    }
    Ok(converted(column, array, &DataType::UInt64, wanted)?.as_primitive::<UInt64Type>().clone())
}

/// Whether a double is a count that it can hold exactly.
fn is_whole(number: f64) -> bool {
    number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&number)
}

/// The key lists of each row; `None` where the column or the list is missing.
pub(super) fn keys(batch: &RecordBatch, column: &'static str) -> Result<Vec<Option<Vec<u64>>>, CountsError> {
    let wanted = "a list of unsigned 64-bit integers";
    let Some(array) = batch.column_by_name(column) else { return Ok(vec![None; batch.num_rows()]) };
    let kind = DataType::List(Arc::new(Field::new_list_field(DataType::UInt64, true)));
    let array = converted(column, array, &kind, wanted)?;
    let lists = array.as_list::<i32>();
    (0..lists.len())
        .map(|row| {
            if lists.is_null(row) {
                return Ok(None);
            }
            let list = lists.value(row);
            if list.null_count() > 0 {
                return Err(wrong_type(column, &array, wanted));
            }
            Ok(Some(list.as_primitive::<UInt64Type>().values().to_vec()))
        })
        .collect()
}

/// The time of a row, if it is one.
pub(super) fn time_at(times: &TimestampMicrosecondArray, index: usize) -> Option<Time> {
    times.is_valid(index).then(|| DateTime::from_timestamp_micros(times.value(index))).flatten()
}

/// The text of a row; an empty one counts as none.
pub(super) fn text_at(texts: &StringArray, index: usize) -> Option<&str> {
    texts.is_valid(index).then(|| texts.value(index)).filter(|text| !text.is_empty())
}

/// The number of a row, if it is one.
pub(super) fn count_at(counts: &UInt64Array, index: usize) -> Option<u64> {
    counts.is_valid(index).then(|| counts.value(index))
}

fn required<'a>(batch: &'a RecordBatch, column: &'static str) -> Result<&'a ArrayRef, CountsError> {
    batch.column_by_name(column).ok_or_else(|| {
        let schema = batch.schema();
        let found: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        CountsError::MissingColumn { column, found: found.join(", ") }
    })
}

fn converted(
    column: &'static str,
    array: &ArrayRef,
    kind: &DataType,
    wanted: &'static str,
) -> Result<ArrayRef, CountsError> {
    // Unsafe casts in this crate's sense turn a value that does not fit into null: an error is better.
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(array, kind, &options).map_err(|_| wrong_type(column, array, wanted))
}

fn wrong_type(column: &'static str, array: &ArrayRef, wanted: &'static str) -> CountsError {
    CountsError::ColumnType { column, found: array.data_type().to_string(), wanted }
}
