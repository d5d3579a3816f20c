//! The answer to a command or query: tables of typed columns.

mod scalar;
mod v1;
mod v2;
mod wire;

use kusto_ingest_core::{Error, ErrorKind, Result};
use serde_json::Value;

use crate::json;
use crate::service_error::shown;

/// The least severe status that is still a failure.
const FAILURE: i64 = 2;

/// The answer to a command or query.
///
/// Every answer that is JSON is read. Half of a surrogate pair in a text becomes U+FFFD, and a number beyond those of
/// a double the text `Infinity` or `-Infinity`. What is nested deeper than [`MAX_DEPTH`](Self::MAX_DEPTH) is given as
/// its JSON text.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Dataset {
    /// The tables with the answer, in their order.
    pub tables: Vec<Table>,
    /// What the service says about the answer: properties and status. Empty for most commands.
    pub details: Vec<Table>,
}

impl Dataset {
    /// How many arrays and objects of an answer may lie in one another, the few of the answer itself included.
    pub const MAX_DEPTH: usize = json::MAX_DEPTH;

    /// A dataset of one table.
    #[must_use]
    pub fn single(table: Table) -> Self {
        Self {
            tables: vec![table],
            details: Vec::new(),
        }
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

    /// The value of a row's column by name.
    #[must_use]
    pub fn value(&self, row: usize, name: &str) -> Option<&Value> {
        self.rows.get(row)?.get(self.column(name)?)
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

    fn row_where(&self, name: &str, value: &Value) -> Option<&Vec<Value>> {
        let place = self.column(name)?;
        self.rows.iter().find(|row| row.get(place) == Some(value))
    }

    /// Reads the rows of a status table: one of them may tell of a failure.
    fn check_status(&self, severity: &str, text: &str) -> Result<()> {
        let Some(place) = self.column(severity) else {
            return Ok(());
        };
        let failed = |row: &&Vec<Value>| row[place].as_i64().is_some_and(|level| level <= FAILURE);
        let Some(row) = self.rows.iter().find(failed) else {
            return Ok(());
        };
        let told = self.column(text).and_then(|place| row[place].as_str());
        Err(Error::new(ErrorKind::Rejected, "complete the answer")
            .because(shown(told.unwrap_or("the service says no more"))))
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
