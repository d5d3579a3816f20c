//! Datasets as endpoints write them, in either shape.

use kusto_endpoint::{Dataset, Table};
use serde_json::{Value, json};

/// What .NET calls Kusto's scalar types.
const DOT_NET_TYPES: [(&str, &str); 9] = [
    ("bool", "Boolean"),
    ("int", "Int32"),
    ("long", "Int64"),
    ("real", "Double"),
    ("decimal", "SqlDecimal"),
    ("string", "String"),
    ("guid", "Guid"),
    ("datetime", "DateTime"),
    ("timespan", "TimeSpan"),
];

/// Writes an answer in the first shape, `{"Tables":[…]}`. More than one table are followed by a table of contents.
#[must_use]
pub fn to_v1(dataset: &Dataset) -> Value {
    let mut tables: Vec<Table> = dataset.tables.iter().chain(&dataset.details).cloned().collect();
    let lone_properties = dataset.tables.len() == 1 && dataset.details.len() == 1;
    if tables.len() > 1 && !lone_properties {
        tables.push(contents(dataset));
    }
    let tables = tables.iter().enumerate().map(|(place, table)| {
        let (columns, rows) = columns_and_rows(table);
        json!({"TableName": format!("Table_{place}"), "Columns": columns, "Rows": rows})
    });
    json!({"Tables": tables.collect::<Value>()})
}

/// Writes an answer in the second shape, an array of frames.
#[must_use]
pub fn to_v2(dataset: &Dataset) -> Value {
    let mut frames = vec![json!({"FrameType": "DataSetHeader", "IsProgressive": false, "Version": "v2.0"})];
    let details = dataset.details.iter().map(|table| ("QueryProperties", table));
    let tables = dataset.tables.iter().map(|table| ("PrimaryResult", table));
    frames.extend(details.chain(tables).enumerate().map(|(id, (kind, table))| {
        let (columns, rows) = columns_and_rows(table);
        json!({
            "FrameType": "DataTable",
            "TableId": id,
            "TableKind": kind,
            "TableName": table.name,
            "Columns": columns,
            "Rows": rows,
        })
    }));
    frames.push(json!({"FrameType": "DataSetCompletion", "HasErrors": false, "Cancelled": false}));
    Value::Array(frames)
}

/// The table that says what the others are.
fn contents(dataset: &Dataset) -> Table {
    let columns = [
        ("Ordinal", "long"),
        ("Kind", "string"),
        ("Name", "string"),
        ("Id", "string"),
        ("PrettyName", "string"),
    ];
    let kinds = dataset.tables.iter().map(|table| ("QueryResult", table));
    let kinds = kinds.chain(dataset.details.iter().map(|table| ("QueryProperties", table)));
    let row = |(place, (kind, table)): (usize, (&str, &Table))| {
        [json!(place), json!(kind), json!(table.name), json!(""), json!("")]
    };
    kinds
        .enumerate()
        .map(row)
        .fold(Table::of("", &columns), Table::with_row)
}

/// The columns and rows of a table as they are sent.
fn columns_and_rows(table: &Table) -> (Value, Value) {
    let columns = table.columns.iter().map(|column| {
        json!({
            "ColumnName": column.name,
            "DataType": dot_net_type(&column.kusto_type),
            "ColumnType": column.kusto_type,
        })
    });
    let rows = table.rows.iter().map(|row| Value::from(row.clone()));
    (columns.collect(), rows.collect())
}

fn dot_net_type(kusto: &str) -> &'static str {
    let mut known = DOT_NET_TYPES.iter();
    known
        .find(|(name, _)| name.eq_ignore_ascii_case(kusto))
        .map_or("Object", |(_, dot_net)| dot_net)
}
