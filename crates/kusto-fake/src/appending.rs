//! Appends rows to a table: within the limits, and with what update policies make of them.

use std::collections::BTreeMap;

use kusto_ingest_core::{Error, Result};
use kusto_ingest_decode::{Schema, Value};

use crate::FakeKusto;
use crate::catalog::{Extent, UpdatePolicy, extends};
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
pub(crate) enum OldRows<'a> {
    /// Unless any of them was ingested by one of these tags: then nothing comes.
    Kept { unless: &'a [String] },
    /// They go when the others come, and the columns with them.
    Replaced,
}

/// Appends rows to a table that is there, and to others what their update policies make of these rows: to all of them, or
/// to none. `false` where the [old rows](OldRows::Kept) say that nothing comes.
///
/// # Errors
/// `BadRequest_DataCapacityLimitReached`; `BadRequest_DatabaseNotExist`, `BadRequest_TableNotExist`;
/// `General_TransientSchemaMismatch`; what a transactional update policy fails with. The tables are as they were then.
pub(crate) fn append(
    kusto: &FakeKusto,
    database: &str,
    table: &str,
    schema: &Schema,
    (rows, extent): (Store, Extent),
    old: OldRows<'_>,
) -> Result<bool> {
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
    put(kusto, database, parts, old)
}

/// Puts rows into their tables. Whatever happened to these since the rows were made is seen here, before any row is put.
fn put(kusto: &FakeKusto, database: &str, parts: Vec<Part>, old: OldRows<'_>) -> Result<bool> {
    let mut state = kusto.state();
    let bytes: u64 = parts.iter().map(|part| part.rows.size()).sum();
    let Some(first) = parts.first() else {
        return Ok(false);
    };
    let table = state.catalog.table(database, &first.table)?;
    let mut schemas: BTreeMap<&str, Schema> = BTreeMap::new();
    let replaced = match old {
        OldRows::Kept { unless } if table.has_any_ingest_by(unless) => return Ok(false),
        OldRows::Kept { .. } => 0,
        OldRows::Replaced => {
            schemas.insert(&first.table, first.schema.clone());
            table.rows.size()
        }
    };
    for part in &parts {
        let table = state.catalog.table(database, &part.table)?;
        extends(schemas.get(&*part.table).unwrap_or(&table.schema), &part.schema)?;
        schemas.insert(&part.table, part.schema.clone());
    }
    if state.catalog.size() - replaced + bytes > state.limits.max_stored_bytes {
        return Err(store_is_full());
    }
    if old == OldRows::Replaced {
        let table = state.catalog.table(database, &first.table)?;
        table.clear();
        table.schema = first.schema.clone();
    }
    for part in parts {
        let table = state.catalog.table(database, &part.table)?;
        table.append(&part.schema, part.rows, part.extent)?;
    }
    state.note_change();
    Ok(true)
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

#[cfg(test)]
mod tests {
    use kusto_ingest_core::{DatabaseName, ManualClock, Timestamp};

    use super::*;
    use crate::testing;

    fn part(table: &str, columns: &str, tags: &[&str]) -> Part {
        let schema: Schema = columns.parse().expect("columns");
        let mut rows = Store::default();
        rows.push(&schema, &vec![Value::Long(1); schema.columns().len()]);
        let mut extent = Extent::new(1, Timestamp::UNIX_EPOCH);
        extent.tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        Part {
            table: table.to_owned(),
            schema,
            rows,
            extent,
        }
    }

    /// The tables `T` and `U` of these columns, as they became while the rows were made.
    fn kusto(columns: &str) -> FakeKusto {
        let (kusto, _) = testing::kusto_at(ManualClock::new(Timestamp::UNIX_EPOCH));
        let database = DatabaseName::net_default();
        let mut state = kusto.state();
        let tables = &mut state.catalog.database(database.as_str()).expect("there").tables;
        for (name, columns) in [("T", "a:long"), ("U", columns)] {
            let schema = columns.parse().expect("columns");
            tables.insert(name.to_owned(), crate::catalog::StoredTable::new(schema));
        }
        drop(state);
        kusto
    }

    #[test]
    fn no_row_is_put_where_a_table_of_an_update_policy_changed_or_went_meanwhile() {
        for (there, made_for, code) in [
            ("b:string", "U", "General_TransientSchemaMismatch"),
            ("a:long", "V", "BadRequest_TableNotExist"),
        ] {
            for old in [OldRows::Kept { unless: &[] }, OldRows::Replaced] {
                let kusto = kusto(there);
                let database = DatabaseName::net_default();
                let earlier = vec![part("T", "a:long", &[])];
                assert_eq!(
                    put(&kusto, database.as_str(), earlier, OldRows::Kept { unless: &[] }).ok(),
                    Some(true)
                );
                let parts = vec![part("T", "a:long,c:long", &[]), part(made_for, "a:long", &[])];
                let error = put(&kusto, database.as_str(), parts, old).expect_err("it cannot be put");
                assert_eq!(error.code(), Some(code));
                let mut state = kusto.state();
                let table = state.catalog.table(database.as_str(), "T").expect("there");
                assert_eq!(
                    (table.rows.len(), table.schema.columns().len()),
                    (1, 1),
                    "{code} {old:?}"
                );
            }
        }
    }

    #[test]
    fn a_tag_that_came_meanwhile_is_seen_when_the_rows_are_put() {
        let kusto = kusto("a:long");
        let database = DatabaseName::net_default();
        let tags = ["once".to_owned()];
        let put_once = || {
            let parts = vec![part("T", "a:long", &["ingest-by:once"])];
            put(&kusto, database.as_str(), parts, OldRows::Kept { unless: &tags }).expect("it is put or not")
        };
        assert_eq!((put_once(), put_once()), (true, false));
    }
}
