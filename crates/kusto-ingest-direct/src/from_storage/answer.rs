//! What the service answers. Its headings come with blanks and in any case.

use std::fmt;

use kusto_endpoint::{Dataset, Table};
use kusto_ingest_core::redact;
use serde_json::Value;

/// A blob that the service has found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StorageBlob {
    /// The address, without secrets.
    pub address: String,
    /// The length in bytes.
    pub bytes: Option<u64>,
}

/// How far an operation is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StorageOperation {
    /// Its identity.
    pub id: String,
    /// Whether it goes on, or how it ended.
    pub state: StorageOperationState,
    /// How many blobs it has found so far.
    pub discovered: u64,
    /// How many of them wait or are being ingested.
    pub pending: u64,
    /// How many are ingested.
    pub ingested: u64,
    /// How many failed.
    pub failed: u64,
    /// How many were canceled.
    pub canceled: u64,
    /// Why some failed, in the service's words and without secrets.
    pub reasons: Option<String>,
}

/// Whether an operation goes on, or how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StorageOperationState {
    /// It goes on.
    InProgress,
    /// It has ended; some of its blobs may have failed.
    Completed,
    /// It has failed as a whole.
    Failed,
    /// Somebody has canceled it.
    Canceled,
    /// What the service says in other words.
    Other(String),
}

impl StorageOperationState {
    fn from_name(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "inprogress" => Self::InProgress,
            "completed" => Self::Completed,
            "failed" => Self::Failed,
            "canceled" | "cancelled" => Self::Canceled,
            _ => Self::Other(name.to_owned()),
        }
    }

    /// Whether nothing more happens.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Canceled)
    }
}

impl fmt::Display for StorageOperationState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::InProgress => "InProgress",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Canceled => "Canceled",
            Self::Other(name) => name,
        })
    }
}

pub(super) fn blobs(answer: &Dataset) -> Vec<StorageBlob> {
    let Some(table) = answer.primary() else {
        return Vec::new();
    };
    let rows = 0..table.rows.len();
    rows.filter_map(|row| {
        Some(StorageBlob {
            address: redact(value(table, row, &["BlobUri"])?.as_str()?),
            bytes: value(table, row, &["SizeInBytes"]).and_then(number),
        })
    })
    .collect()
}

pub(super) fn operation_id(answer: &Dataset) -> Option<String> {
    let id = value(answer.primary()?, 0, &["IngestionOperationId"])?.as_str()?;
    (!id.is_empty()).then(|| id.to_owned())
}

pub(super) fn operation(answer: &Dataset, id: &str) -> Option<StorageOperation> {
    let table = answer.primary()?;
    let is_it =
        |row: &usize| value(table, *row, &["IngestionOperationId"]).and_then(Value::as_str) == Some(id);
    let row = (0..table.rows.len()).find(is_it)?;
    let count = |names: &[&str]| value(table, row, names).and_then(number).unwrap_or_default();
    let reasons = value(table, row, &["SampleFailedReasons"]).map(|reasons| match reasons {
        Value::String(text) => redact(text),
        other => redact(&other.to_string()),
    });
    Some(StorageOperation {
        id: id.to_owned(),
        state: StorageOperationState::from_name(
            value(table, row, &["State"])
                .and_then(Value::as_str)
                .unwrap_or_default(),
        ),
        discovered: count(&["Discovered"]),
        pending: count(&["Pending", "InProgress"]),
        ingested: count(&["Ingested"]),
        failed: count(&["Failed"]),
        canceled: count(&["Canceled", "Cancelled"]),
        reasons: reasons.filter(|reasons| !reasons.is_empty() && reasons != "null" && reasons != "[]"),
    })
}

/// The value of a row under the first of these headings that there is.
fn value<'t>(table: &'t Table, row: usize, names: &[&str]) -> Option<&'t Value> {
    let is_named = |heading: &str, name: &str| {
        let letters = heading.chars().filter(|letter| !letter.is_whitespace());
        letters.collect::<String>().eq_ignore_ascii_case(name)
    };
    names.iter().find_map(|name| {
        let column = table
            .columns
            .iter()
            .position(|column| is_named(&column.name, name))?;
        table.rows.get(row)?.get(column)
    })
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}
