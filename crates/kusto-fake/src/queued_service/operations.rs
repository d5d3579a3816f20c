//! The operations of queued ingestion over REST, and the sources that wait for their turn.

mod saved;
mod shown;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use kusto_endpoint::{BlobState, BlobStatus, OperationDetail, OperationId, QueuedOperation, Tracking};
use kusto_ingest_core::{BlobSource, DatabaseName, Error, ErrorKind, Result, TableName, Timestamp};
use kusto_ingest_message::OperationStatus;
use uuid::Uuid;

use super::RestService;
use crate::Ingestion;

/// How many operations are kept, beside those that are not final yet.
const MAX_OPERATIONS: usize = 10_000;

/// How many more come before the oldest are looked for.
const FORGET_EVERY: usize = 1_000;

/// A message that waits with its identity, and the part of an operation that it is, where it came over REST.
#[derive(Clone, Debug)]
pub(crate) struct QueuedSource {
    pub(crate) id: Uuid,
    pub(crate) text: String,
    pub(crate) entry: Option<OperationEntry>,
}

/// A blob of an operation.
#[derive(Clone, Debug)]
pub(crate) struct OperationEntry {
    operation: OperationId,
    place: usize,
}

/// The operations, and what waits of them.
#[derive(Default)]
pub(crate) struct QueuedOperations {
    pub(crate) service: RestService,
    operations: BTreeMap<OperationId, StoredOperation>,
    waiting: VecDeque<QueuedSource>,
    /// What was taken and is neither [done](Self::done) nor in a batch.
    working: BTreeSet<Uuid>,
    count: u32,
    /// How many were kept when the oldest were forgotten last.
    kept: usize,
    noted: Option<saved::Noted>,
}

struct StoredOperation {
    database: DatabaseName,
    table: TableName,
    started: Timestamp,
    updated: Timestamp,
    blobs: Vec<BlobStatus>,
}

impl QueuedSource {
    /// A message out of a queue.
    pub(crate) fn of_message(id: Uuid, text: impl Into<String>) -> Self {
        Self {
            id,
            text: text.into(),
            entry: None,
        }
    }
}

impl QueuedOperations {
    /// Takes the blobs of a request with their messages, as one operation.
    pub(super) fn take<'a>(
        &mut self,
        database: &DatabaseName,
        table: &TableName,
        blobs: impl Iterator<Item = (&'a BlobSource, String)>,
        tracking: Tracking,
        now: Timestamp,
    ) -> OperationId {
        let id = self.next_id();
        let mut statuses = Vec::new();
        for (place, (blob, text)) in blobs.enumerate() {
            let mut status = BlobStatus::new(Some(blob.id()), Some(blob.uri()), BlobState::Queued);
            status.started = Some(now);
            status.updated = Some(now);
            statuses.push(status);
            let operation = id.clone();
            let entry = (tracking == Tracking::On).then_some(OperationEntry { operation, place });
            let source = QueuedSource {
                id: Uuid::new_v4(),
                text,
                entry,
            };
            self.note_source(&source);
            self.waiting.push_back(source);
        }
        if tracking == Tracking::On {
            let operation = StoredOperation {
                database: database.clone(),
                table: table.clone(),
                started: now,
                updated: now,
                blobs: statuses,
            };
            self.operations.insert(id.clone(), operation);
            self.note_operation(&id);
            self.forget_oldest();
        }
        id
    }

    /// An id as the documentation shows them: with what must be escaped in a path.
    fn next_id(&mut self) -> OperationId {
        self.count += 1;
        let text = format!("{:08};{:08};{}", self.count, 1, Uuid::new_v4());
        OperationId::parse(&text).unwrap_or_else(|| self.next_id())
    }

    /// Forgets the oldest of those that are final, where there are too many. Their ids are in the order of their begin.
    fn forget_oldest(&mut self) {
        if self.operations.len() < self.kept.max(MAX_OPERATIONS) + FORGET_EVERY {
            return;
        }
        let mut surplus = self.operations.len() - MAX_OPERATIONS;
        self.operations.retain(|_, operation| {
            let is_kept = surplus == 0 || !operation.is_final();
            surplus -= usize::from(!is_kept);
            is_kept
        });
        self.kept = self.operations.len();
    }

    /// Forgets all operations. What is offered stays.
    pub(crate) fn reset(&mut self) {
        self.note_reset();
        *self = Self {
            service: std::mem::take(&mut self.service),
            noted: self.noted.take(),
            ..Self::default()
        };
    }

    /// How many sources wait for their turn or are worked on.
    pub(crate) fn unfinished(&self) -> usize {
        self.waiting.len() + self.working.len()
    }

    /// A source has come into a batch, which counts it from now on.
    pub(crate) fn batched(&mut self, id: Uuid) {
        self.working.remove(&id);
    }

    /// Takes the oldest that wait.
    pub(crate) fn take_waiting(&mut self, most: usize) -> Vec<QueuedSource> {
        let count = most.min(self.waiting.len());
        let taken: Vec<_> = self.waiting.drain(..count).collect();
        self.working.extend(taken.iter().map(|source| source.id));
        taken
    }

    /// It is being ingested now; `false` where it is not to be, because somebody cancelled it. An operation that is not there
    /// any more was final: all of it that still waits was cancelled.
    pub(crate) fn begin(&mut self, entry: &OperationEntry, now: Timestamp) -> bool {
        let Some(blob) = self.blob(entry, now) else {
            return false;
        };
        if blob.state == BlobState::Canceled {
            return false;
        }
        blob.state = BlobState::InProgress;
        true
    }

