//! How values compare: as operators see them, as groups see them, and in which order they are sorted.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::{Decimal, Value};

/// How two values of comparable types stand to one another; nothing where one is null or the types do not go together.
pub(crate) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Long(left), Value::Long(right))
        | (Value::DateTime(left), Value::DateTime(right))
        | (Value::Timespan(left), Value::Timespan(right)) => Some(left.cmp(right)),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::Guid(left), Value::Guid(right)) => Some(left.cmp(right)),
        (Value::Dynamic(left), Value::Dynamic(right)) => Some(left.as_str().cmp(right.as_str())),
        (Value::Decimal(left), _) => Some((**left).cmp(&decimal(right)?)),
        (_, Value::Decimal(right)) => Some(decimal(left)?.cmp(right)),
        _ => match (left.as_long(), right.as_long()) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            _ => left.as_real()?.partial_cmp(&right.as_real()?),
        },
    }
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Decimal(value) => Some(**value),
        Value::Real(value) => Decimal::from_real(*value),
        other => other.as_long().map(Decimal::from_long),
    }
}

/// What `==` gives: nothing for two nulls, false for one.
pub(crate) fn equals(left: &Value, right: &Value) -> Option<bool> {
    match (left.is_null(), right.is_null()) {
        (true, true) => None,
        (true, false) | (false, true) => Some(false),
        (false, false) => Some(compare(left, right) == Some(Ordering::Equal)),
    }
}

impl Value {
    /// The order of sorting: nulls first, then what compares, by type where types differ.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Less,
            (_, Self::Null) => Ordering::Greater,
            (Self::Real(left), Self::Real(right)) => left.total_cmp(right),
            _ => compare(self, other).unwrap_or_else(|| self.scalar_type().cmp(&other.scalar_type())),
        }
    }
}

/// The same value, as groups and sets see it: null is null, and not a number is not a number.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Real(left), Self::Real(right)) => left == right || (left.is_nan() && right.is_nan()),
            (Self::Real(_), _) | (_, Self::Real(_)) => false,
            _ => compare(self, other) == Some(Ordering::Equal),
        }
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Null => state.write_u8(0),
            Self::Bool(value) => state.write_u8(1 + u8::from(*value)),
            Self::Int(value) => state.write_i64((*value).into()),
            Self::Long(value) | Self::DateTime(value) | Self::Timespan(value) => state.write_i64(*value),
            Self::Real(value) if value.is_nan() => state.write_u8(3),
            Self::Real(value) => state.write_u64((value + 0.0).to_bits()),
            Self::Decimal(value) => match value.reduced() {
                (digits, 0) => state.write_i64(i64::try_from(digits).unwrap_or_default()),
                (digits, scale) => {
                    state.write_i128(digits);
                    state.write_i32(scale);
                }
            },
            Self::String(text) => text.hash(state),
            Self::Guid(value) => value.hash(state),
            Self::Dynamic(value) => value.as_str().hash(state),
        }
    }
}
