//! The types of an Avro schema, as their values are decoded: by place, so that types may contain themselves.

use std::collections::HashMap;

use apache_avro::Schema;
use apache_avro::schema::{DecimalSchema, InnerDecimalSchema, NamespaceRef, UuidSchema};

use crate::ScalarType;

/// All types of a schema.
#[derive(Debug)]
pub(crate) struct Shapes(Vec<Shape>);

/// The place of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At(usize);

/// How a value is written, and what it means.
#[derive(Debug)]
pub(crate) enum Shape {
    Null,
    Bool,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    Text,
    Fixed(usize),
    Enum(Vec<String>),
    Array(At),
    Map(At),
    Union(Vec<At>),
    Record(Vec<(String, At)>),
    /// An unscaled number of so many bytes, or of as many as are written.
    Decimal {
        scale: usize,
        size: Option<usize>,
    },
    /// An unscaled number with its own scale.
    BigDecimal,
    /// The text of a guid, or its bytes.
    GuidText,
    Guid {
        size: Option<usize>,
    },
    /// Days since 1970.
    Date,
    /// Ticks of a unit since midnight; an int where the unit is a millisecond.
    Time {
        is_int: bool,
        unit: Unit,
    },
    /// Units since 1970.
    Moment(Unit),
    /// Months, days and milliseconds.
    Duration,
}

impl Shape {
    /// Whether a value takes no bytes, and holds none that could.
    pub(crate) fn is_free(&self) -> bool {
        match self {
            Self::Null | Self::Fixed(0) => true,
            Self::Decimal { size, .. } | Self::Guid { size } => *size == Some(0),
            Self::Record(fields) => fields.is_empty(),
            _ => false,
        }
    }
}

/// A unit of time: so many ticks of 100 ns, or so many of it a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Millisecond,
    Microsecond,
    Nanosecond,
}

impl Unit {
    /// A number of units in ticks of 100 ns; what is below a tick is cut off.
    pub(crate) fn ticks(self, number: i64) -> i128 {
        let number = i128::from(number);
        match self {
            Self::Millisecond => number * 10_000,
            Self::Microsecond => number * 10,
            Self::Nanosecond => number.div_euclid(100),
        }
    }
}

impl Shapes {
    /// The types of a schema, the outermost first. Logical types count only if they are asked for.
    pub(crate) fn of(schema: &Schema, is_logical: bool) -> Option<Self> {
        let mut shaping = Shaping {
            shapes: Vec::new(),
            names: HashMap::new(),
            is_logical,
        };
        shaping.add(schema, None)?;
        Some(Self(shaping.shapes))
    }

    pub(crate) fn root(&self) -> &Shape {
        &self.0[0]
    }

    pub(crate) fn at(&self, at: At) -> &Shape {
        &self.0[at.0]
    }

    /// The columns of a record, each with the type that takes all its values.
    pub(crate) fn columns(&self) -> Vec<(String, ScalarType)> {
        let Shape::Record(fields) = self.root() else {
            return Vec::new();
        };
        let column = |(name, at): &(String, At)| (name.clone(), self.scalar_type(*at));
        fields.iter().map(column).collect()
    }

    fn scalar_type(&self, at: At) -> ScalarType {
        match self.at(at) {
            Shape::Bool => ScalarType::Bool,
            Shape::Int => ScalarType::Int,
            Shape::Long => ScalarType::Long,
            Shape::Float | Shape::Double => ScalarType::Real,
            Shape::Decimal { .. } | Shape::BigDecimal => ScalarType::Decimal,
            Shape::GuidText | Shape::Guid { .. } => ScalarType::Guid,
            Shape::Date | Shape::Moment(_) => ScalarType::DateTime,
            Shape::Time { .. } | Shape::Duration => ScalarType::Timespan,
            Shape::Array(_) | Shape::Map(_) | Shape::Record(_) => ScalarType::Dynamic,
            Shape::Null | Shape::Bytes | Shape::Text | Shape::Fixed(_) | Shape::Enum(_) => ScalarType::String,
            Shape::Union(branches) => {
                let is_null = |at: &&At| matches!(self.at(**at), Shape::Null);
                let types = branches
                    .iter()
                    .filter(|at| !is_null(at))
                    .map(|at| match self.at(*at) {
                        // Unions do not hold unions.
                        Shape::Union(_) => ScalarType::Dynamic,
                        _ => self.scalar_type(*at),
                    });
                types.reduce(both).unwrap_or(ScalarType::String)
            }
        }
    }
}

/// The type that takes the values of two.
fn both(one: ScalarType, other: ScalarType) -> ScalarType {
    use ScalarType::{Decimal, Dynamic, Int, Long, Real, String};
    match (one, other) {
        (one, other) if one == other => one,
        (Int, Long) | (Long, Int) => Long,
        (Int | Long, Decimal) | (Decimal, Int | Long) => Decimal,
        (Int | Long | Decimal, Real) | (Real, Int | Long | Decimal) => Real,
        (Dynamic, _) | (_, Dynamic) => Dynamic,
        _ => String,
    }
}

