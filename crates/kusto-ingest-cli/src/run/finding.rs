//! What was found out about a source after it was sent, and what that makes of its outcome.

use kusto_ingest::status::StatusRecord;
use kusto_ingest::{Error, ErrorKind, Receipt};

use crate::report::{Outcome, SourceFailure, State};

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

impl Outcome {
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

#[cfg(test)]
mod tests {
    use kusto_ingest::sources::SourceId;
    use kusto_ingest::status::{IngestionErrorCode, OperationStatus};

    use super::*;
    use crate::report::ExitCategory;

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
