//! Arrow record batches as rows.

mod schema;
mod value;

use std::convert::Infallible;
use std::error::Error as StdError;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use futures::{Stream, StreamExt as _, stream};
use kusto_ingest_core::Result;
use serde::{Serialize, Serializer};

pub(crate) use self::schema::is_uuid;
pub(crate) use self::value::Value;
use crate::records::RowStream;
use crate::{RowWriter, Rows};

impl Rows {
    /// The rows of Arrow batches in memory, which can be read again for another attempt.
    ///
    /// Columns have the order of the first batch, unless the writer lists others; later batches may have another.
    /// Timestamps become `datetime`, times and durations `timespan`, decimals text with all digits, binary base64,
    /// lists, structs and maps `dynamic`, and binary of the extension type `arrow.uuid` a `guid`.
    ///
    /// # Errors
    /// [`InvalidInput`](kusto_ingest_core::ErrorKind::InvalidInput) when two columns have the same name, or a column
    /// has a type that cannot be written: an interval, a union, or a map whose keys are no text, numbers or times.
    pub fn from_batches(batches: Vec<RecordBatch>, writer: RowWriter) -> Result<Self> {
        let schema = batches.first().map(RecordBatch::schema);
        batches
            .iter()
            .try_for_each(|batch| schema::check(batch.schema_ref()))?;
        let writer = with_columns_of(schema.as_deref(), writer)?;
        let batches: Arc<[Arc<RecordBatch>]> = batches.into_iter().map(Arc::new).collect();
        Ok(Self::restarting(writer, move |writer| {
            let mut before = usize::try_from(writer.rows()).unwrap_or(usize::MAX);
            let batches = batches.clone();
            let rows = (0..batches.len()).flat_map(move |index| {
                let batch = batches[index].clone();
                let skipped = before.min(batch.num_rows());
                before -= skipped;
                rows_of(batch, skipped)
            });
            Box::new(RowStream::new(
                stream::iter(rows.map(Ok::<_, Infallible>)),
                writer,
            ))
        }))
    }

    /// The rows of a stream of Arrow batches, which can be read once and may fail. See
    /// [`from_batches`](Self::from_batches).
    ///
    /// # Errors
    /// As [`from_batches`](Self::from_batches).
    pub fn from_batch_stream<S, E>(schema: &SchemaRef, batches: S, writer: RowWriter) -> Result<Self>
    where
        S: Stream<Item = Result<RecordBatch, E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>> + Send + 'static,
    {
        schema::check(schema)?;
        let writer = with_columns_of(Some(schema), writer)?;
        let rows = batches.flat_map(|batch| match batch {
            Ok(batch) => stream::iter(rows_of(Arc::new(batch), 0).map(Ok)).left_stream(),
            Err(error) => stream::iter([Err(error)]).right_stream(),
        });
        Ok(Self::from_try_stream(rows, writer))
    }
}

/// The names of a schema do have an order, so CSV needs no list of them.
fn with_columns_of(schema: Option<&Schema>, writer: RowWriter) -> Result<RowWriter> {
    match schema {
        Some(schema) => writer.or_with_columns(schema.fields().iter().map(|field| field.name())),
        None => Ok(writer),
    }
}

fn rows_of(batch: Arc<RecordBatch>, skipped: usize) -> impl Iterator<Item = Row> + Send {
    (skipped..batch.num_rows()).map(move |row| Row {
        batch: batch.clone(),
        row,
    })
}

/// One row of a batch.
struct Row {
    batch: Arc<RecordBatch>,
    row: usize,
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let columns = self.batch.schema_ref().fields().iter().zip(self.batch.columns());
        serializer.collect_map(
            columns.map(|(field, array)| (field.name(), Value::of_field(field, &**array, self.row))),
        )
    }
}
