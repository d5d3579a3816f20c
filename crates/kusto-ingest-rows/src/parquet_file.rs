//! Arrow record batches as one Parquet file, made while it is read.

use std::error::Error as StdError;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures::Stream;
use kusto_ingest_core::{LocalSource, Result};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::batch_file::{self, BatchWriter, unwritable};

/// How many encoded bytes of a row group are kept before it is written.
const ROW_GROUP: usize = 64 * 1024 * 1024;

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
    batch_file::of_batches::<ParquetWriter>(batches)
}

/// A stream of Arrow batches, which can be read once and may fail, as one Parquet file. See [`parquet_of_batches`].
///
/// Without any rows it is a Parquet file without rows.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] when the schema has a type that Parquet lacks; while it is read, when the columns of a batch have
/// other names or types than those of the schema.
pub fn parquet_of_batch_stream<S, E>(schema: &SchemaRef, batches: S) -> Result<LocalSource>
where
    S: Stream<Item = Result<RecordBatch, E>> + Send + 'static,
    E: Into<Box<dyn StdError + Send + Sync>> + 'static,
{
    batch_file::of_stream::<ParquetWriter, _, _>(schema, batches)
}

/// Writes a Parquet file.
struct ParquetWriter(ArrowWriter<Vec<u8>>);

impl BatchWriter for ParquetWriter {
    const FORMAT: &'static str = "a Parquet file";
    const NAME: &'static str = "rows.parquet";

    fn new(schema: &SchemaRef) -> Result<Self> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .build();
        ArrowWriter::try_new(Vec::new(), schema.clone(), Some(properties))
            .map(Self)
            .map_err(|error| unwritable::<Self>("Parquet has no such type").caused_by(error))
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<Vec<u8>> {
        let mut written = self.0.write(batch);
        if written.is_ok() && self.0.in_progress_size() >= ROW_GROUP {
            written = self.0.flush();
        }
        written.map_err(|error| unwritable::<Self>("the batch does not fit the file").caused_by(error))?;
        Ok(std::mem::take(self.0.inner_mut()))
    }

    fn end(self) -> Result<Vec<u8>> {
        self.0
            .into_inner()
            .map_err(|error| unwritable::<Self>("its end does not fit").caused_by(error))
    }
}
