//! A value as text: what `tostring` gives, and what answers carry.

use std::fmt;

use kusto_ingest_core::Timespan;
use serde_json::Value as Json;

use super::{Value, timestamp};

impl fmt::Display for Value {
    /// As `tostring` writes it: nothing for null.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Long(value) => value.fmt(f),
            Self::Real(value) => write_real(f, *value),
            Self::Decimal(value) => value.fmt(f),
            Self::DateTime(ticks) => timestamp(*ticks).fmt(f),
            Self::Timespan(ticks) => Timespan::from_ticks(*ticks).fmt(f),
            Self::String(text) => f.write_str(text),
            Self::Guid(value) => value.fmt(f),
            Self::Dynamic(value) => f.write_str(value.as_str()),
        }
    }
}

impl Value {
    /// The value as the service's answers carry it in JSON: datetimes in ISO 8601 and UTC, timespans, decimals, guids,
    /// NaN and infinities as text, dynamic values as they are.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::from(*value),
            Self::Int(value) => Json::from(*value),
            Self::Long(value) => Json::from(*value),
            Self::Real(value) if value.is_finite() => Json::from(*value),
            Self::Dynamic(value) => serde_json::from_str(value.as_str()).unwrap_or_default(),
            other => Json::from(other.to_string()),
        }
    }
}

fn write_real(f: &mut fmt::Formatter<'_>, value: f64) -> fmt::Result {
    if value.is_nan() {
        f.write_str("NaN")
    } else if value.is_infinite() {
        f.write_str(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        write!(f, "{value:?}")
    }
}
