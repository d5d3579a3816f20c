//! Why a value cannot be written, and where in the row it stands.

use std::borrow::Cow;
use std::fmt;

use kusto_ingest_core::{Error, ErrorKind};
use serde::ser;

/// Why a value cannot be written. On its way up it collects the names of the fields it stands in.
#[derive(Debug)]
pub(crate) struct Refusal {
    reason: Cow<'static, str>,
    /// Innermost first.
    path: Vec<String>,
}

impl Refusal {
    pub(crate) fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            reason: reason.into(),
            path: Vec::new(),
        }
    }

    /// Adds the field in which it happened.
    pub(crate) fn within(mut self, field: &str) -> Self {
        self.path.push(field.to_owned());
        self
    }

    /// The error for callers, with the number of the row.
    pub(crate) fn in_row(self, row: u64) -> Error {
        let error = Error::new(ErrorKind::InvalidInput, "write a row");
        Self::at(self.path, error.because(self.reason).with("row", row))
    }

    /// The error for callers where no row is needed to see it.
    #[cfg(feature = "arrow")]
    pub(crate) fn in_schema(self) -> Error {
        let error = Error::new(ErrorKind::InvalidInput, "write the rows");
        Self::at(self.path, error.because(self.reason))
    }

    fn at(path: Vec<String>, error: Error) -> Error {
        if path.is_empty() {
            return error;
        }
        let path: Vec<String> = path.into_iter().rev().collect();
        error.with("column", path.join("."))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Refusal {}

impl ser::Error for Refusal {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self::new(reason.to_string())
    }
}