/// The types so far.
struct Shaping {
    shapes: Vec<Shape>,
    names: HashMap<String, At>,
    is_logical: bool,
}

impl Shaping {
    /// Adds a type and what is in it; none for a name that is not known.
    fn add(&mut self, schema: &Schema, namespace: NamespaceRef<'_>) -> Option<At> {
        if let Schema::Ref { name } = schema {
            return self.names.get(&name.fullname(namespace)).copied();
        }
        let at = At(self.shapes.len());
        // Its own place, before the types in it.
        self.shapes.push(Shape::Null);
        let mut inner = namespace;
        if let Some(name) = schema.name() {
            self.names.insert(name.fullname(namespace), at);
            inner = name.namespace().or(namespace);
        }
        self.shapes[at.0] = match schema {
            Schema::Array(array) => Shape::Array(self.add(&array.items, inner)?),
            Schema::Map(map) => Shape::Map(self.add(&map.types, inner)?),
            Schema::Union(union) => {
                let branches = union.variants().iter().map(|branch| self.add(branch, inner));
                Shape::Union(branches.collect::<Option<_>>()?)
            }
            Schema::Record(record) => {
                let mut fields = Vec::with_capacity(record.fields.len());
                for field in &record.fields {
                    fields.push((field.name.clone(), self.add(&field.schema, inner)?));
                }
                Shape::Record(fields)
            }
            other => match self.is_logical {
                true => logical(other),
                false => written(other),
            },
        };
        Some(at)
    }
}

/// What a type without others in it means.
fn logical(schema: &Schema) -> Shape {
    match schema {
        Schema::Decimal(DecimalSchema { scale, inner, .. }) => Shape::Decimal {
            scale: *scale,
            size: match inner {
                InnerDecimalSchema::Bytes => None,
                InnerDecimalSchema::Fixed(fixed) => Some(fixed.size),
            },
        },
        Schema::BigDecimal => Shape::BigDecimal,
        Schema::Uuid(UuidSchema::String) => Shape::GuidText,
        Schema::Uuid(UuidSchema::Bytes) => Shape::Guid { size: None },
        Schema::Uuid(UuidSchema::Fixed(fixed)) => Shape::Guid {
            size: Some(fixed.size),
        },
        Schema::Date => Shape::Date,
        Schema::TimeMillis => Shape::Time {
            is_int: true,
            unit: Unit::Millisecond,
        },
        Schema::TimeMicros => Shape::Time {
            is_int: false,
            unit: Unit::Microsecond,
        },
        Schema::TimestampMillis | Schema::LocalTimestampMillis => Shape::Moment(Unit::Millisecond),
        Schema::TimestampMicros | Schema::LocalTimestampMicros => Shape::Moment(Unit::Microsecond),
        Schema::TimestampNanos | Schema::LocalTimestampNanos => Shape::Moment(Unit::Nanosecond),
        Schema::Duration(fixed) if fixed.size == 12 => Shape::Duration,
        other => written(other),
    }
}

/// How a type without others in it is written, whatever it means.
fn written(schema: &Schema) -> Shape {
    match schema {
        Schema::Boolean => Shape::Bool,
        Schema::Int | Schema::Date | Schema::TimeMillis => Shape::Int,
        Schema::Float => Shape::Float,
        Schema::Double => Shape::Double,
        Schema::String | Schema::Uuid(UuidSchema::String) => Shape::Text,
        Schema::Bytes | Schema::BigDecimal | Schema::Uuid(UuidSchema::Bytes) => Shape::Bytes,
        Schema::Fixed(fixed) | Schema::Duration(fixed) | Schema::Uuid(UuidSchema::Fixed(fixed)) => {
            Shape::Fixed(fixed.size)
        }
        Schema::Decimal(DecimalSchema { inner, .. }) => match inner {
            InnerDecimalSchema::Bytes => Shape::Bytes,
            InnerDecimalSchema::Fixed(fixed) => Shape::Fixed(fixed.size),
        },
        Schema::Enum(symbols) => Shape::Enum(symbols.symbols.clone()),
        Schema::Long
        | Schema::TimeMicros
        | Schema::TimestampMillis
        | Schema::TimestampMicros
        | Schema::TimestampNanos
        | Schema::LocalTimestampMillis
        | Schema::LocalTimestampMicros
        | Schema::LocalTimestampNanos => Shape::Long,
        Schema::Null
        | Schema::Array(_)
        | Schema::Map(_)
        | Schema::Union(_)
        | Schema::Record(_)
        | Schema::Ref { .. } => Shape::Null,
    }
}
