//! Files that are written by hand: their numbers, and how many rows are read of them.

use std::ops::ControlFlow;

use kusto_ingest_core::{DataFormat, Result};
use kusto_ingest_decode::{DecodeEvent, DecodeOptions, decode_each};

/// How many rows a file has, of which each is read.
pub(crate) fn count_rows(file: &[u8], format: DataFormat, columns: &str) -> Result<u64> {
    let mut rows = 0;
    let columns = columns.parse().expect("the test is right");
    decode_each(file, &DecodeOptions::new(format), &columns, |event| {
        rows += u64::from(matches!(event, DecodeEvent::Row(_)));
        ControlFlow::Continue(())
    })?;
    Ok(rows)
}

/// A number in seven bits a byte, as all three formats have it.
pub(crate) fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    bytes.push(value.to_le_bytes()[0]);
    bytes
}

/// A number as Avro has it.
#[cfg(feature = "avro")]
pub(crate) fn long(number: i64) -> Vec<u8> {
    varint(((number << 1) ^ (number >> 63)).cast_unsigned())
}

/// Bytes as Avro has them.
#[cfg(feature = "avro")]
pub(crate) fn sized(bytes: &[u8]) -> Vec<u8> {
    [long(bytes.len() as i64), bytes.to_vec()].concat()
}
