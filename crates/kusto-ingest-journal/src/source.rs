//! A source, as a journal knows it.

use kusto_ingest_core::{Timestamp, redact};
use serde::{Deserialize, Serialize};

/// A source, as a journal knows it: what it is called, and by what a change of it is noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JournalSource {
    /// The name: a path, or an address without its secrets.
    pub name: String,
    /// The length in bytes, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// When it was changed last, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<Timestamp>,
}

impl JournalSource {
    /// A source of this name. What is secret in it is left out.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: redact(name),
            bytes: None,
            modified: None,
        }
    }

    /// Says how long it is, in bytes.
    #[must_use]
    pub fn with_bytes(self, bytes: u64) -> Self {
        Self {
            bytes: Some(bytes),
            ..self
        }
    }

    /// Says when it was changed last.
    #[must_use]
    pub fn with_modified(self, modified: Timestamp) -> Self {
        Self {
            modified: Some(modified),
            ..self
        }
    }
}
