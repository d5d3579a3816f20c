//! What the engine's log says of ingest commands: their operations, and why single sources failed.

use kusto_endpoint::Table;
use kusto_ingest_core::{Error, IngestionProperties, Timespan, Timestamp};
use serde_json::json;
use uuid::Uuid;

use crate::answer::table_of;
use crate::command::Data;
use crate::ingestion_note::Last;

/// How many failures are kept.
const MAX_FAILURES: usize = 10_000;

/// The operations of all ingest commands, in the order of their begin, and the failures of all sources.
pub(crate) struct OperationLog {
    operations: Vec<StoredOperation>,
    failures: Last<StoredFailure>,
}

impl Default for OperationLog {
    fn default() -> Self {
        Self {
            operations: Vec::new(),
            failures: Last::of(MAX_FAILURES),
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
    waiting: Option<Waiting>,
}

/// An ingest command that waits for its turn.
pub(crate) struct Waiting {
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
    pub(crate) fn begin(&mut self, database: &str, waiting: Option<Waiting>, now: Timestamp) -> Uuid {
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
    pub(crate) fn take_waiting(&mut self, now: Timestamp) -> Option<(Uuid, Waiting)> {
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
    pub(crate) fn operations(&self, ids: &[Uuid]) -> Table {
        let empty = table_of(&[
            ("OperationId", "guid"),
            ("Operation", "string"),
            ("NodeId", "string"),
            ("StartedOn", "datetime"),
            ("LastUpdatedOn", "datetime"),
            ("Duration", "timespan"),
            ("State", "string"),
            ("Status", "string"),
            ("RootActivityId", "guid"),
            ("ShouldRetry", "bool"),
            ("Database", "string"),
        ]);
        let operations = self.operations.iter();
        let wanted = operations.filter(|operation| ids.is_empty() || ids.contains(&operation.id));
        wanted.fold(empty, |table, operation| {
            table.with_row([
                json!(operation.id.to_string()),
                json!("DataIngestPull"),
                json!(""),
                json!(operation.started.to_string()),
                json!(operation.updated.to_string()),
                json!(Timespan::saturating_from(
                    operation.updated.since(operation.started)
                )),
                json!(operation.state),
                json!(operation.status),
                json!(operation.id.to_string()),
                json!(operation.should_retry),
                json!(operation.database),
            ])
        })
    }

    /// Why single sources failed, of an operation or of all.
    pub(crate) fn failures(&self, operation: Option<Uuid>) -> Table {
        let empty = table_of(&[
            ("OperationId", "guid"),
            ("Database", "string"),
            ("Table", "string"),
            ("FailedOn", "datetime"),
            ("IngestionSourcePath", "string"),
            ("Details", "string"),
            ("FailureKind", "string"),
            ("RootActivityId", "guid"),
            ("OperationKind", "string"),
            ("OriginatesFromUpdatePolicy", "bool"),
            ("ErrorCode", "string"),
            ("ShouldRetry", "bool"),
        ]);
        let failures = self.failures.iter();
        let wanted = failures.filter(|failure| operation.is_none_or(|id| id == failure.operation));
        wanted.fold(empty, |table, failure| {
            let is_permanent = failure.is_permanent;
            table.with_row([
                json!(failure.operation.to_string()),
                json!(failure.database),
                json!(failure.table),
                json!(failure.failed.to_string()),
                json!(failure.path),
                json!(failure.error.chain()),
                json!(if is_permanent { "Permanent" } else { "Transient" }),
                json!(failure.activity.to_string()),
                json!("DataIngestPull"),
                json!(false),
                json!(failure.error.code().unwrap_or_default()),
                json!(!is_permanent),
            ])
        })
    }
}
