//! `.set`, `.append` and their kin: the answer to a query becomes rows of a table.

use kusto_ingest_core::{Error, ErrorKind, Result, Timestamp};
use kusto_ingest_decode::{Row, ScalarType, Schema, Value};

use super::args::{Args, Options};
use super::details::real;
use super::extents;
use super::grammar::CommandSpec;
use super::session::{Action, Session, TableRef, action};
use super::tables::describe;
use crate::answer::table_of;
use crate::appending::{self, OldRows};
use crate::catalog::{Extent, StoredTable, missing};
use crate::refusal::{exists_already, refused};
use crate::store::Store;
use crate::{AnswerTable, RequestKind};

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec::new(
        ".set [async] TABLE {with (…)} <| query",
        RequestKind::IngestFromQuery,
        set,
    ),
    CommandSpec::new(
        ".append [async] TABLE {with (…)} <| query",
        RequestKind::IngestFromQuery,
        append,
    ),
    CommandSpec::new(
        ".set-or-append [async] TABLE {with (…)} <| query",
        RequestKind::IngestFromQuery,
        set_or_append,
    ),
    CommandSpec::new(
        ".set-or-replace [async] TABLE {with (…)} <| query",
        RequestKind::IngestFromQuery,
        set_or_replace,
    ),
];

/// What becomes of a table that is there, or is not.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Set,
    Append,
    SetOrAppend,
    SetOrReplace,
}

fn set(args: &mut Args<'_>) -> Result<Action> {
    read(args, Way::Set, "TableSet")
}

fn append(args: &mut Args<'_>) -> Result<Action> {
    read(args, Way::Append, "TableAppend")
}

fn set_or_append(args: &mut Args<'_>) -> Result<Action> {
    read(args, Way::SetOrAppend, "TableSetOrAppend")
}

fn set_or_replace(args: &mut Args<'_>) -> Result<Action> {
    read(args, Way::SetOrReplace, "TableSetOrReplace")
}

fn read(args: &mut Args<'_>, way: Way, kind: &'static str) -> Result<Action> {
    let (table, is_async) = (args.table()?, args.flag("async"));
    let options = args.options()?;
    let query = args.query()?;
    action(move |session| {
        session.now_or_later(is_async, kind, move |session| {
            ingest(session, &table, way, &options, &query)
        })
    })
}

fn ingest(
    session: &Session<'_>,
    table: &TableRef,
    way: Way,
    options: &Options,
    query: &str,
) -> Result<AnswerTable> {
    let known = session.table(table, |_, stored| Ok(stored.schema.clone())).ok();
    match (&known, way) {
        (Some(_), Way::Set) => return Err(exists_already("table", &table.table)),
        (None, Way::Append) => return Err(missing("BadRequest_EntityNotFound", "table", &table.table)),
        _ => {}
    }
    let found = session.run(query)?;
    let columns = Schema::new(found.columns.clone()).map_err(|error| {
        refused("General_BadRequest", "the query's columns make no table").caused_by(error)
    })?;
    let schema = match known {
        Some(_) if way == Way::SetOrReplace && options.is_on("recreate_schema") => columns,
        Some(known) => fitting(&known, &columns, options)?,
        None => columns,
    };
    let rows = filled(&schema, found.rows);
    let extent = extent(session, &rows, options)?;
    let is_new = session.table(table, |_, _| Ok(())).is_err();
    if is_new {
        session.database(table.database.as_deref(), |database| {
            database
                .tables
                .insert(table.table.clone(), StoredTable::new(schema.clone()));
            Ok(())
        })?;
    }
    let tags = tags(options, "ingestIfNotExists")?;
    let skipped = session.table(table, |_, stored| {
        describe(stored, options);
        Ok(stored.has_any_ingest_by(&tags))
    })?;
    if skipped {
        return Ok(table_of(COLUMNS));
    }
    let old = match way {
        Way::SetOrReplace => OldRows::Replaced,
        _ => OldRows::Kept { unless: &tags },
    };
    let database = table.database.as_deref().unwrap_or(&session.database);
    let appended = appending::append(
        session.kusto,
        database,
        &table.table,
        &schema,
        (rows, extent.clone()),
        old,
    )?;
    if !appended {
        return Ok(table_of(COLUMNS));
    }
    session.table(table, |_, stored| Ok(answer(stored, &extent)))
}

/// Rows of a schema, whose missing columns are empty or null.
fn filled(schema: &Schema, found: Vec<Row>) -> Store {
    let mut rows = Store::default();
    for mut row in found {
        let missing = schema.columns().iter().skip(row.len());
        row.extend(missing.map(|column| Value::missing(column.scalar_type)));
        rows.push(schema, &row);
    }
    rows
}

const COLUMNS: &[(&str, ScalarType)] = &[
    ("ExtentId", ScalarType::Guid),
    ("OriginalSize", ScalarType::Real),
    ("ExtentSize", ScalarType::Real),
    ("CompressedSize", ScalarType::Real),
    ("IndexSize", ScalarType::Real),
    ("RowCount", ScalarType::Long),
];

fn answer(stored: &StoredTable, extent: &Extent) -> AnswerTable {
    let size = extents::size(stored, extent);
    table_of(COLUMNS).with_row([
        Value::from(extent.id),
        real(size),
        real(size),
        real(size),
        real(0),
        Value::Long(i64::try_from(extent.rows).unwrap_or(i64::MAX)),
    ])
}

/// The columns of a table after the answer has gone into it: both have the same types in the same order, and the answer has
/// further columns only where the table may be extended.
fn fitting(known: &Schema, columns: &Schema, options: &Options) -> Result<Schema> {
    let mut all = known.columns().to_vec();
    let same = all
        .iter()
        .zip(columns.columns())
        .all(|(known, column)| known.scalar_type == column.scalar_type);
    let more = columns.columns().get(all.len()..).unwrap_or_default();
    if !same || columns.columns().len() < all.len() || !more.is_empty() && !options.is_on("extend_schema") {
        let why = format!("the query's columns ({columns}) are not those of the table ({known})");
        return Err(refused("BadRequest_QuerySchemaDoesNotMatchTableSchema", why));
    }
    all.extend(more.iter().cloned());
    Schema::new(all)
}

fn extent(session: &Session<'_>, rows: &Store, options: &Options) -> Result<Extent> {
    let mut extent = Extent::new(rows.len(), session.kusto.now());
    extent.tags = tags(options, "tags")?;
    if let Some(at) = options.text("creationTime") {
        extent.created_on = Timestamp::parse(&at).map_err(|error: Error| {
            refused("General_BadRequest", "creationTime is no moment").caused_by(error)
        })?;
    }
    Ok(extent)
}

/// A JSON array of texts, in an option.
fn tags(options: &Options, name: &str) -> Result<Vec<String>> {
    let Some(text) = options.text(name) else {
        return Ok(Vec::new());
    };
    serde_json::from_str(&text).map_err(|_| {
        Error::new(ErrorKind::Rejected, "run the command")
            .because(format!("{name} is no JSON array of strings"))
            .with_code("General_BadRequest")
            .with_http_status(400)
    })
}
