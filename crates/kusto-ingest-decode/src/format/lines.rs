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
    let mut lines = Lines::of(input);
    let mut is_header = options.ignore_first_record;
    while let Some(line) = lines.next()? {
        if line.bytes.is_empty() {
            continue;
        }
        if std::mem::take(&mut is_header) {
            output.skip_header();
            continue;
        }
        output.line = line.number;
        let flow = output.record(&Record::Text(String::from_utf8_lossy(line.bytes)));
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

/// Reads a source line by line.
pub(crate) struct Lines<R> {
    input: R,
    bytes: Vec<u8>,
    number: u64,
}

/// One line, without its end.
pub(crate) struct Line<'a> {
    pub(crate) bytes: &'a [u8],
    /// Its number in the source, from 1.
    pub(crate) number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn of(input: R) -> Self {
        Self {
            input,
            bytes: Vec::new(),
            number: 0,
        }
    }

    /// The next line; nothing at the end of the source.
    pub(crate) fn next(&mut self) -> Result<Option<Line<'_>>> {
        self.bytes.clear();
        self.number += 1;
        let mut input = self.input.by_ref().take(LARGEST_RECORD as u64 + 1);
        let read = input.read_until(b'\n', &mut self.bytes).map_err(unreadable)?;
        if read > LARGEST_RECORD {
            return Err(failure(
                TOO_LARGE,
                format!("line {} is larger than 64 MiB", self.number),
            ));
        }
        if read == 0 {
            return Ok(None);
        }
        let line = self.bytes.strip_suffix(b"\n").unwrap_or(&self.bytes);
        Ok(Some(Line {
            bytes: line.strip_suffix(b"\r").unwrap_or(line),
            number: self.number,
        }))
    }
}

/// The bytes as text, copied only where they are not UTF-8.
pub(crate) fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
