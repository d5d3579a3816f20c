//! Reads values from text and JSON, with warnings.

use std::borrow::Cow;

use kusto_ingest_core::Timespan;
use uuid::Uuid;

use super::{Decimal, DecodedValue, Dynamic, Value, parse_datetime};
use crate::json::{fault, unescape};
use crate::{ScalarType, WarningKind};

/// A value, and a warning where it is not what the data says.
pub(crate) type Reading<'a> = (DecodedValue<'a>, Option<WarningKind>);

/// Reads text; what is no such value is the missing one.
pub(crate) fn read_text(text: Cow<'_, str>, scalar_type: ScalarType) -> Reading<'_> {
    match scalar_type {
        ScalarType::String => (DecodedValue::String(text), None),
        _ if text.trim().is_empty() => (DecodedValue::Other(Value::Null), None),
        ScalarType::Dynamic => read_dynamic(text.trim()),
        _ => found(scalar(text.trim(), scalar_type), scalar_type),
    }
}

/// Reads the text of one valid JSON value; what is no such value is the missing one.
pub(crate) fn read_json(raw: &str, scalar_type: ScalarType) -> Reading<'_> {
    match (raw.as_bytes().first(), scalar_type) {
        (None | Some(b'n'), _) => (DecodedValue::missing(scalar_type), None),
        (_, ScalarType::Dynamic) => valid_dynamic(raw),
        (Some(b'"'), _) => {
            let (text, is_mended) = unescape(raw.get(1..raw.len() - 1).unwrap_or_default());
            let (value, note) = read_text(text, scalar_type);
            (
                value,
                note.or(is_mended.then_some(WarningKind::SurrogateReplaced)),
            )
        }
        (Some(b'{' | b'['), ScalarType::String) => (DecodedValue::String(raw.into()), None),
        (Some(b'{' | b'['), _) => found(None, scalar_type),
        _ => read_text(raw.into(), scalar_type),
    }
}

/// Text that is not JSON is a dynamic value too: a string.
fn read_dynamic(text: &str) -> Reading<'static> {
    match fault(text) {
        None => valid_dynamic(text),
        Some(_) => (
            DecodedValue::Other(Value::Dynamic(Dynamic::of_string(text))),
            None,
        ),
    }
}

fn valid_dynamic(text: &str) -> Reading<'static> {
    match Dynamic::of_valid(text) {
        Some((value, note)) => (DecodedValue::Other(Value::Dynamic(value)), note),
        None if text.trim() == "null" => (DecodedValue::Other(Value::Null), None),
        None => found(None, ScalarType::Dynamic),
    }
}

fn found(value: Option<Value>, scalar_type: ScalarType) -> Reading<'static> {
    match value {
        Some(value) => (DecodedValue::Other(value), None),
        None => not_of(scalar_type),
    }
}

/// The missing value, with the remark that it stands for another one.
pub(crate) fn not_of(scalar_type: ScalarType) -> Reading<'static> {
    (
        DecodedValue::missing(scalar_type),
        Some(WarningKind::NotOfType(scalar_type)),
    )
}

/// A value of a type whose text is no JSON.
fn scalar(text: &str, scalar_type: ScalarType) -> Option<Value> {
    match scalar_type {
        ScalarType::Bool => parse_bool(text).map(Value::Bool),
        ScalarType::Int => parse_integer(text)
            .and_then(|number| number.try_into().ok())
            .map(Value::Int),
        ScalarType::Long => parse_integer(text).map(Value::Long),
        ScalarType::Real => parse_real(text).map(Value::Real),
        ScalarType::Decimal => Decimal::parse(text).map(Value::Decimal),
        ScalarType::DateTime => parse_datetime(text).map(Value::DateTime),
        ScalarType::Timespan => Timespan::parse(text).map(Value::Timespan),
        ScalarType::Guid => Uuid::try_parse(text).ok().map(Value::Guid),
        ScalarType::String | ScalarType::Dynamic => None,
    }
}

fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Decimal digits, or hexadecimal ones behind `0x`.
fn parse_integer(text: &str) -> Option<i64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) if !digits.starts_with('+') => i64::from_str_radix(digits, 16).ok(),
        Some(_) => None,
        None => text.parse().ok(),
    }
}

/// Digits beyond a double do not become infinity.
fn parse_real(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    let is_named = || !text.bytes().any(|next| next.is_ascii_digit());
    (number.is_finite() || number.is_nan() || is_named()).then_some(number)
}
