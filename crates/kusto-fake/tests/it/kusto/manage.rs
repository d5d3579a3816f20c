//! Management commands: what they answer, and what they change.

mod answers;
mod batching;
mod columns;
mod databases;
mod exports;
mod extents;
mod functions;
mod mappings;
mod operations;
mod policies;
mod scripts;
mod tables;
mod unknown;
mod updates;

use kusto_endpoint::Table;

/// The texts of a column.
fn texts<'a>(table: &'a Table, column: &'a str) -> Vec<&'a str> {
    table.texts(column).collect()
}
