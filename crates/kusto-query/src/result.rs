//! A result of a query: columns and rows.

use kusto_ingest_decode::Column;
use serde_json::Value as Json;

use crate::Value;
use crate::frame::Frame;
use crate::syntax::Visual;

/// One result of a query.
#[derive(Clone, Debug)]
pub struct QueryResult {
    columns: Vec<Column>,
    rows: Frame,
    visual: Option<Visual>,
}

impl QueryResult {
    pub(crate) fn new(columns: Vec<Column>, rows: Frame, visual: Option<Visual>) -> Self {
        Self {
            columns,
            rows,
            visual,
        }
    }

    /// Its columns.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// How many rows it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.rows
    }

    /// Whether it has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.rows == 0
    }

    /// A value, by its row and its column's place.
    #[must_use]
    pub fn value(&self, row: usize, column: usize) -> Option<&Value> {
        let column = self.rows.columns.get(column).filter(|_| row < self.rows.rows)?;
        Some(column.at(row))
    }

    /// Its rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = impl Iterator<Item = &Value>> {
        (0..self.rows.rows).map(move |row| self.rows.columns.iter().map(move |column| column.at(row)))
    }

    /// How it wants to be drawn: the service's `Visualization` property, where the query says `render`.
    #[must_use]
    pub fn visualization(&self) -> Option<Json> {
        self.visual.as_ref().map(crate::render::property)
    }
}
