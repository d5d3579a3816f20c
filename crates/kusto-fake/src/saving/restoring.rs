//! Puts back what a log kept of databases, tables, batches and operations.

use bytes::Bytes;
use kusto_ingest_core::{IngestionMapping, MappingKind, Result};
use kusto_ingest_decode::{Column, ScalarType, Schema};

use crate::catalog::{
    Catalog, Function, Mappings, Policies, PolicyKind, Principal, StoredMapping, StoredTable,
};
use crate::changes::{Change, Described, SavedDatabase, SavedExtent, SavedTable, refuse};
use crate::{Extent, FakeKusto};

impl FakeKusto {
    /// Puts a change back, or gives back one of the storage.
    pub(super) fn restore_state(&self, change: Change, body: &Bytes) -> Result<Option<Change>> {
        let mut state = self.state();
        match change {
            Change::Database(saved) => restore_database(&mut state.catalog, saved)?,
            Change::DatabaseGone(name) => drop(state.catalog.remove(&name)?),
            Change::Table(saved) => restore_table(&mut state.catalog, saved)?,
            Change::TableGone(database, name) => {
                drop(state.catalog.database(&database)?.tables.remove(&name));
            }
            Change::Cut { database, table } => state.catalog.table(&database, &table)?.clear(),
            Change::Rows { database, table } => {
                let is_some = state.catalog.table(&database, &table)?.rows.append_saved(body);
                is_some.then_some(()).ok_or_else(refuse)?;
            }
            Change::Extents {
                database,
                table,
                extents,
            } => {
                let stored = state.catalog.table(&database, &table)?;
                stored.extents.extend(extents.into_iter().map(extent));
            }
            Change::Start => state.start = state.catalog.clone(),
            Change::Tokens(tokens) => state.tokens.restore(tokens)?,
            Change::Source(source) => state.batches.restore(source),
            Change::SourceGone(id) => state.batches.done(id),
            Change::QueuedOperation(saved) => state.queued.restore(saved)?,
            Change::QueuedOperationsGone => state.queued.reset(),
            Change::Operation(saved) => state.log.restore(saved),
            Change::OperationsGone => state.log = Default::default(),
            other => return Ok(Some(other)),
        }
        Ok(None)
    }
}

fn restore_database(catalog: &mut Catalog, saved: SavedDatabase) -> Result<()> {
    catalog.create(&saved.name);
    let database = catalog.database(&saved.name)?;
    database.name = saved.name;
    database.pretty_name = saved.pretty_name;
    database.id = saved.id;
    let functions = saved.functions.into_iter();
    database.functions = functions
        .map(|[name, parameters, body, folder, docstring]| {
            let function = Function {
                parameters,
                body,
                folder,
                docstring,
            };
            (name, function)
        })
        .collect();
    (database.mappings, database.policies, database.principals) = described(saved.described)?;
    Ok(())
}

fn restore_table(catalog: &mut Catalog, saved: SavedTable) -> Result<()> {
    let columns = saved.columns.into_iter().map(|(name, scalar_type)| {
        let scalar_type: ScalarType = scalar_type.parse()?;
        Ok(Column::new(name, scalar_type))
    });
    let schema = Schema::new(columns.collect::<Result<_>>()?)?;
    let tables = &mut catalog.database(&saved.database)?.tables;
    let table = tables.entry(saved.name).or_insert_with(StoredTable::default);
    table.id = saved.id;
    table.schema = schema;
    table.folder = saved.folder;
    table.docstring = saved.docstring;
    table.column_docs = saved.column_docs;
    table.is_hidden = saved.is_hidden;
    (table.mappings, table.policies, table.principals) = described(saved.described)?;
    Ok(())
}

fn described(saved: Described) -> Result<(Mappings, Policies, Vec<Principal>)> {
    let mut mappings = Mappings::new();
    for (kind, name, json, updated_on) in saved.mappings {
        let kind: MappingKind = kind.parse()?;
        let mapping = IngestionMapping::from_json(kind, &json)?;
        let stored = StoredMapping {
            mapping,
            json,
            updated_on,
        };
        mappings.insert((kind, name), stored);
    }
    let mut policies = Policies::default();
    for (word, json) in saved.policies {
        policies.set(PolicyKind::of(&word).ok_or_else(refuse)?, json);
    }
    let principals = saved.principals.into_iter();
    let principals = principals.map(|[role, name, notes]| Principal { role, name, notes });
    Ok((mappings, policies, principals.collect()))
}

fn extent(saved: SavedExtent) -> Extent {
    Extent {
        id: saved.id,
        tags: saved.tags,
        rows: saved.rows,
        created_on: saved.created_on,
        ingested_on: saved.ingested_on,
        source_id: saved.source_id,
        message: saved.message,
    }
}
