//! JSON: one value a line (json), the whole source one value (singlejson), or an array of objects or objects one
//! after the other (multijson).

use std::io::BufRead;
use std::ops::ControlFlow;

use kusto_ingest_core::Result;

use super::json_values::{Shape, Values};
use super::lines::Lines;
use crate::WarningKind;
use crate::code::{INVALID_BLOB, failure};
use crate::json::{fault, to_strict};
use crate::output::Output;
use crate::record::{Document, Record};

/// Makes every line a row; lines that are not JSON are left out, as the service does.
pub(crate) fn decode_lines(input: &mut impl BufRead, output: &mut Output<'_>) -> Result<ControlFlow<()>> {
    let mut lines = Lines::of(input);
    while let Some(line) = lines.next()? {
        let text = String::from_utf8_lossy(line.bytes);
        output.line = line.number;
        let flow = match read_line(&text) {
            Line::Blank => continue,
            Line::Valid => emit(&text, output),
            Line::Mended(strict) => emit(&strict, output),
            Line::Broken => output.leave_out(WarningKind::RecordUnreadable),
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// What a line of the format `json` is.
enum Line {
    /// Nothing, or a comment.
    Blank,
    Valid,
    /// Valid without its comments and single quotes.
    Mended(String),
    Broken,
}

fn read_line(text: &str) -> Line {
    if text.trim().is_empty() {
        return Line::Blank;
    }
    if fault(text).is_none() {
        return Line::Valid;
    }
    match to_strict(text) {
        Some(strict) if strict.trim().is_empty() => Line::Blank,
        Some(strict) if fault(&strict).is_none() => Line::Mended(strict),
        _ => Line::Broken,
    }
}

/// Gives out every line that is JSON, as it is when it is strict.
pub(crate) fn for_each_line(input: &mut impl BufRead, each: &mut dyn FnMut(&str)) -> Result<()> {
    let mut lines = Lines::of(input);
    while let Some(line) = lines.next()? {
        let text = String::from_utf8_lossy(line.bytes);
        match read_line(&text) {
            Line::Valid => each(&text),
            Line::Mended(strict) => each(&strict),
            // A line that is not JSON is left out when it is ingested, too.
            Line::Blank | Line::Broken => {}
        }
    }
    Ok(())
}

/// Makes the one value of the source, or all of its values, rows.
pub(crate) fn decode_values(
    input: &mut impl BufRead,
    shape: Shape,
    output: &mut Output<'_>,
) -> Result<ControlFlow<()>> {
    for_each(input, shape, &mut |line, text| {
        output.line = line;
        emit(text, output)
    })
}

/// Gives out every value of the source, with the line on which it begins.
pub(crate) fn for_each(
    input: &mut impl BufRead,
    shape: Shape,
    each: &mut dyn FnMut(u64, &str) -> ControlFlow<()>,
) -> Result<ControlFlow<()>> {
    let mut values = Values::new(input, shape);
    let mut value = Vec::new();
    while let Some(line) = values.read(&mut value)? {
        let text = String::from_utf8_lossy(&value);
        if let Some(error) = fault(&text) {
            // The parser counts lines within the value.
            let line = line + (error.line() as u64).saturating_sub(1);
            return Err(failure(INVALID_BLOB, format!("it is not JSON at line {line}")));
        }
        let flow = each(line, &text);
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// A record that is no object has nothing for columns that go by name.
fn emit(text: &str, output: &mut Output<'_>) -> ControlFlow<()> {
    let document = Document::new(text);
    match document.is_object() || !output.is_by_name() {
        true => output.record(&Record::Json(&document)),
        false => output.leave_out(WarningKind::RecordUnreadable),
    }
}
