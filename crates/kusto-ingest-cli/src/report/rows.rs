//! The rows of an answer, in every form in which they are printed.

mod delimited;

use clap::ValueEnum;
use kusto_ingest::endpoint::Table;
use serde_json::Value;

use super::grid::{grid, one_line};
use super::json::{self, exact};

/// How rows are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowsOutput {
    /// Aligned columns for people.
    #[default]
    Text,
    /// A line for every value, for people who look at wide rows.
    Vertical,
    /// Comma-separated values with a header; RFC 4180.
    Csv,
    /// Tab-separated values with a header; tabs, line breaks and backslashes are `\t`, `\n`, `\r` and `\\`.
    Tsv,
    /// One JSON object: `{"columns":[{"name","type"}],"rows":[[…]]}`; an array of them where there are several results.
    Json,
    /// One JSON object a line for each row.
    Ndjson,
}

/// How many rows of a result people are shown, unless they ask for more.
const SHOWN: usize = 1000;

impl RowsOutput {
    /// How many rows of each result are printed. Programs get all.
    fn most(self, limit: Option<usize>) -> usize {
        match (limit, self) {
            (Some(0), _) => usize::MAX,
            (Some(limit), _) => limit,
            (None, Self::Text | Self::Vertical) => SHOWN,
            (None, _) => usize::MAX,
        }
    }
}

/// Results as text, of each its first rows; and what is said of the others.
pub(crate) fn rows(tables: &[Table], output: RowsOutput, limit: Option<usize>) -> (String, Vec<String>) {
    let most = output.most(limit);
    let left_out = tables
        .iter()
        .filter(|table| table.rows.len() > most)
        .map(|table| {
            let all = table.rows.len();
            format!("{most} of {all} rows are printed; --limit 0 prints all")
        });
    let left_out = left_out.collect();
    let tables: Vec<Table> = tables.iter().map(|table| first(table, most)).collect();
    let text = match (output, &tables[..]) {
        (RowsOutput::Json, [only]) => json::rows_as_json(only),
        (RowsOutput::Json, several) => {
            let several: Vec<String> = several.iter().map(json::rows_as_json).collect();
            format!("[{}]", several.join(","))
        }
        (RowsOutput::Ndjson, several) => joined(several, json::rows_as_lines, "\n"),
        (RowsOutput::Text, several) => joined(several, table_of, "\n\n"),
        (RowsOutput::Vertical, several) => joined(several, vertical, "\n\n"),
        (RowsOutput::Csv, several) => joined(several, delimited::csv, "\n\n"),
        (RowsOutput::Tsv, several) => joined(several, delimited::tsv, "\n\n"),
    };
    (text, left_out)
}

fn first(table: &Table, most: usize) -> Table {
    let mut first = table.clone();
    first.rows.truncate(most);
    first
}

fn joined(tables: &[Table], written: fn(&Table) -> String, between: &str) -> String {
    tables.iter().map(written).collect::<Vec<_>>().join(between)
}

/// Aligned columns.
pub(crate) fn table_of(table: &Table) -> String {
    let head: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let rows = table.rows.iter();
    let rows: Vec<Vec<String>> = rows
        .map(|row| cells(table, row).map(|cell| one_line(&cell)).collect())
        .collect();
    let is_number = |at: usize| {
        let kusto_type = table.columns[at].kusto_type.as_str();
        matches!(kusto_type, "int" | "long" | "real" | "decimal")
    };
    grid(&head, &rows, is_number)
}

/// A line for every value, behind the name of its column.
fn vertical(table: &Table) -> String {
    let rows = table.rows.iter().enumerate().map(|(at, row)| {
        let names = table.columns.iter().map(|column| one_line(&column.name));
        let values = cells(table, row).map(|cell| one_line(&cell));
        let lines: Vec<Vec<String>> = names.zip(values).map(|(name, value)| vec![name, value]).collect();
        let head = format!("row {}", at + 1);
        grid(&[&head, ""], &lines, |_| false)
    });
    rows.collect::<Vec<_>>().join("\n\n")
}

/// The values of a row as text: nothing for null.
fn cells<'a>(table: &'a Table, row: &'a [Value]) -> impl Iterator<Item = String> + 'a {
    let values = row.iter().zip(&table.columns);
    values.map(|(value, column)| match exact(value, &column.kusto_type) {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    })
}
