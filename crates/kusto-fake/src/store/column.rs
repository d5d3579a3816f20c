//! The values of one column in a chunk, in the form that their type has in memory.

use kusto_ingest_core::{Timespan, Timestamp};
use kusto_ingest_decode::{Decimal, DecodedValue, Dynamic, ScalarType, Value};
use kusto_query::Value as Asked;
use uuid::Uuid;

use super::reserved;
use super::texts::TextColumn;

/// The values of one column, and which of them are null.
#[derive(Clone)]
pub(super) struct Column {
    pub(super) values: Values,
    /// A bit for every value that is null; shorter where no later one is.
    pub(super) nulls: Vec<u64>,
    pub(super) len: usize,
}

#[derive(Clone)]
pub(super) enum Values {
    Bool(Vec<bool>),
    Int(Vec<i32>),
    Long(Vec<i64>),
    Real(Vec<f64>),
    DateTime(Vec<Timestamp>),
    Guid(Vec<Uuid>),
    Text(TextColumn),
}

impl Column {
    pub(super) fn new(scalar_type: ScalarType) -> Self {
        let values = match scalar_type {
            ScalarType::Bool => Values::Bool(Vec::new()),
            ScalarType::Int => Values::Int(Vec::new()),
            ScalarType::Long | ScalarType::Timespan => Values::Long(Vec::new()),
            ScalarType::Real => Values::Real(Vec::new()),
            ScalarType::DateTime => Values::DateTime(Vec::new()),
            ScalarType::Guid => Values::Guid(Vec::new()),
            ScalarType::String | ScalarType::Decimal | ScalarType::Dynamic => {
                Values::Text(TextColumn::default())
            }
        };
        Self {
            values,
            nulls: Vec::new(),
            len: 0,
        }
    }

    /// A column with nothing in so many rows.
    pub(super) fn missing(scalar_type: ScalarType, rows: usize) -> Self {
        let mut column = Self::new(scalar_type);
        let missing = match Value::missing(scalar_type) {
            Value::String(text) => DecodedValue::String(text.into()),
            other => DecodedValue::Other(other),
        };
        for _ in 0..rows {
            column.push(&missing);
        }
        column
    }

    /// Appends a value of the column's type; how many bytes it takes.
    pub(super) fn push(&mut self, value: &DecodedValue<'_>) -> u64 {
        let (size, is_held) = match (&mut self.values, value) {
            (Values::Text(texts), DecodedValue::String(text)) => put_text(texts, text),
            (Values::Text(texts), DecodedValue::Other(Value::Decimal(value))) => {
                put_text(texts, value.as_str())
            }
            (Values::Text(texts), DecodedValue::Other(Value::Dynamic(value))) => {
                put_text(texts, value.as_str())
            }
            (values, DecodedValue::Other(value)) => values.put(value),
            (values, DecodedValue::String(_)) => (values.push_default(), false),
        };
        if !is_held {
            set(&mut self.nulls, self.len);
        }
        self.len += 1;
        size as u64
    }

    /// Appends all values of another column of the same type.
    pub(super) fn append(&mut self, other: Self) {
        for at in (0..other.len).filter(|at| is_set(&other.nulls, *at)) {
            set(&mut self.nulls, self.len + at);
        }
        self.len += other.len;
        match (&mut self.values, other.values) {
            (Values::Bool(values), Values::Bool(more)) => values.extend(more),
            (Values::Int(values), Values::Int(more)) => values.extend(more),
            (Values::Long(values), Values::Long(more)) => values.extend(more),
            (Values::Real(values), Values::Real(more)) => values.extend(more),
            (Values::DateTime(values), Values::DateTime(more)) => values.extend(more),
            (Values::Guid(values), Values::Guid(more)) => values.extend(more),
            (Values::Text(values), Values::Text(more)) => values.append(&more),
            // Both are of the same schema.
            (values, _) => {
                let _size: usize = (0..other.len).map(|_| values.push_default()).sum();
            }
        }
    }

    /// The value at a place, of the type that the column was made for.
    pub(super) fn value(&self, scalar_type: ScalarType, at: usize) -> Value {
        if is_set(&self.nulls, at) {
            return Value::Null;
        }
        let found = match (&self.values, scalar_type) {
            (Values::Bool(values), _) => values.get(at).copied().map(Value::Bool),
            (Values::Int(values), _) => values.get(at).copied().map(Value::Int),
            (Values::Long(values), ScalarType::Timespan) => {
                let ticks = values.get(at).copied();
                ticks.map(|ticks| Value::Timespan(Timespan::from_ticks(ticks)))
            }
            (Values::Long(values), _) => values.get(at).copied().map(Value::Long),
            (Values::Real(values), _) => values.get(at).copied().map(Value::Real),
            (Values::DateTime(values), _) => values.get(at).copied().map(Value::DateTime),
            (Values::Guid(values), _) => values.get(at).copied().map(Value::Guid),
            (Values::Text(values), ScalarType::Decimal) => Decimal::parse(values.get(at)).map(Value::Decimal),
            (Values::Text(values), ScalarType::Dynamic) => Dynamic::parse(values.get(at)).map(Value::Dynamic),
            (Values::Text(values), _) => Some(Value::String(values.get(at).to_owned())),
        };
        found.unwrap_or(Value::Null)
    }

