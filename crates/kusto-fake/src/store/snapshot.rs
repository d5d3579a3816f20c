//! The rows of a table as they were at a moment, for queries.

use std::fmt;
use std::sync::Arc;

use kusto_ingest_decode::Schema;
use kusto_query::{TableData, Value};

use super::chunk::Chunk;

/// The rows of a table as they were at a moment.
pub(crate) struct Snapshot {
    schema: Schema,
    chunks: Vec<Arc<Chunk>>,
}

impl Snapshot {
    pub(super) fn new(schema: Schema, chunks: Vec<Arc<Chunk>>) -> Self {
        Self { schema, chunks }
    }
}

impl TableData for Snapshot {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn chunks(&self) -> usize {
        self.chunks.len()
    }

    fn chunk_rows(&self, chunk: usize) -> usize {
        self.chunks.get(chunk).map_or(0, |chunk| chunk.len())
    }

    fn column(&self, chunk: usize, column: usize) -> Vec<Value> {
        let Some(chunk) = self.chunks.get(chunk) else {
            return Vec::new();
        };
        let of = &self.schema.columns()[column];
        chunk
            .values(column, of.scalar_type)
            .unwrap_or_else(|| vec![Value::missing(of.scalar_type); chunk.len()])
    }
}

/// Without the rows.
impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}
