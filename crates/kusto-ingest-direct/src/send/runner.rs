//! Runs one command: again where it certainly did nothing, and where it may have done something only if asked to.

use std::sync::Arc;

use kusto_endpoint::{ManagementEndpoint, RequestProperties};
use kusto_ingest_core::{
    AmbiguousSends, Clock, DatabaseName, Error, ErrorKind, Idempotency, OnUnknownOutcome, PollSchedule,
    RequestOutcome, Retry, RetryPolicy, span,
};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::IngestCommand;
use crate::answer;
use crate::mode::Wait;
use crate::operations::Operations;
use crate::outcome::{CommandAttempts, CommandResult};
use crate::redactor::Redactor;
use crate::submission_tracker::ProgressRecorder;

/// What running needs.
pub(super) struct Runner<'a> {
    pub(super) engine: &'a Arc<dyn ManagementEndpoint>,
    pub(super) clock: &'a Arc<dyn Clock>,
    pub(super) retry: &'a dyn RetryPolicy,
    pub(super) on_unknown: OnUnknownOutcome,
    pub(super) properties: &'a RequestProperties,
    pub(super) database: &'a DatabaseName,
    pub(super) redactor: &'a Redactor,
    pub(super) random: u64,
    pub(super) notes: &'a ProgressRecorder<'a>,
}

impl Runner<'_> {
    pub(super) async fn run(&self, command: &IngestCommand, wait: Wait<'_>) -> CommandAttempts {
        let retry = Retry::new(self.retry, &**self.clock, self.random);
        let mut sends = retry.start_sends(self.on_unknown);
        loop {
            self.notes.sent();
            let result = match self.once(command, wait, sends.number()).await {
                CommandResult::Failed(error, operation) if may_be_run_again(&error, operation) => {
                    self.note(&error, sends.ambiguous());
                    match sends.wait(error).await {
                        Ok(()) => continue,
                        Err(error) => CommandResult::Failed(error, operation),
                    }
                }
                result => result,
            };
            let ambiguous = sends.ambiguous();
            return CommandAttempts { result, ambiguous };
        }
    }

    /// What is known of the sources until the command is run again.
    fn note(&self, error: &Error, mut ambiguous: AmbiguousSends) {
        ambiguous.count_in(error);
        match ambiguous.count() {
            0 => self.notes.refused(),
            _ => self.notes.sent(),
        }
    }

    async fn once(&self, command: &IngestCommand, wait: Wait<'_>, attempt: u32) -> CommandResult {
        let answer = self
            .engine
            .execute(self.database, command.expose(), self.properties)
            .instrument(span::command(".ingest", self.database, attempt));
        let answer = match answer.await.map_err(|error| self.redactor.error(error)) {
            Ok(answer) => answer,
            Err(error) if may_have_worked(&error) => return unknown(error),
            Err(error) => return CommandResult::Failed(error, None),
        };
        match wait {
            Wait::Data => answer::items(&answer).map_or_else(unknown, CommandResult::Loaded),
            Wait::Operation => answer::operation(&answer).map_or_else(unknown, CommandResult::Accepted),
            Wait::End(schedule) => match answer::operation(&answer) {
                Ok(operation) => {
                    self.notes.accepted(operation);
                    self.follow(operation, schedule).await
                }
                Err(error) => unknown(error),
            },
        }
    }

    /// Waits for the end of an operation. Where that cannot be learned, the operation goes on all the same.
    async fn follow(&self, id: Uuid, schedule: &PollSchedule) -> CommandResult {
        let operations = Operations::new(Arc::clone(self.engine), Arc::clone(self.clock));
        let done = operations.wait_for_operation_redacted(self.database, id, schedule, self.redactor);
        match done.await {
            Ok(operation) => match operation.failure() {
                Some(error) => CommandResult::Failed(error, Some(id)),
                None => CommandResult::Ended(operation),
            },
            Err(error) => {
                let error = self.redactor.error(error);
                tracing::warn!(error = %error.chain(), "the operation is not followed any longer; it goes on");
                CommandResult::Accepted(id)
            }
        }
    }
}

