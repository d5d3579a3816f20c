//! What the engine's log says of commands that take long: their operations, and why single sources failed.

mod saved;

use std::borrow::Cow;

use kusto_ingest_core::{Error, Result, Timespan, Timestamp};
use kusto_ingest_decode::{ScalarType, Value};
use uuid::Uuid;

use crate::AnswerTable;
use crate::answer::table_of;
use crate::ingestion_note::RecentLog;

/// How many failures are kept.
const MAX_FAILURES: usize = 10_000;

/// How many operations are kept.
const MAX_OPERATIONS: usize = 10_000;

/// The operations of all commands that take long, in the order of their begin, and the failures of all sources. `W` is the
/// work of an operation.
pub(crate) struct OperationLog<W> {
    operations: RecentLog<StoredOperation<W>>,
    failures: RecentLog<StoredFailure>,
    changes: saved::Changes,
    /// The operation that the next one is the continuation of.
    resumed: Option<Uuid>,
}

impl<W> Default for OperationLog<W> {
    fn default() -> Self {
        Self {
            operations: RecentLog::of(MAX_OPERATIONS),
            failures: RecentLog::of(MAX_FAILURES),
            changes: saved::Changes::default(),
            resumed: None,
        }
    }
}

struct StoredOperation<W> {
    id: Uuid,
    kind: Cow<'static, str>,
    database: String,
    state: Cow<'static, str>,
    status: String,
    should_retry: bool,
    started: Timestamp,
    updated: Timestamp,
    /// What is still to do.
    work: Option<W>,
    /// The command that says so.
    command: Option<String>,
    /// What the command would have answered.
    details: Option<AnswerTable>,
}

/// How an operation ended.
pub(crate) struct Ended {
    state: &'static str,
    status: String,
    should_retry: bool,
    failures: Vec<StoredFailure>,
    details: Option<AnswerTable>,
}

impl Ended {
    /// As its command was answered.
    pub(crate) fn of(answer: Result<AnswerTable>) -> Self {
        match answer {
            Ok(details) => Self {
                details: Some(details),
                ..Self::of_sources(1, 0, Vec::new())
            },
            Err(error) => Self {
                state: "Failed",
                status: error.chain(),
                should_retry: !error.is_permanent(),
                failures: Vec::new(),
                details: None,
            },
        }
    }

    /// As so many sources were loaded, skipped, and failed.
    pub(crate) fn of_sources(sources: usize, skipped: usize, failures: Vec<StoredFailure>) -> Self {
        let first = failures.first();
        Self {
            state: match failures.len() {
                0 if skipped == sources => "Skipped",
                0 => "Completed",
                failed if failed < sources => "PartiallySucceeded",
                _ => "Failed",
            },
            status: first.map(|first| first.error.chain()).unwrap_or_default(),
            should_retry: first.is_some_and(|first| !first.error.is_permanent()),
            failures,
            details: None,
        }
    }
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
    pub(crate) is_of_update_policy: bool,
    pub(crate) error: Error,
}

impl<W> OperationLog<W> {
    /// Notes an operation, which waits for its turn where there is work, or else runs already.
    pub(crate) fn begin(
        &mut self,
        kind: &'static str,
        database: &str,
        work: Option<(W, &str)>,
        now: Timestamp,
    ) -> Uuid {
        let (work, command) = work.map_or((None, None), |(work, command)| (Some(work), Some(command)));
        if let Some(id) = self.resumed.take() {
            return self.resume(id, work);
        }
        let id = Uuid::new_v4();
        self.changes.mark(id);
        let state = if work.is_some() { "Scheduled" } else { "InProgress" };
        self.operations.push(StoredOperation {
            id,
            kind: kind.into(),
            database: database.to_owned(),
            state: state.into(),
            status: String::new(),
            should_retry: false,
            started: now,
            updated: now,
            work,
            command: command.map(str::to_owned),
            details: None,
        });
        id
    }

    /// Takes what the oldest operation has still to do.
    pub(crate) fn take_work(&mut self, now: Timestamp) -> Option<(Uuid, W)> {
        let mut operations = self.operations.iter_mut();
        let operation = operations.find(|operation| operation.work.is_some())?;
        operation.state = "InProgress".into();
        operation.updated = now;
        operation.command = None;
        self.changes.mark(operation.id);
        Some((operation.id, operation.work.take()?))
    }

    /// Notes how an operation ended.
    pub(crate) fn end(&mut self, id: Uuid, ended: Ended, now: Timestamp) {
        self.changes.mark(id);
        if let Some(operation) = self.operations.iter_mut().find(|operation| operation.id == id) {
            operation.updated = now;
            operation.state = ended.state.into();
            operation.status = ended.status;
            operation.should_retry = ended.should_retry;
            operation.details = ended.details;
            operation.command = None;
        }
        ended.failures.into_iter().for_each(|failure| self.fail(failure));
    }

    /// Cancels an operation that has not begun: what it is, when it was begun, and whether it is cancelled now. `None` where
    /// there is no such operation.
    pub(crate) fn cancel(
        &mut self,
        id: Uuid,
        reason: &str,
        now: Timestamp,
    ) -> Option<(String, Timestamp, bool)> {
        self.changes.mark(id);
        let operation = self.operations.iter_mut().find(|operation| operation.id == id)?;
        let is_cancelled = operation.work.take().is_some();
        if is_cancelled {
            operation.state = "Canceled".into();
            operation.command = None;
            reason.clone_into(&mut operation.status);
            operation.updated = now;
        }
        Some((operation.kind.to_string(), operation.started, is_cancelled))
    }

    /// What the command of an operation would have answered; `None` where there is no such operation, or it has not ended well.
    pub(crate) fn details(&self, id: Uuid) -> Option<&AnswerTable> {
        let mut operations = self.operations.iter();
        operations.find(|operation| operation.id == id)?.details.as_ref()
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
                Value::from(&*operation.kind),
                Value::from(""),
                Value::from(operation.started),
                Value::from(operation.updated),
                Value::from(Timespan::saturating_from(
                    operation.updated.since(operation.started),
                )),
                Value::from(&*operation.state),
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
            ("Principal", ScalarType::String),
            ("User", ScalarType::String),
            ("IngestionProperties", ScalarType::String),
            ("NumberOfSources", ScalarType::Long),
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
                Value::from(failure.is_of_update_policy),
                Value::from(failure.error.code().unwrap_or_default()),
                Value::from(""),
                Value::from(""),
                Value::from(""),
                Value::Long(1),
                Value::from(!is_permanent),
            ])
        })
    }
}
