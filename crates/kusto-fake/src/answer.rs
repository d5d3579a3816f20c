//! The answer to a command or query: tables of typed values.

use kusto_endpoint::{Column as EndpointColumn, Dataset, Table};
use kusto_ingest_decode::{Column, Row, ScalarType, Value};

/// The answer to a command or query. Values keep their types, and dynamic values their text, until the answer is
/// [written](crate::wire).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// The tables, in their order.
    pub tables: Vec<AnswerTable>,
}

/// One table of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct AnswerTable {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows; each has a value for every column.
    pub rows: Vec<Row>,
    /// How it wants to be drawn, as JSON, where the query says so.
    pub visualization: Option<String>,
}

impl Answer {
    /// An answer of one table.
    #[must_use]
    pub fn single(table: AnswerTable) -> Self {
        Self { tables: vec![table] }
    }

    /// The answer with JSON values, as client libraries read it. Dynamic values may lose the order of their members and
    /// digits of their numbers.
    #[must_use]
    pub fn to_dataset(&self) -> Dataset {
        let mut dataset = Dataset::default();
        dataset.tables = self.tables.iter().map(AnswerTable::to_table).collect();
        dataset
    }
}

impl AnswerTable {
    /// A table of columns, without rows yet.
    #[must_use]
    pub fn of(name: impl Into<String>, columns: &[(&str, ScalarType)]) -> Self {
        let columns = columns.iter();
        Self {
            name: name.into(),
            columns: columns.map(|(name, of)| Column::new(*name, *of)).collect(),
            rows: Vec::new(),
            visualization: None,
        }
    }

    /// Adds a row. Missing values are null, values beyond the last column are left out.
    #[must_use]
    pub fn with_row<I: IntoIterator<Item: Into<Value>>>(mut self, values: I) -> Self {
        let mut row: Row = values.into_iter().map(Into::into).collect();
        row.resize(self.columns.len(), Value::Null);
        self.rows.push(row);
        self
    }

    /// The index of a column by name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    fn to_table(&self) -> Table {
        let mut table = Table::of(&self.name, &[]);
        let columns = self.columns.iter();
        table.columns = columns
            .map(|column| EndpointColumn::new(&column.name, column.scalar_type.name()))
            .collect();
        let rows = self.rows.iter();
        table.rows = rows.map(|row| row.iter().map(Value::to_json).collect()).collect();
        table
    }
}

/// The table of an answer to a command, without rows yet. The service gives all of them this name.
pub(crate) fn table_of(columns: &[(&str, ScalarType)]) -> AnswerTable {
    AnswerTable::of("Table_0", columns)
}
