//! Parquet: the columns that are needed, a few rows at a time, each row a record.

mod deltas;
mod int96;
mod lengths;
mod page_header;
mod pages;
mod thrift;
mod types;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Read;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use bytes::Bytes;
use kusto_ingest_core::{Error, Result};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;

use super::arrow::ArrayReader;
use crate::code::{INVALID_BLOB, NO_RECORDS, TOO_LARGE, failure, unreadable};
use crate::output::Output;
use crate::record::{Casts, LARGEST_RECORD, Record, Typed};

/// The largest file: its description is at its end, so that all of it is in memory.
const LARGEST_FILE: u64 = 1 << 30;

/// The first and the last bytes of a file.
const MAGIC: &[u8] = b"PAR1";

/// Gives out every row as a record.
pub(crate) fn decode(input: impl Read, output: &mut Output<'_>) -> Result<ControlFlow<()>> {
    let file = ParquetFile::open(read(input)?)?;
    let roots = output.roots();
    let mut batches = file.batches(roots.as_ref())?;
    let reader = ArrayReader {
        has_int96: file.has_int96,
    };
    output.line = 0;
    while let Some(batch) = guarded(|| batches.next().transpose().map_err(ParquetError::from))? {
        let flow = give(&batch, reader, output)?;
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn give(batch: &RecordBatch, reader: ArrayReader, output: &mut Output<'_>) -> Result<ControlFlow<()>> {
    let schema = batch.schema_ref();
    for row in 0..batch.num_rows() {
        let mut left = LARGEST_RECORD;
        let columns = schema.fields().iter().zip(batch.columns());
        let members = columns.map(|(field, column)| {
            let name = Cow::Borrowed(field.name().as_str());
            let value = reader.value(field, &**column, row, &mut left);
            Ok((
                name,
                value.ok_or_else(|| too_large("a record takes more than 64 MiB"))?,
            ))
        });
        let root = Typed::Object(members.collect::<Result<_>>()?);
        let flow = output.record(&Record::Typed {
            root: &root,
            casts: Casts::Documented,
        });
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// The columns of a file, by the types of Arrow.
pub(crate) fn schema_of(file: &[u8]) -> Result<SchemaRef> {
    let file = ParquetFile::open(read(file)?)?;
    let fields = file
        .metadata
        .schema()
        .fields()
        .iter()
        .map(|field| match field.data_type() {
            // INT96 among bytes of other lengths.
            DataType::FixedSizeBinary(int96::LENGTH) if file.has_int96 => {
                Arc::new(Field::clone(field).with_data_type(DataType::Timestamp(TimeUnit::Nanosecond, None)))
            }
            _ => field.clone(),
        });
    Ok(Arc::new(Schema::new(fields.collect::<Fields>())))
}

/// A file whose description was read.
struct ParquetFile {
    bytes: Bytes,
    metadata: ArrowReaderMetadata,
    /// Whether moments of INT96 are read as they lie in the file.
    has_int96: bool,
}

impl ParquetFile {
    fn open(bytes: Bytes) -> Result<Self> {
        types::check(&bytes)?;
        // What other libraries write down of their own types, the service does not read either.
        let options = || ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let load = |options| guarded(|| ArrowReaderMetadata::load(&bytes, options));
        let mut metadata = load(options())?;
        let as_bytes = int96::as_bytes(metadata.parquet_schema());
        if let Some(schema) = &as_bytes {
            metadata = load(options().with_parquet_schema(schema.clone()))?;
        }
        let schema = Schema::new(as_views(metadata.schema().fields()));
        let all = metadata.metadata().clone();
        let metadata = guarded(|| ArrowReaderMetadata::try_new(all, options().with_schema(schema.into())))?;
        Ok(Self {
            bytes,
            metadata,
            has_int96: as_bytes.is_some(),
        })
    }

    /// The rows, with the columns of some names.
    fn batches(&self, roots: Option<&BTreeSet<String>>) -> Result<ParquetRecordBatchReader> {
        let schema = self.metadata.parquet_schema();
        let fields = schema.root_schema().get_fields().iter().enumerate();
        let wanted = fields.filter(|(_, field)| roots.is_none_or(|roots| roots.contains(field.name())));
        let wanted: Vec<usize> = wanted.map(|(at, _)| at).collect();
        let mask = ProjectionMask::roots(schema, wanted);
        pages::check(&self.bytes, self.metadata.metadata(), |leaf| {
            mask.leaf_included(leaf)
        })?;
        guarded(|| {
            ParquetRecordBatchReaderBuilder::new_with_metadata(self.bytes.clone(), self.metadata.clone())
                .with_batch_size(pages::ROWS_AT_ONCE)
                .with_projection(mask)
                .build()
        })
    }
}

/// Text and binary without a copy of the value for every row that repeats it.
fn as_views(fields: &Fields) -> Fields {
    let view = |field: &Arc<Field>| {
        let data_type = match field.data_type() {
            DataType::Utf8 => DataType::Utf8View,
            DataType::Binary => DataType::BinaryView,
            DataType::Struct(fields) => DataType::Struct(as_views(fields)),
            DataType::List(item) => DataType::List(as_views(&Fields::from(vec![item.clone()]))[0].clone()),
            DataType::Map(entries, sorted) => {
                DataType::Map(as_views(&Fields::from(vec![entries.clone()]))[0].clone(), *sorted)
            }
            other => other.clone(),
        };
        Field::clone(field).with_data_type(data_type)
    };
    fields.iter().map(view).collect()
}

fn read(input: impl Read) -> Result<Bytes> {
    let mut bytes = Vec::new();
    let mut input = input.take(LARGEST_FILE + 1);
    let read = input.read_to_end(&mut bytes).map_err(unreadable)?;
    match bytes.as_slice() {
        [] => Err(failure(NO_RECORDS, "the source has no records")),
        _ if read as u64 > LARGEST_FILE => Err(failure(TOO_LARGE, "the Parquet file is larger than 1 GiB")),
        _ if !bytes.starts_with(MAGIC) && !bytes.starts_with(b"PARE") => Err(failure(
            NO_RECORDS,
            "the source is no Parquet file: it does not begin with PAR1",
        )),
        _ if !bytes.ends_with(MAGIC) && !bytes.ends_with(b"PARE") => Err(failure(
            INVALID_BLOB,
            "the Parquet file is cut off: it does not end with PAR1",
        )),
        _ => Ok(bytes.into()),
    }
}

/// Runs a step of the library: one that panics has met a damaged file. No stack and no memory come back so, which is why types
/// and pages are looked at before.
fn guarded<T>(step: impl FnOnce() -> Result<T, ParquetError>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(done) => done.map_err(|error| broken().caused_by(error)),
        Err(_) => Err(broken()),
    }
}

fn broken() -> Error {
    failure(INVALID_BLOB, "the Parquet file is damaged")
}

fn damaged(why: &str) -> Error {
    failure(INVALID_BLOB, format!("the Parquet file is damaged: {why}"))
}

fn too_large(why: &str) -> Error {
    failure(TOO_LARGE, format!("the Parquet file does not fit memory: {why}"))
}
