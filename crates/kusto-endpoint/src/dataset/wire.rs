//! A table as both shapes of answers hold it, and failures that stand where rows should be.

use std::borrow::Cow;

use kusto_ingest_core::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Column, Table, scalar};
use crate::ServiceError;

/// A table, or a fragment of one, as it comes.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct WireTable {
    pub(super) table_id: i64,
    pub(super) table_name: String,
    pub(super) table_kind: String,
    pub(super) table_fragment_type: String,
    pub(super) columns: Vec<WireColumn>,
    #[serde(skip)]
    pub(super) rows: Vec<Value>,
}

/// A column as it comes; some commands name only the type of .NET.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct WireColumn {
    column_name: String,
    column_type: Option<String>,
    data_type: Option<String>,
}

impl WireTable {
    /// The table that a part of an answer is. Rows are moved: they may be many, and deep.
    pub(super) fn of(mut told: Value) -> Result<Self> {
        let rows = match told.get_mut("Rows").map(Value::take) {
            Some(Value::Array(rows)) => rows,
            None | Some(Value::Null) => Vec::new(),
            Some(_) => return Err(not_understood("the rows of a table are no list")),
        };
        let table = shaped(told)?;
        Ok(Self { rows, ..table })
    }

    /// The table, or the failure that one of its rows tells of.
    pub(super) fn read(self) -> Result<Table> {
        let columns: Vec<Column> = self.columns.into_iter().map(WireColumn::read).collect();
        let mut rows = Vec::with_capacity(self.rows.len());
        for row in self.rows {
            let Value::Array(values) = row else {
                return Err(failure(&row));
            };
            let mut values: Vec<Value> = values
                .into_iter()
                .zip(&columns)
                .map(|(value, column)| scalar::normal(&column.kusto_type, value))
                .collect();
            values.resize(columns.len(), Value::Null);
            rows.push(values);
        }
        Ok(Table {
            name: self.table_name,
            columns,
            rows,
        })
    }
}

impl WireColumn {
    fn read(self) -> Column {
        let named = self.column_type.filter(|name| !name.is_empty());
        let name = named.or(self.data_type).unwrap_or_default();
        Column::new(self.column_name, scalar::kusto_type(&name))
    }
}

/// The error that stands in an answer of status 200: work had begun when it failed.
pub(super) fn failure(told: &Value) -> Error {
    let first = |name: &str| told.get(name).and_then(|list| list.get(0).or(Some(list)));
    let operation = "complete the answer";
    if let Some(error) = first("OneApiErrors") {
        return ServiceError::from_value(error).into_error(operation, 200);
    }
    let text = first("Exceptions").unwrap_or(told);
    let text = text.as_str().map_or_else(|| text.to_string(), str::to_owned);
    ServiceError::from_text(&text).into_error(operation, 200)
}

/// The error of an answer that cannot be understood.
pub(super) fn not_understood(why: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Protocol, "read the answer").because(why)
}

/// A part of an answer that has a fixed shape.
pub(super) fn shaped<T: DeserializeOwned>(told: Value) -> Result<T> {
    serde_json::from_value(told).map_err(|_| not_understood("a part of it has another shape"))
}

/// The error of an answer that is no JSON. Only its place is told: the text may hold secrets.
pub(super) fn no_json(error: &serde_json::Error) -> Error {
    not_understood("it is not the JSON of an answer")
        .with("line", error.line())
        .with("column", error.column())
}
