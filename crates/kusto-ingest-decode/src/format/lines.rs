//! Text without fields: one line a record (txt), or the whole source one record (raw).

use std::borrow::Cow;
use std::io::{BufRead, Read};
use std::ops::ControlFlow;

use kusto_ingest_core::Result;

use crate::DecodeOptions;
use crate::code::{TOO_LARGE, failure, unreadable};
use crate::output::Output;
use crate::record::{LARGEST_RECORD, Record};

/// Makes every line that is not empty a row.
pub(crate) fn decode_text(
    input: &mut impl BufRead,
    options: &DecodeOptions,
    output: &mut Output<'_>,
) -> Result<ControlFlow<()>> {
    let mut line = Vec::new();
    let mut is_header = options.ignore_first_record;
    while next_line(input, &mut line)? {
        if line.is_empty() {
            continue;
        }
        if std::mem::take(&mut is_header) {
            output.skip();
            continue;
        }
        let flow = output.record(&Record::Text(String::from_utf8_lossy(&line)));
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Makes the whole source a row.
pub(crate) fn decode_raw(input: &mut impl BufRead, output: &mut Output<'_>) -> Result<ControlFlow<()>> {
    let mut bytes = Vec::new();
    let read = input
        .take(LARGEST_RECORD as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    match read {
        0 => Ok(ControlFlow::Continue(())),
        _ if read > LARGEST_RECORD => Err(failure(TOO_LARGE, "the source is larger than 64 MiB")),
        _ => Ok(output.record(&Record::Text(Cow::Owned(lossy(bytes))))),
    }
}

/// Reads a line without its end into `line`; false at the end of the source.
pub(crate) fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool> {
    line.clear();
    let read = input
        .take(LARGEST_RECORD as u64 + 1)
        .read_until(b'\n', line)
        .map_err(unreadable)?;
    if read > LARGEST_RECORD {
        return Err(failure(TOO_LARGE, "a line is larger than 64 MiB"));
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(read > 0)
}

/// The bytes as text, copied only where they are not UTF-8.
pub(crate) fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
