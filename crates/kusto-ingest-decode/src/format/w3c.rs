//! W3C extended log files: fields with blanks between, named by a `#Fields:` line.

use std::io::BufRead;
use std::ops::ControlFlow;

use kusto_ingest_core::Result;

use super::Lines;
use crate::WarningKind;
use crate::output::Output;
use crate::record::Record;

/// Makes every line behind a `#Fields:` line a row; a field `-` has no value.
pub(crate) fn decode(input: &mut impl BufRead, output: &mut Output<'_>) -> Result<ControlFlow<()>> {
    let mut lines = Lines::of(input);
    let mut names: Vec<String> = Vec::new();
    while let Some(line) = lines.next()? {
        let text = String::from_utf8_lossy(line.bytes);
        output.line = line.number;
        if let Some(directive) = text.strip_prefix('#') {
            if let Some(fields) = fields_of(directive) {
                names = fields;
            }
            continue;
        }
        let values = split(&text);
        let flow = match values.len() {
            0 => continue,
            found if found != names.len() => output.leave_out(WarningKind::RecordUnreadable),
            _ => output.record(&Record::Named {
                names: &names,
                values: &values,
            }),
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// The names in a `#Fields:` line, given without its `#`.
pub(crate) fn fields_of(directive: &str) -> Option<Vec<String>> {
    let (key, names) = directive.split_once(':')?;
    key.trim()
        .eq_ignore_ascii_case("fields")
        .then(|| names.split_whitespace().map(str::to_owned).collect())
}

/// The values of a line; one in quotes may hold blanks.
pub(crate) fn split(line: &str) -> Vec<&str> {
    let mut values = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let quoted = rest.strip_prefix('"').and_then(|inner| inner.split_once('"'));
        let (value, after) = match quoted {
            Some(parts) => parts,
            None => rest.split_once([' ', '\t']).unwrap_or((rest, "")),
        };
        values.push(value);
        rest = after.trim_start();
    }
    values
}
