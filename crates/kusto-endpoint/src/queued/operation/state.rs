//! States of blobs and operations, in the service's words.

use std::fmt;

use serde_json::Value;

/// How far a blob is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BlobState {
    /// It waits.
    Queued,
    /// It is being ingested.
    InProgress,
    /// It is in the table.
    Succeeded,
    /// It is not, and will not be.
    Failed,
    /// Somebody cancelled it before.
    Canceled,
    /// A word that this version does not know: not an end.
    Other(String),
}

/// How many blobs of an operation have which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlobCounts {
    /// How many are in the table.
    pub succeeded: u64,
    /// How many failed.
    pub failed: u64,
    /// How many wait or are being ingested, those of states that are not known included.
    pub in_progress: u64,
    /// How many were cancelled.
    pub canceled: u64,
}

/// How an operation stands as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the counts allow no more")]
pub enum OperationOutcome {
    /// Some blobs have not ended.
    InProgress,
    /// All are in the table.
    Succeeded,
    /// Some are in the table and some failed.
    PartiallySucceeded,
    /// None is in the table, and some failed.
    Failed,
    /// None failed, and some were cancelled.
    Canceled,
}

impl BlobState {
    /// Reads the service's word, in either spelling and whatever case.
    #[must_use]
    pub fn read(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "queued" | "pending" => Self::Queued,
            "inprogress" => Self::InProgress,
            "succeeded" => Self::Succeeded,
            "failed" => Self::Failed,
            "canceled" | "cancelled" => Self::Canceled,
            _ => Self::Other(word.to_owned()),
        }
    }

    /// Whether it stays so.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Canceled)
    }
}

impl BlobCounts {
    /// Of so many succeeded, failed, under way and cancelled.
    #[must_use]
    pub fn new(succeeded: u64, failed: u64, in_progress: u64, canceled: u64) -> Self {
        Self {
            succeeded,
            failed,
            in_progress,
            canceled,
        }
    }

    /// Reads an object of counts by the words of states.
    pub(super) fn read(value: &Value) -> Self {
        let mut counts = Self::default();
        let members = value.as_object().into_iter().flatten();
        for (word, count) in members.filter_map(|(word, count)| Some((word, count.as_u64()?))) {
            counts.add(&BlobState::read(word), count);
        }
        counts
    }

    /// Adds so many of a state.
    pub fn add(&mut self, state: &BlobState, count: u64) {
        let kept = match state {
            BlobState::Succeeded => &mut self.succeeded,
            BlobState::Failed => &mut self.failed,
            BlobState::Canceled => &mut self.canceled,
            BlobState::Queued | BlobState::InProgress | BlobState::Other(_) => &mut self.in_progress,
        };
        *kept = kept.saturating_add(count);
    }

    pub(super) fn outcome(self) -> OperationOutcome {
        match (self.in_progress, self.failed, self.succeeded, self.canceled) {
            (1.., ..) | (0, 0, 0, 0) => OperationOutcome::InProgress,
            (0, 1.., 1.., _) => OperationOutcome::PartiallySucceeded,
            (0, 1.., 0, _) => OperationOutcome::Failed,
            (0, 0, _, 1..) => OperationOutcome::Canceled,
            (0, 0, 1.., 0) => OperationOutcome::Succeeded,
        }
    }
}

/// The service's word, as its documentation has it.
impl fmt::Display for BlobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Queued => "Queued",
            Self::InProgress => "InProgress",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Canceled => "Canceled",
            Self::Other(word) => word,
        })
    }
}

impl OperationOutcome {
    /// Whether it stays so.
    #[must_use]
    pub fn is_final(self) -> bool {
        self != Self::InProgress
    }
}

/// In words.
impl fmt::Display for OperationOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::InProgress => "in progress",
            Self::Succeeded => "succeeded",
            Self::PartiallySucceeded => "partially succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        })
    }
}
