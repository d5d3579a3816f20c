//! Commands that show how much is in tables, and which policies count for them.

use kusto_ingest_core::{Result, Timestamp};
use kusto_ingest_decode::{ScalarType, Value};

use super::args::Args;
use super::grammar::CommandSpec;
use super::session::{Action, action};
use super::tables::chosen;
use crate::RequestKind;
use crate::answer::table_of;
use crate::catalog::{Database, StoredTable, missing};

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec::new(".show tables details", RequestKind::Show, show),
    CommandSpec::new(".show tables (NAMES) details", RequestKind::Show, show),
    CommandSpec::new(".show table TABLE details", RequestKind::Show, show_one),
];

fn show(args: &mut Args<'_>) -> Result<Action> {
    let wanted = args.lists.pop_front();
    details(None, wanted)
}

fn show_one(args: &mut Args<'_>) -> Result<Action> {
    let table = args.table()?;
    details(table.database, Some(vec![table.table]))
}

fn details(database: Option<String>, wanted: Option<Vec<String>>) -> Result<Action> {
    action(move |session| {
        session.database(database.as_deref(), |database| {
            if let Some(name) = wanted
                .iter()
                .flatten()
                .find(|name| !database.tables.contains_key(*name))
            {
                return Err(missing("BadRequest_EntityNotFound", "table", name));
            }
            let tables = chosen(&database.tables, wanted.as_deref())?;
            let shown = tables.filter(|(_, table)| wanted.is_some() || !table.is_hidden);
            Ok(shown.fold(table_of(COLUMNS), |answer, (name, table)| {
                answer.with_row(row(database, name, table))
            }))
        })
    })
}

const COLUMNS: &[(&str, ScalarType)] = &[
    ("TableName", ScalarType::String),
    ("DatabaseName", ScalarType::String),
    ("Folder", ScalarType::String),
    ("DocString", ScalarType::String),
    ("TotalExtents", ScalarType::Long),
    ("TotalExtentSize", ScalarType::Real),
    ("TotalOriginalSize", ScalarType::Real),
    ("TotalRowCount", ScalarType::Long),
    ("HotExtents", ScalarType::Long),
    ("HotExtentSize", ScalarType::Real),
    ("HotOriginalSize", ScalarType::Real),
    ("HotRowCount", ScalarType::Long),
    ("AuthorizedPrincipals", ScalarType::String),
    ("RetentionPolicy", ScalarType::String),
    ("CachingPolicy", ScalarType::String),
    ("ShardingPolicy", ScalarType::String),
    ("MergePolicy", ScalarType::String),
    ("StreamingIngestionPolicy", ScalarType::String),
    ("IngestionBatchingPolicy", ScalarType::String),
    ("MinExtentsCreationTime", ScalarType::DateTime),
    ("MaxExtentsCreationTime", ScalarType::DateTime),
    ("RowOrderPolicy", ScalarType::String),
    ("TableId", ScalarType::String),
];

fn row(database: &Database, name: &str, table: &StoredTable) -> Vec<Value> {
    let size = real(table.rows.size());
    let rows = Value::Long(i64::try_from(table.rows.len()).unwrap_or(i64::MAX));
    let extents = Value::Long(i64::try_from(table.extents.len()).unwrap_or(i64::MAX));
    // Those of the database count where the table has none.
    let policy = |word: &str| {
        let found = table.policies.find(word).or_else(|| database.policies.find(word));
        Value::from(found.unwrap_or("null"))
    };
    let created = || table.extents.iter().map(|extent| extent.created_on);
    let at = |at: Option<Timestamp>| at.map_or(Value::Null, Value::from);
    vec![
        Value::from(name),
        Value::from(database.name.as_str()),
        Value::from(table.folder.as_str()),
        Value::from(table.docstring.as_str()),
        extents.clone(),
        size.clone(),
        size.clone(),
        rows.clone(),
        extents,
        size.clone(),
        size,
        rows,
        Value::from("[]"),
        policy("retention"),
        policy("caching"),
        policy("sharding"),
        policy("merge"),
        policy("streamingingestion"),
        policy("ingestionbatching"),
        at(created().min()),
        at(created().max()),
        policy("roworder"),
        Value::from(table.id.to_string()),
    ]
}

/// A size in bytes, as these commands tell it.
#[expect(clippy::cast_precision_loss, reason = "nobody has so much memory")]
pub(super) fn real(bytes: u64) -> Value {
    Value::Real(bytes as f64)
}
