//! What a command or query answered: tables of typed columns.

use serde_json::Value;

/// What a command or query answered.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Dataset {
    /// Its tables, the one with the answer first.
    pub tables: Vec<Table>,
}

impl Dataset {
    /// A dataset of one table.
    #[must_use]
    pub fn single(table: Table) -> Self {
        Self { tables: vec![table] }
    }

    /// The table with the answer.
    #[must_use]
    pub fn primary(&self) -> Option<&Table> {
        self.tables.first()
    }
}

/// One table of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows; each has a value for every column.
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    /// A table of columns, without rows yet. Each column is a name and a Kusto type.
    #[must_use]
    pub fn of(name: impl Into<String>, columns: &[(&str, &str)]) -> Self {
        let columns = columns
            .iter()
            .map(|(name, kusto_type)| Column::new(*name, *kusto_type))
            .collect();
        Self {
            name: name.into(),
            columns,
            rows: Vec::new(),
        }
    }

    /// Adds a row. Missing values are null, values beyond the last column are left out.
    #[must_use]
    pub fn with_row<I: IntoIterator<Item: Into<Value>>>(mut self, values: I) -> Self {
        let mut row: Vec<Value> = values.into_iter().map(Into::into).collect();
        row.resize(self.columns.len(), Value::Null);
        self.rows.push(row);
        self
    }

    /// The place of a column by name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The text values of one column, nulls and other types left out.
    pub fn texts<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let place = self.column(name);
        self.rows.iter().filter_map(move |row| row.get(place?)?.as_str())
    }
}

/// One column of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its Kusto type, such as `datetime`.
    pub kusto_type: String,
}

impl Column {
    /// A column of a Kusto type.
    #[must_use]
    pub fn new(name: impl Into<String>, kusto_type: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kusto_type: kusto_type.into(),
        }
    }
}
