//! Appends rows to a table: within the limits, and with what update policies make of them.

use kusto_ingest_core::{Error, Result};
use kusto_ingest_decode::{Schema, Value};

use crate::FakeKusto;
use crate::catalog::{Extent, UpdatePolicy};
use crate::operations::StoredFailure;
use crate::refusal::refused;
use crate::store::Store;
use crate::worker::store_is_full;

/// How many tables one source may come to by update policies.
const MOST_TABLES: usize = 50;

/// Rows that are to go into a table.
struct Part {
    table: String,
    schema: Schema,
    rows: Store,
    extent: Extent,
}

/// What becomes of the rows that a table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OldRows {
    Kept,
    /// They go when the others come, and the columns with them.
    Replaced,
}

/// Appends rows to a table that is there, and to others what their update policies make of these rows: to all of them, or
/// to none.
///
/// # Errors
/// `BadRequest_DataCapacityLimitReached`; `BadRequest_DatabaseNotExist`, `BadRequest_TableNotExist`; what a transactional
/// update policy fails with. The tables are as they were then.
pub(crate) fn append(
    kusto: &FakeKusto,
    database: &str,
    table: &str,
    schema: &Schema,
    (rows, extent): (Store, Extent),
    old: OldRows,
) -> Result<()> {
    let first = Part {
        table: table.to_owned(),
        schema: schema.clone(),
        rows,
        extent,
    };
    let mut parts = vec![first];
    let mut place = 0;
    while let Some(part) = parts.get(place) {
        let more = updates(kusto, database, part)?;
        parts.extend(more);
        place += 1;
        if parts.len() > MOST_TABLES {
            let why = "the rows come to too many tables by update policies, perhaps in a circle";
            return Err(refused("BadRequest_UpdatePolicyFailure", why));
        }
    }
    let mut state = kusto.state();
    let bytes: u64 = parts.iter().map(|part| part.rows.size()).sum();
    let replaced = match old {
        OldRows::Kept => 0,
        OldRows::Replaced => state.catalog.table(database, table)?.rows.size(),
    };
    if state.catalog.size() - replaced + bytes > state.limits.max_stored_bytes {
        return Err(store_is_full());
    }
    if old == OldRows::Replaced {
        let table = state.catalog.table(database, table)?;
        table.clear();
        table.schema = schema.clone();
    }
    for part in parts {
        let table = state.catalog.table(database, &part.table)?;
        table.append(&part.schema, part.rows, part.extent)?;
    }
    state.note_change();
    Ok(())
}

/// What update policies of other tables make of the rows of one. One that fails fails alone, unless it is transactional.
fn updates(kusto: &FakeKusto, database: &str, source: &Part) -> Result<Vec<Part>> {
    let policies: Vec<(String, Schema, UpdatePolicy)> = {
        let mut state = kusto.state();
        let tables = state.catalog.database(database)?.tables.iter();
        let of_source = |policy: &UpdatePolicy| policy.is_enabled && policy.source == source.table;
        tables
            .flat_map(|(name, table)| {
                let policies = table.policies.updates().into_iter().filter(of_source);
                policies.map(|policy| (name.clone(), table.schema.clone(), policy))
            })
            .collect()
    };
    let mut parts = Vec::new();
    for (table, schema, policy) in policies {
        match update(kusto, database, source, (table.clone(), schema), &policy) {
            Ok(part) if part.rows.len() == 0 => {}
            Ok(part) => parts.push(part),
            Err(error) if policy.is_transactional => return Err(error),
            Err(error) => fail(kusto, database, &table, source, error),
        }
    }
    Ok(parts)
}

fn update(
    kusto: &FakeKusto,
    database: &str,
    source: &Part,
    (table, schema): (String, Schema),
    policy: &UpdatePolicy,
) -> Result<Part> {
    let extents = std::slice::from_ref(&source.extent);
    let rows = source.rows.snapshot(&source.schema, extents);
    let found = kusto.run_query_over(database, &policy.query, &source.table, rows)?;
    let types = |columns: &[kusto_ingest_decode::Column]| -> Vec<_> {
        columns.iter().map(|column| column.scalar_type).collect()
    };
    if types(&found.columns) != types(schema.columns()) {
        let why = format!("the columns of the update policy's query are not those of the table {table:?}");
        return Err(refused("BadRequest_QuerySchemaDoesNotMatchTableSchema", why));
    }
    let mut rows = Store::default();
    found
        .rows
        .iter()
        .for_each(|row: &Vec<Value>| rows.push(&schema, row));
    let mut extent = Extent::new(rows.len(), source.extent.ingested_on);
    if policy.propagate_ingestion_properties {
        extent.tags.clone_from(&source.extent.tags);
        extent.created_on = source.extent.created_on;
    }
    Ok(Part {
        table,
        schema,
        rows,
        extent,
    })
}

/// Notes that the rows of a source are not in a table that its update policy would have put them into.
fn fail(kusto: &FakeKusto, database: &str, table: &str, source: &Part, error: Error) {
    let failure = StoredFailure {
        operation: source.extent.id,
        activity: source.extent.id,
        database: database.to_owned(),
        table: table.to_owned(),
        path: String::new(),
        failed: kusto.now(),
        is_permanent: error.is_permanent(),
        is_of_update_policy: true,
        error,
    };
    kusto.state().log.fail(failure);
}
