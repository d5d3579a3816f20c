//! Rows as Parquet: datetimes as timestamps, and what Parquet has no exact type for as text.

use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Float64Builder, Int32Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch, TimestampMicrosecondArray, TimestampMillisecondArray};
use arrow_schema::{Field, Schema};
use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_ingest_decode::{Row, ScalarType, Value};
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::{Export, ExportedFile};
use crate::AnswerTable;

/// The files of an answer: one ends where its values have as many bytes as it may have.
pub(super) fn write(export: &Export, answer: &AnswerTable) -> Result<Vec<ExportedFile>> {
    let mut files = Vec::new();
    let mut rest = answer.rows.as_slice();
    while !rest.is_empty() {
        let mut bytes = 0;
        let mut count = 0;
        while count < rest.len() && bytes <= export.size_limit {
            bytes += size_of_row(&rest[count]);
            count += 1;
        }
        let (rows, more) = rest.split_at(count);
        files.push(ExportedFile {
            rows: rows.len(),
            bytes: file(export, answer, rows)
                .map_err(|error| Error::new(ErrorKind::Other, "write the Parquet file").caused_by(error))?
                .into(),
        });
        rest = more;
    }
    Ok(files)
}

fn size_of_row(row: &Row) -> u64 {
    let values = row.iter().map(|value| match value {
        Value::String(text) => text.len() as u64,
        Value::Dynamic(value) => value.as_str().len() as u64,
        _ => 8,
    });
    values.sum()
}

fn file(export: &Export, answer: &AnswerTable, rows: &[Row]) -> parquet::errors::Result<Vec<u8>> {
    let columns = answer.columns.iter().enumerate();
    let arrays = columns.map(|(at, column)| {
        let values = rows.iter().map(|row| row.get(at).unwrap_or(&Value::Null));
        array(values, column.scalar_type, export.is_precise)
    });
    let arrays: Vec<ArrayRef> = arrays.collect();
    let fields = answer.columns.iter().zip(&arrays);
    let fields = fields.map(|(column, array)| Field::new(&column.name, array.data_type().clone(), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let batch = RecordBatch::try_new(schema.clone(), arrays)?;
    let codec = match export.codec.as_deref() {
        None => Compression::UNCOMPRESSED,
        Some("snappy") => Compression::SNAPPY,
        Some("lz4_raw") => Compression::LZ4_RAW,
        Some("brotli") => Compression::BROTLI(BrotliLevel::default()),
        Some("zstd") => Compression::ZSTD(ZstdLevel::default()),
        Some(_) => Compression::GZIP(GzipLevel::default()),
    };
    let properties = WriterProperties::builder().set_compression(codec).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties))?;
    writer.write(&batch)?;
    writer.into_inner()
}

macro_rules! built {
    ($builder:ty, $values:expr, $variant:ident) => {{
        let mut builder = <$builder>::new();
        for value in $values {
            builder.append_option(match value {
                Value::$variant(value) => Some(*value),
                _ => None,
            });
        }
        Arc::new(builder.finish())
    }};
}

fn array<'a>(values: impl Iterator<Item = &'a Value>, scalar_type: ScalarType, is_precise: bool) -> ArrayRef {
    let units = |value: &Value, per_unit: i128| match value {
        Value::DateTime(at) => {
            i64::try_from(at.as_datetime().unix_timestamp_nanos().div_euclid(per_unit)).ok()
        }
        _ => None,
    };
    match scalar_type {
        ScalarType::Bool => built!(BooleanBuilder, values, Bool),
        ScalarType::Int => built!(Int32Builder, values, Int),
        ScalarType::Long => built!(Int64Builder, values, Long),
        ScalarType::Real => built!(Float64Builder, values, Real),
        ScalarType::DateTime if is_precise => {
            let moments = values.map(|value| units(value, 1_000));
            Arc::new(
                moments
                    .collect::<TimestampMicrosecondArray>()
                    .with_timezone("UTC"),
            )
        }
        ScalarType::DateTime => {
            let moments = values.map(|value| units(value, 1_000_000));
            Arc::new(
                moments
                    .collect::<TimestampMillisecondArray>()
                    .with_timezone("UTC"),
            )
        }
        ScalarType::Decimal
        | ScalarType::Timespan
        | ScalarType::String
        | ScalarType::Guid
        | ScalarType::Dynamic => {
            let mut builder = StringBuilder::new();
            for value in values {
                match value {
                    Value::Null => builder.append_null(),
                    value => builder.append_value(value.to_string()),
                }
            }
            Arc::new(builder.finish())
        }
    }
}
