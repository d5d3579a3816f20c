//! The dimensions of the fault matrix, and what each of its cells must come to.

use std::time::Duration;

use kusto_emulator::{HttpFault, Route};
use kusto_ingest::retry::OnUnknownOutcome;
use kusto_storage::Operation;

use super::cell::Cell;

/// What the service asks to wait when it throttles.
pub(super) const RETRY_AFTER: Duration = Duration::from_secs(7);

/// What is waited on top of it, at most.
pub(super) const JITTER: Duration = Duration::from_millis(600);

/// Longer than anybody waits.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Which request is hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    PutBlob,
    Block,
    Commit,
    Post,
    Row,
    Command,
}

/// What happens to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Status(u16),
    Throttled,
    ResetBeforeBody,
    ResetInBody,
    ResetAfterBody,
    ResponseLost,
    Stall,
}

/// Where the bytes come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    File,
    Bytes,
    Replayable,
    Once,
}

/// How the bytes travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Gzip,
    Plain,
}

/// How often the trouble comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Often {
    Once,
    Always,
}

/// What an ingestion comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// A receipt for a message in a queue.
    Acknowledged,
    /// An error that says that nobody knows, with the receipt.
    Unknown,
    /// Any other error.
    Failed,
}

impl Target {
    pub(super) fn route(self) -> Route {
        match self {
            Self::PutBlob => Route::Storage(Operation::PutBlob),
            Self::Block => Route::Storage(Operation::StageBlock),
            Self::Commit => Route::Storage(Operation::CommitBlocks),
            Self::Post => Route::Storage(Operation::PutMessage),
            Self::Row => Route::Storage(Operation::InsertEntity),
            Self::Command => Route::Management,
        }
    }

    /// Whether the source must be longer than a block for such a request to be made.
    pub(super) fn needs_blocks(self) -> bool {
        matches!(self, Self::Block | Self::Commit)
    }

    /// The service's word for a status.
    fn code(self, status: u16) -> &'static str {
        match (self, status) {
            (_, 403) => "AuthenticationFailed",
            (Self::PutBlob | Self::Block | Self::Commit, 404) => "ContainerNotFound",
            (Self::Post, 404) => "QueueNotFound",
            (Self::Row, 404) => "TableNotFound",
            (_, 409) => "LeaseIdMissing",
            (Self::Command, 404) => "NotFound",
            (_, 503) => "ServerBusy",
            _ => "InternalError",
        }
    }
}

impl Trouble {
    const ALL: [Self; 11] = [
        Self::Status(403),
        Self::Status(404),
        Self::Status(409),
        Self::Throttled,
        Self::Status(500),
        Self::Status(503),
        Self::ResetBeforeBody,
        Self::ResetInBody,
        Self::ResetAfterBody,
        Self::ResponseLost,
        Self::Stall,
    ];

    pub(super) fn fault(self, target: Target) -> HttpFault {
        match self {
            Self::Status(status) => HttpFault::Status(status, target.code(status).to_owned()),
            Self::Throttled => HttpFault::Throttled(RETRY_AFTER),
            Self::ResetBeforeBody => HttpFault::ResetBeforeBody,
            Self::ResetInBody => HttpFault::ResetAfterBytes(1),
            Self::ResetAfterBody => HttpFault::ResetAfterBytes(u64::MAX),
            Self::ResponseLost => HttpFault::ResponseLost,
            Self::Stall => HttpFault::Delay(YEAR),
        }
    }

    /// Whether a message that met this may have been taken.
    pub(super) fn is_ambiguous(self) -> bool {
        !matches!(self, Self::Status(403 | 404 | 409 | 503) | Self::Throttled)
    }
}

/// All cells of a target.
pub(super) fn cells(target: Target) -> Vec<Cell> {
    let ambiguities: &[OnUnknownOutcome] = match target {
        Target::Post => &[OnUnknownOutcome::Report, OnUnknownOutcome::Retry],
        _ => &[OnUnknownOutcome::Report],
    };
    // Where the bytes come from matters to who sends them.
    let sends_bytes = matches!(target, Target::PutBlob | Target::Block | Target::Commit);
    let flows: &[Flow] = match sends_bytes {
        true => &[Flow::File, Flow::Bytes, Flow::Replayable, Flow::Once],
        false => &[Flow::Bytes, Flow::Once],
    };
    let forms: &[Form] = match sends_bytes {
        true => &[Form::Gzip, Form::Plain],
        false => &[Form::Gzip],
    };
    let mut cells = Vec::new();
    for trouble in Trouble::ALL {
        for often in [Often::Once, Often::Always] {
            for &flow in flows {
                for &form in forms {
                    for &ambiguity in ambiguities {
                        cells.push(Cell {
                            target,
                            trouble,
                            often,
                            flow,
                            form,
                            ambiguity,
                        });
                    }
                }
            }
        }
    }
    cells
}

impl Cell {
    /// What it must come to.
    pub(super) fn fate(&self) -> Fate {
        match self.often {
            Often::Once => self.fate_of_one(),
            Often::Always => self.fate_of_all(),
        }
    }

    fn fate_of_one(&self) -> Fate {
        match (self.target, self.trouble) {
            // What is wrong with one account is no fault of the next, or of the next try where there is no other.
            // Who asks for resources and is refused is refused for good: there is no other to ask.
            (Target::Command, Trouble::Status(403 | 404 | 409)) => Fate::Failed,
            (Target::Post, trouble)
                if trouble.is_ambiguous() && self.ambiguity == OnUnknownOutcome::Report =>
            {
                Fate::Unknown
            }
            _ => Fate::Acknowledged,
        }
    }

    fn fate_of_all(&self) -> Fate {
        match (self.target, self.trouble) {
            (Target::PutBlob | Target::Commit, Trouble::ResponseLost) => Fate::Acknowledged,
            (Target::Post, trouble) if trouble.is_ambiguous() => Fate::Unknown,
            _ => Fate::Failed,
        }
    }
}
