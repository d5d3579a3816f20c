//! Commands that show tables, and that create and drop them.

use std::collections::BTreeMap;

use kusto_ingest_core::Result;
use kusto_ingest_decode::{ScalarType, Schema, Value};

use super::args::{Args, Options};
use super::exists_already;
use super::grammar::CommandSpec;
use super::schema::table_as_json;
use super::session::{Action, Session, TableRef, action};
use crate::answer::table_of;
use crate::catalog::{StoredTable, missing};
use crate::{AnswerTable, RequestKind};

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec::new(".show tables", RequestKind::Tables, show),
    CommandSpec::new(".show tables (NAMES)", RequestKind::Tables, show),
    CommandSpec::new(".show table TABLE", RequestKind::Show, show_columns),
    CommandSpec::new(".create table TABLE (columns)", RequestKind::CreateTable, create),
    CommandSpec::new(
        ".create-merge table TABLE (columns)",
        RequestKind::CreateTable,
        create_merge,
    ),
    CommandSpec::new(
        ".create table TABLE based-on NAME [ifnotexists]",
        RequestKind::CreateTable,
        create_based_on,
    ),
    CommandSpec::new(
        ".create tables …(columns), …",
        RequestKind::CreateTable,
        create_several,
    ),
    CommandSpec::new(
        ".create-merge tables …(columns), …",
        RequestKind::CreateTable,
        create_merge_several,
    ),
    CommandSpec::new(
        ".drop table TABLE [ifexists] [skip-seal]",
        RequestKind::DropTable,
        drop_table,
    ),
    CommandSpec::new(
        ".drop tables (NAMES) [ifexists] [skip-seal]",
        RequestKind::DropTable,
        drop_several,
    ),
];

fn show(args: &mut Args<'_>) -> Result<Action> {
    let wanted = args.lists.pop_front();
    let options = args.options()?;
    let with_hidden = options.is_on("IncludeHiddenTables");
    action(move |session| {
        let empty = table_of(&[
            ("TableName", ScalarType::String),
            ("DatabaseName", ScalarType::String),
            ("Folder", ScalarType::String),
            ("DocString", ScalarType::String),
        ]);
        session.database(None, |database| {
            let tables = chosen(&database.tables, wanted.as_deref())?;
            let shown = tables.filter(|(_, table)| with_hidden || wanted.is_some() || !table.is_hidden);
            Ok(shown.fold(empty, |answer, (name, table)| {
                answer.with_row([name, &database.name, &table.folder, &table.docstring])
            }))
        })
    })
}

/// The tables of these names, or all of them.
///
/// # Errors
/// `BadRequest_EntityNotFound`.
pub(super) fn chosen<'a>(
    tables: &'a BTreeMap<String, StoredTable>,
    wanted: Option<&'a [String]>,
) -> Result<impl Iterator<Item = (&'a str, &'a StoredTable)>> {
    if let Some(name) = wanted.and_then(|wanted| wanted.iter().find(|name| !tables.contains_key(*name))) {
        return Err(missing("BadRequest_EntityNotFound", "table", name));
    }
    let is_wanted = move |name: &String| wanted.is_none_or(|wanted| wanted.contains(name));
    Ok(tables
        .iter()
        .filter(move |(name, _)| is_wanted(name))
        .map(|(name, table)| (name.as_str(), table)))
}

/// The attributes of a table, which are its columns. Nothing is known of how they are stored.
fn show_columns(args: &mut Args<'_>) -> Result<Action> {
    let table = args.table()?;
    action(move |session| {
        let empty = table_of(&[
            ("AttributeName", ScalarType::String),
            ("AttributeType", ScalarType::String),
            ("ExtentSize", ScalarType::Long),
            ("CompressionRatio", ScalarType::Real),
            ("IndexSize", ScalarType::Long),
            ("IndexSizePercent", ScalarType::Real),
            ("OriginalSize", ScalarType::Long),
            ("AttributeId", ScalarType::Guid),
            ("SharedIndexSize", ScalarType::Long),
            ("StorageEngineVersion", ScalarType::String),
        ]);
        session.table(&table, |_, stored| {
            Ok(stored.schema.columns().iter().fold(empty, |answer, column| {
                answer.with_row([
                    Value::from(column.name.as_str()),
                    Value::from(column.scalar_type.name()),
                    Value::Long(0),
                    Value::Real(0.0),
                    Value::Long(0),
                    Value::Real(0.0),
                    Value::Long(0),
                    Value::Guid(stored.id),
                    Value::Long(0),
                    Value::from(""),
                ])
            }))
        })
    })
}

fn create(args: &mut Args<'_>) -> Result<Action> {
    create_one(args, Existing::Stays)
}

fn create_merge(args: &mut Args<'_>) -> Result<Action> {
    create_one(args, Existing::Grows)
}

