//! Databases that the queries of the tests are over.

use std::collections::BTreeMap;
use std::sync::Arc;

use kusto_ingest_core::{Result, Timestamp};
use kusto_query::{MemoryTable, QueryOptions, QueryResult, StoredFunction, TableData, Tables, query};

/// The moment of every query's `now()`.
pub(crate) const NOW: &str = "2026-11-30T12:34:56.789Z";

/// The databases and tables of `tests/tables.kql`: `Samples`, and `Other` with a table `Storms` of its own.
pub(crate) struct World(BTreeMap<(String, String), Arc<dyn TableData>>);

impl World {
    pub(crate) fn new() -> Self {
        let mut world = Self(BTreeMap::new());
        for table in include_str!("../tables.kql").split("\n\n") {
            let (head, rows) = table.split_once("\n---").unwrap();
            let (name, columns) = head.split_once('\n').unwrap();
            let (database, name) = name.trim_start_matches("# ").split_once('.').unwrap();
            world.put(&database.to_lowercase(), name, columns, rows.trim());
        }
        world
    }

    fn put(&mut self, database: &str, name: &str, columns: &str, rows: &str) {
        let results = ask(self, &format!("datatable({columns})[{rows}]")).unwrap();
        let result = &results[0];
        let rows = result.rows().map(|row| row.cloned().collect()).collect();
        let table = MemoryTable::new(columns.parse().unwrap(), rows);
        self.0
            .insert((database.to_owned(), name.to_owned()), Arc::new(table));
    }
}

impl Tables for World {
    fn has_database(&self, database: &str) -> bool {
        ["samples", "other"].contains(&database.to_lowercase().as_str())
    }

    fn table(&self, database: &str, name: &str) -> Option<Arc<dyn TableData>> {
        self.0.get(&(database.to_lowercase(), name.to_owned())).cloned()
    }

    fn table_names(&self, database: &str) -> Vec<String> {
        let of = self
            .0
            .keys()
            .filter(|(known, _)| *known == database.to_lowercase());
        of.map(|(_, name)| name.clone()).collect()
    }

    fn function(&self, _: &str, name: &str) -> Option<StoredFunction> {
        let twice = StoredFunction::new("(n:long)", "{ n * 2 }");
        let damaging = StoredFunction::new("(least:long = 1)", "{ Storms | where Damage >= least }");
        match name {
            "Twice" => Some(twice),
            "Damaging" => Some(damaging),
            _ => None,
        }
    }
}

/// Asks a query over the database `Samples`.
pub(crate) fn ask(world: &World, text: &str) -> Result<Vec<QueryResult>> {
    let options = QueryOptions::new("Samples", Timestamp::parse(NOW).unwrap());
    query(text, world, &options, &|| false)
}
