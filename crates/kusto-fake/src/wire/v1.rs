//! Answers in the first shape, `{"Tables":[…]}`: those of commands, and of queries that ask for it.

use kusto_endpoint::{Dataset, Table};
use serde::Serialize;

use super::limits::{Cut, kept};
use super::rows::{Rows, WireColumn, columns_v1};
use super::{AnswerContext, information, write};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'a> {
    tables: Vec<WireTable<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    exceptions: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WireTable<'a> {
    table_name: String,
    columns: Vec<WireColumn<'a>>,
    rows: Rows<'a, Exceptions>,
}

/// What stands in the place of a row where not all came.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Exceptions {
    exceptions: [String; 1],
}

/// Writes the answer to a command. More than one table are followed by a table of contents.
#[must_use]
pub fn to_v1(dataset: &Dataset) -> String {
    let primary = dataset.tables.iter().map(|table| ("QueryResult", table));
    let details = dataset.details.iter().map(|table| ("QueryProperties", table));
    let named: Vec<(&str, &Table)> = primary.chain(details).collect();
    let has_contents = named.len() > 1 && (dataset.tables.len(), dataset.details.len()) != (1, 1);
    let contents = has_contents.then(|| information::contents(named.iter().copied()));
    let tables = named.iter().map(|(_, table)| *table).chain(&contents);
    written(
        tables.map(|table| (table, table.rows.as_slice(), None)),
        Vec::new(),
    )
}

/// Writes the answer to a query: its tables, as far as they may come, its properties, how it went, and what the tables
/// are.
#[must_use]
pub fn query_to_v1(dataset: &Dataset, context: &AnswerContext) -> String {
    let primary: Vec<_> = dataset
        .tables
        .iter()
        .map(|table| (table, kept(table, &context.options)))
        .collect();
    let cut = primary.iter().find_map(|(_, kept)| kept.cut);
    let properties = information::properties_v1();
    let status = information::status(context, cut);
    let details = [("QueryProperties", &properties), ("QueryStatus", &status)];
    let named = dataset.tables.iter().map(|table| ("QueryResult", table));
    let contents = information::contents(named.chain(details));
    let primary = primary.iter().map(|(table, kept)| (*table, kept.rows, kept.cut));
    let others = [&properties, &status, &contents].map(|table| (table, table.rows.as_slice(), None));
    written(primary.chain(others), cut.map(Cut::text).into_iter().collect())
}

fn written<'a>(
    tables: impl Iterator<Item = (&'a Table, &'a [Vec<serde_json::Value>], Option<Cut>)>,
    exceptions: Vec<String>,
) -> String {
    let tables = tables.enumerate().map(|(place, (table, rows, cut))| WireTable {
        table_name: format!("Table_{place}"),
        columns: columns_v1(table),
        rows: Rows {
            columns: &table.columns,
            rows,
            error: cut.map(|cut| Exceptions {
                exceptions: [cut.text()],
            }),
        },
    });
    write(&Answer {
        tables: tables.collect(),
        exceptions,
    })
}
