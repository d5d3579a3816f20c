//! Logs the requests and the outcome of every ingestion.

use std::collections::BTreeMap;

use kusto_ingest_core::{Error, SourceId, Timestamp};
use kusto_ingest_message::{IngestionErrorCode, OperationStatus};

use crate::ingestion_note::RecentLog;
use crate::{Fault, FaultPlans, RequestKind};

/// How many ingestions are kept.
const MAX_INGESTIONS: usize = 100_000;

/// What became of one ingestion message.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ingestion {
    /// The id of the source; absent when the message does not have it.
    pub source_id: Option<SourceId>,
    /// The database it named.
    pub database: String,
    /// The table it named.
    pub table: String,
    /// How it ended.
    pub status: OperationStatus,
    /// How many rows are in the table because of it.
    pub rows: u64,
    /// The error code of the service.
    pub error_code: Option<IngestionErrorCode>,
    /// What failed.
    pub error: Option<Error>,
    /// When it ended.
    pub ended: Timestamp,
}

/// What a Kusto was asked, and what it ingested.
pub(crate) struct IngestionLog {
    asked: BTreeMap<RequestKind, u64>,
    pub(crate) ingestions: RecentLog<Ingestion>,
    pub(crate) plans: FaultPlans<Fault, RequestKind>,
}

impl Default for IngestionLog {
    fn default() -> Self {
        Self {
            asked: BTreeMap::new(),
            ingestions: RecentLog::of(MAX_INGESTIONS),
            plans: FaultPlans::default(),
        }
    }
}

impl IngestionLog {
    /// Counts a request, and tells the fault that a test planned for it.
    pub(crate) fn enter(&mut self, kind: RequestKind) -> Option<Fault> {
        *self.asked.entry(kind).or_default() += 1;
        self.plans.next(&kind, None)
    }

    pub(crate) fn request_count(&self, kind: RequestKind) -> u64 {
        self.asked.get(&kind).copied().unwrap_or_default()
    }
}
