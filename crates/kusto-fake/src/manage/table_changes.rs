//! Commands that change tables that are there: their columns as a whole, names, texts about them, and their data.

use std::collections::BTreeMap;

use kusto_ingest_core::Result;
use kusto_ingest_decode::{ScalarType, Schema};

use super::args::Args;
use super::grammar::CommandSpec;
use super::schema::table_as_json;
use super::session::{Action, TableRef, action};
use super::tables::describe;
use super::{exists_already, refused};
use crate::RequestKind;
use crate::answer::table_of;
use crate::catalog::{Database, StoredTable, missing};

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec::new(".alter table TABLE (columns)", RequestKind::Change, alter),
    CommandSpec::new(
        ".alter-merge table TABLE (columns)",
        RequestKind::Change,
        alter_merge,
    ),
    CommandSpec::new(
        ".alter table TABLE docstring 'text'",
        RequestKind::Change,
        docstring,
    ),
    CommandSpec::new(".alter table TABLE folder 'text'", RequestKind::Change, folder),
    CommandSpec::new(
        ".alter table TABLE column-docstrings (column:'text', …)",
        RequestKind::Change,
        column_docs,
    ),
    CommandSpec::new(
        ".alter-merge table TABLE column-docstrings (column:'text', …)",
        RequestKind::Change,
        merge_column_docs,
    ),
    CommandSpec::new(
        ".rename table TABLE to NAME [ifexists]",
        RequestKind::Change,
        rename,
    ),
    CommandSpec::new(
        ".rename tables NEW=OLD [ifexists], …",
        RequestKind::Change,
        rename_several,
    ),
    CommandSpec::new(".clear table TABLE data", RequestKind::Change, clear),
    CommandSpec::new(".clear async table TABLE data", RequestKind::Change, clear),
];

/// Changes a table, and answers with its columns.
pub(super) fn changed(
    table: TableRef,
    change: impl FnOnce(&mut StoredTable) -> Result<()> + Send + 'static,
) -> Result<Action> {
    action(move |session| {
        session.table(&table, |database, stored| {
            change(stored)?;
            Ok(table_as_json(database, &table.table, stored))
        })
    })
}

fn alter(args: &mut Args<'_>) -> Result<Action> {
    alter_by(args, StoredTable::alter)
}

fn alter_merge(args: &mut Args<'_>) -> Result<Action> {
    alter_by(args, StoredTable::merge)
}

fn alter_by(args: &mut Args<'_>, change: fn(&mut StoredTable, &Schema) -> Result<()>) -> Result<Action> {
    let (table, schema) = (args.table()?, args.columns()?);
    let options = args.options()?;
    changed(table, move |stored| {
        change(stored, &schema)?;
        describe(stored, &options);
        Ok(())
    })
}

fn docstring(args: &mut Args<'_>) -> Result<Action> {
    let (table, text) = (args.table()?, args.text("the text as a string")?);
    changed(table, move |stored| {
        stored.docstring = text;
        Ok(())
    })
}

fn folder(args: &mut Args<'_>) -> Result<Action> {
    let (table, text) = (args.table()?, args.text("the folder as a string")?);
    changed(table, move |stored| {
        stored.folder = text;
        Ok(())
    })
}

fn column_docs(args: &mut Args<'_>) -> Result<Action> {
    column_docs_of(args, true)
}

fn merge_column_docs(args: &mut Args<'_>) -> Result<Action> {
    column_docs_of(args, false)
}

fn column_docs_of(args: &mut Args<'_>, forgets_others: bool) -> Result<Action> {
    let table = args.table()?;
    let mut docs = BTreeMap::new();
    args.mark('(', "columns and texts in parentheses")?;
    while !args.lexer.mark(')') {
        let column = args.lexer.name();
        let column = column.ok_or_else(|| args.lexer.expected("the name of a column"))?;
        args.mark(':', "a colon")?;
        docs.insert(column, args.text("the text as a string")?);
        if !args.lexer.mark(',') && !args.lexer.is_at(')') {
            return Err(args.lexer.expected("a comma or the closing parenthesis"));
        }
    }
    changed(table, move |stored| {
        if let Some(name) = docs.keys().find(|name| stored.schema.position(name).is_none()) {
            return Err(missing("BadRequest_EntityNotFound", "column", name));
        }
        if forgets_others {
            stored.column_docs.clear();
        }
        stored.column_docs.extend(docs);
        Ok(())
    })
}

/// A table's name, the one that it is to have, and whether it may be missing.
struct Rename {
    old: String,
    new: String,
    if_exists: bool,
}

fn rename(args: &mut Args<'_>) -> Result<Action> {
    let table = args.table()?;
    let rename = Rename {
        old: table.table,
        new: args.name()?,
        if_exists: args.flag("ifexists"),
    };
    renamed(table.database, vec![rename])
}

fn rename_several(args: &mut Args<'_>) -> Result<Action> {
    let mut renames = Vec::new();
    loop {
        let new = args.lexer.table_name()?;
        args.mark('=', "= and the name of a table")?;
        renames.push(Rename {
            old: args.lexer.table_name()?,
            new,
            if_exists: args.lexer.keyword("ifexists"),
        });
        if !args.lexer.mark(',') {
            break;
        }
    }
    renamed(None, renames)
}

fn renamed(database: Option<String>, renames: Vec<Rename>) -> Result<Action> {
    action(move |session| {
        let empty = table_of(&[
            ("TableName", ScalarType::String),
            ("DatabaseName", ScalarType::String),
            ("Folder", ScalarType::String),
            ("DocString", ScalarType::String),
        ]);
        session.database(database.as_deref(), |database| {
            let renamed = rename_all(database, &renames)?;
            Ok(renamed.iter().fold(empty, |answer, name| {
                let table = &database.tables[name];
                answer.with_row([name.as_str(), &database.name, &table.folder, &table.docstring])
            }))
        })
    })
}

/// Gives all tables their new names or none. Names may go around in a circle: one that is taken must be given back by the
/// same command.
fn rename_all(database: &mut Database, renames: &[Rename]) -> Result<Vec<String>> {
    let mut is_old = renames.iter().map(|rename| &rename.old);
    for rename in renames {
        if !database.tables.contains_key(&rename.old) && !rename.if_exists {
            return Err(missing("BadRequest_EntityNotFound", "table", &rename.old));
        }
        let is_taken = database.tables.contains_key(&rename.new) && rename.new != rename.old;
        if is_taken && !is_old.clone().any(|old| *old == rename.new) {
            return Err(exists_already("table", &rename.new));
        }
    }
    if is_old
        .clone()
        .any(|old| is_old.clone().filter(|other| *other == old).count() > 1)
        || is_old.next().is_none()
    {
        return Err(refused("General_BadRequest", "a table stands there twice"));
    }
    let taken: Vec<_> = renames
        .iter()
        .filter_map(|rename| Some((rename.new.clone(), database.tables.remove(&rename.old)?)))
        .collect();
    let names = taken.iter().map(|(name, _)| name.clone()).collect();
    database.tables.extend(taken);
    Ok(names)
}

fn clear(args: &mut Args<'_>) -> Result<Action> {
    let table = args.table()?;
    action(move |session| {
        session.table(&table, |_, stored| {
            stored.clear();
            Ok(table_of(&[("Status", ScalarType::String)]).with_row(["Succeeded"]))
        })
    })
}
