//! What is there, in short, and how all is as it was at the start.

use kusto_ingest_decode::Schema;

use crate::fake::MAX_NOTES;
use crate::ingestion_log::IngestionLog;
use crate::ingestion_note::RecentLog;
use crate::{FakeKusto, Ingestion, IngestionNote};

/// A table, in short.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TableSummary {
    /// Its database.
    pub database: String,
    /// Its name.
    pub table: String,
    /// Its columns.
    pub schema: Schema,
    /// How many rows it has.
    pub rows: u64,
}

impl FakeKusto {
    /// The names of all databases, in their order.
    #[must_use]
    pub fn databases(&self) -> Vec<String> {
        let state = self.state();
        state.catalog.names().map(|(name, _)| name.to_owned()).collect()
    }

    /// All tables, by database and name.
    #[must_use]
    pub fn table_summaries(&self) -> Vec<TableSummary> {
        let state = self.state();
        let databases = state.catalog.names();
        let tables = databases.flat_map(|(database, of)| {
            of.tables.iter().map(move |(name, table)| TableSummary {
                database: database.to_owned(),
                table: name.clone(),
                schema: table.schema.clone(),
                rows: table.rows.len() as u64,
            })
        });
        tables.collect()
    }

    /// What became of the latest messages, at most so many, the newest first.
    #[must_use]
    pub fn latest_ingestions(&self, most: usize) -> Vec<Ingestion> {
        self.state().ingestion_log.ingestions.latest(most)
    }

    /// The latest [notes](Self::notes), at most so many, the newest first.
    #[must_use]
    pub fn latest_notes(&self, most: usize) -> Vec<IngestionNote> {
        self.state().notes.latest(most)
    }

    /// Has [`reset`](Self::reset) bring back the databases, tables and rows that are there now.
    pub fn set_start(&self) {
        let mut state = self.state();
        state.start = state.catalog.clone();
        state.note_start();
    }

    /// Puts all as it was at the [start](Self::set_start): databases, tables and rows. Blobs, messages, statuses, logs, notes
    /// and planned faults are gone; what was issued is good as before.
    ///
    /// A source that is being ingested may still arrive; whoever drains the queues does not meanwhile.
    pub fn reset(&self) {
        let mut state = self.state();
        state.catalog = state.start.clone();
        state.catalog.begin_generations();
        state.note_command();
        state.ingestion_log = IngestionLog::default();
        state.log.clear();
        state.batches.clear();
        state.queued.reset();
        state.begun_before.clear();
        state.notes = RecentLog::of(MAX_NOTES);
        state.ignored_options.clear();
        self.storage().reset();
    }
}
