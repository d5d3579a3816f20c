//! The databases, their tables, and what is in them.

use std::collections::BTreeMap;

use kusto_ingest_core::{Error, ErrorKind, IngestionMapping, MappingKind, Result, SourceId, Timestamp};
use kusto_ingest_decode::Schema;
use uuid::Uuid;

use crate::store::Store;

/// The databases, by their names without case: that is how Kusto tells them apart.
#[derive(Default)]
pub(crate) struct Catalog(BTreeMap<String, Database>);

/// The tables of a database, by name.
#[derive(Default)]
pub(crate) struct Database {
    /// Its name as it was created.
    pub(crate) name: String,
    pub(crate) id: Uuid,
    pub(crate) tables: BTreeMap<String, StoredTable>,
}

/// A table.
#[derive(Default)]
pub(crate) struct StoredTable {
    pub(crate) schema: Schema,
    pub(crate) streaming: StreamingPolicy,
    pub(crate) mappings: BTreeMap<(MappingKind, String), StoredMapping>,
    pub(crate) extents: Vec<Extent>,
    pub(crate) rows: Store,
}

/// Whether a table takes streamed data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum StreamingPolicy {
    #[default]
    Enabled,
    Disabled,
}

/// A mapping that a table keeps under a name.
#[derive(Clone)]
pub(crate) struct StoredMapping {
    pub(crate) mapping: IngestionMapping,
    pub(crate) json: String,
    pub(crate) updated_on: Timestamp,
}

/// What one source left in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extent {
    /// Its identity.
    pub id: Uuid,
    /// Its tags, as the service shows them: with their `drop-by:` and `ingest-by:`.
    pub tags: Vec<String>,
    /// How many rows it holds.
    pub rows: u64,
    /// When it counts as created: what the source said, or when it was ingested.
    pub created_on: Timestamp,
    /// The source it came from.
    pub source_id: Option<SourceId>,
}

impl Catalog {
    pub(crate) fn create(&mut self, name: &str) {
        let id = Uuid::from_u128(self.0.len() as u128 + 1);
        self.0.entry(folded(name)).or_insert_with(|| Database {
            name: name.to_owned(),
            id,
            tables: BTreeMap::new(),
        });
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, &Database)> {
        self.0.values().map(|database| (database.name.as_str(), database))
    }

    /// The name of a database as it was created; as it was given where there is no such database.
    pub(crate) fn name_of<'a>(&'a self, name: &'a str) -> &'a str {
        let known = self.0.get(&folded(name));
        known.map_or(name, |database| &database.name)
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

    /// # Errors
    /// `BadRequest_DatabaseNotExist`, `BadRequest_TableNotExist`.
    pub(crate) fn table(&mut self, database: &str, name: &str) -> Result<&mut StoredTable> {
        let found = self.database(database)?.tables.get_mut(name);
        found.ok_or_else(|| missing("BadRequest_TableNotExist", "table", name).with("database", database))
    }
}

impl StoredTable {
    pub(crate) fn new(schema: Schema) -> Self {
        Self {
            schema,
            ..Self::default()
        }
    }

    /// A mapping by its name, which is written out.
    ///
    /// # Errors
    /// `BadRequest_MappingReferenceWasNotFound`.
    pub(crate) fn mapping(&self, kind: MappingKind, name: &str) -> Result<IngestionMapping> {
        let found = self.mappings.get(&(kind, name.to_owned()));
        let missing =
            || missing("BadRequest_MappingReferenceWasNotFound", "mapping", name).with("kind", kind);
        found.map(|stored| stored.mapping.clone()).ok_or_else(missing)
    }

    /// Whether something was ingested by one of these tags.
    pub(crate) fn has_any_ingest_by(&self, tags: &[String]) -> bool {
        let ingested_by = |extent: &Extent| {
            let mut present = extent
                .tags
                .iter()
                .filter_map(|tag| tag.strip_prefix("ingest-by:"));
            present.any(|tag| tags.iter().any(|wanted| wanted == tag))
        };
        self.extents.iter().any(ingested_by)
    }

    /// Appends rows of a schema that this table's begins or is.
    ///
    /// # Errors
    /// `General_TransientSchemaMismatch` when the table has other columns by now.
    pub(crate) fn append(&mut self, schema: &Schema, rows: Store, extent: Extent) -> Result<()> {
        if !schema.columns().starts_with(self.schema.columns()) {
            return Err(Error::new(ErrorKind::Unavailable, "append the rows")
                .because("the table's schema changed meanwhile")
                .with_code("General_TransientSchemaMismatch"));
        }
        self.schema = schema.clone();
        self.rows.append(rows);
        self.extents.push(extent);
        Ok(())
    }

    /// Adds the columns that the other schema has and this table lacks.
    ///
    /// # Errors
    /// `BadRequest_EntityNameIsNotValid` when a column would change its type.
    pub(crate) fn merge(&mut self, other: &Schema) -> Result<()> {
        let mut columns = self.schema.columns().to_vec();
        for column in other.columns() {
            match self.schema.position(&column.name) {
                None => columns.push(column.clone()),
                Some(place) if columns[place].scalar_type == column.scalar_type => {}
                Some(_) => {
                    return Err(Error::new(ErrorKind::Rejected, "merge the table's columns")
                        .because(format!("column {:?} is of another type", column.name))
                        .with_code("BadRequest_EntityNameIsNotValid")
                        .with_http_status(400));
                }
            }
        }
        // The rows that are there have nothing in the new columns.
        self.schema = Schema::new(columns)?;
        Ok(())
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
