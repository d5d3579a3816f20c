//! Puts back into the storage what a log kept of it.

use bytes::Bytes;
use kusto_ingest_core::{Result, Timestamp};
use kusto_storage::{Entity, EntityKey, MessageHandle, ResourceKind, ResourceUri};

use super::blobs::{BlobSlot, Committed, Container};
use super::queues::{Queue, message_id};
use super::tables::{PendingMerge, Table};
use super::{ResourcePath, State, StoredBlob, StoredEntity, StoredMessage};
use crate::changes::{Change, SavedBlob, SavedCommitted, SavedEntity, SavedMessage, SavedPath, refuse};

impl State {
    /// Puts one change back. What is of another kind is left alone.
    ///
    /// # Errors
    /// [`InvalidInput`](kusto_ingest_core::ErrorKind::InvalidInput) for what cannot have been saved.
    pub(super) fn restore(&mut self, change: Change, body: &Bytes, now: Timestamp) -> Result<()> {
        match change {
            Change::Resource(saved) => {
                let path = saved.path();
                match kind(&saved)? {
                    ResourceKind::Container => drop(self.containers.insert(path, Container::default())),
                    ResourceKind::Queue => drop(self.queues.insert(path, Queue::default())),
                    ResourceKind::Table => drop(self.tables.insert(path, Table::default())),
                }
            }
            Change::ResourceGone(saved) => {
                let path = saved.path();
                match kind(&saved)? {
                    ResourceKind::Container => drop(self.containers.remove(&path)),
                    ResourceKind::Queue => drop(self.queues.remove(&path)),
                    ResourceKind::Table => drop(self.tables.remove(&path)),
                }
            }
            Change::Issued(saved, addresses) => self.restore_issued(&saved, &addresses, now)?,
            Change::Blob(blob) => self.restore_blob(blob, body)?,
            Change::BlobGone(saved, name) => {
                if let Some(container) = self.containers.get_mut(&saved.path()) {
                    container.0.remove(&name);
                }
            }
            Change::Block(saved, name, id) => {
                let container = self.containers.entry(saved.path()).or_default();
                let slot = container.0.entry(name).or_default();
                slot.staged.insert(id, owned(body, 0..body.len()));
            }
            Change::Numbers(last_number, last_write) => {
                self.last_number = last_number.max(self.last_number);
                self.last_write = last_write.or(self.last_write);
            }
            other => self.restore_held(other, now),
        }
        Ok(())
    }

    /// Puts back what is in queues and tables.
    fn restore_held(&mut self, change: Change, now: Timestamp) {
        match change {
            Change::Message(saved, message) => {
                let queue = self.queues.entry(saved.path()).or_default();
                queue.remove(message.number);
                queue.push(message.number, stored_message(message), now);
            }
            Change::MessageGone(saved, number) => {
                if let Some(queue) = self.queues.get_mut(&saved.path()) {
                    queue.remove(number);
                }
            }
            Change::Entity(saved, entity) => {
                let table = self.tables.entry(saved.path()).or_default();
                let stored = stored_entity(entity);
                table.0.insert(stored.entity.key.clone(), stored);
            }
            Change::EntityGone(saved, partition, row) => {
                if let Some(table) = self.tables.get_mut(&saved.path()) {
                    table.0.remove(&EntityKey::new(partition, row));
                }
            }
            Change::Late(saved, (partition, row), waiting) => {
                let (table, key) = (saved.path(), EntityKey::new(partition, row));
                self.late
                    .retain(|late| late.table != table || late.entity.key != key);
                self.late
                    .extend(waiting.into_iter().map(|(properties, until)| PendingMerge {
                        table: table.clone(),
                        entity: Entity {
                            key: key.clone(),
                            properties,
                        },
                        until,
                    }));
            }
            _ => {}
        }
    }

