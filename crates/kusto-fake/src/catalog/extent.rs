//! What one source left in a table.

use kusto_ingest_core::{SourceId, Timestamp};
use uuid::Uuid;

/// What one source left in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extent {
    /// Its identity.
    pub id: Uuid,
    /// Its tags, as the service shows them: with their `drop-by:` and `ingest-by:`.
    pub tags: Vec<String>,
    /// How many rows it holds.
    pub rows: u64,
    /// When it counts as created: what the source said, or when it was ingested.
    pub created_on: Timestamp,
    /// When it was ingested: what `ingestion_time()` says of its rows.
    pub ingested_on: Timestamp,
    /// The source it came from.
    pub source_id: Option<SourceId>,
    /// The message that it was ingested for.
    pub(crate) message: Option<Uuid>,
}

impl Extent {
    /// An extent of rows that are ingested now.
    pub(crate) fn new(rows: usize, now: Timestamp) -> Self {
        Self {
            id: Uuid::new_v4(),
            tags: Vec::new(),
            rows: rows as u64,
            created_on: now,
            ingested_on: now,
            source_id: None,
            message: None,
        }
    }
}
