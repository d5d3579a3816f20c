//! V1 answers, `{"Tables":[…]}`: those of commands, and of queries that ask for it.

use kusto_ingest_decode::Row;
use serde::Serialize;

use super::limits::{LimitReached, kept};
use super::rows::{Rows, WireColumn, columns_v1};
use super::{AnswerContext, information, write};
use crate::{Answer, AnswerTable};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WireAnswer<'a> {
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
pub fn to_v1(answer: &Answer) -> String {
    let named = answer.tables.iter().map(|table| ("QueryResult", table));
    let contents = (answer.tables.len() > 1).then(|| information::contents(named));
    let tables = answer.tables.iter().chain(&contents);
    written(
        tables.map(|table| (table, table.rows.as_slice(), None)),
        Vec::new(),
    )
}

/// Writes the answer to a query: its tables, as far as they may come, its properties, how it went, and what the tables
/// are.
#[must_use]
pub fn query_to_v1(answer: &Answer, context: &AnswerContext) -> String {
    let primary: Vec<_> = answer
        .tables
        .iter()
        .map(|table| (table, kept(table, &context.options)))
        .collect();
    let cut = primary.iter().find_map(|(_, kept)| kept.cut);
    let properties = information::properties_v1(&answer.tables);
    let status = information::status(context, cut);
    let details = [("QueryProperties", &properties), ("QueryStatus", &status)];
    let named = answer.tables.iter().map(|table| ("QueryResult", table));
    let contents = information::contents(named.chain(details));
    let primary = primary.iter().map(|(table, kept)| (*table, kept.rows, kept.cut));
    let others = [&properties, &status, &contents].map(|table| (table, table.rows.as_slice(), None));
    written(
        primary.chain(others),
        cut.map(LimitReached::text).into_iter().collect(),
    )
}

fn written<'a>(
    tables: impl Iterator<Item = (&'a AnswerTable, &'a [Row], Option<LimitReached>)>,
    exceptions: Vec<String>,
) -> String {
    let tables = tables.enumerate().map(|(place, (table, rows, cut))| WireTable {
        table_name: format!("Table_{place}"),
        columns: columns_v1(table),
        rows: Rows {
            rows,
            error: cut.map(|cut| Exceptions {
                exceptions: [cut.text()],
            }),
        },
    });
    write(&WireAnswer {
        tables: tables.collect(),
        exceptions,
    })
}
