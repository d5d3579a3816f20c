//! What changed in the catalog: tables are compared with what a log was told of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::record::{Change, ChangeRecord, Described, SavedDatabase, SavedExtent, SavedTable};
use crate::Extent;
use crate::catalog::{Catalog, Database, Mappings, Policies, Principal, StoredTable};

/// What a log was told of the catalog.
#[derive(Default)]
pub(crate) struct ToldCatalog(BTreeMap<String, ToldDatabase>);

#[derive(Default)]
struct ToldDatabase {
    /// All but its tables, as it was written.
    words: String,
    tables: BTreeMap<String, ToldTable>,
}

struct ToldTable {
    /// All but its rows, as it was written.
    words: String,
    generation: Arc<()>,
    rows: usize,
    extents: usize,
}

impl ToldCatalog {
    /// What is not as it was told. Without `is_thorough`, what is not about rows is looked at only where rows came.
    pub(crate) fn changes(&mut self, catalog: &Catalog, is_thorough: bool) -> Vec<ChangeRecord> {
        let mut records = Vec::new();
        if is_thorough {
            self.0.retain(|name, _| {
                let is_there = catalog.names().any(|(known, _)| known == name);
                if !is_there {
                    records.push(ChangeRecord::new(Change::DatabaseGone(name.clone())));
                }
                is_there
            });
        }
        for (name, database) in catalog.names() {
            let is_new = !self.0.contains_key(name);
            let told = self.0.entry(name.to_owned()).or_default();
            if is_thorough || is_new {
                told.words_of(name, database, &mut records);
            }
            for (table_name, table) in &database.tables {
                told.table(name, table_name, table, is_thorough, &mut records);
            }
        }
        records
    }
}

impl ToldDatabase {
    fn words_of(&mut self, name: &str, database: &Database, records: &mut Vec<ChangeRecord>) {
        self.tables.retain(|table, _| {
            let is_there = database.tables.contains_key(table);
            if !is_there {
                let gone = Change::TableGone(name.to_owned(), table.clone());
                records.push(ChangeRecord::new(gone));
            }
            is_there
        });
        let saved = saved_database(database);
        let words = serde_json::to_string(&saved).unwrap_or_default();
        if words != self.words {
            self.words = words;
            records.push(ChangeRecord::new(Change::Database(saved)));
        }
    }

    fn table(
        &mut self,
        database: &str,
        name: &str,
        table: &StoredTable,
        is_thorough: bool,
        records: &mut Vec<ChangeRecord>,
    ) {
        let told = self.tables.get(name);
        let is_longer =
            told.is_none_or(|told| told.rows != table.rows.len() || told.extents != table.extents.len());
        if !is_thorough && !is_longer {
            return;
        }
        let told = self.tables.entry(name.to_owned()).or_insert_with(|| ToldTable {
            words: String::new(),
            generation: Arc::clone(&table.generation),
            rows: 0,
            extents: 0,
        });
        let saved = saved_table(database, name, table);
        let words = serde_json::to_string(&saved).unwrap_or_default();
        if words != told.words {
            told.words = words;
            records.push(ChangeRecord::new(Change::Table(saved)));
        }
        told.rows_of(database, name, table, records);
    }
}

impl ToldTable {
    /// The rows that came; all of them where others than the last ones changed.
    fn rows_of(&mut self, database: &str, name: &str, table: &StoredTable, records: &mut Vec<ChangeRecord>) {
        let names = || (database.to_owned(), name.to_owned());
        let is_the_same = Arc::ptr_eq(&self.generation, &table.generation)
            && self.rows <= table.rows.len()
            && self.extents <= table.extents.len();
        if !is_the_same {
            let (database, table) = names();
            (self.rows, self.extents) = (0, 0);
            records.push(ChangeRecord::new(Change::Cut { database, table }));
        }
        for rows in table.rows.saved_from(self.rows) {
            let (database, table) = names();
            records.push(ChangeRecord::of_rows(Change::Rows { database, table }, rows));
        }
        if let Some(new) = table.extents.get(self.extents..).filter(|new| !new.is_empty()) {
            let (database, table) = names();
            let extents = new.iter().map(saved_extent).collect();
            let change = Change::Extents {
                database,
                table,
                extents,
            };
            records.push(ChangeRecord::new(change));
        }
        self.generation = Arc::clone(&table.generation);
        (self.rows, self.extents) = (table.rows.len(), table.extents.len());
    }
}

fn saved_database(database: &Database) -> SavedDatabase {
    let functions = database.functions.iter().map(|(name, function)| {
        let function = function.clone();
        [
            name.clone(),
            function.parameters,
            function.body,
            function.folder,
            function.docstring,
        ]
    });
    SavedDatabase {
        name: database.name.clone(),
        pretty_name: database.pretty_name.clone(),
        id: database.id,
        functions: functions.collect(),
        described: described(&database.mappings, &database.policies, &database.principals),
    }
}

fn saved_table(database: &str, name: &str, table: &StoredTable) -> SavedTable {
    let columns = table.schema.columns().iter();
    SavedTable {
        database: database.to_owned(),
        name: name.to_owned(),
        id: table.id,
        columns: columns
            .map(|column| (column.name.clone(), column.scalar_type.name().to_owned()))
            .collect(),
        folder: table.folder.clone(),
        docstring: table.docstring.clone(),
        column_docs: table.column_docs.clone(),
        is_hidden: table.is_hidden,
        described: described(&table.mappings, &table.policies, &table.principals),
    }
}

fn described(mappings: &Mappings, policies: &Policies, principals: &[Principal]) -> Described {
    let mappings = mappings.iter().map(|((kind, name), stored)| {
        let kind = kind.wire_name().to_owned();
        (kind, name.clone(), stored.json.clone(), stored.updated_on)
    });
    let principals = principals.iter().cloned();
    Described {
        mappings: mappings.collect(),
        policies: policies
            .all()
            .map(|(word, json)| (word.to_owned(), json.to_owned()))
            .collect(),
        principals: principals
            .map(|principal| [principal.role, principal.name, principal.notes])
            .collect(),
    }
}

fn saved_extent(extent: &Extent) -> SavedExtent {
    SavedExtent {
        id: extent.id,
        tags: extent.tags.clone(),
        rows: extent.rows,
        created_on: extent.created_on,
        ingested_on: extent.ingested_on,
        source_id: extent.source_id,
        message: extent.message,
    }
}