/// It was sent, and nobody knows what became of it.
fn unknown(error: Error) -> CommandResult {
    if error.kind() == ErrorKind::OutcomeUnknown {
        return CommandResult::Failed(error, None);
    }
    let unknown = Error::new(ErrorKind::OutcomeUnknown, "ingest by the command")
        .because("the answer does not tell whether the data was ingested");
    let unknown = match error.http_status() {
        Some(status) => unknown.with_http_status(status),
        None => unknown,
    };
    CommandResult::Failed(unknown.caused_by(error), None)
}

/// Whether the data may be in the table although there is an error: the command was sent in full, and no answer says that
/// nothing was done.
pub(crate) fn may_have_worked(error: &Error) -> bool {
    match (error.kind(), error.http_status()) {
        (ErrorKind::OutcomeUnknown, _) => true,
        (ErrorKind::Throttled, _) => false,
        (_, Some(status)) => {
            Idempotency::NonIdempotent.is_unknown_after(RequestOutcome::Status(status))
                && !error.is_permanent()
        }
        (ErrorKind::Protocol, None) => true,
        // It was not sent in full.
        (ErrorKind::Connection | ErrorKind::Io | ErrorKind::Timeout, None) => false,
        (ErrorKind::Unavailable | ErrorKind::NoResources, None) => false,
        // A failure told within a good answer: what came before it may be in the table.
        (_, None) => !error.is_permanent(),
    }
}

/// Whether the retry policy is asked. Of an operation that failed, only one that the engine had no capacity for has
/// certainly done nothing.
fn may_be_run_again(error: &Error, operation: Option<Uuid>) -> bool {
    operation.is_none() || error.kind() == ErrorKind::Throttled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: ErrorKind, status: Option<u16>, permanent: bool) -> Error {
        let error = Error::new(kind, "run the command").with_permanence(permanent);
        match status {
            Some(status) => error.with_http_status(status),
            None => error,
        }
    }

    #[test]
    fn what_may_have_worked_is_unknown_and_all_else_has_done_nothing() {
        use ErrorKind::{
            Connection, Io, OutcomeUnknown, Protocol, Rejected, Throttled, Timeout, Unavailable,
        };
        for (kind, status, permanent, is_unknown) in [
            (OutcomeUnknown, None, false, true),
            (OutcomeUnknown, Some(502), false, true),
            (Timeout, Some(408), false, true),
            (Unavailable, Some(500), false, true),
            (Unavailable, Some(502), false, true),
            (Timeout, Some(504), false, true),
            (Unavailable, Some(520), false, true),
            (Unavailable, Some(500), true, false),
            (Unavailable, Some(520), true, false),
            (Throttled, Some(500), false, false),
            (Throttled, Some(429), false, false),
            (Throttled, None, false, false),
            (Unavailable, Some(503), false, false),
            (Rejected, Some(400), true, false),
            (Rejected, Some(400), false, false),
            (Protocol, Some(302), true, false),
            (Protocol, None, true, true),
            (Rejected, None, true, false),
            (Rejected, None, false, true),
            (Io, None, false, false),
            (Timeout, None, false, false),
            (Connection, None, false, false),
            (Unavailable, None, false, false),
        ] {
            let error = error(kind, status, permanent);
            assert_eq!(may_have_worked(&error), is_unknown, "{error:?}");
        }
    }

    #[test]
    fn an_operation_is_begun_again_only_where_the_engine_had_no_capacity() {
        let operation = Some(Uuid::from_u128(1));
        for (kind, again) in [
            (ErrorKind::Throttled, true),
            (ErrorKind::Unavailable, false),
            (ErrorKind::Rejected, false),
        ] {
            let error = error(kind, None, false);
            assert_eq!(may_be_run_again(&error, operation), again, "{kind:?}");
            assert!(may_be_run_again(&error, None));
        }
    }
}
