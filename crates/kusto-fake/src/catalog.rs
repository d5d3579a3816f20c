//! The databases, their tables, and what is in them.

mod extent;
mod policy;
mod table;

pub use extent::Extent;
pub(crate) use policy::{BatchingPolicy, Policies, PolicyKind, UpdatePolicy};
pub(crate) use table::{StoredTable, extends};

use std::collections::BTreeMap;

use kusto_ingest_core::{Error, ErrorKind, IngestionMapping, MappingKind, Result, Timestamp};
use uuid::Uuid;

/// The databases, by their names without case: that is how Kusto tells them apart.
#[derive(Clone, Default)]
pub(crate) struct Catalog(BTreeMap<String, Database>);

/// The tables of a database, by name.
#[derive(Clone, Default)]
pub(crate) struct Database {
    /// Its name as it was created.
    pub(crate) name: String,
    /// A name for people.
    pub(crate) pretty_name: String,
    pub(crate) id: Uuid,
    pub(crate) tables: BTreeMap<String, StoredTable>,
    pub(crate) functions: BTreeMap<String, Function>,
    pub(crate) mappings: Mappings,
    pub(crate) policies: Policies,
    pub(crate) principals: Vec<Principal>,
}

/// Somebody who was given a role.
#[derive(Clone, Debug)]
pub(crate) struct Principal {
    pub(crate) role: String,
    /// With its kind: `aadapp=…`.
    pub(crate) name: String,
    pub(crate) notes: String,
}

impl Principal {
    /// Whether both are the same one in the same role.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.role == other.role && self.name == other.name
    }
}

/// Mappings by their kinds and names.
pub(crate) type Mappings = BTreeMap<(MappingKind, String), StoredMapping>;

/// A mapping that a table or database keeps under a name.
#[derive(Clone)]
pub(crate) struct StoredMapping {
    pub(crate) mapping: IngestionMapping,
    pub(crate) json: String,
    pub(crate) updated_on: Timestamp,
}

/// A function that a database keeps.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    /// With their parentheses.
    pub(crate) parameters: String,
    /// With its braces.
    pub(crate) body: String,
    pub(crate) folder: String,
    pub(crate) docstring: String,
}

impl Catalog {
    pub(crate) fn create(&mut self, name: &str) {
        let id = Uuid::new_v4();
        self.0.entry(folded(name)).or_insert_with(|| Database {
            name: name.to_owned(),
            id,
            ..Database::default()
        });
    }

    /// Takes a database away, with all that is in it.
    ///
    /// # Errors
    /// `BadRequest_DatabaseNotExist`.
    pub(crate) fn remove(&mut self, name: &str) -> Result<Database> {
        let removed = self.0.remove(&folded(name));
        removed.ok_or_else(|| missing("BadRequest_DatabaseNotExist", "database", name))
    }

    /// Has all tables begin a generation.
    pub(crate) fn begin_generations(&mut self) {
        let databases = self.0.values_mut();
        let tables = databases.flat_map(|database| database.tables.values_mut());
        tables.for_each(StoredTable::begin_generation);
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, &Database)> {
        self.0.values().map(|database| (database.name.as_str(), database))
    }

    /// How much memory the rows of all tables take, in bytes.
    pub(crate) fn size(&self) -> u64 {
        let tables = self.0.values().flat_map(|database| database.tables.values());
        tables.map(|table| table.rows.size()).sum()
    }

    /// # Errors
    /// `BadRequest_DatabaseNotExist`.
    pub(crate) fn database(&mut self, name: &str) -> Result<&mut Database> {
        let found = self.0.get_mut(&folded(name));
        found.ok_or_else(|| missing("BadRequest_DatabaseNotExist", "database", name))
    }

    /// When queued data for a table is sealed; `None` where nobody has set a policy, for the table or its database.
    pub(crate) fn batching(&mut self, database: &str, table: &str) -> Option<BatchingPolicy> {
        let database = self.database(database).ok()?;
        let of_table = database
            .tables
            .get(table)
            .and_then(|table| table.policies.batching());
        of_table.or_else(|| database.policies.batching())
    }

    /// # Errors
    /// `BadRequest_DatabaseNotExist`, `BadRequest_TableNotExist`.
    pub(crate) fn table(&mut self, database: &str, name: &str) -> Result<&mut StoredTable> {
        let found = self.database(database)?.tables.get_mut(name);
        found.ok_or_else(|| missing("BadRequest_TableNotExist", "table", name).with("database", database))
    }
}

fn folded(name: &str) -> String {
    name.to_lowercase()
}

/// The error for what does not exist.
pub(crate) fn missing(code: &'static str, what: &'static str, name: &str) -> Error {
    Error::new(ErrorKind::NotFound, "find what was named")
        .because(format!("there is no {what} {name:?}"))
        .with_code(code)
        .with_http_status(400)
        .with_permanence(true)
}
