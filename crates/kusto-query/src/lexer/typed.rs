//! Literals that name their type, such as `datetime(2020-01-01)`.

use kusto_ingest_decode::{ScalarType, Value as Stored};
use winnow::ascii::{alpha1, multispace0};
use winnow::combinator::{delimited, fail, terminated};
use winnow::{Parser, Result as Parsed};

use super::number::inside;
use crate::Value;
use crate::value::DAY;

/// A literal that names its type. Anything but a literal in the parentheses is none.
pub(super) fn literal_of_type(input: &mut &str) -> Parsed<(Value, ScalarType)> {
    let name = terminated(alpha1, multispace0).parse_next(input)?;
    let scalar_type = ScalarType::of_name(name)
        .filter(|scalar_type| !matches!(scalar_type, ScalarType::String | ScalarType::Dynamic));
    let Some(scalar_type) = scalar_type else {
        return fail.parse_next(input);
    };
    let text = delimited('(', inside, ')').parse_next(input)?;
    match read(text.trim(), scalar_type) {
        Some(value) => Ok((value, scalar_type)),
        None => fail.parse_next(input),
    }
}

fn read(text: &str, scalar_type: ScalarType) -> Option<Value> {
    let quoted = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    let text = quoted('"').or_else(|| quoted('\'')).unwrap_or(text);
    if text.is_empty() || text.eq_ignore_ascii_case("null") {
        return (!text.is_empty()).then_some(Value::Null);
    }
    if scalar_type == ScalarType::Timespan {
        // A number alone is days.
        if let Ok(days) = text.parse::<i64>() {
            return days.checked_mul(DAY).map(Value::Timespan);
        }
        if let Ok((value @ Value::Timespan(_), _)) = super::number::number.parse(text) {
            return Some(value);
        }
    }
    Stored::parse(text, scalar_type).map(Value::from)
}