    fn restore_issued(&mut self, saved: &SavedPath, addresses: &[String], now: Timestamp) -> Result<()> {
        let issued = addresses.iter().map(|address| ResourceUri::parse(address));
        let mut issued = issued.collect::<Result<Vec<_>>>()?;
        issued.retain(|address| address.expires().is_none_or(|end| end > now));
        let key = (kind(saved)?, saved.path());
        match addresses.is_empty() {
            true => drop(self.issued_before.remove(&key)),
            false => drop(self.issued_before.insert(key, issued)),
        }
        Ok(())
    }

    fn restore_blob(&mut self, blob: SavedBlob, body: &Bytes) -> Result<()> {
        let name = blob.name;
        let committed = blob.committed.map(|saved| committed(&name, saved, body));
        let slot = BlobSlot {
            committed: committed.transpose()?,
            ..BlobSlot::default()
        };
        let container = self.containers.entry(blob.container.path()).or_default();
        container.0.insert(name, slot);
        Ok(())
    }

    /// Counts what is there now, and lets the messages of these queues be seen that somebody was working on. Tells which
    /// those are.
    pub(super) fn restored(&mut self, queues: &[ResourcePath], now: Timestamp) -> Vec<String> {
        for (key, issued) in std::mem::take(&mut self.issued_before) {
            // What this storage was issued with is newer than the log, and stays.
            let known = self.issued.entry(key).or_default();
            known.splice(0..0, issued);
        }
        self.stored_blob_bytes = self.containers.values().map(Container::bytes).sum();
        let mut begun = Vec::new();
        for path in queues {
            let Some(queue) = self.queues.get_mut(path) else {
                continue;
            };
            let numbers: Vec<u64> = queue.numbers().collect();
            for number in numbers {
                if queue
                    .message(number)
                    .is_none_or(|message| message.dequeue_count == 0)
                {
                    continue;
                }
                let seen = queue.change(number, now, |message| {
                    message.next_visible = message.next_visible.min(now)
                });
                begun.extend(seen.map(|message| message.handle.id));
            }
        }
        begun
    }
}

fn kind(saved: &SavedPath) -> Result<ResourceKind> {
    match saved.0 {
        'c' => Ok(ResourceKind::Container),
        'q' => Ok(ResourceKind::Queue),
        't' => Ok(ResourceKind::Table),
        _ => Err(refuse()),
    }
}

fn committed(name: &str, saved: SavedCommitted, body: &Bytes) -> Result<Committed> {
    let mut begin = 0_usize;
    let mut blocks = Vec::new();
    for (id, length) in saved.blocks {
        let end = begin.checked_add(length).filter(|end| *end <= body.len());
        let end = end.ok_or_else(refuse)?;
        blocks.push((id, owned(body, begin..end)));
        begin = end;
    }
    let blob = StoredBlob {
        name: name.to_owned(),
        chunks: blocks.iter().map(|(_, body)| body.clone()).collect(),
        length: begin as u64,
        content_type: saved.content_type,
        metadata: saved.metadata,
        etag: saved.etag,
        last_modified: saved.last_modified,
    };
    Ok(Committed { blocks, blob })
}

/// A part as bytes of its own: what it is a part of must not stay in memory for its sake.
fn owned(body: &Bytes, part: std::ops::Range<usize>) -> Bytes {
    Bytes::copy_from_slice(&body[part])
}

fn stored_message(saved: SavedMessage) -> StoredMessage {
    StoredMessage {
        handle: MessageHandle::new(message_id(saved.number), saved.receipt),
        text: saved.text,
        inserted: saved.inserted,
        expires: saved.expires,
        next_visible: saved.next_visible,
        dequeue_count: saved.dequeue_count,
    }
}

fn stored_entity(saved: SavedEntity) -> StoredEntity {
    StoredEntity {
        entity: Entity {
            key: EntityKey::new(saved.partition, saved.row),
            properties: saved.properties,
        },
        etag: saved.etag,
        timestamp: saved.timestamp,
    }
}