/// What becomes of a table that is there already.
#[derive(Clone, Copy, PartialEq)]
enum Existing {
    /// It stays as it is, as with the service.
    Stays,
    /// It gets the columns that it lacks.
    Grows,
}

fn create_one(args: &mut Args<'_>, existing: Existing) -> Result<Action> {
    let table = args.table()?;
    let schema = args.columns()?;
    let options = args.options()?;
    action(move |session| {
        created(session, &table, &schema, &options, existing)?;
        session.table(&table, |database, stored| {
            Ok(table_as_json(database, &table.table, stored))
        })
    })
}

fn created(
    session: &Session<'_>,
    table: &TableRef,
    schema: &Schema,
    options: &Options,
    existing: Existing,
) -> Result<()> {
    session.database(table.database.as_deref(), |database| {
        match database.tables.get_mut(&table.table) {
            Some(stored) if existing == Existing::Grows => {
                stored.merge(schema)?;
                describe(stored, options);
            }
            Some(_) => {}
            None => {
                let mut stored = StoredTable::new(schema.clone());
                describe(&mut stored, options);
                database.tables.insert(table.table.clone(), stored);
            }
        }
        Ok(())
    })
}

/// What `with (…)` says of a table.
pub(super) fn describe(table: &mut StoredTable, options: &Options) {
    if let Some(folder) = options.text("folder") {
        table.folder = folder;
    }
    if let Some(docstring) = options.text("docstring") {
        table.docstring = docstring;
    }
    table.is_hidden |= options.is_on("hidden");
}

fn create_based_on(args: &mut Args<'_>) -> Result<Action> {
    let (table, other) = (args.table()?, args.name()?);
    let if_not_exists = args.flag("ifnotexists");
    let options = args.options()?;
    action(move |session| {
        session.database(table.database.as_deref(), |database| {
            let other = database.tables.get(&other);
            let other = other.ok_or_else(|| missing("BadRequest_EntityNotFound", "table", &table.table))?;
            if database.tables.contains_key(&table.table) {
                return if if_not_exists {
                    Ok(())
                } else {
                    Err(exists_already("table", &table.table))
                };
            }
            let mut stored = StoredTable::new(other.schema.clone());
            stored.folder.clone_from(&other.folder);
            stored.docstring = format!("Created based on {}", table.table);
            describe(&mut stored, &options);
            database.tables.insert(table.table.clone(), stored);
            Ok(())
        })?;
        session.table(&table, |database, stored| {
            Ok(table_as_json(database, &table.table, stored))
        })
    })
}

fn create_several(args: &mut Args<'_>) -> Result<Action> {
    several(args, Existing::Stays)
}

fn create_merge_several(args: &mut Args<'_>) -> Result<Action> {
    several(args, Existing::Grows)
}

fn several(args: &mut Args<'_>, existing: Existing) -> Result<Action> {
    let mut tables = Vec::new();
    loop {
        let table = TableRef {
            database: None,
            table: args.lexer.table_name()?,
        };
        tables.push((table, args.columns()?));
        if !args.lexer.mark(',') {
            break;
        }
    }
    let options = args.options()?;
    action(move |session| {
        let mut answer = AnswerTable::default();
        for (table, schema) in &tables {
            created(session, table, schema, &options, existing)?;
            let one = session.table(table, |database, stored| {
                Ok(table_as_json(database, &table.table, stored))
            })?;
            match answer.columns.is_empty() {
                true => answer = one,
                false => answer.rows.extend(one.rows),
            }
        }
        Ok(answer)
    })
}

fn drop_table(args: &mut Args<'_>) -> Result<Action> {
    let (table, if_exists) = (args.table()?, args.flag("ifexists"));
    action(move |session| dropped(session, table.database.as_deref(), &[table.table], if_exists))
}

fn drop_several(args: &mut Args<'_>) -> Result<Action> {
    let (tables, if_exists) = (args.list(), args.flag("ifexists"));
    action(move |session| dropped(session, None, &tables, if_exists))
}

/// Drops all tables or none, and tells which are left.
fn dropped(
    session: &Session<'_>,
    database: Option<&str>,
    names: &[String],
    if_exists: bool,
) -> Result<AnswerTable> {
    let empty = table_of(&[
        ("TableName", ScalarType::String),
        ("DatabaseName", ScalarType::String),
    ]);
    session.database(database, |database| {
        let absent = names.iter().find(|name| !database.tables.contains_key(*name));
        if let Some(name) = absent.filter(|_| !if_exists) {
            return Err(missing("BadRequest_EntityNotFound", "table", name));
        }
        database.tables.retain(|name, _| !names.contains(name));
        let left = database.tables.keys();
        Ok(left.fold(empty, |answer, name| {
            answer.with_row([name.as_str(), &database.name])
        }))
    })
}
