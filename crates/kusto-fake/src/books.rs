//! What was asked of this Kusto and what became of every ingestion.

use std::collections::BTreeMap;

use kusto_ingest_core::{Error, SourceId, Timestamp};
use kusto_ingest_message::{IngestionErrorCode, OperationStatus};

use crate::RequestKind;

/// What became of one ingestion message.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ingestion {
    /// The identity of the source; absent when the message does not tell.
    pub source_id: Option<SourceId>,
    /// The database it named.
    pub database: String,
    /// The table it named.
    pub table: String,
    /// How it ended.
    pub status: OperationStatus,
    /// How many rows are in the table because of it.
    pub rows: u64,
    /// What failed, in the service's word.
    pub error_code: Option<IngestionErrorCode>,
    /// What failed.
    pub error: Option<Error>,
    /// When it ended.
    pub ended: Timestamp,
}

/// The books of a Kusto.
#[derive(Default)]
pub(crate) struct Books {
    asked: BTreeMap<RequestKind, u64>,
    pub(crate) ingestions: Vec<Ingestion>,
    refusals: Vec<Refusal>,
}

/// An error that the next requests of a kind are answered with.
struct Refusal {
    kind: RequestKind,
    error: Error,
    left: u32,
}

impl Books {
    /// Counts a request, and tells the error that a test planned for it.
    pub(crate) fn enter(&mut self, kind: RequestKind) -> Option<Error> {
        *self.asked.entry(kind).or_default() += 1;
        let mut planned = self.refusals.iter_mut();
        let refusal = planned.find(|refusal| refusal.kind == kind && refusal.left > 0)?;
        refusal.left -= 1;
        Some(refusal.error.clone())
    }

    pub(crate) fn asked(&self, kind: RequestKind) -> u64 {
        self.asked.get(&kind).copied().unwrap_or_default()
    }

    pub(crate) fn refuse(&mut self, kind: RequestKind, error: Error, times: u32) {
        self.refusals.push(Refusal {
            kind,
            error,
            left: times,
        });
    }
}
