//! What a query is asked over: databases, their tables and functions.

use std::fmt;
use std::sync::Arc;

use kusto_ingest_decode::Schema;

use crate::{HiddenColumn, Value};

/// The tables and functions that a query may name.
pub trait Tables {
    /// Whether there is a database of this name. Its case does not matter.
    fn has_database(&self, database: &str) -> bool;

    /// The table of a name in a database.
    fn table(&self, database: &str, name: &str) -> Option<Arc<dyn TableData>>;

    /// The names of all tables of a database.
    fn table_names(&self, database: &str) -> Vec<String>;

    /// The function of a name in a database.
    fn function(&self, database: &str, name: &str) -> Option<StoredFunction> {
        let _ = (database, name);
        None
    }
}

/// A function that a database keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredFunction {
    /// Its parameters as they are written, with the parentheses: `(n:long, T:(x:string))`.
    pub parameters: String,
    /// Its body, with the braces.
    pub body: String,
}

impl StoredFunction {
    /// A function of these parameters, in parentheses, and this body, in braces.
    pub fn new(parameters: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            parameters: parameters.into(),
            body: body.into(),
        }
    }
}

/// The rows of a table, in chunks of some thousands.
pub trait TableData: fmt::Debug + Send + Sync {
    /// Its columns.
    fn schema(&self) -> &Schema;

    /// How many chunks there are.
    fn chunks(&self) -> usize;

    /// How many rows a chunk has.
    fn chunk_rows(&self, chunk: usize) -> usize;

    /// The values of a column in a chunk: as many as it has rows, each null or of the column's type. A column that is not
    /// needed is not asked for.
    fn column(&self, chunk: usize, column: usize) -> Vec<Value>;

    /// The values of a hidden column in a chunk; nothing where the table does not know them.
    fn hidden(&self, chunk: usize, column: HiddenColumn) -> Option<Vec<Value>> {
        let _ = (chunk, column);
        None
    }
}

/// A table in memory: rows that somebody has anyway.
#[derive(Debug, Default)]
pub struct MemoryTable {
    schema: Schema,
    columns: Vec<Vec<Value>>,
    rows: usize,
}

impl MemoryTable {
    /// A table of rows. Values that a row lacks are missing ones, those beyond the last column are left out.
    #[must_use]
    pub fn new(schema: Schema, rows: Vec<Vec<Value>>) -> Self {
        let mut columns: Vec<Vec<Value>> = vec![Vec::with_capacity(rows.len()); schema.columns().len()];
        let count = rows.len();
        for row in rows {
            let mut values = row.into_iter();
            for (column, values_of) in schema.columns().iter().zip(&mut columns) {
                let value = values
                    .next()
                    .unwrap_or_else(|| Value::missing(column.scalar_type));
                values_of.push(value);
            }
        }
        Self {
            schema,
            columns,
            rows: count,
        }
    }
}

impl TableData for MemoryTable {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn chunks(&self) -> usize {
        self.rows.div_ceil(crate::frame::BATCH)
    }

    fn chunk_rows(&self, chunk: usize) -> usize {
        (self.rows - (chunk * crate::frame::BATCH).min(self.rows)).min(crate::frame::BATCH)
    }

    fn column(&self, chunk: usize, column: usize) -> Vec<Value> {
        let from = chunk * crate::frame::BATCH;
        let values = self.columns.get(column).map_or(&[][..], Vec::as_slice);
        let values = values.get(from..from + self.chunk_rows(chunk));
        values.unwrap_or_default().to_vec()
    }
}
