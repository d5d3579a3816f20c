//! A decoded value whose text is borrowed from the record.

use std::borrow::Cow;

use super::Value;
use crate::ScalarType;

/// A decoded value. Text is borrowed from the record where possible.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "text is borrowed, and nothing else is")]
pub enum DecodedValue<'a> {
    /// Text of a column of strings.
    String(Cow<'a, str>),
    /// A value of any other type, or null.
    Other(Value),
}

impl DecodedValue<'_> {
    /// The value of a column for which the data has none: the empty string, or null in all other types.
    #[must_use]
    pub fn missing(scalar_type: ScalarType) -> Self {
        match scalar_type {
            ScalarType::String => Self::String(Cow::Borrowed("")),
            _ => Self::Other(Value::Null),
        }
    }

    pub(crate) fn into_owned(self) -> DecodedValue<'static> {
        match self {
            Self::String(text) => DecodedValue::String(Cow::Owned(text.into_owned())),
            Self::Other(value) => DecodedValue::Other(value),
        }
    }

    /// The owned value.
    #[must_use]
    pub fn into_value(self) -> Value {
        match self {
            Self::String(text) => Value::String(text.into_owned()),
            Self::Other(value) => value,
        }
    }
}
