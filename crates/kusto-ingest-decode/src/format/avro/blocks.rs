//! The header of an Avro file and its blocks, unpacked one at a time.

use std::io::{BufRead, Read};

use apache_avro::Schema;
use flate2::read::DeflateDecoder;
use kusto_ingest_core::{DataFormat, Error, Result};

use super::datum::damaged;
use super::shape::Shapes;
use crate::code::{FORMAT_NOT_SUPPORTED, NO_RECORDS, TOO_LARGE, failure, unreadable};
use crate::record::LARGEST_RECORD;

const MAGIC: &[u8] = b"Obj\x01";

/// The most bytes that a header may have.
const LARGEST_HEADER: u64 = 16 << 20;

/// How blocks are compressed: those that the service documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Codec {
    Null,
    Deflate,
    Snappy,
}

/// The blocks of a file.
pub(super) struct Blocks<'a, R> {
    input: &'a mut R,
    pub(super) shapes: Shapes,
    codec: Codec,
    sync: [u8; 16],
}

/// So many records, one after the other.
pub(super) struct Block {
    pub(super) count: u64,
    pub(super) bytes: Vec<u8>,
}

impl<'a, R: BufRead> Blocks<'a, R> {
    /// Reads the header.
    pub(super) fn open(input: &'a mut R, format: DataFormat) -> Result<Self> {
        let mut magic = Vec::new();
        input.take(4).read_to_end(&mut magic).map_err(unreadable)?;
        if magic != MAGIC {
            let why = match magic.as_slice() {
                [] => "the source has no records",
                _ => "the source is no Avro file: it does not begin with Obj and 1",
            };
            return Err(failure(NO_RECORDS, why));
        }
        let header = Header::read(&mut input.take(LARGEST_HEADER))?;
        let schema = header.schema.ok_or_else(|| damaged("it has no schema"))?;
        let parsed = parsed(&schema)?;
        let is_logical = format == DataFormat::ApacheAvro;
        let shapes =
            Shapes::of(&parsed, is_logical).ok_or_else(|| damaged("its schema names an unknown type"))?;
        Ok(Self {
            shapes,
            codec: codec(header.codec.as_deref(), format)?,
            sync: header.sync,
            input,
        })
    }

    /// The next block; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Block>> {
        if self.input.fill_buf().map_err(unreadable)?.is_empty() {
            return Ok(None);
        }
        let negative = || damaged("a block has fewer than no records");
        let count = u64::try_from(long(self.input)?).map_err(|_| negative())?;
        let size = usize::try_from(long(self.input)?).map_err(|_| negative())?;
        if size > LARGEST_RECORD {
            return Err(too_large());
        }
        let packed = bytes(self.input, size)?;
        if self.sync[..] != bytes(self.input, 16)? {
            return Err(damaged("a block does not end where it says"));
        }
        let bytes = match self.codec {
            Codec::Null => packed,
            Codec::Deflate => inflated(&packed)?,
            Codec::Snappy => unsnapped(&packed)?,
        };
        Ok(Some(Block { count, bytes }))
    }
}

/// A schema without the defaults of fields: no reader of the file's own schema needs one, and the library follows those of a
/// type that contains itself without an end. Its depth is bounded, for no JSON of more than 127 levels is read.
fn parsed(schema: &str) -> Result<Schema> {
    let mut json = serde_json::from_str(schema).map_err(|error| invalid().caused_by(error))?;
    drop_defaults(&mut json);
    Schema::parse(&json).map_err(|error| invalid().caused_by(error))
}

fn drop_defaults(json: &mut serde_json::Value) {
    match json {
        serde_json::Value::Object(members) => {
            members.remove("default");
            members.values_mut().for_each(drop_defaults);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(drop_defaults),
        _ => {}
    }
}

fn invalid() -> Error {
    damaged("its schema is invalid")
}

fn codec(name: Option<&str>, format: DataFormat) -> Result<Codec> {
    match name {
        None | Some("null") => Ok(Codec::Null),
        Some("deflate") => Ok(Codec::Deflate),
        Some("snappy") if format == DataFormat::ApacheAvro => Ok(Codec::Snappy),
        Some("snappy") => Err(unsupported(
            "snappy is read by the format apacheavro alone".to_owned(),
        )),
        Some(other) => Err(unsupported(format!(
            "its blocks are compressed with {other:?}, and null, deflate and snappy are read"
        ))),
    }
}

/// What a header says.
#[derive(Default)]
struct Header {
    schema: Option<String>,
    codec: Option<String>,
    sync: [u8; 16],
}

impl Header {
    fn read(input: &mut impl BufRead) -> Result<Self> {
        let mut header = Self::default();
        loop {
            let mut count = long(input)?;
            if count == 0 {
                break;
            }
            if count < 0 {
                count = count
                    .checked_neg()
                    .ok_or_else(|| damaged("its header is invalid"))?;
                long(input)?;
            }
            for _ in 0..count {
                let name = sized(input)?;
                let value = sized(input)?;
                let text = || String::from_utf8(value.clone()).map_err(|_| damaged("its header is no text"));
                match name.as_slice() {
                    b"avro.schema" => header.schema = Some(text()?),
                    b"avro.codec" => header.codec = Some(text()?),
                    _ => {}
                }
            }
        }
        header.sync.copy_from_slice(&bytes(input, 16)?);
        Ok(header)
    }
}

fn inflated(packed: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = DeflateDecoder::new(packed)
        .take(LARGEST_RECORD as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| damaged("a block cannot be unpacked").caused_by(error))?;
    match read > LARGEST_RECORD {
        true => Err(too_large()),
        false => Ok(bytes),
    }
}

/// A block of snappy has the checksum of its bytes behind them.
fn unsnapped(packed: &[u8]) -> Result<Vec<u8>> {
    let broken = |error| damaged("a block cannot be unpacked").caused_by(error);
    let (packed, checksum) = packed
        .split_last_chunk::<4>()
        .ok_or_else(|| damaged("a block has no checksum"))?;
    if snap::raw::decompress_len(packed).map_err(broken)? > LARGEST_RECORD {
        return Err(too_large());
    }
    let bytes = snap::raw::Decoder::new().decompress_vec(packed).map_err(broken)?;
    let mut found = flate2::Crc::new();
    found.update(&bytes);
    match found.sum() == u32::from_be_bytes(*checksum) {
        true => Ok(bytes),
        false => Err(damaged("a block has another checksum than it says")),
    }
}

fn sized(input: &mut impl BufRead) -> Result<Vec<u8>> {
    let size = usize::try_from(long(input)?).map_err(|_| damaged("its header is invalid"))?;
    bytes(input, size)
}

/// So many bytes; memory is taken as they come.
fn bytes(input: &mut impl BufRead, count: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = input
        .take(count as u64)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    match read == count {
        true => Ok(bytes),
        false => Err(damaged("it is cut off")),
    }
}

fn cut_off(error: std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => damaged("it is cut off"),
        _ => unreadable(error),
    }
}

fn long(input: &mut impl BufRead) -> Result<i64> {
    let mut raw = 0;
    for shift in (0..64).step_by(7) {
        let mut byte = [0];
        input.read_exact(&mut byte).map_err(cut_off)?;
        let [byte] = byte;
        raw |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed());
        }
    }
    Err(damaged("a long has more than 64 bits"))
}

fn too_large() -> Error {
    failure(TOO_LARGE, "a block of the Avro file is larger than 64 MiB")
}

fn unsupported(why: String) -> Error {
    failure(FORMAT_NOT_SUPPORTED, why)
}
