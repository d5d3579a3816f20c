//! Looks at the headers of all pages before any is decoded: a page says how large it will be, and must not lie.

use std::io::Read;

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use kusto_ingest_core::{Error, Result};
use parquet::basic::{Compression, Encoding, Type};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

use super::thrift::{Fields, Kind, Malformed};
use crate::code::{FORMAT_NOT_SUPPORTED, INVALID_BLOB, TOO_LARGE, failure};
use crate::record::LARGEST_RECORD;

/// How many rows are decoded at once.
pub(super) const ROWS_AT_ONCE: usize = 256;

/// The most values that a column of lists may have in one row group: one row can hold all of them.
const MOST_VALUES: i64 = 1 << 26;

/// The most bytes of a value of fixed length: a few can be repeated for every row at no cost.
const WIDEST_FIXED: i32 = 64 << 10;

/// The most bytes that the rows decoded at once may take in a column whose values share their beginnings.
const MOST_SHARED: u64 = 1 << 30;

/// What the header of a page says.
#[derive(Debug, Default)]
struct PageHeader {
    /// The bytes that the header takes itself.
    length: usize,
    kind: i64,
    unpacked: i64,
    packed: i64,
    values: i64,
    encoding: i64,
    /// Bytes of levels in front, which are not compressed.
    levels: i64,
    is_plain: bool,
}

/// Refuses a file whose pages would not fit memory, or that do not lie in it.
///
/// # Errors
/// `BadRequest_InvalidBlob` for a damaged file, `Stream_InputStreamTooLarge` beyond a limit,
/// `BadRequest_FormatNotSupported` for a codec that is not read.
pub(super) fn check(file: &Bytes, metadata: &ParquetMetaData, wanted: impl Fn(usize) -> bool) -> Result<()> {
    for (group, row_group) in metadata.row_groups().iter().enumerate() {
        if row_group.num_rows() < 0 {
            return Err(damaged("a row group has fewer than no rows"));
        }
        for (leaf, column) in row_group.columns().iter().enumerate() {
            if wanted(leaf) {
                check_chunk(file, column).map_err(|error| {
                    error
                        .with("column", column.column_path().string())
                        .with("row group", group)
                })?;
            }
        }
    }
    Ok(())
}

fn check_chunk(file: &Bytes, column: &ColumnChunkMetaData) -> Result<()> {
    let descriptor = column.column_descr();
    let is_repeated = descriptor.max_rep_level() > 0;
    if is_repeated && column.num_values() > MOST_VALUES {
        return Err(too_large("a row group has more than 67,108,864 values in lists"));
    }
    if descriptor.physical_type() == Type::FIXED_LEN_BYTE_ARRAY && descriptor.type_length() > WIDEST_FIXED {
        return Err(too_large("its values of fixed length are larger than 64 KiB"));
    }
    if column.compression() == Compression::LZO {
        return Err(failure(FORMAT_NOT_SUPPORTED, "its pages are compressed with LZO"));
    }
    let mut rest = chunk(file, column).ok_or_else(|| damaged("a column lies beyond the file"))?;
    let mut values: i64 = 0;
    while !rest.is_empty() {
        let header = PageHeader::read(rest).map_err(|_| damaged("the header of a page cannot be read"))?;
        let packed = usize::try_from(header.packed).ok();
        let end = packed.and_then(|packed| header.length.checked_add(packed));
        let page = end.and_then(|end| rest.get(header.length..end));
        let page = page.ok_or_else(|| damaged("a page lies beyond its column"))?;
        header.check(page, column.compression(), is_repeated)?;
        if header.is_data() {
            values = values.saturating_add(header.values);
        }
        rest = &rest[header.length + page.len()..];
    }
    if is_repeated && values > MOST_VALUES {
        return Err(too_large("a row group has more than 67,108,864 values in lists"));
    }
    Ok(())
}

/// The bytes of a column within a row group.
fn chunk<'a>(file: &'a Bytes, column: &ColumnChunkMetaData) -> Option<&'a [u8]> {
    let first = column
        .dictionary_page_offset()
        .unwrap_or(column.data_page_offset());
    let first = usize::try_from(first).ok()?;
    let length = usize::try_from(column.compressed_size()).ok()?;
    file.get(first..first.checked_add(length)?)
}

