//! What became of one source.

use kusto_ingest::{Error, ErrorKind, OperationStatus, Receipt, ReceiptState, SourceId, StatusRecord};
use serde::{Deserialize, Serialize};

use crate::report::source_failure::SourceFailure;

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

    /// Whether it failed because the service wants to know who asks.
    pub(crate) fn wants_sign_in(&self) -> bool {
        self.failure
            .as_ref()
            .is_some_and(|failure| failure.is(ErrorKind::Unauthenticated))
    }

    /// Takes over what was found out about it.
    pub(crate) fn learn(&mut self, finding: Finding) {
        match finding {
            Finding::Record(record) => self.conclude(&record),
            Finding::UnderWay => self.state = State::Pending,
            Finding::Ended(receipt) => *self = Self::sent(std::mem::take(&mut self.source), receipt),
            Finding::Refused(state, error) => {
                self.state = state;
                self.failure = Some(SourceFailure::of_service(&error));
            }
            Finding::Unread(error) => self.give_up(&error),
        }
    }

    /// Takes over what a status record says. While it says nothing final, what is not known stays so.
    fn conclude(&mut self, record: &StatusRecord) {
        let was_unknown = self.state == State::Unknown;
        self.state = State::of(&record.status);
        if !(was_unknown && self.state == State::Pending) {
            self.failure = record.failure().as_ref().map(SourceFailure::of_service);
        }
    }

    /// Takes over why no final status was read: it was not there in time, or could not be read.
    fn give_up(&mut self, error: &Error) {
        let timed_out = error.kind() == ErrorKind::Timeout && error.code().is_none();
        match (timed_out, self.state) {
            // Whether it was queued at all is still not known.
            (true, State::Unknown) => self.state = State::Pending,
            (true, _) => {
                self.state = State::Pending;
                self.failure = None;
            }
            (false, _) => {
                self.state = State::Unknown;
                self.failure = Some(SourceFailure::of(error));
            }
        }
    }
}

/// What was found out about a source after it was sent.
#[derive(Debug)]
pub(crate) enum Finding {
    /// What its row of the status table says.
    Record(StatusRecord),
    /// The engine is at it.
    UnderWay,
    /// The engine is done with it, as the receipt says.
    Ended(Receipt),
    /// The engine failed, wholly or in part.
    Refused(State, Error),
    /// It could not be found out, at all or in time.
    Unread(Error),
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

    fn of(status: &OperationStatus) -> Self {
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

#[cfg(test)]
mod tests {
    use kusto_ingest::IngestionErrorCode;

    use super::*;
    use crate::report::source_failure::ExitCategory;

    #[test]
    fn a_status_record_becomes_a_fault_with_the_services_own_code() {
        let mut record = StatusRecord::new(OperationStatus::Failed);
        record.error_code = Some(IngestionErrorCode::read("BadRequest_TableNotExist").unwrap());
        record.details = Some("no table for https://h/c/b?sig=S here".to_owned());
        let mut outcome = Outcome::new("a.csv", SourceId::random(), State::Queued);
        outcome.conclude(&record);
        let failure = outcome.failure.unwrap();
        assert_eq!(outcome.state, State::Failed);
        assert_eq!(failure.code.as_deref(), Some("BadRequest_TableNotExist"));
        assert_eq!(
            (failure.permanent, failure.exit_category),
            (true, ExitCategory::Other)
        );
        assert!(
            failure.message.contains("no table for https://h/c/b… here"),
            "{failure:?}"
        );
    }

    #[test]
    fn a_status_that_is_not_final_in_time_is_pending_and_no_fault() {
        let mut outcome = Outcome::new("a.csv", SourceId::random(), State::Queued);
        outcome.give_up(&Error::new(ErrorKind::Timeout, "wait"));
        assert_eq!((outcome.state, outcome.failure), (State::Pending, None));
    }

    #[test]
    fn a_status_that_cannot_be_read_is_unknown() {
        let mut outcome = Outcome::new("a.csv", SourceId::random(), State::Queued);
        outcome.give_up(&Error::new(ErrorKind::Unavailable, "wait").with_code("StatusRetrievalFailed"));
        assert_eq!(outcome.state, State::Unknown);
        assert_eq!(outcome.failure.unwrap().exit_category, ExitCategory::Unavailable);
    }
}
