//! Conversions from Rust types.

use kusto_ingest_core::{Timespan, Timestamp};
use uuid::Uuid;

use super::{Decimal, Dynamic, Value};

macro_rules! from {
    ($($of:ty => $variant:ident,)*) => {
        $(impl From<$of> for Value {
            fn from(value: $of) -> Self {
                Self::$variant(value)
            }
        })*
    };
}

from! {
    bool => Bool,
    i32 => Int,
    i64 => Long,
    f64 => Real,
    Decimal => Decimal,
    Timestamp => DateTime,
    Timespan => Timespan,
    String => String,
    Uuid => Guid,
    Dynamic => Dynamic,
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

/// Nothing is null.
impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