impl PageHeader {
    fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut header = Self::default();
        let mut fields = Fields::of(bytes);
        while let Some((number, kind)) = fields.next()? {
            match (number, kind) {
                (1, Kind::Integer) => header.kind = fields.integer()?,
                (2, Kind::Integer) => header.unpacked = fields.integer()?,
                (3, Kind::Integer) => header.packed = fields.integer()?,
                (5 | 7, Kind::Struct) => fields.within(|inner| header.read_data(inner, 2))?,
                (8, Kind::Struct) => fields.within(|inner| header.read_data(inner, 4))?,
                (_, kind) => fields.skip(kind)?,
            }
        }
        header.length = bytes.len() - fields.bytes.len();
        Ok(header)
    }

    /// The header of the data: in its second version, fields have other numbers.
    fn read_data(&mut self, fields: &mut Fields<'_>, encoding: i16) -> Result<(), Malformed> {
        while let Some((number, kind)) = fields.next()? {
            match (number, kind) {
                (1, Kind::Integer) => self.values = fields.integer()?,
                (number, Kind::Integer) if number == encoding => self.encoding = fields.integer()?,
                (5 | 6, Kind::Integer) if encoding == 4 => {
                    self.levels = self.levels.saturating_add(fields.integer()?);
                }
                (7, Kind::False) if encoding == 4 => self.is_plain = true,
                (_, kind) => fields.skip(kind)?,
            }
        }
        Ok(())
    }

    fn is_data(&self) -> bool {
        self.kind == 0 || self.kind == 3
    }

    fn check(&self, page: &[u8], codec: Compression, is_repeated: bool) -> Result<()> {
        let unpacked = u64::try_from(self.unpacked).map_err(|_| damaged("a page has fewer than no bytes"))?;
        if unpacked > LARGEST_RECORD as u64 {
            return Err(too_large("a page is larger than 64 MiB"));
        }
        let levels = usize::try_from(self.levels).map_err(|_| damaged("a page has fewer than no levels"))?;
        if self.values < 0 {
            return Err(damaged("a page has fewer than no values"));
        }
        // What shares its beginning with the value before is short in the file, and whole in memory.
        let at_once = u64::try_from(self.values)
            .unwrap_or(u64::MAX)
            .min(ROWS_AT_ONCE as u64);
        let shares = self.is_data() && self.encoding == i64::from(Encoding::DELTA_BYTE_ARRAY as i32);
        if shares && !is_repeated && at_once.saturating_mul(unpacked) > MOST_SHARED {
            return Err(too_large(
                "its values share their beginnings in a page of more than 4 MiB",
            ));
        }
        let packed = page
            .get(levels..)
            .ok_or_else(|| damaged("a page is shorter than its levels"))?;
        let expected = unpacked.saturating_sub(levels as u64);
        match codec {
            _ if self.is_plain || expected == 0 => Ok(()),
            Compression::GZIP(_) => fits(MultiGzDecoder::new(packed), expected),
            Compression::BROTLI(_) => fits(brotli::Decompressor::new(packed, 4096), expected),
            // The format says blocks; frames would be unpacked without an end.
            Compression::LZ4 if packed.starts_with(&[0x04, 0x22, 0x4d, 0x18]) => Err(failure(
                FORMAT_NOT_SUPPORTED,
                "its pages are LZ4 frames, and not blocks",
            )),
            // The others unpack no more than the header says.
            _ => Ok(()),
        }
    }
}

/// Unpacks a page into nothing: one that holds more than it says is never held in memory.
fn fits(page: impl Read, expected: u64) -> Result<()> {
    let unpacked = std::io::copy(&mut page.take(expected + 1), &mut std::io::sink());
    match unpacked {
        Ok(unpacked) if unpacked == expected => Ok(()),
        Ok(_) => Err(damaged("a page holds another number of bytes than it says")),
        Err(error) => Err(damaged("a page cannot be unpacked").caused_by(error)),
    }
}

fn damaged(why: &str) -> Error {
    failure(INVALID_BLOB, format!("the Parquet file is damaged: {why}"))
}

fn too_large(why: &str) -> Error {
    failure(TOO_LARGE, format!("the Parquet file does not fit memory: {why}"))
}
