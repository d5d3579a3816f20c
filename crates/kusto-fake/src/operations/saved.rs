//! Operations as a log keeps them: how each is now, and the command of one that has not begun.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{OperationLog, StoredOperation};
use crate::changes::{Change, ChangeRecord, SavedOperation};

/// The operations that changed; nothing while nobody wants to know.
#[derive(Default)]
pub(super) struct Changes {
    ids: Option<BTreeSet<Uuid>>,
    has_forgotten: bool,
}

impl Changes {
    pub(super) fn mark(&mut self, id: Uuid) {
        if let Some(ids) = &mut self.ids {
            ids.insert(id);
        }
    }
}

impl<W> OperationLog<W> {
    /// Notes changes from now on.
    pub(crate) fn note_changes(&mut self) {
        self.changes.ids.get_or_insert_default();
    }

    /// Notes all operations as changed.
    pub(crate) fn note_all(&mut self) {
        if let Some(ids) = &mut self.changes.ids {
            ids.extend(self.operations.iter().map(|operation| operation.id));
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        let is_noted = self.changes.ids.is_some();
        *self = Self::default();
        if is_noted {
            self.note_changes();
            self.changes.has_forgotten = true;
        }
    }

    pub(crate) fn take_changes(&mut self) -> Vec<ChangeRecord> {
        let mut records = Vec::new();
        if std::mem::take(&mut self.changes.has_forgotten) {
            records.push(ChangeRecord::new(Change::OperationsGone));
        }
        let ids = self.changes.ids.as_mut().map(std::mem::take).unwrap_or_default();
        let changed = self
            .operations
            .iter()
            .filter(|operation| ids.contains(&operation.id));
        records.extend(changed.map(|operation| ChangeRecord::new(Change::Operation(saved(operation)))));
        records
    }

    /// Puts an operation back. It has no work: [`unfinished`](Self::unfinished) tells its command.
    pub(crate) fn restore(&mut self, saved: SavedOperation) {
        let operation = StoredOperation {
            id: saved.id,
            kind: saved.kind.into(),
            database: saved.database,
            state: saved.state.into(),
            status: saved.status,
            should_retry: saved.should_retry,
            started: saved.started,
            updated: saved.updated,
            work: None,
            command: saved.command,
            details: None,
        };
        let known = self.operations.iter_mut().find(|known| known.id == operation.id);
        if let Some(known) = known {
            *known = operation;
            return;
        }
        self.operations.push(operation);
    }

    /// Abandons what had begun, and tells identity, database and command of what had not.
    pub(crate) fn unfinished(&mut self) -> Vec<(Uuid, String, String)> {
        let mut unfinished = Vec::new();
        for operation in self.operations.iter_mut() {
            match (&*operation.state, &operation.command) {
                ("Scheduled", Some(command)) => {
                    unfinished.push((operation.id, operation.database.clone(), command.clone()));
                }
                ("Scheduled" | "InProgress", _) => {
                    operation.state = "Abandoned".into();
                    operation.status = "the emulator was ended while it worked on this".to_owned();
                    operation.should_retry = true;
                    self.changes.mark(operation.id);
                }
                _ => {}
            }
        }
        unfinished
    }

    /// Has the next operation that begins be the continuation of this one; none, where there is `None`. Tells the one of
    /// before, where nothing began since.
    pub(crate) fn resume_as(&mut self, id: Option<Uuid>) -> Option<Uuid> {
        std::mem::replace(&mut self.resumed, id)
    }

    pub(super) fn resume(&mut self, id: Uuid, work: Option<W>) -> Uuid {
        if let Some(known) = self.operations.iter_mut().find(|known| known.id == id) {
            known.work = work;
        }
        id
    }
}

fn saved<W>(operation: &StoredOperation<W>) -> SavedOperation {
    SavedOperation {
        id: operation.id,
        kind: operation.kind.to_string(),
        database: operation.database.clone(),
        state: operation.state.to_string(),
        status: operation.status.clone(),
        should_retry: operation.should_retry,
        started: operation.started,
        updated: operation.updated,
        command: operation.command.clone(),
    }
}
