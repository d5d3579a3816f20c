//! Avro: a file says its schema first, then come blocks of records.

mod blocks;
mod datum;
mod shape;

use std::io::BufRead;
use std::ops::ControlFlow;

use kusto_ingest_core::{DataFormat, Result};

use self::blocks::{Block, Blocks};
use self::datum::{Data, damaged};
use crate::ScalarType;
use crate::output::Output;
use crate::record::{Casts, MOST_FREE, Record};

/// Gives out the records of a file. The older reader, of the format `avro`, knows no logical types.
pub(crate) fn decode(
    input: &mut impl BufRead,
    format: DataFormat,
    output: &mut Output<'_>,
) -> Result<ControlFlow<()>> {
    let mut blocks = Blocks::open(input, format)?;
    output.line = 0;
    let mut free = MOST_FREE;
    while let Some(Block { count, bytes }) = blocks.next()? {
        let mut data = Data::new(&bytes, &blocks.shapes, free);
        data.expect(count)?;
        for _ in 0..count {
            let root = data.record()?;
            let flow = output.record(&Record::Typed {
                root: &root,
                casts: Casts::ByText,
            });
            if flow.is_break() {
                return Ok(flow);
            }
        }
        if !data.is_empty() {
            return Err(damaged("a block is longer than its records"));
        }
        free = data.free();
    }
    Ok(ControlFlow::Continue(()))
}

/// The columns of a file, as its schema says.
pub(crate) fn columns_of(mut file: &[u8], format: DataFormat) -> Result<Vec<(String, ScalarType)>> {
    Ok(Blocks::open(&mut file, format)?.shapes.columns())
}
