//! What was not as expected in a record, without failing the ingestion.

use std::fmt;

use crate::{ScalarType, code};

/// What was not as expected in one record. The service says none of this: it stores null, or leaves the record
/// out, and succeeds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// The number of the record in the source, from 1; a header counts.
    pub record: u64,
    /// The line of the source on which the record begins, from 1.
    pub line: u64,
    /// The column of the table, when it is about one.
    pub column: Option<String>,
    /// What it is.
    pub kind: WarningKind,
}

/// What was not as expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WarningKind {
    /// The value is not of the column's type; null was stored.
    NotOfType(ScalarType),
    /// The text is longer than 1 MiB; only so much was stored.
    StringTruncated,
    /// The dynamic value is larger than 1 MiB; null was stored.
    DynamicTooLarge,
    /// A string held half of a surrogate pair, as texts do that were cut in the middle of an emoji; U+FFFD was stored in
    /// its place.
    SurrogateReplaced,
    /// A number in the dynamic value is beyond a double; null was stored in its place.
    NumberOutOfRange,
    /// The first record has more fields than the table has columns; those beyond are left out of every record. This is
    /// told once for a source, where no mapping says which fields are meant.
    FieldsBeyondColumns {
        /// How many fields the first record has.
        fields: usize,
        /// How many columns the table has.
        columns: usize,
    },
    /// The record is not what the format holds; it was left out.
    RecordUnreadable,
    /// The record has another number of fields than the first one; it was left out.
    WrongNumberOfFields {
        /// How many the first record has.
        expected: usize,
        /// How many this one has.
        found: usize,
    },
}

impl WarningKind {
    /// The service's word for it, where a stricter policy would fail the ingestion with one.
    #[must_use]
    pub fn code(self) -> Option<&'static str> {
        match self {
            Self::WrongNumberOfFields { .. } => Some(code::WRONG_NUMBER_OF_FIELDS),
            Self::NotOfType(_)
            | Self::StringTruncated
            | Self::DynamicTooLarge
            | Self::SurrogateReplaced
            | Self::NumberOutOfRange
            | Self::FieldsBeyondColumns { .. }
            | Self::RecordUnreadable => None,
        }
    }

    /// A word for it, without what differs from record to record: to count by.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotOfType(_) => "NotOfType",
            Self::StringTruncated => "StringTruncated",
            Self::DynamicTooLarge => "DynamicTooLarge",
            Self::SurrogateReplaced => "SurrogateReplaced",
            Self::NumberOutOfRange => "NumberOutOfRange",
            Self::FieldsBeyondColumns { .. } => "FieldsBeyondColumns",
            Self::RecordUnreadable => "RecordUnreadable",
            Self::WrongNumberOfFields { .. } => "WrongNumberOfFields",
        }
    }

    /// Whether the record was left out because of it.
    #[must_use]
    pub fn drops_record(self) -> bool {
        matches!(self, Self::RecordUnreadable | Self::WrongNumberOfFields { .. })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column {column:?}")?;
        }
        write!(f, ": {}", self.kind)
    }
}

impl fmt::Display for WarningKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOfType(scalar_type) => write!(f, "not of type {scalar_type}, null is stored"),
            Self::StringTruncated => f.write_str("text is cut off at 1 MiB"),
            Self::DynamicTooLarge => f.write_str("dynamic value is larger than 1 MiB, null is stored"),
            Self::SurrogateReplaced => f.write_str("half a surrogate pair, U+FFFD is stored in its place"),
            Self::NumberOutOfRange => {
                f.write_str("a number in it is out of range, null is stored in its place")
            }
            Self::FieldsBeyondColumns { fields, columns } => {
                write!(
                    f,
                    "{fields} fields and only {columns} columns, the fields beyond are left out"
                )
            }
            Self::RecordUnreadable => f.write_str("not a record of this format, left out"),
            Self::WrongNumberOfFields { expected, found } => {
                write!(
                    f,
                    "{found} fields where the first record has {expected}, left out"
                )
            }
        }
    }
}
