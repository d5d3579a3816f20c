//! The result of a command, as far as is known.

use kusto_ingest_core::{AmbiguousSends, Error};
use uuid::Uuid;

use crate::answer::ExtentRow;
use crate::operations::{Operation, OperationState};

/// The result of a command.
pub(crate) enum CommandResult {
    /// The engine answered what it loaded.
    Loaded(Vec<ExtentRow>),
    /// The engine works on it by this operation, as far as is known.
    Accepted(Uuid),
    /// It ended without failure by this operation.
    Ended(Operation),
    /// It failed, by this operation where the engine got so far; or nobody knows, with
    /// [`OutcomeUnknown`](kusto_ingest_core::ErrorKind::OutcomeUnknown).
    Failed(Error, Option<Uuid>),
}

/// How the attempts at a command ended.
pub(crate) struct CommandAttempts {
    /// The result of the last one.
    pub(crate) result: CommandResult,
    pub(crate) ambiguous: AmbiguousSends,
}

/// Whether an operation that ended has found nothing to load.
pub(crate) fn is_skipped(operation: &Operation) -> bool {
    operation.state == OperationState::Skipped
}
