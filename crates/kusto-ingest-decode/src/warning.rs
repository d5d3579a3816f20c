//! Warnings about records that do not fail the ingestion.

use std::fmt;

use crate::{ScalarType, code};

/// A warning about one record. The service does not report it: it stores null, or leaves the record out, and succeeds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// The number of the record in the source, from 1; a header counts.
    pub record: u64,
    /// The line of the source on which the record begins, from 1; 0 in formats that have no lines.
    pub line: u64,
    /// The column, when the warning is about one.
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
    /// A string held an unpaired surrogate, as when text is cut within an emoji; U+FFFD was stored in its place.
    SurrogateReplaced,
    /// A number in the dynamic value is beyond a double; null was stored in its place.
    NumberOutOfRange,
    /// The first record has more fields than the table has columns; the further fields of every record are ignored.
    /// There is one such warning a source, and none under a mapping.
    FieldsBeyondColumns {
        /// How many fields the first record has.
        fields: usize,
        /// How many columns the table has.
        columns: usize,
    },
    /// The record is not valid in the format; it was left out.
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
    /// The service's error code under a stricter validation policy, if there is one.
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

    /// A short reason without the details of the record, for counting.
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

    /// Whether the record was left out.
    #[must_use]
    pub fn drops_record(self) -> bool {
        matches!(self, Self::RecordUnreadable | Self::WrongNumberOfFields { .. })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "record {}", self.record)?,
            line => write!(f, "line {line}")?,
        }
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
