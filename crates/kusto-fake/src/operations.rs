//! What the engine's log says of ingest commands: their operations, and why single sources failed.

use kusto_ingest_core::{Error, IngestionProperties, Timespan, Timestamp};
use kusto_ingest_decode::{ScalarType, Value};
use uuid::Uuid;

use crate::AnswerTable;
use crate::command::Data;
use crate::ingestion_note::RecentLog;
use crate::manage::table_of;

/// How many failures are kept.
const MAX_FAILURES: usize = 10_000;

/// The operations of all ingest commands, in the order of their begin, and the failures of all sources.
pub(crate) struct OperationLog {
    operations: Vec<StoredOperation>,
    failures: RecentLog<StoredFailure>,
}

impl Default for OperationLog {
    fn default() -> Self {
        Self {
            operations: Vec::new(),
            failures: RecentLog::of(MAX_FAILURES),
        }
    }
}

struct StoredOperation {
    id: Uuid,
    database: String,
    state: &'static str,
    status: String,
    should_retry: bool,
    started: Timestamp,
    updated: Timestamp,
    /// What is still to do.
    waiting: Option<QueuedCommand>,
}

/// An ingest command that waits for its turn.
pub(crate) struct QueuedCommand {
    pub(crate) properties: IngestionProperties,
    pub(crate) data: Data,
}

/// A source that could not be ingested, by a command or out of a queue.
pub(crate) struct StoredFailure {
    pub(crate) operation: Uuid,
    pub(crate) activity: Uuid,
    pub(crate) database: String,
    pub(crate) table: String,
    pub(crate) path: String,
    pub(crate) failed: Timestamp,
    pub(crate) is_permanent: bool,
    pub(crate) error: Error,
}

impl OperationLog {
    /// Notes an operation, which waits for its turn or runs already.
    pub(crate) fn begin(&mut self, database: &str, waiting: Option<QueuedCommand>, now: Timestamp) -> Uuid {
        let id = Uuid::new_v4();
        self.operations.push(StoredOperation {
            id,
            database: database.to_owned(),
            state: if waiting.is_some() {
                "Scheduled"
            } else {
                "InProgress"
            },
            status: String::new(),
            should_retry: false,
            started: now,
            updated: now,
            waiting,
        });
        id
    }

    /// Takes what the oldest operation has still to do.
    pub(crate) fn take_waiting(&mut self, now: Timestamp) -> Option<(Uuid, QueuedCommand)> {
        let mut operations = self.operations.iter_mut();
        let operation = operations.find(|operation| operation.waiting.is_some())?;
        operation.state = "InProgress";
        operation.updated = now;
        Some((operation.id, operation.waiting.take()?))
    }

    /// Notes how an operation ended, of so many sources.
    pub(crate) fn end(
        &mut self,
        id: Uuid,
        sources: usize,
        skipped: usize,
        failures: Vec<StoredFailure>,
        now: Timestamp,
    ) {
        let Some(operation) = self.operations.iter_mut().find(|operation| operation.id == id) else {
            return;
        };
        operation.updated = now;
        operation.state = match failures.len() {
            0 if skipped == sources => "Skipped",
            0 => "Completed",
            failed if failed < sources => "PartiallySucceeded",
            _ => "Failed",
        };
        if let Some(first) = failures.first() {
            operation.status = first.error.chain();
            operation.should_retry = !first.error.is_permanent();
        }
        failures.into_iter().for_each(|failure| self.fail(failure));
    }

    /// Notes that a source failed.
    pub(crate) fn fail(&mut self, failure: StoredFailure) {
        self.failures.push(failure);
    }

    /// The operations of these identities, or all of them.
    pub(crate) fn operations(&self, ids: &[Uuid]) -> AnswerTable {
        let empty = table_of(&[
            ("OperationId", ScalarType::Guid),
            ("Operation", ScalarType::String),
            ("NodeId", ScalarType::String),
            ("StartedOn", ScalarType::DateTime),
            ("LastUpdatedOn", ScalarType::DateTime),
            ("Duration", ScalarType::Timespan),
            ("State", ScalarType::String),
            ("Status", ScalarType::String),
            ("RootActivityId", ScalarType::Guid),
            ("ShouldRetry", ScalarType::Bool),
            ("Database", ScalarType::String),
        ]);
        let operations = self.operations.iter();
        let wanted = operations.filter(|operation| ids.is_empty() || ids.contains(&operation.id));
        wanted.fold(empty, |table, operation| {
            table.with_row([
                Value::from(operation.id),
                Value::from("DataIngestPull"),
                Value::from(""),
                Value::from(operation.started),
                Value::from(operation.updated),
                Value::from(Timespan::saturating_from(
                    operation.updated.since(operation.started),
                )),
                Value::from(operation.state),
                Value::from(operation.status.as_str()),
                Value::from(operation.id),
                Value::from(operation.should_retry),
                Value::from(operation.database.as_str()),
            ])
        })
    }

    /// Why single sources failed, of an operation or of all.
    pub(crate) fn failures(&self, operation: Option<Uuid>) -> AnswerTable {
        let empty = table_of(&[
            ("OperationId", ScalarType::Guid),
            ("Database", ScalarType::String),
            ("Table", ScalarType::String),
            ("FailedOn", ScalarType::DateTime),
            ("IngestionSourcePath", ScalarType::String),
            ("Details", ScalarType::String),
            ("FailureKind", ScalarType::String),
            ("RootActivityId", ScalarType::Guid),
            ("OperationKind", ScalarType::String),
            ("OriginatesFromUpdatePolicy", ScalarType::Bool),
            ("ErrorCode", ScalarType::String),
            ("ShouldRetry", ScalarType::Bool),
        ]);
        let failures = self.failures.iter();
        let wanted = failures.filter(|failure| operation.is_none_or(|id| id == failure.operation));
        wanted.fold(empty, |table, failure| {
            let is_permanent = failure.is_permanent;
            table.with_row([
                Value::from(failure.operation),
                Value::from(failure.database.as_str()),
                Value::from(failure.table.as_str()),
                Value::from(failure.failed),
                Value::from(failure.path.as_str()),
                Value::from(failure.error.chain()),
                Value::from(if is_permanent { "Permanent" } else { "Transient" }),
                Value::from(failure.activity),
                Value::from("DataIngestPull"),
                Value::from(false),
                Value::from(failure.error.code().unwrap_or_default()),
                Value::from(!is_permanent),
            ])
        })
    }
}
