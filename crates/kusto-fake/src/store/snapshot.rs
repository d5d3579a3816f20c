//! The rows of a table as they were at a moment, for queries.

use std::fmt;
use std::sync::Arc;

use kusto_ingest_decode::Schema;
use kusto_query::{HiddenColumn, TableData, Value};

use super::chunk::Chunk;
use crate::Extent;

/// The rows of a table as they were at a moment.
pub(crate) struct Snapshot {
    schema: Schema,
    chunks: Vec<Arc<Chunk>>,
    /// The extents that the rows are of, in their order.
    extents: Vec<Extent>,
}

impl Snapshot {
    pub(super) fn new(schema: Schema, chunks: Vec<Arc<Chunk>>, extents: Vec<Extent>) -> Self {
        Self {
            schema,
            chunks,
            extents,
        }
    }
}

/// What a hidden column says of the rows of an extent.
fn hidden_value(extent: &Extent, column: HiddenColumn) -> Value {
    match column {
        HiddenColumn::IngestionTime => Value::from(extent.ingested_on),
        HiddenColumn::ExtentId => Value::Guid(extent.id),
        HiddenColumn::ExtentTags => Value::of_json_text(&serde_json::json!(extent.tags).to_string()),
        _ => Value::Null,
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

    fn hidden(&self, chunk: usize, column: HiddenColumn) -> Option<Vec<Value>> {
        let before = self.chunks.get(..chunk)?;
        let first: usize = before.iter().map(|chunk| chunk.len()).sum();
        let rows = first..first + self.chunk_rows(chunk);
        let mut values = Vec::with_capacity(rows.len());
        let mut start = 0;
        for extent in &self.extents {
            let end = start + usize::try_from(extent.rows).unwrap_or(usize::MAX);
            let shared = start.max(rows.start)..end.min(rows.end);
            values.resize(values.len() + shared.len(), hidden_value(extent, column));
            start = end;
        }
        values.resize(rows.len(), Value::Null);
        Some(values)
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
