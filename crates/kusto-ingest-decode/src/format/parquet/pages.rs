//! Looks at the headers of all pages before any is decoded: a page says how large it will be, and must not lie.

use std::collections::VecDeque;
use std::io::Read;

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use kusto_ingest_core::Result;
use parquet::basic::{Compression, Encoding, Type};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};

use super::page_header::PageHeader;
use super::{damaged, lengths, too_large};
use crate::code::{FORMAT_NOT_SUPPORTED, failure};
use crate::record::{LARGEST_RECORD, MOST_FREE};

/// How many rows are decoded at once.
pub(super) const ROWS_AT_ONCE: usize = 256;

/// The most values that a column of lists may have in one row group: one row can hold all of them.
const MOST_VALUES: u64 = 1 << 26;

/// The most bytes of a value of fixed length: a few can be repeated for every row at no cost.
const WIDEST_FIXED: i32 = 64 << 10;

/// The most bytes that the rows decoded at once may take in all columns.
const MOST_AT_ONCE: u64 = 2 << 30;

/// The bytes of the two levels of a value in a list.
const LEVELS: u64 = 4;

/// Refuses a file whose pages would not fit memory, or that do not lie in it.
///
/// # Errors
/// `BadRequest_InvalidBlob` for a damaged file, `Stream_InputStreamTooLarge` beyond a limit,
/// `BadRequest_FormatNotSupported` for a codec that is not read.
pub(super) fn check(file: &Bytes, metadata: &ParquetMetaData, wanted: impl Fn(usize) -> bool) -> Result<()> {
    let mut free: u64 = 0;
    for (group, row_group) in metadata.row_groups().iter().enumerate() {
        let rows = u64::try_from(row_group.num_rows());
        let rows = rows.map_err(|_| damaged("a row group has fewer than no rows"))?;
        if !(0..row_group.num_columns()).any(&wanted) {
            free = free.saturating_add(rows);
        }
        check_group(file, row_group, &wanted).map_err(|error| error.with("row group", group))?;
    }
    match free > MOST_FREE {
        true => Err(too_large("more than 67,108,864 rows have no column that is read")),
        false => Ok(()),
    }
}

fn check_group(file: &Bytes, group: &RowGroupMetaData, wanted: impl Fn(usize) -> bool) -> Result<()> {
    let mut at_once: u64 = 0;
    for (leaf, column) in group.columns().iter().enumerate() {
        if !wanted(leaf) {
            continue;
        }
        let bytes = check_chunk(file, column, group.num_rows())
            .map_err(|error| error.with("column", column.column_path().string()))?;
        at_once = at_once.saturating_add(bytes);
    }
    match at_once > MOST_AT_ONCE {
        true => Err(too_large(
            "256 rows of it, or a row with lists, may take more than 2 GiB",
        )),
        false => Ok(()),
    }
}

/// How many bytes the rows decoded at once may take.
fn check_chunk(file: &Bytes, column: &ColumnChunkMetaData, rows: i64) -> Result<u64> {
    let descriptor = column.column_descr();
    let is_repeated = descriptor.max_rep_level() > 0;
    let is_fixed = descriptor.physical_type() == Type::FIXED_LEN_BYTE_ARRAY;
    if is_fixed && descriptor.type_length() > WIDEST_FIXED {
        return Err(too_large("its values of fixed length are larger than 64 KiB"));
    }
    if column.compression() == Compression::LZO {
        return Err(failure(FORMAT_NOT_SUPPORTED, "its pages are compressed with LZO"));
    }
    let mut rest = chunk(file, column).ok_or_else(|| damaged("a column lies beyond the file"))?;
    let mut seen = Seen::default();
    while !rest.is_empty() {
        let header = PageHeader::read(rest).map_err(|_| damaged("the header of a page cannot be read"))?;
        let packed = usize::try_from(header.packed).ok();
        let end = packed.and_then(|packed| header.length.checked_add(packed));
        let page = end.and_then(|end| rest.get(header.length..end));
        let page = page.ok_or_else(|| damaged("a page lies beyond its column"))?;
        seen.add(&header, check_page(&header, page, column.compression())?);
        rest = &rest[header.length + page.len()..];
    }
    let values = seen
        .values
        .max(u64::try_from(column.num_values()).unwrap_or_default());
    if is_repeated && values > MOST_VALUES {
        return Err(too_large("a row group has more than 67,108,864 values in lists"));
    }
    let whole = match seen.has_lengths {
        true => lengths::of_column(file, column, usize::try_from(rows).unwrap_or_default())?,
        false => lengths::Whole::default(),
    };
    Ok(match is_repeated {
        // One row can have all values. Text is not copied out of its pages.
        true => {
            let pages = match descriptor.physical_type() {
                Type::BYTE_ARRAY => seen.pages,
                _ => 0,
            };
            let values = values.saturating_mul(LEVELS + width(column));
            values.saturating_add(pages).saturating_add(whole.total)
        }
        false => {
            let longest = whole.longest.saturating_mul(ROWS_AT_ONCE as u64);
            seen.most_at_once.saturating_add(whole.total.min(longest))
        }
    })
}

