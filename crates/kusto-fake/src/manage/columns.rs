//! Commands about single columns.

use kusto_ingest_core::Result;
use kusto_ingest_decode::{Column, ScalarType, Schema};

use super::args::Args;
use super::grammar::CommandSpec;
use super::session::{Action, TableRef};
use super::table_changes::changed;
use crate::RequestKind;
use crate::catalog::{StoredTable, missing};
use crate::refusal::exists_already;

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec::new(".alter column COLUMN type=TYPE", RequestKind::Change, alter_type),
    CommandSpec::new(".drop column COLUMN [ifexists]", RequestKind::Change, drop_one),
    CommandSpec::new(
        ".drop table TABLE columns (NAMES)",
        RequestKind::Change,
        drop_several,
    ),
    CommandSpec::new(".rename column COLUMN to NAME", RequestKind::Change, rename),
    CommandSpec::new(
        ".rename columns NEW=COLUMN, …",
        RequestKind::Change,
        rename_several,
    ),
];

/// Gives a column another type. The values that it had are lost, as with the service.
fn alter_type(args: &mut Args<'_>) -> Result<Action> {
    let (table, name) = args.column()?;
    if !args.lexer.keyword("type") || !args.lexer.mark('=') {
        return Err(args.lexer.expected("type= and a type"));
    }
    let scalar_type: Result<ScalarType> = args.lexer.any_keyword().parse();
    let scalar_type = scalar_type.map_err(|_| args.lexer.expected("a type before this"))?;
    changed(table, move |stored| {
        let place = place(stored, &name)?;
        let mut columns = stored.schema.columns().to_vec();
        columns[place].scalar_type = scalar_type;
        let places: Vec<_> = (0..columns.len()).map(Some).collect();
        stored.rearrange(Schema::new(columns)?, &places);
        Ok(())
    })
}

fn drop_one(args: &mut Args<'_>) -> Result<Action> {
    let (table, name) = args.column()?;
    let if_exists = args.flag("ifexists");
    changed(table, move |stored| match place(stored, &name) {
        Err(_) if if_exists => Ok(()),
        Err(missing) => Err(missing),
        Ok(_) => without(stored, &[name]),
    })
}

fn drop_several(args: &mut Args<'_>) -> Result<Action> {
    let (table, names) = (args.table()?, args.list());
    changed(table, move |stored| {
        for name in &names {
            place(stored, name)?;
        }
        without(stored, &names)
    })
}

fn without(stored: &mut StoredTable, names: &[String]) -> Result<()> {
    let kept = |(_, column): &(usize, &Column)| !names.contains(&column.name);
    let columns = stored.schema.columns().iter().enumerate().filter(kept);
    let (places, columns): (Vec<_>, Vec<_>) = columns
        .map(|(place, column)| (Some(place), column.clone()))
        .unzip();
    stored.rearrange(Schema::new(columns)?, &places);
    Ok(())
}

fn rename(args: &mut Args<'_>) -> Result<Action> {
    let (table, old) = args.column()?;
    let new = args.name()?;
    changed(table, move |stored| rename_all(stored, &[(old, new)]))
}

fn rename_several(args: &mut Args<'_>) -> Result<Action> {
    let mut of: Option<TableRef> = None;
    let mut renames = Vec::new();
    loop {
        let new = args.lexer.name().ok_or_else(|| args.lexer.expected("a name"))?;
        args.mark('=', "= and a table, a dot and a column")?;
        args.paths.extend(args.lexer.path());
        let (table, old) = args.column()?;
        if of.as_ref().is_some_and(|of| *of != table) {
            return Err(args.lexer.expected("columns of one table"));
        }
        of = Some(table);
        renames.push((old, new));
        if !args.lexer.mark(',') {
            break;
        }
    }
    let table = of.ok_or_else(|| args.lexer.expected("a column"))?;
    changed(table, move |stored| rename_all(stored, &renames))
}

fn rename_all(stored: &mut StoredTable, renames: &[(String, String)]) -> Result<()> {
    let mut columns = stored.schema.columns().to_vec();
    for (old, new) in renames {
        columns[place(stored, old)?].name.clone_from(new);
    }
    let is_double =
        |(_, new): &&(String, String)| columns.iter().filter(|column| column.name == *new).count() > 1;
    if let Some((_, new)) = renames.iter().find(is_double) {
        return Err(exists_already("column", new));
    }
    let docs = std::mem::take(&mut stored.column_docs);
    let renamed = |name: String| {
        renames
            .iter()
            .find(|(old, _)| *old == name)
            .map_or(name.clone(), |(_, new)| new.clone())
    };
    stored.column_docs = docs.into_iter().map(|(name, doc)| (renamed(name), doc)).collect();
    stored.schema = Schema::new(columns)?;
    Ok(())
}

fn place(stored: &StoredTable, name: &str) -> Result<usize> {
    let place = stored.schema.position(name);
    place.ok_or_else(|| missing("BadRequest_EntityNotFound", "column", name))
}
