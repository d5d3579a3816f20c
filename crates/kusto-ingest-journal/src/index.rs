//! What all lines of a journal add up to: the last word on each source.

use std::collections::HashMap;

use kusto_ingest_core::{SourceId, Timestamp};

use crate::{JournalEvent, JournalRecord, JournalSource, SourceProgress};

/// The last word on each source, and where in the file it stands: about 100 bytes a source.
#[derive(Debug, Default)]
pub(crate) struct Index(HashMap<SourceId, Entry>);

#[derive(Clone, Copy, Debug)]
struct Entry {
    event: JournalEvent,
    bytes: Option<u64>,
    modified: Option<Timestamp>,
    offset: u64,
}

impl Index {
    /// Takes a line in, which stands at this place of the file.
    pub(crate) fn apply(&mut self, record: &JournalRecord, offset: u64) {
        if record.event == JournalEvent::Removed {
            self.0.remove(&record.id);
            return;
        }
        let entry = Entry {
            event: record.event,
            bytes: record.source.bytes,
            modified: record.source.modified,
            offset,
        };
        self.0.insert(record.id, entry);
    }

    /// The last line about a source stands at another place now.
    pub(crate) fn move_to(&mut self, id: SourceId, offset: u64) {
        if let Some(entry) = self.0.get_mut(&id) {
            entry.offset = offset;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// What happened to a source last.
    pub(crate) fn event(&self, id: SourceId) -> Option<JournalEvent> {
        self.0.get(&id).map(|entry| entry.event)
    }

    /// Where the last line about a source stands.
    pub(crate) fn offset(&self, id: SourceId) -> Option<u64> {
        self.0.get(&id).map(|entry| entry.offset)
    }

    /// How far a source is that looks so now.
    pub(crate) fn progress(&self, id: SourceId, now: &JournalSource) -> SourceProgress {
        match self.0.get(&id) {
            Some(entry) if entry.event.is_done() || entry.event.is_unknown() => {
                SourceProgress::of_sent(entry.event.is_done(), (entry.bytes, entry.modified), now)
            }
            _ => SourceProgress::Unsent,
        }
    }

    /// The sources of which it is so, in the order of their last lines.
    pub(crate) fn ids(&self, is_so: impl Fn(JournalEvent) -> bool) -> Vec<SourceId> {
        let mut found: Vec<(u64, SourceId)> = self
            .0
            .iter()
            .filter(|(_, entry)| is_so(entry.event))
            .map(|(id, entry)| (entry.offset, *id))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, id)| id).collect()
    }
}
