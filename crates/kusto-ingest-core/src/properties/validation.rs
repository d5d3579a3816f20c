//! How strictly the service checks records, and what it does with bad ones.

use std::fmt;

/// How strictly the service checks records, and what it does with bad ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "the wire format has exactly these two parts"
)]
pub struct ValidationPolicy {
    /// What is checked.
    pub options: ValidationOptions,
    /// What happens when a check fails.
    pub implications: ValidationImplications,
}

impl ValidationPolicy {
    /// It as JSON, as properties carry it.
    #[must_use]
    pub fn to_json(self) -> String {
        format!(
            "{{\"ValidationOptions\":{},\"ValidationImplications\":{}}}",
            self.options.number(),
            self.implications.number()
        )
    }
}

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the wire format has exactly these")]
pub enum ValidationOptions {
    /// Nothing.
    DoNotValidate,
    /// That all records have the same number of fields.
    ValidateCsvInputConstantColumns,
    /// Columns alone; fields that are not properly quoted are ignored.
    ValidateCsvInputColumnLevelOnly,
}

impl ValidationOptions {
    /// The number in the message.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::DoNotValidate => 0,
            Self::ValidateCsvInputConstantColumns => 1,
            Self::ValidateCsvInputColumnLevelOnly => 2,
        }
    }
}

/// What is checked, in words.
impl fmt::Display for ValidationOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::DoNotValidate => "nothing",
            Self::ValidateCsvInputConstantColumns => "the number of columns",
            Self::ValidateCsvInputColumnLevelOnly => "columns only",
        })
    }
}

/// What happens when a check fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the wire format has exactly these")]
pub enum ValidationImplications {
    /// The ingestion fails.
    Fail,
    /// Bad records are left out.
    BestEffort,
}

impl ValidationImplications {
    /// The number in the message.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Fail => 0,
            Self::BestEffort => 1,
        }
    }
}

/// What happens, in words.
impl fmt::Display for ValidationImplications {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Fail => "fail",
            Self::BestEffort => "best effort",
        })
    }
}
