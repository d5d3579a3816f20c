//! What became of one source.

use kusto_ingest::sources::SourceId;
use kusto_ingest::status::{OperationStatus, ReceiptState};
use kusto_ingest::{Error, ErrorKind, Receipt};
use serde::{Deserialize, Serialize};

use super::SourceFailure;

/// What became of one source.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// The source as it is shown, without secrets.
    pub(crate) source: String,
    pub(crate) source_id: SourceId,
    pub(crate) state: State,
    /// How many rows are in the table because of it, where somebody keeps books.
    pub(crate) rows: Option<u64>,
    pub(crate) receipt: Option<Receipt>,
    pub(crate) failure: Option<SourceFailure>,
    /// Whether a line of its own has told of it.
    pub(crate) is_told: bool,
}

impl Outcome {
    pub(crate) fn new(source: impl Into<String>, source_id: SourceId, state: State) -> Self {
        Self {
            source: source.into(),
            source_id,
            state,
            rows: None,
            receipt: None,
            failure: None,
            is_told: false,
        }
    }

    /// A source that was not accepted, or about which nobody knows whether it was: then the error carries a receipt.
    pub(crate) fn failed(source: impl Into<String>, source_id: SourceId, error: &Error) -> Self {
        if let Some(receipt) = error.receipt() {
            return Self::sent(source, receipt.clone());
        }
        Self {
            failure: Some(SourceFailure::of(error)),
            ..Self::new(source, source_id, State::Failed)
        }
    }

    /// A source with a receipt.
    pub(crate) fn sent(source: impl Into<String>, receipt: Receipt) -> Self {
        let (state, failure) = match &receipt.state {
            ReceiptState::Skipped => (State::Skipped, None),
            ReceiptState::Unknown { reason, .. } => (State::Unknown, Some(SourceFailure::of_unknown(reason))),
            ReceiptState::Streamed | ReceiptState::Ingested { .. } => (State::Succeeded, None),
            ReceiptState::Operation { .. } => (State::Pending, None),
            _ => (State::Queued, None),
        };
        let outcome = Self::new(source, receipt.source_id, state);
        Self {
            receipt: Some(receipt),
            failure,
            ..outcome
        }
    }

    /// The way that managed streaming took, and why it was not the first; none where nothing was managed.
    pub(crate) fn way(&self) -> Option<String> {
        let receipt = self.receipt.as_ref()?;
        let attempts = receipt.streaming_attempts?;
        Some(match (&receipt.fallback, attempts) {
            (Some(reason), _) => format!("queued: {reason}"),
            (None, 1) => "streamed".to_owned(),
            (None, attempts) => format!("streamed, in {attempts} attempts"),
        })
    }

    /// Whether its rows may be in the table more than once: an answer was lost, and it was sent again.
    pub(crate) fn may_be_duplicated(&self) -> bool {
        self.receipt.as_ref().is_some_and(Receipt::may_be_duplicated)
    }

    /// Whether it has not ended, and somebody can tell what became of it.
    pub(crate) fn is_open(&self) -> bool {
        !self.state.is_final() && self.receipt.as_ref().is_some_and(Receipt::is_traceable)
    }

    /// Whether it failed because the service wants to know who asks.
    pub(crate) fn wants_sign_in(&self) -> bool {
        self.failure
            .as_ref()
            .is_some_and(|failure| failure.is(ErrorKind::Unauthenticated))
    }
}

/// How far a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    Queued,
    Pending,
    Succeeded,
    Failed,
    Skipped,
    PartiallySucceeded,
    Unknown,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Pending => "Pending",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Skipped => "Skipped",
            Self::PartiallySucceeded => "PartiallySucceeded",
            Self::Unknown => "Unknown",
        }
    }

    /// Whether nothing more is to be learned.
    pub(crate) fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Pending | Self::Unknown)
    }

    /// What a status record says.
    pub(crate) fn of(status: &OperationStatus) -> Self {
        match status {
            OperationStatus::Pending => Self::Pending,
            OperationStatus::Succeeded => Self::Succeeded,
            OperationStatus::Failed => Self::Failed,
            OperationStatus::Queued => Self::Queued,
            OperationStatus::Skipped => Self::Skipped,
            OperationStatus::PartiallySucceeded => Self::PartiallySucceeded,
            _ => Self::Unknown,
        }
    }
}
