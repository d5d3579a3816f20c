//! The text of a schema: `name:type` with commas between, names bare, quoted or bracketed.

use std::fmt::{self, Write as _};

use kusto_ingest_core::Result;

use super::refuse;
use crate::Column;

/// Reads the columns; parentheses around them may be there.
pub(super) fn parse(text: &str) -> Result<Vec<Column>> {
    let text = text.trim();
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let mut rest = inner.unwrap_or(text).trim();
    let mut columns = Vec::new();
    if rest.is_empty() {
        return Ok(columns);
    }
    loop {
        let (name, after) = name(rest)?;
        let Some(after) = after.trim_start().strip_prefix(':') else {
            return Err(refuse(format!("column {name:?} has no type")));
        };
        let end = after.find(',').unwrap_or(after.len());
        columns.push(Column::new(name, after[..end].parse()?));
        let Some(next) = after.get(end + 1..) else {
            return Ok(columns);
        };
        rest = next.trim_start();
    }
}

/// Writes a name, in brackets unless it is a plain identifier.
pub(super) fn write_name(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let plain = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .chars()
            .all(|next| next.is_ascii_alphanumeric() || next == '_');
    if plain {
        return f.write_str(name);
    }
    f.write_str("['")?;
    for next in name.chars() {
        if matches!(next, '\\' | '\'') {
            f.write_char('\\')?;
        }
        f.write_char(next)?;
    }
    f.write_str("']")
}

/// The name at the front, and what follows it.
fn name(text: &str) -> Result<(String, &str)> {
    let (bracketed, inner) = match text.strip_prefix('[') {
        Some(inner) => (true, inner.trim_start()),
        None => (false, text),
    };
    let quote = inner.chars().next().filter(|first| matches!(first, '\'' | '"'));
    let Some(quote) = quote else {
        let end = text.find([':', ',']).unwrap_or(text.len());
        let name = text[..end].trim();
        return match name {
            "" => Err(refuse("a column has no name".to_owned())),
            _ if bracketed => Err(refuse(format!("{name:?} has no quotes in its brackets"))),
            _ => Ok((name.to_owned(), &text[end..])),
        };
    };
    let open = || refuse(format!("the name that starts with {text:?} is not closed"));
    let (name, rest) = quoted(&inner[1..], quote).ok_or_else(open)?;
    if !bracketed {
        return Ok((name, rest));
    }
    let rest = rest.trim_start().strip_prefix(']').ok_or_else(open)?;
    Ok((name, rest))
}

/// What stands before the closing quote, without its escapes, and what follows the quote.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut letters = text.char_indices();
    while let Some((at, next)) = letters.next() {
        match next {
            '\\' => name.push(letters.next()?.1),
            _ if next == quote => return Some((name, &text[at + 1..])),
            _ => name.push(next),
        }
    }
    None
}
