//! What changed in the storage since a log was last told: the keys are noted, and what they hold is told as it is then.

use bytes::Bytes;
use kusto_storage::ResourceKind;

use super::blobs::{BlobSlot, Committed};
use super::changed_keys::Changed;
use super::tables::StoredEntity;
use super::{ResourcePath, State, StoredMessage};
use crate::changes::{Change, ChangeRecord, SavedBlob, SavedCommitted, SavedEntity, SavedMessage, SavedPath};

impl State {
    /// Notes changes from now on.
    pub(super) fn note_changes(&mut self) {
        self.changed.note();
    }

    /// What all that changed is now.
    pub(super) fn take_changes(&mut self) -> Vec<ChangeRecord> {
        let Some(keys) = self.changed.take() else {
            return Vec::new();
        };
        let mut records: Vec<ChangeRecord> = keys.iter().filter_map(|key| self.record(key)).collect();
        if !records.is_empty() {
            records.push(ChangeRecord::new(Change::Numbers(
                self.last_number,
                self.last_write,
            )));
        }
        records
    }

    /// Marks all that there is as changed.
    pub(super) fn mark_all(&mut self) {
        if !self.changed.is_noting() {
            return;
        }
        let mut keys = Vec::new();
        let containers = self.containers.keys().map(|path| (ResourceKind::Container, path));
        let queues = self.queues.keys().map(|path| (ResourceKind::Queue, path));
        let tables = self.tables.keys().map(|path| (ResourceKind::Table, path));
        let resources = containers.chain(queues).chain(tables);
        keys.extend(resources.map(|(kind, path)| Changed::Resource(kind, path.clone())));
        keys.extend(
            self.issued
                .keys()
                .map(|(kind, path)| Changed::Issued(*kind, path.clone())),
        );
        self.changed.extend(keys);
        self.mark_contents();
    }

    /// Marks what containers, queues and tables hold as changed.
    pub(super) fn mark_contents(&mut self) {
        if !self.changed.is_noting() {
            return;
        }
        let mut keys = Vec::new();
        for (path, container) in &self.containers {
            for (name, slot) in &container.0 {
                keys.push(Changed::Blob(path.clone(), name.clone()));
                let ids = slot.staged.keys().cloned();
                keys.extend(ids.map(|id| Changed::Block(path.clone(), name.clone(), id)));
            }
        }
        for (path, queue) in &self.queues {
            keys.extend(
                queue
                    .numbers()
                    .map(|number| Changed::Message(path.clone(), number)),
            );
        }
        for (path, table) in &self.tables {
            keys.extend(
                table
                    .0
                    .keys()
                    .map(|key| Changed::Entity(path.clone(), key.clone())),
            );
        }
        let late = self.late.iter();
        keys.extend(late.map(|late| Changed::Late(late.table.clone(), late.entity.key.clone())));
        self.changed.extend(keys);
    }

    /// What a key holds now. Nothing of a block that is not staged any more: its blob was marked when it was committed or
    /// discarded, and a blob that is told after a block discards it.
    fn record(&self, key: &Changed) -> Option<ChangeRecord> {
        let record = match key {
            Changed::Resource(kind, path) if self.has(*kind, path) => {
                ChangeRecord::new(Change::Resource(saved_path(*kind, path)))
            }
            Changed::Resource(kind, path) => ChangeRecord::new(Change::ResourceGone(saved_path(*kind, path))),
            Changed::Issued(kind, path) => {
                let issued = self.issued.get(&(*kind, path.clone())).into_iter().flatten();
                let addresses = issued.map(|address| address.expose().to_string()).collect();
                ChangeRecord::new(Change::Issued(saved_path(*kind, path), addresses))
            }
            Changed::Blob(path, name) => self.blob_record(path, name),
            Changed::Block(path, name, id) => return self.block_record(path, name, id),
            Changed::Message(path, number) => {
                let queue = self.queues.get(path);
                let path = saved_path(ResourceKind::Queue, path);
                ChangeRecord::new(match queue.and_then(|queue| queue.message(*number)) {
                    Some(message) => Change::Message(path, saved_message(*number, message)),
                    None => Change::MessageGone(path, *number),
                })
            }
            Changed::Entity(path, key) => {
                let stored = self.tables.get(path).and_then(|table| table.0.get(key));
                let path = saved_path(ResourceKind::Table, path);
                ChangeRecord::new(match stored {
                    Some(stored) => Change::Entity(path, saved_entity(stored)),
                    None => Change::EntityGone(path, key.partition.clone(), key.row.clone()),
                })
            }
            Changed::Late(path, key) => {
                let late = self.late.iter();
                let of_it = late.filter(|late| late.table == *path && late.entity.key == *key);
                let waiting = of_it
                    .map(|late| (late.entity.properties.clone(), late.until))
                    .collect();
                let key = (key.partition.clone(), key.row.clone());
                ChangeRecord::new(Change::Late(saved_path(ResourceKind::Table, path), key, waiting))
            }
        };
        Some(record)
    }

    fn slot_of(&self, container: &ResourcePath, name: &str) -> Option<&BlobSlot> {
        self.containers.get(container)?.0.get(name)
    }

    fn blob_record(&self, container: &ResourcePath, name: &str) -> ChangeRecord {
        let path = saved_path(ResourceKind::Container, container);
        let Some(slot) = self.slot_of(container, name) else {
            return ChangeRecord::new(Change::BlobGone(path, name.to_owned()));
        };
        let bodies = slot.committed.iter().flat_map(|committed| &committed.blocks);
        let bodies: Vec<Bytes> = bodies.map(|(_, body)| body.clone()).collect();
        let blob = SavedBlob {
            container: path,
            name: name.to_owned(),
            committed: slot.committed.as_ref().map(saved_blob),
        };
        ChangeRecord::with(Change::Blob(blob), bodies)
    }

    fn block_record(&self, container: &ResourcePath, name: &str, id: &str) -> Option<ChangeRecord> {
        let body = self.slot_of(container, name)?.staged.get(id)?;
        let path = saved_path(ResourceKind::Container, container);
        let block = Change::Block(path, name.to_owned(), id.to_owned());
        Some(ChangeRecord::with(block, vec![body.clone()]))
    }
}

pub(super) fn saved_path(kind: ResourceKind, path: &ResourcePath) -> SavedPath {
    let kind = match kind {
        ResourceKind::Container => 'c',
        ResourceKind::Queue => 'q',
        ResourceKind::Table => 't',
    };
    SavedPath(kind, path.account.clone(), path.name.clone())
}

fn saved_blob(committed: &Committed) -> SavedCommitted {
    let Committed { blocks, blob } = committed;
    SavedCommitted {
        blocks: blocks.iter().map(|(id, body)| (id.clone(), body.len())).collect(),
        content_type: blob.content_type.clone(),
        metadata: blob.metadata.clone(),
        etag: blob.etag.clone(),
        last_modified: blob.last_modified,
    }
}

fn saved_message(number: u64, message: &StoredMessage) -> SavedMessage {
    SavedMessage {
        number,
        receipt: message.handle.pop_receipt.clone(),
        text: message.text.clone(),
        inserted: message.inserted,
        expires: message.expires,
        next_visible: message.next_visible,
        dequeue_count: message.dequeue_count,
    }
}

fn saved_entity(stored: &StoredEntity) -> SavedEntity {
    SavedEntity {
        partition: stored.entity.key.partition.clone(),
        row: stored.entity.key.row.clone(),
        properties: stored.entity.properties.clone(),
        etag: stored.etag.clone(),
        timestamp: stored.timestamp,
    }
}
