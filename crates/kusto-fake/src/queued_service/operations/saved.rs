//! Operations and waiting sources as a log keeps them.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use kusto_endpoint::{BlobState, BlobStatus, OperationId};
use kusto_ingest_core::Result;
use uuid::Uuid;

use super::{OperationEntry, QueuedOperations, QueuedSource, StoredOperation};
use crate::changes::{Change, ChangeRecord, SavedBlobStatus, SavedQueuedOperation, SavedSource, refuse};

/// What a log is still to be told.
#[derive(Default)]
pub(super) struct Noted {
    /// What was named and is not yet [done](QueuedOperations::done).
    unfinished: BTreeMap<Uuid, QueuedSource>,
    changes: Vec<ChangeRecord>,
    changed: BTreeSet<OperationId>,
}

impl QueuedSource {
    pub(crate) fn record(&self) -> ChangeRecord {
        let entry = self.entry.as_ref();
        ChangeRecord::new(Change::Source(SavedSource {
            id: self.id,
            text: self.text.clone(),
            entry: entry.map(|entry| (entry.operation.as_str().to_owned(), entry.place)),
        }))
    }

    pub(crate) fn saved(saved: SavedSource) -> Self {
        let entry = saved.entry.and_then(|(operation, place)| {
            let operation = OperationId::parse(&operation)?;
            Some(OperationEntry { operation, place })
        });
        Self {
            id: saved.id,
            text: saved.text,
            entry,
        }
    }
}

impl QueuedOperations {
    /// Notes changes from now on.
    pub(crate) fn note_changes(&mut self) {
        self.noted.get_or_insert_default();
    }

    /// Notes all operations, and what waits of them, as they are.
    pub(crate) fn note_all(&mut self) {
        if let Some(noted) = &mut self.noted {
            noted.changed.extend(self.operations.keys().cloned());
            noted.changes = noted.unfinished.values().map(QueuedSource::record).collect();
        }
    }

    pub(crate) fn take_changes(&mut self) -> Vec<ChangeRecord> {
        let Some(noted) = &mut self.noted else {
            return Vec::new();
        };
        let mut changes = mem::take(&mut noted.changes);
        for id in mem::take(&mut noted.changed) {
            let operation = self.operations.get(&id).map(|operation| operation.saved(&id));
            changes.extend(operation.map(Change::QueuedOperation).map(ChangeRecord::new));
        }
        changes
    }

    /// Notes that a source was worked on, if it was named over REST.
    pub(crate) fn done(&mut self, id: Uuid) {
        self.working.remove(&id);
        if let Some(noted) = &mut self.noted
            && noted.unfinished.remove(&id).is_some()
        {
            noted.changes.push(ChangeRecord::new(Change::SourceGone(id)));
        }
    }

    /// Puts an operation back.
    pub(crate) fn restore(&mut self, saved: SavedQueuedOperation) -> Result<()> {
        let id = OperationId::parse(&saved.id).ok_or_else(refuse)?;
        let operation = StoredOperation {
            database: saved.database,
            table: saved.table,
            started: saved.started,
            updated: saved.updated,
            blobs: saved.blobs.into_iter().map(status).collect(),
        };
        // Those that begin from now on come after it.
        let number = id
            .as_str()
            .split(';')
            .next()
            .and_then(|number| number.parse().ok());
        self.count = self.count.max(number.unwrap_or_default());
        self.operations.insert(id, operation);
        self.forget_oldest();
        Ok(())
    }

    pub(super) fn note_source(&mut self, source: &QueuedSource) {
        if let Some(noted) = &mut self.noted {
            noted.unfinished.insert(source.id, source.clone());
            noted.changes.push(source.record());
        }
    }

    pub(super) fn note_operation(&mut self, id: &OperationId) {
        if let Some(noted) = &mut self.noted {
            noted.changed.insert(id.clone());
        }
    }

    pub(super) fn note_reset(&mut self) {
        if let Some(noted) = &mut self.noted {
            let gone = mem::take(&mut noted.unfinished)
                .into_keys()
                .map(Change::SourceGone);
            let gone = gone.chain([Change::QueuedOperationsGone]);
            noted.changes.extend(gone.map(ChangeRecord::new));
        }
    }
}

impl StoredOperation {
    fn saved(&self, id: &OperationId) -> SavedQueuedOperation {
        let blobs = self.blobs.iter().map(|blob| SavedBlobStatus {
            source_id: blob.source_id,
            address: blob.address.clone(),
            state: blob.state.to_string(),
            started: blob.started,
            updated: blob.updated,
            error_code: blob.error_code.clone(),
            failure_status: blob.failure_status.clone(),
            details: blob.details.clone(),
        });
        SavedQueuedOperation {
            id: id.as_str().to_owned(),
            database: self.database.clone(),
            table: self.table.clone(),
            started: self.started,
            updated: self.updated,
            blobs: blobs.collect(),
        }
    }
}

fn status(saved: SavedBlobStatus) -> BlobStatus {
    let known = [
        BlobState::Queued,
        BlobState::InProgress,
        BlobState::Succeeded,
        BlobState::Failed,
        BlobState::Canceled,
    ];
    let state = known.into_iter().find(|state| state.to_string() == saved.state);
    let mut status = BlobStatus::new(
        saved.source_id,
        None,
        state.unwrap_or(BlobState::Other(saved.state)),
    );
    status.address = saved.address;
    status.started = saved.started;
    status.updated = saved.updated;
    status.error_code = saved.error_code;
    status.failure_status = saved.failure_status;
    status.details = saved.details;
    status
}
