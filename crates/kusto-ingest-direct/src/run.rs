//! Runs one command: again where it certainly did nothing, never where it may have done something.

use std::sync::Arc;

use kusto_endpoint::{ManagementEndpoint, RequestProperties};
use kusto_ingest_core::{Clock, DatabaseName, Error, ErrorKind, Retry, RetryPolicy};
use uuid::Uuid;

use crate::IngestCommand;
use crate::answer::{self, Item};
use crate::operations::{Following, Operation, OperationState, Operations};
use crate::scrub::Scrub;
use crate::standing::Notes;

/// What a command came to.
pub(crate) enum Ran {
    /// The engine answered what it loaded.
    Loaded(Vec<Item>),
    /// The engine works on it by this operation, as far as is known.
    Accepted(Uuid),
    /// It ended without failure by this operation.
    Ended(Operation),
    /// It was sent, and nobody knows what became of it.
    Unknown(Error),
    /// It failed, by this operation where the engine got so far.
    Failed(Error, Option<Uuid>),
}

/// What a command waits for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wait {
    /// The engine answers when the data is loaded.
    Data,
    /// The engine answers with an operation.
    Operation,
    /// The engine answers with an operation, whose end is awaited.
    End(Following),
}

/// What running needs.
pub(crate) struct Runner<'a> {
    pub(crate) engine: &'a Arc<dyn ManagementEndpoint>,
    pub(crate) clock: &'a Arc<dyn Clock>,
    pub(crate) retry: &'a dyn RetryPolicy,
    pub(crate) properties: &'a RequestProperties,
    pub(crate) database: &'a DatabaseName,
    pub(crate) scrub: &'a Scrub,
    pub(crate) chance: u64,
    pub(crate) notes: &'a Notes<'a>,
}

impl Runner<'_> {
    pub(crate) async fn run(&self, command: &IngestCommand, wait: Wait) -> Ran {
        let retry = Retry::new(self.retry, &**self.clock, self.chance);
        let mut attempts = retry.start();
        loop {
            self.notes.sent();
            let ran = self.once(command, wait).await;
            let Ran::Failed(error, operation) = ran else {
                return ran;
            };
            if !did_nothing(&error) {
                return Ran::Failed(error, operation);
            }
            self.notes.refused();
            if let Err(error) = attempts.wait(error).await {
                return Ran::Failed(error, operation);
            }
        }
    }

    async fn once(&self, command: &IngestCommand, wait: Wait) -> Ran {
        let answer = self
            .engine
            .execute(self.database, command.expose(), self.properties);
        let answer = match answer.await.map_err(|error| self.scrub.error(error)) {
            Ok(answer) => answer,
            Err(error) if may_have_worked(&error) => return Ran::Unknown(error),
            Err(error) => return Ran::Failed(error, None),
        };
        match wait {
            Wait::Data => answer::items(&answer).map_or_else(Ran::Unknown, Ran::Loaded),
            Wait::Operation => answer::operation(&answer).map_or_else(Ran::Unknown, Ran::Accepted),
            Wait::End(following) => match answer::operation(&answer) {
                Ok(operation) => {
                    self.notes.accepted(operation);
                    self.follow(operation, following).await
                }
                Err(error) => Ran::Unknown(error),
            },
        }
    }

    /// Waits for the end of an operation. Where that cannot be learned, the operation goes on all the same.
    async fn follow(&self, id: Uuid, following: Following) -> Ran {
        let operations = Operations::new(Arc::clone(self.engine), Arc::clone(self.clock));
        let done = operations.until_done_hiding(self.database, id, following, self.scrub);
        match done.await {
            Ok(operation) => match operation.failure() {
                Some(error) => Ran::Failed(error, Some(id)),
                None => Ran::Ended(operation),
            },
            Err(error) => {
                let error = self.scrub.error(error);
                tracing::warn!(error = %error.chain(), "the operation is not followed any longer; it goes on");
                Ran::Accepted(id)
            }
        }
    }
}

/// Whether the data may be in the table although there is an error: the command was sent, and no answer says that
/// nothing was done.
fn may_have_worked(error: &Error) -> bool {
    match (error.kind(), error.http_status()) {
        (ErrorKind::OutcomeUnknown, _) => true,
        (_, Some(300..=499 | 503)) => false,
        (_, Some(500..)) => !error.is_permanent(),
        (ErrorKind::Io | ErrorKind::Timeout | ErrorKind::Protocol, _) => true,
        (ErrorKind::Connection | ErrorKind::Throttled | ErrorKind::NoResources, _) => false,
        // A failure told within a good answer: what came before it may be in the table.
        _ => !error.is_permanent(),
    }
}

/// Whether an error that is no unknown outcome says for certain that nothing was done, so that it may be tried again.
fn did_nothing(error: &Error) -> bool {
    let is_refused = matches!(error.http_status(), Some(300..=499 | 503));
    let never_ran = matches!(error.kind(), ErrorKind::Connection | ErrorKind::Throttled);
    !error.is_permanent() && (is_refused || never_ran)
}

/// Whether an operation that ended has found nothing to load.
pub(crate) fn is_skipped(operation: &Operation) -> bool {
    operation.state == OperationState::Skipped
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
    fn only_what_certainly_did_nothing_is_run_again() {
        use ErrorKind::{
            Connection, Io, OutcomeUnknown, Protocol, Rejected, Throttled, Timeout, Unavailable,
        };
        for (kind, status, permanent, unknown, again) in [
            (OutcomeUnknown, None, false, true, false),
            (Io, None, false, true, false),
            (Timeout, None, false, true, false),
            (Timeout, Some(504), false, true, false),
            (Unavailable, Some(500), false, true, false),
            (Unavailable, Some(520), true, false, false),
            (Unavailable, Some(503), false, false, true),
            (Unavailable, None, false, true, false),
            (Throttled, Some(429), false, false, true),
            (Throttled, None, false, false, true),
            (Connection, None, false, false, true),
            (Protocol, None, true, true, false),
            (Rejected, Some(400), true, false, false),
            (Rejected, Some(400), false, false, true),
            (Rejected, None, true, false, false),
        ] {
            let error = error(kind, status, permanent);
            let is_unknown = may_have_worked(&error);
            assert_eq!(
                (is_unknown, !is_unknown && did_nothing(&error)),
                (unknown, again),
                "{error:?}"
            );
        }
    }
}
