//! From one type to another, as the `to…` functions and implicit conversions do; and from and to rows of tables.

use std::sync::Arc;

use kusto_ingest_core::{Timespan, Timestamp};
use kusto_ingest_decode::{self as stored, ScalarType, Value as Stored};

use super::{Decimal, Value, now_ticks, parse_json, timestamp};

/// The value in another type; null where there is none.
pub(crate) fn cast(value: &Value, to: ScalarType) -> Value {
    match to {
        ScalarType::Dynamic => value.clone(),
        ScalarType::String => match value {
            Value::String(_) => value.clone(),
            other => other.to_string().into(),
        },
        _ => match value {
            Value::Null => Value::Null,
            Value::String(text) => read(text, to),
            other => converted(other, to).unwrap_or(Value::Null),
        },
    }
}

/// Text as a value of a type.
fn read(text: &str, to: ScalarType) -> Value {
    let real = || Stored::parse(text, ScalarType::Real).map(Value::from);
    match to {
        ScalarType::Int | ScalarType::Long => match Stored::parse(text, to) {
            Some(value) => value.into(),
            None => real()
                .and_then(|value| converted(&value, to))
                .unwrap_or(Value::Null),
        },
        _ => Stored::parse(text, to).map_or(Value::Null, Value::from),
    }
}

fn converted(value: &Value, to: ScalarType) -> Option<Value> {
    Some(match (value, to) {
        (Value::Dynamic(_), _) => return None,
        (Value::Bool(value), ScalarType::Bool) => Value::Bool(*value),
        (Value::Bool(value), ScalarType::Int) => Value::Int((*value).into()),
        (Value::Bool(value), ScalarType::Long) => Value::Long((*value).into()),
        (Value::Bool(value), ScalarType::Real) => Value::Real(f64::from(u8::from(*value))),
        (value, ScalarType::Bool) => Value::Bool(value.as_real()? != 0.0),
        (value, ScalarType::Int) => Value::Int(i32::try_from(whole(value)?).ok()?),
        (value, ScalarType::Long) => Value::Long(whole(value)?),
        (Value::Timespan(ticks) | Value::DateTime(ticks), ScalarType::Real) => {
            Value::Long(*ticks).as_real()?.into()
        }
        (value, ScalarType::Real) => Value::Real(value.as_real()?),
        (Value::Decimal(_), ScalarType::Decimal)
        | (Value::DateTime(_), ScalarType::DateTime)
        | (Value::Timespan(_), ScalarType::Timespan)
        | (Value::Guid(_), ScalarType::Guid) => value.clone(),
        (Value::Real(value), ScalarType::Decimal) => Value::Decimal(Arc::new(Decimal::from_real(*value)?)),
        (value, ScalarType::Decimal) => Value::Decimal(Arc::new(Decimal::from_long(value.as_long()?))),
        (value, ScalarType::DateTime) => Value::DateTime(super::moment(value.as_long()?)?),
        (value, ScalarType::Timespan) => Value::Timespan(value.as_long()?),
        _ => return None,
    })
}

/// A number without its fraction.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::DateTime(ticks) | Value::Timespan(ticks) => Some(*ticks),
        Value::Decimal(value) => value.to_long(),
        Value::Real(value) => {
            let cut = value.trunc();
            #[expect(clippy::cast_possible_truncation, reason = "it is within the range")]
            let number = cut as i64;
            #[expect(clippy::cast_precision_loss, reason = "the ends of the range are exact")]
            let fits = cut >= i64::MIN as f64 && cut < i64::MAX as f64;
            fits.then_some(number)
        }
        other => other.as_long(),
    }
}

impl From<Stored> for Value {
    fn from(value: Stored) -> Self {
        match value {
            Stored::Null => Self::Null,
            Stored::Bool(value) => Self::Bool(value),
            Stored::Int(value) => Self::Int(value),
            Stored::Long(value) => Self::Long(value),
            Stored::Real(value) => Self::Real(value),
            Stored::Decimal(value) => {
                Decimal::parse(value.as_str()).map_or(Self::Null, |value| Self::Decimal(Arc::new(value)))
            }
            Stored::DateTime(at) => Self::DateTime(now_ticks(at)),
            Stored::Timespan(span) => Self::Timespan(span.ticks()),
            Stored::String(text) => Self::String(text.into()),
            Stored::Guid(value) => Self::Guid(value),
            Stored::Dynamic(value) => Self::of_json_text(value.as_str()),
        }
    }
}

impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Self {
        Self::DateTime(now_ticks(at))
    }
}

impl Value {
    /// The value as a column of a type keeps it in a table; null where it is of another type.
    #[must_use]
    pub fn to_stored(&self, scalar_type: ScalarType) -> Stored {
        match (self, scalar_type) {
            (Self::Null, _) => Stored::missing(scalar_type),
            (value, ScalarType::Dynamic) => {
                let mut json = String::new();
                value.write_json(&mut json);
                stored::Dynamic::parse(&json).map_or(Stored::Null, Stored::Dynamic)
            }
            (Self::Bool(value), _) => Stored::Bool(*value),
            (Self::Int(value), _) => Stored::Int(*value),
            (Self::Long(value), _) => Stored::Long(*value),
            (Self::Real(value), _) => Stored::Real(*value),
            (Self::Decimal(value), _) => {
                stored::Decimal::parse(&value.to_string()).map_or(Stored::Null, Stored::Decimal)
            }
            (Self::DateTime(ticks), _) => Stored::DateTime(timestamp(*ticks)),
            (Self::Timespan(ticks), _) => Stored::Timespan(Timespan::from_ticks(*ticks)),
            (Self::String(text), _) => Stored::String(text.to_string()),
            (Self::Guid(value), _) => Stored::Guid(*value),
            (Self::Dynamic(_), _) => Stored::missing(scalar_type),
        }
    }
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        match json {
            serde_json::Value::String(text) => Self::String(text.into()),
            other => parse_json(&other.to_string()).unwrap_or(Self::Null),
        }
    }
}
