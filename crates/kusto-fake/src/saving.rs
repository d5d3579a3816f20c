//! What changed in a Kusto since a log was last told, and how all is put back from such a log.
//!
//! Nothing here writes anything: whoever keeps the log is above.

mod restoring;

use std::collections::BTreeSet;

use bytes::Bytes;
use kusto_ingest_core::Result;
use uuid::Uuid;

use crate::changes::{Change, Saver, ToldCatalog};
use crate::fake::State;
use crate::issued_resources::READY_QUEUE;
use crate::{ChangeRecord, FakeKusto};

impl FakeKusto {
    /// Notes what changes from now on, for [`take_changes`](Self::take_changes). What there is already is noted as well.
    pub fn note_changes(&self) {
        self.storage().note_changes();
        let mut state = self.state();
        state.batches.note_changes();
        state.queued.note_changes();
        state.log.note_changes();
        state.saver = Some(Saver::default());
        let all = self.everything(&mut state);
        if let Some(saver) = &mut state.saver {
            saver.pending = all;
            saver.is_changed = true;
        }
    }

    /// Whether there is anything to [take](Self::take_changes).
    #[must_use]
    pub fn has_changes(&self) -> bool {
        let state = self.state();
        let is_noted = state.saver.as_ref().is_some_and(|saver| saver.is_changed);
        is_noted || self.storage().has_changes()
    }

    /// What changed since the last time, as it is now: all of it belongs together. Nothing where changes are not
    /// [noted](Self::note_changes).
    #[must_use]
    pub fn take_changes(&self) -> Vec<ChangeRecord> {
        let mut state = self.state();
        let mut records = state.take_changes();
        records.extend(self.storage().take_changes(false));
        records
    }

    /// All there is, for a log that begins anew; later changes are those since.
    #[must_use]
    pub fn take_everything(&self) -> Vec<ChangeRecord> {
        let mut state = self.state();
        // What is pending is part of what is there.
        drop(state.take_changes());
        self.everything(&mut state)
    }

    fn everything(&self, state: &mut State) -> Vec<ChangeRecord> {
        let mut records = Vec::new();
        let State {
            saver,
            start,
            catalog,
            batches,
            queued,
            log,
            ..
        } = state;
        if let Some(saver) = saver {
            let mut told = ToldCatalog::default();
            records.extend(told.changes(start, true));
            records.push(ChangeRecord::new(Change::Start));
            records.extend(told.changes(catalog, true));
            saver.told = told;
            saver.tokens.clear();
        }
        batches.note_all();
        queued.note_all();
        log.note_all();
        records.extend(state.take_changes());
        records.extend(self.storage().take_changes(true));
        records
    }

    /// Puts a change back, in the order in which they were taken, before anybody asks this Kusto for anything.
    ///
    /// # Errors
    /// [`InvalidInput`](kusto_ingest_core::ErrorKind::InvalidInput) for bytes that are no change.
    pub fn restore(&self, bytes: &Bytes) -> Result<()> {
        let (change, body) = ChangeRecord::read(bytes)?;
        if let Some(change) = self.restore_state(change, &body)? {
            self.storage().restore(change, &body)?;
        }
        Ok(())
    }

    /// Ends the restoring. Queues of ingestion messages that were issued of other accounts are drained as well. What was being ingested is ingested again unless its rows are there; operations that had not begun
    /// will, and those that had are abandoned.
    pub fn end_restoring(&self) {
        let kept = self.storage().queues_named(READY_QUEUE);
        let (queues, batched) = {
            let mut state = self.state();
            let issued = state.ready_queues();
            let earlier = kept.into_iter().filter(|queue| !issued.contains(queue));
            state.earlier_queues = earlier.collect();
            (state.ready_queues(), state.batches.ids())
        };
        let in_queues = self.storage().restored(&queues);
        let in_queues = in_queues.iter().filter_map(|id| Uuid::parse_str(id).ok());
        let begun: BTreeSet<Uuid> = in_queues.chain(batched).collect();
        self.state().begun_before = begun;
        self.resume_operations();
    }
}

impl State {
    /// Notes that something changed which is compared when changes are taken.
    pub(crate) fn note_change(&mut self) {
        if let Some(saver) = &mut self.saver {
            saver.is_changed = true;
        }
    }

    /// Notes that a command begins: whatever is taken from now on may have a part of it.
    pub(crate) fn begin_command(&mut self) {
        if let Some(saver) = &mut self.saver {
            saver.running_commands += 1;
        }
    }

    /// Notes that a command has ended, well or not: it may have done a part.
    pub(crate) fn end_command(&mut self) {
        self.note_command();
        if let Some(saver) = &mut self.saver {
            saver.running_commands = saver.running_commands.saturating_sub(1);
        }
    }

    /// Notes that any table may have changed.
    pub(crate) fn note_command(&mut self) {
        if let Some(saver) = &mut self.saver {
            saver.is_changed = true;
            saver.has_run_commands = true;
        }
    }

    /// Notes that what there is now comes back at a reset.
    pub(crate) fn note_start(&mut self) {
        if let Some(saver) = &mut self.saver {
            let changes = saver.told.changes(&self.catalog, true);
            saver.pending.extend(changes);
            saver.pending.push(ChangeRecord::new(Change::Start));
            saver.is_changed = true;
        }
    }

    fn take_changes(&mut self) -> Vec<ChangeRecord> {
        let Some(saver) = &mut self.saver else {
            return Vec::new();
        };
        let mut records = std::mem::take(&mut saver.pending);
        let has_run_commands = std::mem::take(&mut saver.has_run_commands) || saver.running_commands > 0;
        saver.is_changed = false;
        records.extend(saver.told.changes(&self.catalog, has_run_commands));
        let tokens = self.tokens.saved();
        if saver.tokens != tokens {
            saver.tokens.clone_from(&tokens);
            records.push(ChangeRecord::new(Change::Tokens(tokens)));
        }
        records.extend(self.batches.take_changes());
        records.extend(self.queued.take_changes());
        records.extend(self.log.take_changes());
        records
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kusto_ingest_core::{DatabaseName, ManualClock, Timestamp};

    use super::*;
    use crate::ResourceIssuer;

    #[test]
    fn what_a_command_has_changed_is_told_though_it_still_runs() {
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let kusto = FakeKusto::new(clock, ResourceIssuer::hosts()).expect("it issues");
        kusto.note_changes();
        drop(kusto.take_changes());
        let mut state = kusto.state();
        state.begin_command();
        let name = DatabaseName::net_default();
        let database = state.catalog.database(name.as_str()).expect("there");
        "shown".clone_into(&mut database.pretty_name);
        assert_eq!(state.take_changes().len(), 1, "while it runs");
        state.end_command();
        assert_eq!(state.take_changes().len(), 0, "and once only");
    }
}