    /// All values, of the type that the column was made for, as queries have them.
    pub(super) fn query_values(&self, scalar_type: ScalarType) -> Vec<Asked> {
        let mut values: Vec<Asked> = match (&self.values, scalar_type) {
            (Values::Bool(values), _) => values.iter().copied().map(Asked::Bool).collect(),
            (Values::Int(values), _) => values.iter().copied().map(Asked::Int).collect(),
            (Values::Long(values), ScalarType::Timespan) => {
                values.iter().copied().map(Asked::Timespan).collect()
            }
            (Values::Long(values), _) => values.iter().copied().map(Asked::Long).collect(),
            (Values::Real(values), _) => values.iter().copied().map(Asked::Real).collect(),
            (Values::DateTime(values), _) => values.iter().copied().map(Asked::from).collect(),
            (Values::Guid(values), _) => values.iter().copied().map(Asked::Guid).collect(),
            (Values::Text(texts), ScalarType::String) => texts.iter().map(Asked::text).collect(),
            (Values::Text(texts), ScalarType::Dynamic) => texts.iter().map(Asked::of_json_text).collect(),
            (Values::Text(_), _) => (0..self.len)
                .map(|at| self.value(scalar_type, at).into())
                .collect(),
        };
        for (at, value) in values.iter_mut().enumerate() {
            if is_set(&self.nulls, at) {
                *value = Asked::Null;
            }
        }
        values
    }

    /// How much memory it takes, in bytes, what it has in reserve included.
    pub(super) fn size(&self) -> u64 {
        let values = match &self.values {
            Values::Bool(values) => reserved(values),
            Values::Int(values) => reserved(values),
            Values::Long(values) => reserved(values),
            Values::Real(values) => reserved(values),
            Values::DateTime(values) => reserved(values),
            Values::Guid(values) => reserved(values),
            Values::Text(texts) => texts.size(),
        };
        (values + reserved(&self.nulls) + size_of::<Self>()) as u64
    }

    /// Gives back what it has in reserve.
    pub(super) fn shrink(&mut self) {
        self.nulls.shrink_to_fit();
        match &mut self.values {
            Values::Bool(values) => values.shrink_to_fit(),
            Values::Int(values) => values.shrink_to_fit(),
            Values::Long(values) => values.shrink_to_fit(),
            Values::Real(values) => values.shrink_to_fit(),
            Values::DateTime(values) => values.shrink_to_fit(),
            Values::Guid(values) => values.shrink_to_fit(),
            Values::Text(texts) => texts.shrink(),
        }
    }
}

impl Values {
    /// Appends a value: how many bytes it takes, and whether it is one of this type.
    fn put(&mut self, value: &Value) -> (usize, bool) {
        match (self, value) {
            (Self::Bool(values), Value::Bool(value)) => put(values, *value),
            (Self::Int(values), Value::Int(value)) => put(values, *value),
            (Self::Long(values), Value::Long(value)) => put(values, *value),
            (Self::Long(values), Value::Timespan(value)) => put(values, value.ticks()),
            (Self::Real(values), Value::Real(value)) => put(values, *value),
            (Self::DateTime(values), Value::DateTime(value)) => put(values, *value),
            (Self::Guid(values), Value::Guid(value)) => put(values, *value),
            (values, _) => (values.push_default(), false),
        }
    }

    /// What stands in the place of a null.
    fn push_default(&mut self) -> usize {
        match self {
            Self::Bool(values) => put(values, false).0,
            Self::Int(values) => put(values, 0).0,
            Self::Long(values) => put(values, 0).0,
            Self::Real(values) => put(values, 0.0).0,
            Self::DateTime(values) => put(values, Timestamp::UNIX_EPOCH).0,
            Self::Guid(values) => put(values, Uuid::nil()).0,
            Self::Text(texts) => {
                texts.push("");
                size_of::<u32>()
            }
        }
    }
}

fn put_text(texts: &mut TextColumn, text: &str) -> (usize, bool) {
    texts.push(text);
    (text.len() + size_of::<u32>(), true)
}

fn put<T>(values: &mut Vec<T>, value: T) -> (usize, bool) {
    values.push(value);
    (size_of::<T>(), true)
}

pub(super) fn set(bits: &mut Vec<u64>, at: usize) {
    if bits.len() <= at / 64 {
        bits.resize(at / 64 + 1, 0);
    }
    bits[at / 64] |= 1 << (at % 64);
}

pub(super) fn is_set(bits: &[u64], at: usize) -> bool {
    bits.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0)
}
