//! Lengths of values that are written as differences: what is short in the file can be long in memory.

use bytes::Bytes;
use kusto_ingest_core::Result;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader as _};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::serialized_reader::SerializedPageReader;

use super::deltas::integers;
use super::thrift::Malformed;
use super::{damaged, guarded, too_large};

/// The most lengths of a page.
const MOST_LENGTHS: usize = 1 << 24;

/// What the values of pages take when they are whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Whole {
    pub(super) longest: u64,
    pub(super) total: u64,
}

/// Reads the lengths of a column of which some pages have differences.
pub(super) fn of_column(file: &Bytes, column: &ColumnChunkMetaData, rows: usize) -> Result<Whole> {
    let reader = || SerializedPageReader::new(file.clone().into(), column, rows, None);
    let mut pages = guarded(reader)?;
    let mut whole = Whole::default();
    while let Some(page) = guarded(|| pages.get_next_page())? {
        let values = match page.encoding() {
            Encoding::DELTA_BYTE_ARRAY | Encoding::DELTA_LENGTH_BYTE_ARRAY => values(&page, column),
            _ => continue,
        };
        let values = values.ok_or_else(|| damaged("a page is shorter than its levels"))?;
        if values.is_empty() {
            continue;
        }
        let most = usize::try_from(page.num_values()).unwrap_or(usize::MAX);
        if most > MOST_LENGTHS {
            return Err(too_large("a page has more than 16,777,216 lengths"));
        }
        let read = match page.encoding() {
            Encoding::DELTA_BYTE_ARRAY => shared(values, most, &mut whole),
            _ => integers(values, most).map(drop),
        };
        read.map_err(|_| damaged("the lengths of its values cannot be read"))?;
    }
    Ok(whole)
}

/// The values of a page, behind its levels.
fn values<'a>(page: &'a Page, column: &ColumnChunkMetaData) -> Option<&'a [u8]> {
    match page {
        Page::DataPage {
            buf,
            num_values,
            def_level_encoding,
            rep_level_encoding,
            ..
        } => {
            let descriptor = column.column_descr();
            let mut bytes = &buf[..];
            for (encoding, highest) in [
                (rep_level_encoding, descriptor.max_rep_level()),
                (def_level_encoding, descriptor.max_def_level()),
            ] {
                if highest > 0 {
                    bytes = behind_levels(bytes, *encoding, highest, *num_values)?;
                }
            }
            Some(bytes)
        }
        Page::DataPageV2 {
            buf,
            def_levels_byte_len,
            rep_levels_byte_len,
            ..
        } => buf.get(def_levels_byte_len.checked_add(*rep_levels_byte_len)? as usize..),
        Page::DictionaryPage { .. } => None,
    }
}

fn behind_levels(bytes: &[u8], encoding: Encoding, highest: i16, values: u32) -> Option<&[u8]> {
    if encoding == Encoding::RLE {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        return rest.get(u32::from_le_bytes(*length) as usize..);
    }
    // The other encoding, of old, packs bits.
    let bits = u64::from(i16::BITS - highest.leading_zeros());
    let length = (u64::from(values) * bits).div_ceil(8);
    bytes.get(usize::try_from(length).ok()?..)
}

/// Values that begin as the one before: how much of it, and how much is added.
fn shared(bytes: &[u8], most: usize, whole: &mut Whole) -> Result<(), Malformed> {
    let (shared, rest) = integers(bytes, most)?;
    let (added, rest) = integers(rest, most)?;
    if shared.len() != added.len() {
        return Err(Malformed);
    }
    let (mut last, mut all) = (0_u64, 0_u64);
    for (shared, added) in shared.into_iter().zip(added) {
        let added = u64::try_from(added).map_err(|_| Malformed)?;
        // Fewer than none are all of them to the library.
        let shared = u64::try_from(shared).unwrap_or(u64::MAX);
        last = last.min(shared) + added;
        all += added;
        whole.longest = whole.longest.max(last);
        whole.total = whole.total.saturating_add(last);
    }
    match all <= rest.len() as u64 {
        true => Ok(()),
        false => Err(Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shares_its_beginning_is_counted_whole() {
        // A value of 3 bytes, and 3 more that are the same: no bits of differences.
        let shared_lengths = [
            0x80,
            0x01,
            0x04,
            0x04,
            0x00,
            0x00,
            2,
            0,
            0,
            0,
            0b0000_0011,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
        ];
        let (numbers, _) = integers(&shared_lengths, 4).expect("it is right");
        assert_eq!(numbers, [0, 3, 3, 3]);
        let added_lengths = [
            0x80,
            0x01,
            0x04,
            0x04,
            0x06,
            0x05,
            2,
            0,
            0,
            0,
            0b0011_1100,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
        ];
        let (numbers, _) = integers(&added_lengths, 4).expect("it is right");
        assert_eq!(numbers, [3, 0, 0, 0]);
        let bytes = [&shared_lengths[..], &added_lengths, b"abc"].concat();
        let mut whole = Whole::default();
        shared(&bytes, 4, &mut whole).expect("it is right");
        assert_eq!(
            whole,
            Whole {
                longest: 3,
                total: 12
            }
        );
        assert!(shared(&bytes[..bytes.len() - 1], 4, &mut whole).is_err());
    }
}
