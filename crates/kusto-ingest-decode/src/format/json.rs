//! JSON: one value a line (json), the whole source one value (singlejson), or an array of objects or objects one
//! after the other (multijson).

use std::fmt;
use std::io::BufRead;
use std::ops::ControlFlow;

use kusto_ingest_core::Result;
use serde::de::{DeserializeSeed, Deserializer as _, Error as _, SeqAccess, Visitor};
use serde_json::Deserializer;
use serde_json::value::RawValue;

use super::next_line;
use crate::WarningKind;
use crate::code::{INVALID_BLOB, failure, unreadable};
use crate::output::Output;
use crate::record::{Document, Record};

/// Makes every line a row; lines that are not JSON are left out, as the service does.
pub(crate) fn decode_lines(input: &mut impl BufRead, output: &mut Output<'_>) -> Result<ControlFlow<()>> {
    let mut line = Vec::new();
    while next_line(input, &mut line)? {
        let text = String::from_utf8_lossy(&line);
        if text.trim().is_empty() {
            continue;
        }
        let flow = match serde_json::from_str::<&RawValue>(&text) {
            Ok(raw) => emit(raw, output),
            Err(_) => output.leave_out(WarningKind::RecordUnreadable),
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Makes the one value of the source a row.
pub(crate) fn decode_single(input: &mut impl BufRead, output: &mut Output<'_>) -> Result<ControlFlow<()>> {
    if first_letter(input)?.is_none() {
        return Ok(ControlFlow::Continue(()));
    }
    Ok(emit(&single(input)?, output))
}

/// The one value of the source.
pub(crate) fn single(input: &mut impl BufRead) -> Result<Box<RawValue>> {
    serde_json::from_reader(input).map_err(broken)
}

/// Makes every element of an array, or every value of a sequence, a row.
pub(crate) fn decode_multi(input: &mut impl BufRead, output: &mut Output<'_>) -> Result<ControlFlow<()>> {
    for_each(input, &mut |raw| emit(raw, output))
}

/// Gives out every element of an array, or every value of a sequence.
pub(crate) fn for_each(
    input: &mut impl BufRead,
    each: &mut dyn FnMut(&RawValue) -> ControlFlow<()>,
) -> Result<ControlFlow<()>> {
    match first_letter(input)? {
        None => Ok(ControlFlow::Continue(())),
        Some(b'[') => {
            let mut stopped = false;
            let mut deserializer = Deserializer::from_reader(input);
            let read = deserializer
                .deserialize_seq(Elements {
                    each,
                    stopped: &mut stopped,
                })
                .and_then(|()| deserializer.end());
            match read {
                _ if stopped => Ok(ControlFlow::Break(())),
                Ok(()) => Ok(ControlFlow::Continue(())),
                Err(error) => Err(broken(error)),
            }
        }
        Some(_) => {
            for raw in Deserializer::from_reader(input).into_iter::<Box<RawValue>>() {
                let flow = each(&raw.map_err(broken)?);
                if flow.is_break() {
                    return Ok(flow);
                }
            }
            Ok(ControlFlow::Continue(()))
        }
    }
}

/// A record that is no object has nothing for columns that go by name.
fn emit(raw: &RawValue, output: &mut Output<'_>) -> ControlFlow<()> {
    match Document::new(raw) {
        Some(document) if document.is_object() || !output.is_by_name() => {
            output.record(&Record::Json(&document))
        }
        _ => output.leave_out(WarningKind::RecordUnreadable),
    }
}

/// Skips blanks; the first other letter, which is left in its place.
fn first_letter(input: &mut impl BufRead) -> Result<Option<u8>> {
    loop {
        let chunk = input.fill_buf().map_err(unreadable)?;
        if chunk.is_empty() {
            return Ok(None);
        }
        let blanks = chunk.iter().take_while(|next| next.is_ascii_whitespace()).count();
        let first = chunk.get(blanks).copied();
        input.consume(blanks);
        if first.is_some() {
            return Ok(first);
        }
    }
}

/// The error of data that is not JSON, or of a reader that failed.
fn broken(error: serde_json::Error) -> kusto_ingest_core::Error {
    match error.is_io() {
        true => unreadable(error.into()),
        false => failure(INVALID_BLOB, format!("it is not JSON: {error}")),
    }
}

/// Visits an array without keeping it.
struct Elements<'a> {
    each: &'a mut dyn FnMut(&RawValue) -> ControlFlow<()>,
    stopped: &'a mut bool,
}

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        while let Some(raw) = array.next_element_seed(Raw)? {
            if (self.each)(&raw).is_break() {
                *self.stopped = true;
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

/// One element, as its text.
struct Raw;

impl<'de> DeserializeSeed<'de> for Raw {
    type Value = Box<RawValue>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        serde::Deserialize::deserialize(deserializer)
    }
}
