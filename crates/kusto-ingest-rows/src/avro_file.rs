//! Arrow record batches as one Avro file, made while it is read.

mod columns;

use std::error::Error as StdError;
use std::io::Write as _;

use arrow_array::RecordBatch;
use arrow_avro::schema::SCHEMA_METADATA_KEY;
use arrow_avro::writer::format::AvroBinaryFormat;
use arrow_avro::writer::{Encoder, WriterBuilder};
use arrow_schema::SchemaRef;
use flate2::write::DeflateEncoder;
use futures::Stream;
use kusto_ingest_core::{LocalSource, Result};

use self::columns::Columns;
use crate::batch_file::{self, BatchWriter, unwritable};

/// How many rows are in a block at most.
const BLOCK: usize = 4096;

/// Arrow batches in memory as one Avro file for the format `apacheavro`, which can be read again for another attempt.
///
/// Columns are as Kusto reads them: timestamps are in UTC; what Avro has no type for that keeps all digits is the text of the
/// `datetime`, `timespan` or number, also within lists, structures and maps, and binary of the extension type `arrow.uuid` is a
/// `guid`. Blocks of at most 4,096 rows
/// are compressed by deflate. The file is made while it is read; in memory is one batch.
///
/// # Errors
/// [`EmptySource`](kusto_ingest_core::ErrorKind::EmptySource) when the batches have no rows;
/// [`InvalidInput`](kusto_ingest_core::ErrorKind::InvalidInput) when their schemas differ, one has a type that Avro lacks, or a
/// column has a name with other characters than Avro allows: ASCII letters, digits and `_`.
pub fn avro_of_batches(batches: Vec<RecordBatch>) -> Result<LocalSource> {
    batch_file::of_batches::<AvroWriter>(batches)
}

/// A stream of Arrow batches, which can be read once and may fail, as one Avro file. See [`avro_of_batches`].
///
/// # Errors
/// [`InvalidInput`](kusto_ingest_core::ErrorKind::InvalidInput) as [`avro_of_batches`]; while it is read, when the columns of a
/// batch have other names or types than those of the schema.
pub fn avro_of_batch_stream<S, E>(schema: &SchemaRef, batches: S) -> Result<LocalSource>
where
    S: Stream<Item = Result<RecordBatch, E>> + Send + 'static,
    E: Into<Box<dyn StdError + Send + Sync>> + 'static,
{
    batch_file::of_stream::<AvroWriter, _, _>(schema, batches)
}

/// Writes an Avro file: values by the library, blocks here, because its marker between them is another every time.
struct AvroWriter {
    columns: Columns,
    encoder: Encoder,
    marker: [u8; 16],
    /// The header, until it is written.
    bytes: Vec<u8>,
}

impl BatchWriter for AvroWriter {
    const FORMAT: &'static str = "an Avro file";
    const NAME: &'static str = "rows.avro";

    fn new(schema: &SchemaRef) -> Result<Self> {
        let columns = Columns::of(schema).map_err(|refusal| unwritable::<Self>(refusal.to_string()))?;
        let encoder = WriterBuilder::new(columns.schema.as_ref().clone())
            .build_encoder::<AvroBinaryFormat>()
            .map_err(|error| unwritable::<Self>("Avro has no such type").caused_by(error))?;
        let described = encoder.schema();
        let schema = described
            .metadata()
            .get(SCHEMA_METADATA_KEY)
            .map_or("", String::as_str);
        let marker = marker(schema.as_bytes());
        let mut bytes = b"Obj\x01".to_vec();
        long(2, &mut bytes);
        for text in ["avro.schema", schema, "avro.codec", "deflate"] {
            long(text.len(), &mut bytes);
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes.push(0);
        bytes.extend_from_slice(&marker);
        Ok(Self {
            columns,
            encoder,
            marker,
            bytes,
        })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<Vec<u8>> {
        let mut grown = std::mem::take(&mut self.bytes);
        // At once, for what is within lists is not sliced with them.
        let batch = self
            .columns
            .convert(batch)
            .map_err(|refusal| unwritable::<Self>(refusal.to_string()))?;
        for first in (0..batch.num_rows()).step_by(BLOCK) {
            let rows = BLOCK.min(batch.num_rows() - first);
            self.encoder
                .encode(&batch.slice(first, rows))
                .map_err(|error| unwritable::<Self>("the batch does not fit the file").caused_by(error))?;
            let encoded = self.encoder.flush();
            let packed = deflated(encoded.bytes())
                .map_err(|error| unwritable::<Self>("the block cannot be packed").caused_by(error))?;
            long(rows, &mut grown);
            long(packed.len(), &mut grown);
            grown.extend_from_slice(&packed);
            grown.extend_from_slice(&self.marker);
        }
        Ok(grown)
    }

    fn end(self) -> Result<Vec<u8>> {
        Ok(self.bytes)
    }
}

fn deflated(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// A length in Avro's way: seven bits a byte, the sign in the lowest.
fn long(length: usize, out: &mut Vec<u8>) {
    let mut rest = (length as u64) << 1;
    while rest > 0x7f {
        out.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    out.push((rest & 0x7f) as u8);
}

/// What stands between blocks: told by the schema, so that a file that is read again is the same.
fn marker(schema: &[u8]) -> [u8; 16] {
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let basis = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128;
    let hash = schema
        .iter()
        .fold(basis, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME));
    hash.to_be_bytes()
}
