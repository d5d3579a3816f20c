//! `parse`: values between pieces of text.

use kusto_ingest_decode::ScalarType;

use crate::Value;
use crate::syntax::{ParsePart, ParsePattern};
use crate::value::cast;

/// The longest text of a value that is no text, in bytes.
const LONGEST_VALUE: usize = 40;

/// What a text holds for one of the columns of a pattern; the missing value where the text does not fit. The place behind
/// the last column says whether it fits.
pub(crate) fn parsed(pattern: &ParsePattern, value: &Value, place: usize) -> Value {
    let text = value.to_string();
    let types: Vec<ScalarType> = pattern
        .parts
        .iter()
        .filter_map(|part| match part {
            ParsePart::Column(_, scalar_type) => Some(*scalar_type),
            _ => None,
        })
        .collect();
    let found = find(&pattern.parts, &text).filter(|found| pattern.is_relaxed || are_of(found, &types));
    let Some(scalar_type) = types.get(place) else {
        return Value::Bool(found.is_some());
    };
    let piece = found.and_then(|found| found.get(place).copied());
    piece.map_or(Value::missing(*scalar_type), |piece| {
        cast(&Value::text(piece), *scalar_type)
    })
}

/// Whether every piece of text is a value of its column's type.
fn are_of(pieces: &[&str], types: &[ScalarType]) -> bool {
    let mut pieces = pieces.iter().zip(types);
    pieces.all(|(piece, scalar_type)| {
        *scalar_type == ScalarType::String || !cast(&Value::text(piece), *scalar_type).is_null()
    })
}

/// The text of every column, where the whole text fits.
fn find<'a>(parts: &[ParsePart], text: &'a str) -> Option<Vec<&'a str>> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut parts = parts.iter().peekable();
    while let Some(part) = parts.next() {
        match part {
            ParsePart::Text(wanted) => rest = rest.strip_prefix(wanted.as_str())?,
            ParsePart::Star | ParsePart::Column(..) => {
                let end = match parts.peek() {
                    Some(ParsePart::Text(wanted)) => rest.find(wanted.as_str())?,
                    Some(ParsePart::Column(..) | ParsePart::Star) if matches!(part, ParsePart::Star) => 0,
                    Some(ParsePart::Star) => length_of_type(part, rest),
                    Some(_) | None => rest.len(),
                };
                let (piece, after) = rest.split_at(end);
                if matches!(part, ParsePart::Column(..)) {
                    found.push(piece);
                }
                rest = after;
            }
        }
    }
    rest.is_empty().then_some(found)
}

/// How long a text's beginning is that is a value of a column's type; all of it for texts.
fn length_of_type(part: &ParsePart, text: &str) -> usize {
    let ParsePart::Column(_, scalar_type) = part else {
        return 0;
    };
    if *scalar_type == ScalarType::String {
        return text.len();
    }
    let ends = text.char_indices().map(|(place, _)| place).chain([text.len()]);
    let ends: Vec<usize> = ends.take_while(|end| *end <= LONGEST_VALUE).collect();
    let is_value = |end: &&usize| !cast(&Value::text(&text[..**end]), *scalar_type).is_null();
    ends.iter().rev().find(is_value).copied().unwrap_or(0)
}
