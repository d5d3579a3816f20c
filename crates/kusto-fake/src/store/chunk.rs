//! Some thousand rows, column by column.

use kusto_ingest_decode::{DecodedValue, Row, ScalarType, Schema, Value};

use super::column::Column;

/// How many rows a chunk has at most.
const MOST_ROWS: usize = 32 << 10;

/// A chunk with more bytes than this takes no more rows. A single row may have more.
const MOST_BYTES: u64 = 8 << 20;

/// Some thousand rows, column by column.
#[derive(Clone)]
pub(super) struct Chunk {
    columns: Vec<Column>,
    rows: usize,
    /// What texts, and values of a known size, take together.
    filled: u64,
}

impl Chunk {
    pub(super) fn new(schema: &Schema) -> Self {
        let columns = schema.columns().iter();
        Self {
            columns: columns.map(|column| Column::new(column.scalar_type)).collect(),
            rows: 0,
            filled: 0,
        }
    }

    /// A chunk of these columns, which all have so many values.
    pub(super) fn of_columns(columns: Vec<Column>, rows: usize) -> Self {
        Self {
            filled: columns.iter().map(Column::size).sum(),
            columns,
            rows,
        }
    }

    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub(super) fn len(&self) -> usize {
        self.rows
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows >= MOST_ROWS || self.filled >= MOST_BYTES
    }

    /// How much memory it takes, in bytes, what it has in reserve included.
    pub(super) fn size(&self) -> u64 {
        self.columns.iter().map(Column::size).sum()
    }

    /// Puts a value into a column.
    pub(super) fn value(&mut self, column: usize, value: &DecodedValue<'_>) {
        if let Some(column) = self.columns.get_mut(column) {
            self.filled += column.push(value);
        }
    }

    /// Every column has its value of one row more.
    pub(super) fn end_row(&mut self) {
        self.rows += 1;
    }

    /// Whether it has room for all rows of another chunk, which is of the same columns.
    pub(super) fn can_absorb(&self, other: &Self) -> bool {
        self.columns.len() == other.columns.len()
            && self.rows + other.rows <= MOST_ROWS
            && self.filled + other.filled <= MOST_BYTES
    }

    /// Takes in all rows of another chunk.
    pub(super) fn absorb(&mut self, other: Self) {
        for (column, more) in self.columns.iter_mut().zip(other.columns) {
            column.append(more);
        }
        self.rows += other.rows;
        self.filled += other.filled;
    }

    /// The same rows with other columns: each has the values of one that is here, or none.
    pub(super) fn rearranged(&self, from: &Schema, to: &Schema, places: &[Option<usize>]) -> Self {
        let column = |(column, place): (&kusto_ingest_decode::Column, &Option<usize>)| {
            let of_type = |place: &usize| from.columns()[*place].scalar_type == column.scalar_type;
            let kept = place.filter(of_type).and_then(|place| self.columns.get(place));
            kept.cloned()
                .unwrap_or_else(|| Column::missing(column.scalar_type, self.rows))
        };
        let columns: Vec<Column> = to.columns().iter().zip(places).map(column).collect();
        Self::of_columns(columns, self.rows)
    }

    /// Gives back what it has in reserve.
    pub(super) fn shrink(&mut self) {
        self.columns.iter_mut().for_each(Column::shrink);
    }

    /// The values of a column, as queries have them; nothing for a column that this chunk does not have.
    pub(super) fn values(&self, column: usize, scalar_type: ScalarType) -> Option<Vec<kusto_query::Value>> {
        let values = self.columns.get(column)?;
        Some(values.query_values(scalar_type))
    }

    /// A row, with nothing in columns that this chunk does not have.
    pub(super) fn row(&self, schema: &Schema, at: usize) -> Row {
        let columns = schema.columns().iter().enumerate();
        let value = |(place, column): (usize, &kusto_ingest_decode::Column)| match self.columns.get(place) {
            Some(values) => values.value(column.scalar_type, at),
            None => Value::missing(column.scalar_type),
        };
        columns.map(value).collect()
    }
}
