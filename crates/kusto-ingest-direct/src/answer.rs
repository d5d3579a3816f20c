//! What the engine answers to an ingest command.

use kusto_endpoint::{Dataset, Table};
use kusto_ingest_core::{Error, ErrorKind, Result, redact_address};
use serde_json::Value;
use uuid::Uuid;

use crate::operations::is_true;

/// One row of the answer: an extent, or that there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExtentRow {
    /// The extent; `None` when nothing was put into the table.
    pub(crate) extent: Option<Uuid>,
    /// The source it tells of, without secrets, where it tells.
    pub(crate) source: Option<String>,
    pub(crate) has_errors: bool,
    pub(crate) operation: Option<Uuid>,
}

/// Reads what a command that waits for the data answers.
///
/// # Errors
/// [`ErrorKind::Protocol`] when the answer has no extents to tell of.
pub(crate) fn items(answer: &Dataset) -> Result<Vec<ExtentRow>> {
    let table = answer
        .primary()
        .ok_or_else(|| not_understood("it has no table"))?;
    if table.column("ExtentId").is_none() {
        return Err(not_understood("it has no column ExtentId"));
    }
    Ok((0..table.rows.len()).map(|row| item(table, row)).collect())
}

/// Reads what an asynchronous command answers: the operation, by the column's name or in the first column.
///
/// # Errors
/// [`ErrorKind::Protocol`] when there is none.
pub(crate) fn operation(answer: &Dataset) -> Result<Uuid> {
    let table = answer
        .primary()
        .ok_or_else(|| not_understood("it has no table"))?;
    let first = || table.rows.first()?.first();
    let value = table.value(0, "OperationId").or_else(first);
    value
        .and_then(guid)
        .ok_or_else(|| not_understood("it names no operation"))
}

fn item(table: &Table, row: usize) -> ExtentRow {
    let value = |name: &str| table.value(row, name);
    let source = value("ItemLoaded").and_then(Value::as_str);
    ExtentRow {
        extent: value("ExtentId").and_then(guid),
        source: source
            .map(|path| redact_address(path).to_owned())
            .filter(|path| !path.is_empty()),
        has_errors: value("HasErrors").is_some_and(is_true),
        operation: value("OperationId").and_then(guid),
    }
}

/// A GUID that names something: the nil one does not.
pub(crate) fn guid(value: &Value) -> Option<Uuid> {
    let id = Uuid::parse_str(value.as_str()?).ok()?;
    Some(id).filter(|id| !id.is_nil())
}

fn not_understood(why: &'static str) -> Error {
    Error::new(ErrorKind::Protocol, "read the answer").because(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "11111111-1111-4111-8111-111111111111";
    const NIL: &str = "00000000-0000-0000-0000-000000000000";

    fn table(columns: &[(&str, &str)], row: Vec<Value>) -> Dataset {
        Dataset::single(Table::of("Table_0", columns).with_row(row))
    }

    #[test]
    fn a_row_is_read_whatever_type_its_columns_have() {
        let columns = [
            ("ExtentId", "guid"),
            ("ItemLoaded", "string"),
            ("Duration", "timespan"),
            ("HasErrors", "string"),
            ("OperationId", "guid"),
        ];
        for (has_errors, expect) in [
            (Value::from(true), true),
            (Value::from("True"), true),
            (Value::from(1), true),
            (Value::from("false"), false),
            (Value::Null, false),
        ] {
            let row = vec![
                ID.into(),
                "https://a/c/f?sig=S".into(),
                "00:00:01".into(),
                has_errors,
                ID.into(),
            ];
            let expected = ExtentRow {
                extent: guid(&ID.into()),
                source: Some("https://a/c/f".to_owned()),
                has_errors: expect,
                operation: guid(&ID.into()),
            };
            assert_eq!(items(&table(&columns, row)).unwrap(), [expected]);
        }
    }

    #[test]
    fn an_extent_without_identity_is_none_and_inline_answers_have_one_column() {
        let items = items(&table(&[("ExtentId", "guid")], vec![NIL.into()])).unwrap();
        assert_eq!((items[0].extent, items[0].operation), (None, None));
    }

    #[test]
    fn an_operation_is_found_by_name_or_in_the_first_column() {
        for column in ["OperationId", "Whatever"] {
            let answer = table(&[(column, "guid")], vec![ID.into()]);
            assert_eq!(operation(&answer).ok(), guid(&ID.into()));
        }
        let answer = table(&[("OperationId", "guid")], vec![Value::Null]);
        assert_eq!(operation(&answer).unwrap_err().kind(), ErrorKind::Protocol);
    }
}
