//! Resolves the table, its columns and the mapping of an ingestion.

use kusto_ingest_core::{Error, IngestionMapping, IngestionProperties, Result};
use kusto_ingest_decode::Schema;

use super::refusal::refused;
use crate::FakeKusto;
use crate::catalog::{Catalog, StoredTable};

/// How data came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IngestionKind {
    /// By a queue: only so, a mapping with types creates its table, and the columns that the table lacks.
    Queued,
    /// By a command or in a streaming request.
    Direct,
}

/// Where data is to go.
pub(super) struct Target {
    /// The columns of the table, those included that the mapping adds.
    pub(super) schema: Schema,
    /// The mapping, written out.
    pub(super) mapping: Option<IngestionMapping>,
    /// Whether the table is still to be created.
    is_new: bool,
}

impl Target {
    /// Creates the table where the mapping is to create it.
    ///
    /// # Errors
    /// `BadRequest_DatabaseNotExist`.
    pub(super) fn create(&self, catalog: &mut Catalog, properties: &IngestionProperties) -> Result<()> {
        if self.is_new {
            let tables = &mut catalog.database(properties.database.as_str())?.tables;
            tables
                .entry(properties.table.as_str().to_owned())
                .or_insert_with(|| StoredTable::new(self.schema.clone()));
        }
        Ok(())
    }
}

/// Where data is to go; `None` when it is in the table already.
///
/// # Errors
/// `BadRequest_DatabaseNotExist`; `BadRequest_TableNotExist`, unless the data was queued with a mapping that gives every
/// column a type; `BadRequest_MappingReferenceWasNotFound`; `BadRequest_InvalidMapping` for a type that is none.
pub(super) fn target(
    kusto: &FakeKusto,
    properties: &IngestionProperties,
    kind: IngestionKind,
) -> Result<Option<Target>> {
    let mut state = kusto.state();
    let (database, name) = (properties.database.as_str(), properties.table.as_str());
    if let Err(missing) = state.catalog.table(database, name) {
        return created(&mut state.catalog, properties, kind, missing).map(Some);
    }
    let database = state.catalog.database(database)?;
    let Some(table) = database.tables.get(name) else {
        return Ok(None);
    };
    if table.has_any_ingest_by(&properties.ingest_if_not_exists) {
        return Ok(None);
    }
    let mapping = match &properties.mapping {
        Some(IngestionMapping::Reference { kind, name }) => {
            Some(table.mapping(&database.mappings, *kind, name)?)
        }
        other => other.clone(),
    };
    let schema = match (&mapping, kind) {
        (Some(mapping), IngestionKind::Queued) => table.schema.extended_by(mapping).map_err(unknown_type)?,
        _ => table.schema.clone(),
    };
    Ok(Some(Target {
        schema,
        mapping,
        is_new: false,
    }))
}

/// The table that queued data creates.
fn created(
    catalog: &mut Catalog,
    properties: &IngestionProperties,
    kind: IngestionKind,
    missing: Error,
) -> Result<Target> {
    let database = catalog.database(properties.database.as_str())?;
    if let (Some(IngestionMapping::Reference { kind, name }), IngestionKind::Queued) =
        (&properties.mapping, kind)
    {
        // The service looks for the mapping first.
        StoredTable::default().mapping(&database.mappings, *kind, name)?;
    }
    let Some(mapping @ IngestionMapping::Inline { columns, .. }) = &properties.mapping else {
        return Err(missing);
    };
    if kind != IngestionKind::Queued || columns.iter().any(|column| column.data_type.is_none()) {
        return Err(missing);
    }
    Ok(Target {
        schema: Schema::default().extended_by(mapping).map_err(unknown_type)?,
        mapping: properties.mapping.clone(),
        is_new: true,
    })
}

fn unknown_type(error: Error) -> Error {
    let why = "a column of the mapping has an unknown type";
    refused("BadRequest_InvalidMapping", why).caused_by(error)
}
