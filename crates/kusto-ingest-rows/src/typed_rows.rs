//! Rows of a program's own types as Arrow batches, for the formats that have types of their own.

use std::sync::Arc;

use arrow_array::builder::FixedSizeBinaryBuilder;
use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use futures::{Stream, StreamExt as _};
use kusto_ingest_core::{Error, ErrorKind, Result};
use serde::Serialize;
use serde_arrow::schema::{SchemaLike as _, TracingOptions};
use uuid::Uuid;

use crate::batches::is_uuid;

/// How many rows a batch of a stream has.
const BATCH: usize = 8192;

/// The columns of rows, as their values tell them: text that is a moment is a timestamp in microseconds, in UTC if it has a
/// zone, and every column may be null.
///
/// What values do not tell has to be told by a schema of your own: a `guid` is a field `FixedSizeBinary(16)` with the
/// extension type `arrow.uuid`, a `decimal` is `Decimal128`, and a moment with all seven digits a timestamp in nanoseconds.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] when there are no rows, or a column has values of several types.
pub fn schema_of_rows<T: Serialize>(rows: &[T]) -> Result<SchemaRef> {
    let options = TracingOptions::default()
        .allow_null_fields(true)
        .coerce_numbers(true)
        .guess_dates(true)
        .enums_without_data_as_strings(true)
        .strings_as_large_utf8(false)
        .sequence_as_large_list(false);
    let fields = Vec::<FieldRef>::from_samples(rows, options)
        .map_err(|error| refused("see the columns of the rows", error))?;
    let columns = fields
        .iter()
        .map(|field| Field::new(field.name(), column_type(field), true));
    Ok(Arc::new(Schema::new(columns.collect::<Vec<_>>())))
}

/// The type of a column, or of what is within one.
fn column_type(field: &Field) -> DataType {
    let inner = |inner: &FieldRef| Arc::new(Field::clone(inner).with_data_type(column_type(inner)));
    match field.data_type() {
        // Text without a zone needs a column without one, which Kusto reads as UTC.
        DataType::Timestamp(_, zone) => DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
        // Values that are all null.
        DataType::Null => DataType::Utf8,
        DataType::List(item) => DataType::List(inner(item)),
        DataType::Struct(members) => DataType::Struct(members.iter().map(inner).collect()),
        other => other.clone(),
    }
}

/// Rows as one batch of a schema. Fields are put in place by their names.
///
/// ```
/// use kusto_ingest_rows::{batch_of_rows, parquet_of_batches, schema_of_rows};
///
/// #[derive(serde::Serialize)]
/// struct Reading {
///     at: &'static str,
///     wind: Option<f64>,
/// }
///
/// let rows = [Reading { at: "2012-01-01T00:00:00Z", wind: Some(4.7) }, Reading { at: "2012-01-02T00:00:00Z", wind: None }];
/// let batch = batch_of_rows(&rows, &schema_of_rows(&rows)?)?;
/// # #[cfg(feature = "parquet")]
/// let file = parquet_of_batches(vec![batch])?;
/// # Ok::<(), kusto_ingest_core::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidInput`] when a value is not of its column's type.
pub fn batch_of_rows<T: Serialize>(rows: &[T], schema: &SchemaRef) -> Result<RecordBatch> {
    let why = |error| refused("write the rows", error);
    let fields: Vec<FieldRef> = schema.fields().iter().map(as_serialized).collect();
    let arrays = serde_arrow::to_arrow(&fields, rows).map_err(why)?;
    let arrays = schema
        .fields()
        .iter()
        .zip(arrays)
        .map(|(field, array)| match is_uuid(field) {
            true => guids(field, &array),
            false => Ok(array),
        });
    RecordBatch::try_new(schema.clone(), arrays.collect::<Result<_>>()?)
        .map_err(|error| Error::new(ErrorKind::InvalidInput, "write the rows").caused_by(error))
}

/// Rows of a stream as batches of at most 8,192 rows.
pub fn batch_stream_of_rows<S>(rows: S, schema: SchemaRef) -> impl Stream<Item = Result<RecordBatch>>
where
    S: Stream<Item: Serialize>,
{
    rows.chunks(BATCH).map(move |rows| batch_of_rows(&rows, &schema))
}

/// The field as serde has its values: GUIDs are text.
fn as_serialized(field: &FieldRef) -> FieldRef {
    match is_uuid(field) {
        true => Arc::new(Field::new(field.name(), DataType::Utf8, field.is_nullable())),
        false => field.clone(),
    }
}

fn guids(field: &Field, texts: &ArrayRef) -> Result<ArrayRef> {
    let mut guids = FixedSizeBinaryBuilder::with_capacity(texts.len(), 16);
    for text in texts.as_string::<i32>() {
        match text {
            None => guids.append_null(),
            Some(text) => {
                let refuse = || {
                    let why = format!("{text:?} is no GUID");
                    Error::new(ErrorKind::InvalidInput, "write the rows").because(why)
                };
                let id = Uuid::try_parse(text).map_err(|_| refuse().with("column", field.name()))?;
                guids.append_value(id.as_bytes()).map_err(|_| refuse())?;
            }
        }
    }
    Ok(Arc::new(guids.finish()))
}

fn refused(operation: &'static str, error: serde_arrow::Error) -> Error {
    Error::new(ErrorKind::InvalidInput, operation)
        .because("a value does not fit its column")
        .caused_by(error)
}
