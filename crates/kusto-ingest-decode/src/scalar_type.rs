//! The scalar types of Kusto's columns.

use std::fmt;
use std::str::FromStr;

use kusto_ingest_core::{Error, ErrorKind, Result};

/// A scalar type of Kusto.
///
/// `Display` writes its name in queries and schemas; `FromStr` reads that name in any case, its aliases, and the
/// .NET name that the service's answers carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "Kusto has exactly these")]
pub enum ScalarType {
    /// True or false.
    Bool,
    /// A signed integer of 32 bits.
    Int,
    /// A signed integer of 64 bits.
    Long,
    /// A floating-point number of 64 bits.
    Real,
    /// A decimal number of up to 34 digits.
    Decimal,
    /// A moment in UTC, in steps of 100 ns.
    DateTime,
    /// A length of time, in steps of 100 ns.
    Timespan,
    /// Text; the one type without null.
    String,
    /// A guid.
    Guid,
    /// Any JSON value.
    Dynamic,
}

/// One row a type: name, .NET name in the service's answers, aliases.
const TYPES: &[(ScalarType, &str, &str, &[&str])] = &[
    (
        ScalarType::Bool,
        "bool",
        "System.SByte",
        &["boolean", "system.boolean"],
    ),
    (ScalarType::Int, "int", "System.Int32", &["int32"]),
    (ScalarType::Long, "long", "System.Int64", &["int64"]),
    (ScalarType::Real, "real", "System.Double", &["double"]),
    (
        ScalarType::Decimal,
        "decimal",
        "System.Data.SqlTypes.SqlDecimal",
        &["sqldecimal"],
    ),
    (ScalarType::DateTime, "datetime", "System.DateTime", &["date"]),
    (ScalarType::Timespan, "timespan", "System.TimeSpan", &["time"]),
    (ScalarType::String, "string", "System.String", &[]),
    (ScalarType::Guid, "guid", "System.Guid", &["uuid", "uniqueid"]),
    (ScalarType::Dynamic, "dynamic", "System.Object", &["object"]),
];

impl ScalarType {
    /// Every type.
    pub fn all() -> impl Iterator<Item = Self> {
        TYPES.iter().map(|(scalar_type, ..)| *scalar_type)
    }

    /// Its name in queries and schemas.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// Its .NET name, such as `System.Int64`, as schemas in JSON carry it.
    #[must_use]
    pub fn clr_name(self) -> &'static str {
        self.row().2
    }

    /// The type of a name, one of its other names among them, in whatever case; nothing where there is none.
    ///
    /// ```
    /// use kusto_ingest_decode::ScalarType;
    ///
    /// assert_eq!(ScalarType::of_name("Int64"), Some(ScalarType::Long));
    /// assert_eq!(ScalarType::of_name("integer"), None);
    /// ```
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let is_name = |known: &str| known.eq_ignore_ascii_case(name);
        let found = TYPES.iter().find(|(_, own, clr, aliases)| {
            is_name(own) || is_name(clr) || aliases.iter().any(|it| is_name(it))
        });
        found.map(|row| row.0)
    }

    fn row(self) -> &'static (Self, &'static str, &'static str, &'static [&'static str]) {
        TYPES.iter().find(|row| row.0 == self).unwrap_or(&TYPES[0])
    }
}

impl fmt::Display for ScalarType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for ScalarType {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::of_name(text.trim()).ok_or_else(|| {
            let known: Vec<&str> = TYPES.iter().map(|row| row.1).collect();
            Error::new(ErrorKind::InvalidInput, "read the column type")
                .because(format!("{text:?} is not one of {}", known.join(", ")))
        })
    }
}
