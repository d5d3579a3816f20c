//! V1 answers, `{"Tables":[…]}`: of commands, and of queries where asked for.

use kusto_ingest_core::Result;
use serde_json::{Value, json};

use super::wire::{self, WireTable};
use super::{Dataset, Table};
use crate::service_error::with_title;
use crate::{ServiceError, json};

impl Dataset {
    /// Reads a V1 answer.
    ///
    /// # Errors
    /// The service's own error where one stands in the answer, also in the place of a row or as plain text;
    /// [`ErrorKind::Protocol`](kusto_ingest_core::ErrorKind::Protocol) when the text is no answer.
    pub fn from_v1(body: &[u8]) -> Result<Self> {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii();
        if body.first() != Some(&b'{') {
            return Err(plain_text(body));
        }
        let mut answer = json::read(body).map_err(|error| wire::no_json(&error))?;
        let told = |name: &str| answer.get(name).filter(|told| !told.is_null());
        if let Some(error) = told("error").or_else(|| told("Error")) {
            return Err(ServiceError::from_value(error).into_error("complete the answer", 200));
        }
        if let Some(first) = answer.get("Exceptions").and_then(|told| told.get(0)) {
            return Err(wire::failure(first));
        }
        let Some(Value::Array(tables)) = answer.get_mut("Tables").map(Value::take) else {
            return Err(wire::not_understood("it has no tables"));
        };
        let tables = tables.into_iter().map(|table| WireTable::of(table)?.read());
        sorted(tables.collect::<Result<_>>()?)
    }
}

/// Tells the tables with the answer from those about it.
///
/// One table is the answer. Two are the answer and the properties of the query. Of three and more, the last
/// says what the others are, where it has the columns for that.
fn sorted(mut tables: Vec<Table>) -> Result<Dataset> {
    let kind = match tables.as_slice() {
        [_, _, .., contents] if contents.column("Ordinal").is_some() => contents.column("Kind"),
        _ => None,
    };
    let Some(kind) = kind else {
        let details = match tables.len() {
            2 => tables.split_off(1),
            _ => Vec::new(),
        };
        return Ok(Dataset { tables, details });
    };
    let contents = tables.pop().unwrap_or_default();
    let mut dataset = Dataset::default();
    for (place, mut table) in tables.into_iter().enumerate() {
        let row = contents.row_where("Ordinal", &json!(place));
        let text = |column: Option<usize>| row?.get(column?)?.as_str();
        if let Some(name) = text(contents.column("Name")).filter(|name| !name.is_empty()) {
            table.name = name.to_owned();
        }
        match text(Some(kind)) {
            Some("QueryResult" | "PrimaryResult") => dataset.tables.push(table),
            Some("QueryStatus") => {
                table.check_status("Severity", "StatusDescription")?;
                dataset.details.push(table);
            }
            _ => dataset.details.push(table),
        }
    }
    Ok(dataset)
}

/// A status of 200 with a text that is no JSON is an error of the service, its code first. The service writes no pages:
/// who wrote one is not known.
fn plain_text(body: &[u8]) -> kusto_ingest_core::Error {
    match body.first() {
        None => wire::not_understood("it is empty"),
        Some(b'<') => wire::not_understood(with_title("it is a page, and no answer of Kusto's", body)),
        Some(_) => {
            ServiceError::from_text(&String::from_utf8_lossy(body)).into_error("complete the answer", 200)
        }
    }
}
