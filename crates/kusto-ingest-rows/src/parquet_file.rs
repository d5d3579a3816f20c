//! Arrow record batches as one Parquet file, made while it is read.

mod reader;

use std::convert::Infallible;
use std::error::Error as StdError;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures::{Stream, stream};
use kusto_ingest_core::{Error, ErrorKind, LocalSource, Payload, PayloadReader, Result};

use self::reader::ParquetReader;

const NAME: &str = "rows.parquet";

/// Arrow batches in memory as one Parquet file, which can be read again for another attempt.
///
/// All types that Parquet has stay what they are, and nothing is written as text. The file is made while it is read;
/// in memory is at most one row group, which ends at 64 MiB or 1,048,576 rows.
///
/// A Parquet file is not cut into chunks. Kusto advises 100 MB to 1 GB for one ingestion: call it once for so many
/// batches.
///
/// # Errors
/// [`ErrorKind::EmptySource`] when the batches have no rows; [`ErrorKind::InvalidInput`] when their schemas differ,
/// or one has a type that Parquet lacks.
pub fn parquet_of_batches(batches: Vec<RecordBatch>) -> Result<LocalSource> {
    let Some(schema) = batches
        .iter()
        .find(|batch| batch.num_rows() > 0)
        .map(RecordBatch::schema)
    else {
        return Err(Error::new(ErrorKind::EmptySource, "write a Parquet file").because("there are no rows"));
    };
    if batches
        .iter()
        .any(|batch| batch.schema_ref().fields() != schema.fields())
    {
        return Err(reader::unwritable("the batches have different schemas"));
    }
    // A type that Parquet lacks shows here and not in the middle of an upload.
    ParquetReader::new(&schema, stream::empty::<()>())?;
    let batches: Arc<[RecordBatch]> = batches.into();
    let payload = Payload::replayable(None, move |offset| {
        let all = batches.clone();
        let each = (0..all.len()).map(move |index| Ok::<_, Infallible>(all[index].clone()));
        let reader = ParquetReader::new(&schema, stream::iter(each));
        async move {
            let reader: PayloadReader = Box::pin(reader.map_err(reader::unreadable)?.starting_at(offset));
            Ok(reader)
        }
    });
    Ok(LocalSource::new(payload).with_name(NAME))
}

/// A stream of Arrow batches, which can be read once and may fail, as one Parquet file. See [`parquet_of_batches`].
///
/// Without any rows it is a Parquet file without rows.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] when the schema has a type that Parquet lacks.
pub fn parquet_of_batch_stream<S, E>(schema: &SchemaRef, batches: S) -> Result<LocalSource>
where
    S: Stream<Item = Result<RecordBatch, E>> + Send + 'static,
    E: Into<Box<dyn StdError + Send + Sync>> + 'static,
{
    let reader = ParquetReader::new(schema, batches)?;
    Ok(LocalSource::from_reader(reader).with_name(NAME))
}
