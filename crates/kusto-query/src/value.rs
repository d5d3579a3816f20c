//! A scalar value while a query runs: cheap to copy, and ready to be compared.

mod compare;
mod convert;
mod decimal;
mod dynamic;
mod moment;
mod show;

pub(crate) use compare::{compare, equals};
pub(crate) use convert::cast;
pub use decimal::Decimal;
pub use dynamic::Dynamic;
pub(crate) use dynamic::parse_json;
pub(crate) use moment::{DAY, Parts, SECOND, from_parts, moment, now_ticks, timestamp, unix_ticks};

use std::sync::Arc;

use kusto_ingest_decode::ScalarType;
use uuid::Uuid;

/// A scalar value while a query runs: texts are shared, moments are ticks.
///
/// Values of type dynamic are any of these: a bag or an array is [`Dynamic`](Self::Dynamic), others are what they are.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "Kusto has exactly these types")]
pub enum Value {
    /// No value; columns of type string never have it.
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
    Decimal(Arc<Decimal>),
    /// A moment in UTC: ticks of 100 ns since the year 1.
    DateTime(i64),
    /// A length of time: ticks of 100 ns.
    Timespan(i64),
    /// Text.
    String(Arc<str>),
    /// A universally unique identifier.
    Guid(Uuid),
    /// A bag or an array.
    Dynamic(Arc<Dynamic>),
}

impl Value {
    /// A text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::String(text.into())
    }

    /// The empty text.
    pub(crate) fn empty() -> Self {
        Self::text("")
    }

    /// What a column holds where there is nothing for it: the empty text, or null in all other types.
    #[must_use]
    pub fn missing(scalar_type: ScalarType) -> Self {
        match scalar_type {
            ScalarType::String => Self::empty(),
            _ => Self::Null,
        }
    }

    pub(crate) fn array(items: Vec<Self>) -> Self {
        Self::Dynamic(Arc::new(Dynamic::array(items)))
    }

    pub(crate) fn bag(members: Vec<(Arc<str>, Self)>) -> Self {
        Self::Dynamic(Arc::new(Dynamic::bag(members)))
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text of a text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// A number without a fraction.
    pub(crate) fn as_long(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some((*value).into()),
            Self::Long(value) => Some(*value),
            _ => None,
        }
    }

    /// Any number.
    pub(crate) fn as_real(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some((*value).into()),
            #[expect(clippy::cast_precision_loss, reason = "as Kusto does")]
            Self::Long(value) => Some(*value as f64),
            Self::Real(value) => Some(*value),
            Self::Decimal(value) => Some(value.to_real()),
            _ => None,
        }
    }

    /// The ticks of a moment or a length of time.
    pub(crate) fn as_ticks(&self) -> Option<i64> {
        match self {
            Self::DateTime(ticks) | Self::Timespan(ticks) => Some(*ticks),
            _ => None,
        }
    }

    pub(crate) fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Dynamic(value) => value.items(),
            _ => None,
        }
    }

    pub(crate) fn as_bag(&self) -> Option<&[(Arc<str>, Self)]> {
        match self {
            Self::Dynamic(value) => value.members(),
            _ => None,
        }
    }

    /// The type that the value has by itself; dynamic for bags and arrays, nothing for null.
    pub(crate) fn scalar_type(&self) -> Option<ScalarType> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(_) => ScalarType::Bool,
            Self::Int(_) => ScalarType::Int,
            Self::Long(_) => ScalarType::Long,
            Self::Real(_) => ScalarType::Real,
            Self::Decimal(_) => ScalarType::Decimal,
            Self::DateTime(_) => ScalarType::DateTime,
            Self::Timespan(_) => ScalarType::Timespan,
            Self::String(_) => ScalarType::String,
            Self::Guid(_) => ScalarType::Guid,
            Self::Dynamic(_) => ScalarType::Dynamic,
        })
    }

    /// The bytes of its data, as limits on answers count them: texts by their letters, all else by the size of its type.
    pub(crate) fn payload(&self) -> usize {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Int(_) => 4,
            Self::Long(_) | Self::Real(_) | Self::DateTime(_) | Self::Timespan(_) => 8,
            Self::Decimal(_) | Self::Guid(_) => 16,
            Self::String(text) => text.len(),
            Self::Dynamic(value) => value.as_str().len(),
        }
    }

    /// How many steps it may take to look through it.
    pub(crate) fn cost(&self) -> usize {
        match self {
            Self::String(text) => text.len() >> 7,
            Self::Dynamic(value) => value.size() >> 7,
            _ => 0,
        }
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn size(&self) -> usize {
        let beside = match self {
            Self::String(text) => text.len() + 16,
            Self::Dynamic(value) => value.size(),
            Self::Decimal(_) => 48,
            _ => 0,
        };
        beside.saturating_add(size_of::<Self>())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Long(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value.into())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
