//! ORC: stripes of columns, each read value by value.
//!
//! Read here and not by a library: `orc-rust` brings a second Arrow, and unpacks whatever a chunk holds.

mod columns;
mod description;
mod opening;
mod proto;
mod runs;
mod stream;

use std::collections::BTreeSet;
use std::io::Read;
use std::ops::ControlFlow;

use bytes::Bytes;
use kusto_ingest_core::{Error, Result};

use self::columns::Budget;
use self::description::Footer;
use self::opening::Opening;
use self::stream::Room;
use crate::ScalarType;
use crate::code::{INVALID_BLOB, NO_RECORDS, TOO_LARGE, failure, unreadable};
use crate::output::Output;
use crate::record::{Casts, LARGEST_RECORD, MOST_FREE, Record};

/// The largest file: its description is at its end, so that all of it is in memory.
const LARGEST_FILE: u64 = 1 << 30;

/// Gives out every row as a record.
pub(crate) fn decode(input: impl Read, output: &mut Output<'_>) -> Result<ControlFlow<()>> {
    let file = read(input)?;
    let footer = Footer::read(&file)?;
    let roots = output.roots();
    let is_wanted = |name: &str| {
        roots
            .as_ref()
            .is_none_or(|roots: &BTreeSet<String>| roots.contains(name))
    };
    output.line = 0;
    let mut left = Budget {
        record: LARGEST_RECORD,
        free: MOST_FREE,
    };
    for stripe in &footer.stripes {
        let stripe_footer = stripe.footer(&file, footer.packing)?;
        let opening = Opening {
            types: &footer.types,
            footer: &stripe_footer,
            packing: footer.packing,
            room: Room::new(),
        };
        let mut rows = opening.column(0, 0, &is_wanted)?;
        rows.expect(stripe.rows, &left)?;
        for _ in 0..stripe.rows {
            left.record = LARGEST_RECORD;
            let root = rows.next(&mut left)?;
            let flow = output.record(&Record::Typed {
                root: &root,
                casts: Casts::ByText,
            });
            if flow.is_break() {
                return Ok(flow);
            }
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// The columns of a file, each with the type that takes all its values.
pub(crate) fn columns_of(file: &[u8]) -> Result<Vec<(String, ScalarType)>> {
    let types = Footer::read(&read(file)?)?.types;
    let root = &types[0];
    let columns = root.names.iter().zip(&root.inner);
    let column = |(name, at): (&String, &usize)| {
        let scalar_type = match types[*at].kind {
            0 => ScalarType::Bool,
            1..=3 => ScalarType::Int,
            4 => ScalarType::Long,
            5 | 6 => ScalarType::Real,
            9 | 15 | 18 => ScalarType::DateTime,
            10..=13 => ScalarType::Dynamic,
            14 => ScalarType::Decimal,
            _ => ScalarType::String,
        };
        (name.clone(), scalar_type)
    };
    Ok(columns.map(column).collect())
}

fn read(input: impl Read) -> Result<Bytes> {
    let mut bytes = Vec::new();
    let read = input
        .take(LARGEST_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    match bytes.as_slice() {
        [] => Err(failure(NO_RECORDS, "the source has no records")),
        _ if read as u64 > LARGEST_FILE => Err(failure(TOO_LARGE, "the ORC file is larger than 1 GiB")),
        _ if !bytes.starts_with(b"ORC") => Err(failure(
            NO_RECORDS,
            "the source is no ORC file: it does not begin with ORC",
        )),
        _ if !ends_as_orc(&bytes) => Err(failure(
            INVALID_BLOB,
            "the ORC file is cut off: it does not end with ORC",
        )),
        _ => Ok(bytes.into()),
    }
}

/// The last byte is the length of what is before it, which ends with the magic word.
fn ends_as_orc(bytes: &[u8]) -> bool {
    bytes.len() > 4 && bytes[..bytes.len() - 1].ends_with(b"ORC")
}

fn damaged(why: &str) -> Error {
    failure(INVALID_BLOB, format!("the ORC file is damaged: {why}"))
}

fn too_large(why: &str) -> Error {
    failure(TOO_LARGE, format!("the ORC file does not fit memory: {why}"))
}