    /// It has ended.
    pub(crate) fn end(&mut self, entry: &OperationEntry, ingestion: &Ingestion) {
        let Some(blob) = self.blob(entry, ingestion.ended) else {
            return;
        };
        blob.state = match ingestion.status {
            OperationStatus::Failed => BlobState::Failed,
            _ => BlobState::Succeeded,
        };
        blob.error_code = ingestion.error_code.as_ref().map(ToString::to_string);
        if let Some(error) = &ingestion.error {
            let word = if error.is_permanent() {
                "Permanent"
            } else {
                "Transient"
            };
            blob.failure_status = Some(word.to_owned());
            blob.details = Some(error.chain());
        }
    }

    /// Cancels what has not begun of an operation; whether there is such an operation.
    pub(crate) fn cancel(&mut self, id: &OperationId, now: Timestamp) -> bool {
        let Some(operation) = self.operations.get_mut(id) else {
            return false;
        };
        operation.updated = now;
        for blob in operation
            .blobs
            .iter_mut()
            .filter(|blob| blob.state == BlobState::Queued)
        {
            blob.state = BlobState::Canceled;
            blob.updated = Some(now);
        }
        self.note_operation(id);
        true
    }

    /// How an operation stands.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is none of this id in this table.
    pub(super) fn told(
        &self,
        database: &DatabaseName,
        table: &TableName,
        id: &OperationId,
        detail: OperationDetail,
    ) -> Result<QueuedOperation> {
        let known = self.operations.get(id);
        let known = known.filter(|known| known.database == *database && known.table == *table);
        let operation = known.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "ask for the queued operation")
                .because("there is no such operation in this table")
                .with_code("NotFound_QueuedOperation")
                .with_http_status(404)
                .with_permanence(true)
        })?;
        let mut told = operation.counted();
        if detail == OperationDetail::Blobs {
            told.blobs.clone_from(&operation.blobs);
        }
        Ok(told)
    }

    fn blob(&mut self, entry: &OperationEntry, now: Timestamp) -> Option<&mut BlobStatus> {
        self.note_operation(&entry.operation);
        let operation = self.operations.get_mut(&entry.operation)?;
        operation.updated = now;
        let blob = operation.blobs.get_mut(entry.place)?;
        blob.updated = Some(now);
        Some(blob)
    }
}

impl StoredOperation {
    fn is_final(&self) -> bool {
        self.blobs.iter().all(|blob| blob.state.is_final())
    }

    fn counted(&self) -> QueuedOperation {
        let mut told = QueuedOperation::default();
        told.started = Some(self.started);
        told.updated = Some(self.updated);
        for blob in &self.blobs {
            told.counts.add(&blob.state, 1);
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use kusto_ingest_core::BlobUri;

    use super::*;
    use crate::changes::SavedQueuedOperation;

    #[test]
    fn the_oldest_operations_that_are_final_are_forgotten_and_those_that_wait_are_not() {
        let mut queued = QueuedOperations::default();
        let (database, table) = (
            DatabaseName::net_default(),
            TableName::parse("T").expect("a name"),
        );
        let blob = BlobSource::new(BlobUri::parse("https://a.example/c/b").expect("an address"));
        let take = |queued: &mut QueuedOperations, blobs: &[BlobSource]| {
            let blobs = blobs.iter().map(|blob| (blob, String::new()));
            queued.take(&database, &table, blobs, Tracking::On, Timestamp::UNIX_EPOCH)
        };
        let waiting = take(&mut queued, std::slice::from_ref(&blob));
        let cancelled = take(&mut queued, &[blob]);
        assert!(queued.cancel(&cancelled, Timestamp::UNIX_EPOCH));
        let others: Vec<OperationId> = (2..MAX_OPERATIONS + 2 * FORGET_EVERY)
            .map(|_| take(&mut queued, &[]))
            .collect();

        assert_eq!(queued.operations.len(), MAX_OPERATIONS);
        let has = |id| queued.operations.contains_key(id);
        assert!(has(&waiting) && !has(&cancelled));
        assert!(!has(&others[0]) && others.last().is_some_and(has));
        // What was cancelled is not ingested, though nothing tells so any more.
        let sources = queued.take_waiting(2);
        let entries = sources.iter().filter_map(|source| source.entry.as_ref());
        let begun: Vec<bool> = entries
            .map(|entry| queued.begin(entry, Timestamp::UNIX_EPOCH))
            .collect();
        assert_eq!(begun, [true, false]);
    }

    #[test]
    fn operations_that_begin_after_a_restart_come_after_those_of_before() {
        let mut queued = QueuedOperations::default();
        for id in ["00000041;00000001;a", "00000007;00000001;b"] {
            queued
                .restore(SavedQueuedOperation {
                    id: id.to_owned(),
                    database: DatabaseName::net_default(),
                    table: TableName::parse("T").expect("a name"),
                    started: Timestamp::UNIX_EPOCH,
                    updated: Timestamp::UNIX_EPOCH,
                    blobs: Vec::new(),
                })
                .expect("it is restored");
        }
        assert!(queued.next_id().as_str().starts_with("00000042;"));
    }
}
