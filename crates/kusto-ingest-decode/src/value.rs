//! One value of a row, read from text or JSON.

mod casting;
mod datetime;
mod decimal;
mod decoded;
mod dynamic;
mod from;
mod reading;

pub(crate) use casting::cast;
pub(crate) use datetime::{parse as parse_datetime, with_ticks};
pub use decimal::Decimal;
pub use decoded::DecodedValue;
pub use dynamic::Dynamic;
pub(crate) use reading::{Reading, not_of, read_json, read_text};

use std::fmt;

use kusto_ingest_core::{Timespan, Timestamp};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::{ScalarType, WarningKind};

/// One value of a row.
///
/// `Display` writes it as a field of a delimited format holds it: nothing for null, datetimes in ISO 8601, dynamic
/// values as JSON.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "Kusto has exactly these types")]
pub enum Value {
    /// Null. Columns of type string never have it.
    Null,
    /// True or false.
    Bool(bool),
    /// An integer of 32 bits.
    Int(i32),
    /// An integer of 64 bits.
    Long(i64),
    /// A floating-point number.
    Real(f64),
    /// A decimal number.
    Decimal(Decimal),
    /// A datetime in UTC.
    DateTime(Timestamp),
    /// A timespan.
    Timespan(Timespan),
    /// Text.
    String(String),
    /// A guid.
    Guid(Uuid),
    /// Any JSON value but null.
    Dynamic(Dynamic),
}

impl Value {
    /// The value of a column for which the data has none: the empty string, or null in all other types.
    #[must_use]
    pub fn missing(scalar_type: ScalarType) -> Self {
        match scalar_type {
            ScalarType::String => Self::String(String::new()),
            _ => Self::Null,
        }
    }

    /// Reads text as a value of a type; `None` when it is no such value, where the service stores null.
    ///
    /// Blank text is the [missing](Self::missing) value. Text that is not JSON is a dynamic value too: a string.
    ///
    /// ```
    /// use kusto_ingest_decode::{ScalarType, Value};
    ///
    /// assert_eq!(Value::parse("9007199254740993", ScalarType::Long), Some(Value::Long(9_007_199_254_740_993)));
    /// assert_eq!(Value::parse("", ScalarType::Long), Some(Value::Null));
    /// assert_eq!(Value::parse("3000000000", ScalarType::Int), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str, scalar_type: ScalarType) -> Option<Self> {
        match read_text(text.into(), scalar_type) {
            (_, Some(WarningKind::NotOfType(_))) => None,
            (value, _) => Some(value.into_value()),
        }
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// The value as the service's answers carry it in JSON: datetimes in ISO 8601 and UTC, timespans, decimals,
    /// guids, NaN and infinities as text, longs exact, dynamic values as they are.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::from(*value),
            Self::Int(value) => Json::from(*value),
            Self::Long(value) => Json::from(*value),
            Self::Real(value) if value.is_finite() => Json::from(*value),
            Self::Dynamic(value) => value.to_json(),
            Self::Real(_)
            | Self::Decimal(_)
            | Self::DateTime(_)
            | Self::Timespan(_)
            | Self::String(_)
            | Self::Guid(_) => Json::from(self.to_string()),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Long(value) => value.fmt(f),
            Self::Real(value) if value.is_nan() => f.write_str("NaN"),
            Self::Real(value) if value.is_infinite() && *value > 0.0 => f.write_str("Infinity"),
            Self::Real(value) if value.is_infinite() => f.write_str("-Infinity"),
            Self::Real(value) => write!(f, "{value:?}"),
            Self::Decimal(value) => value.fmt(f),
            Self::DateTime(value) => value.fmt(f),
            Self::Timespan(value) => value.fmt(f),
            Self::String(value) => value.fmt(f),
            Self::Guid(value) => value.fmt(f),
            Self::Dynamic(value) => value.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_a_value_or_null() {
        for (scalar_type, text, expect) in [
            ("bool", "TRUE", "true"),
            ("bool", "0", "false"),
            ("bool", "yes", "refused"),
            ("int", "-2147483648", "-2147483648"),
            ("int", "2147483648", "refused"),
            ("int", "1.5", "refused"),
            ("long", "9223372036854775807", "9223372036854775807"),
            ("long", "0x10", "16"),
            ("long", "9223372036854775808", "refused"),
            ("real", "1e3", "1000.0"),
            ("real", "nan", "NaN"),
            ("real", "-inf", "-Infinity"),
            ("real", "1e400", "refused"),
            ("decimal", "0.10", "0.10"),
            ("decimal", "1,5", "refused"),
            ("datetime", "2012/01/01", "2012-01-01T00:00:00.0000000Z"),
            ("timespan", "1.02:03:04.5", "1.02:03:04.5000000"),
            (
                "guid",
                "74BE27DE1E4E49D9B579FE0B331D3642",
                "74be27de-1e4e-49d9-b579-fe0b331d3642",
            ),
            ("dynamic", "{\"b\": 1, \"a\": 1e400}", "{\"b\":1,\"a\":null}"),
            ("dynamic", "plain", "\"plain\""),
            ("dynamic", "null", ""),
            ("long", " ", ""),
            ("string", " ", " "),
        ] {
            let read = Value::parse(text, scalar_type.parse().unwrap());
            let shown = read.map_or("refused".to_owned(), |value| value.to_string());
            assert_eq!(shown, expect, "{text:?} as {scalar_type}");
        }
    }

    #[test]
    fn answers_carry_what_json_cannot_hold_as_text() {
        let json = |text: &str, scalar_type| Value::parse(text, scalar_type).unwrap().to_json().to_string();
        assert_eq!(json("NaN", ScalarType::Real), "\"NaN\"");
        assert_eq!(json("-Infinity", ScalarType::Real), "\"-Infinity\"");
        assert_eq!(json("9007199254740993", ScalarType::Long), "9007199254740993");
        assert_eq!(json("0.10", ScalarType::Decimal), "\"0.10\"");
        assert_eq!(json("90m", ScalarType::Timespan), "\"01:30:00\"");
        assert_eq!(json("[1,null]", ScalarType::Dynamic), "[1,null]");
        assert_eq!(json("", ScalarType::String), "\"\"");
    }
}