/// The bytes that a value takes; of text, those of its place.
fn width(column: &ColumnChunkMetaData) -> u64 {
    match column.column_descr().physical_type() {
        Type::BYTE_ARRAY => 16,
        Type::FIXED_LEN_BYTE_ARRAY => u64::try_from(column.column_descr().type_length()).unwrap_or_default(),
        Type::INT96 => 12,
        Type::INT64 | Type::DOUBLE => 8,
        _ => 4,
    }
}

/// What was seen of the pages of a column.
#[derive(Default)]
struct Seen {
    values: u64,
    /// The bytes of all pages, unpacked.
    pages: u64,
    dictionary: u64,
    /// The bytes of the dictionary and of those pages that rows decoded at once can come from.
    most_at_once: u64,
    has_lengths: bool,
    /// The values and bytes of the last pages, the bytes of all of them, and the values of those between the first and the last.
    last: VecDeque<(u64, u64)>,
    open: u64,
    between: u64,
}

impl Seen {
    fn add(&mut self, header: &PageHeader, unpacked: u64) {
        self.pages = self.pages.saturating_add(unpacked);
        if !header.is_data() {
            self.dictionary = self.dictionary.max(unpacked);
            return;
        }
        let values = u64::try_from(header.values).unwrap_or_default();
        self.values = self.values.saturating_add(values);
        self.has_lengths |=
            header.is(Encoding::DELTA_BYTE_ARRAY) || header.is(Encoding::DELTA_LENGTH_BYTE_ARRAY);
        if self.last.len() > 1 {
            self.between += self.last.back().map_or(0, |(values, _)| *values);
        }
        self.last.push_back((values, unpacked));
        self.open += unpacked;
        // With a row of the first and one of the last, those between are too many.
        while self.between + 2 > ROWS_AT_ONCE as u64 {
            self.open -= self.last.pop_front().map_or(0, |(_, bytes)| bytes);
            self.between -= self.last.front().map_or(0, |(values, _)| *values);
        }
        self.most_at_once = self.most_at_once.max(self.dictionary.saturating_add(self.open));
    }
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

/// How large a page is when it is unpacked.
fn check_page(header: &PageHeader, page: &[u8], codec: Compression) -> Result<u64> {
    let unpacked = u64::try_from(header.unpacked).map_err(|_| damaged("a page has fewer than no bytes"))?;
    if unpacked > LARGEST_RECORD as u64 {
        return Err(too_large("a page is larger than 64 MiB"));
    }
    if header.values < 0 {
        return Err(damaged("a page has fewer than no values"));
    }
    let levels = header
        .levels()
        .ok_or_else(|| damaged("a page has fewer than no levels"))?;
    let packed = page
        .get(levels..)
        .ok_or_else(|| damaged("a page is shorter than its levels"))?;
    let expected = unpacked.saturating_sub(levels as u64);
    match codec {
        _ if header.is_plain || expected == 0 => {}
        Compression::GZIP(_) => fits(MultiGzDecoder::new(packed), expected)?,
        Compression::BROTLI(_) => fits(brotli::Decompressor::new(packed, 4096), expected)?,
        // The format says blocks; frames would be unpacked without an end.
        Compression::LZ4 if packed.starts_with(&[0x04, 0x22, 0x4d, 0x18]) => {
            let why = "its pages are LZ4 frames, and not blocks";
            return Err(failure(FORMAT_NOT_SUPPORTED, why));
        }
        // The others unpack no more than the header says.
        _ => {}
    }
    Ok(unpacked)
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
