//! Commands that move extents between tables, replace them, and change their tags.

use std::collections::BTreeMap;

use kusto_ingest_core::{Error, Result};
use kusto_ingest_decode::{ScalarType, Schema, Value};
use uuid::Uuid;

use super::args::Args;
use super::extents::ids;
use super::grammar::CommandSpec;
use super::session::{Action, Session, TableRef, action};
use crate::answer::table_of;
use crate::catalog::{Extent, StoredTable};
use crate::refusal::refused;
use crate::store::Store;
use crate::{AnswerTable, RequestKind};

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec::new(
        ".move [async] extents all from table SOURCE to table TABLE {with (…)}",
        RequestKind::Change,
        move_all,
    ),
    CommandSpec::new(
        ".move [async] extents from table SOURCE to table TABLE {with (…)} (ID, …)",
        RequestKind::Change,
        move_some,
    ),
    CommandSpec::new(
        ".move [async] extents to table TABLE {with (…)} <| query",
        RequestKind::Change,
        move_by_query,
    ),
    CommandSpec::new(
        ".replace [async] extents in table TABLE {with (…)} <| {query}, {query}",
        RequestKind::Change,
        replace,
    ),
    CommandSpec::new(
        ".alter table TABLE extent tags ('tag', …) {with (…)} <| query",
        RequestKind::Change,
        alter_tags,
    ),
    CommandSpec::new(
        ".alter-merge table TABLE extent tags ('tag', …) {with (…)} <| query",
        RequestKind::Change,
        merge_tags,
    ),
    CommandSpec::new(
        ".drop table TABLE extent tags ('tag', …) {with (…)}",
        RequestKind::Change,
        drop_tags,
    ),
];

/// What the service calls the operations of these commands.
const MOVE: &str = "ExtentsMove";
const REPLACE: &str = "ExtentsReplace";

/// Which extents are meant, by their tables.
pub(super) type Chosen = BTreeMap<TableRef, Vec<Uuid>>;

fn move_all(args: &mut Args<'_>) -> Result<Action> {
    let (source, target) = (args.table()?, args.table()?);
    let is_async = args.flag("async");
    args.options()?;
    action(move |session| {
        session.now_or_later(is_async, MOVE, move |session| {
            let all = session.table(&source, |_, stored| {
                Ok(stored.extents.iter().map(|extent| extent.id).collect())
            })?;
            moved(session, &target, &BTreeMap::from([(source, all)]))
        })
    })
}

fn move_some(args: &mut Args<'_>) -> Result<Action> {
    let (source, target) = (args.table()?, args.table()?);
    let is_async = args.flag("async");
    args.options()?;
    let ids = ids(args)?;
    action(move |session| {
        session.now_or_later(is_async, MOVE, move |session| {
            moved(session, &target, &BTreeMap::from([(source, ids)]))
        })
    })
}

fn move_by_query(args: &mut Args<'_>) -> Result<Action> {
    let (target, is_async) = (args.table()?, args.flag("async"));
    args.options()?;
    let query = args.query()?;
    action(move |session| {
        session.now_or_later(is_async, MOVE, move |session| {
            let chosen = session.extents(&query, None)?;
            moved(session, &target, &chosen)
        })
    })
}

fn replace(args: &mut Args<'_>) -> Result<Action> {
    let (target, is_async) = (args.table()?, args.flag("async"));
    args.options()?;
    args.mark('<', "<| and two queries in braces")?;
    args.mark('|', "<| and two queries in braces")?;
    let mut query = || {
        let braces = args.lexer.braces();
        braces.map(|braces| braces[1..braces.len() - 1].trim().to_owned())
    };
    let dropped = query();
    args.lexer.mark(',');
    let taken = args
        .lexer
        .braces()
        .map(|braces| braces[1..braces.len() - 1].trim().to_owned());
    let queries = dropped.zip(taken);
    let (dropped, taken) = queries.ok_or_else(|| args.lexer.expected("two queries in braces"))?;
    action(move |session| {
        session.now_or_later(is_async, REPLACE, move |session| {
            let dropped = session.extents(&dropped, Some(&target))?;
            let taken = session.extents(&taken, None)?;
            let dropped: Vec<Uuid> = dropped.into_values().flatten().collect();
            let answer = moved(session, &target, &taken)?;
            session.table(&target, |_, stored| {
                stored.take_extents(|extent| dropped.contains(&extent.id));
                Ok(())
            })?;
            let row = |id: &Uuid| [Value::from(id.to_string()), Value::from(""), Value::from("")];
            Ok(dropped.iter().fold(answer, |answer, id| answer.with_row(row(id))))
        })
    })
}

/// Moves extents into a table that has all their columns: all of them, or none.
fn moved(session: &Session<'_>, target: &TableRef, chosen: &Chosen) -> Result<AnswerTable> {
    let schema = session.table(target, |_, stored| Ok(stored.schema.clone()))?;
    for source in chosen.keys() {
        session.table(source, |_, stored| places(&stored.schema, &schema).map(drop))?;
    }
    let mut answer = table_of(&[
        ("OriginalExtentId", ScalarType::String),
        ("ResultExtentId", ScalarType::String),
        ("Details", ScalarType::String),
    ]);
    for (source, ids) in chosen {
        let taken = session.table(source, |_, stored| {
            let places = places(&stored.schema, &schema)?;
            let mut taken = stored.take_extents(|extent| ids.contains(&extent.id));
            for (_, rows) in &mut taken {
                rows.rearrange(&stored.schema, &schema, &places);
            }
            Ok(taken)
        })?;
        answer = session.table(target, |_, stored| Ok(put(stored, &schema, taken, answer)))??;
    }
    Ok(answer)
}

fn put(
    stored: &mut StoredTable,
    schema: &Schema,
    taken: Vec<(Extent, Store)>,
    answer: AnswerTable,
) -> Result<AnswerTable> {
    taken.into_iter().try_fold(answer, |answer, (extent, rows)| {
        let old = extent.id.to_string();
        let extent = Extent {
            id: Uuid::new_v4(),
            ..extent
        };
        let new = extent.id.to_string();
        stored.append(schema, rows, extent)?;
        Ok::<_, Error>(answer.with_row([old.as_str(), new.as_str(), ""]))
    })
}

/// For every column of the target, where it is in the source.
fn places(source: &Schema, target: &Schema) -> Result<Vec<Option<usize>>> {
    let is_there = |column: &&kusto_ingest_decode::Column| target.columns().contains(column);
    if source.columns().iter().any(|column| !is_there(&column)) {
        let why =
            "the schema of the source table is not that of the table that the extents are to be moved to";
        return Err(refused("BadRequest_TableSchemaMismatch", why));
    }
    let columns = target.columns().iter();
    Ok(columns.map(|column| source.position(&column.name)).collect())
}

fn alter_tags(args: &mut Args<'_>) -> Result<Action> {
    tags(args, |extent, tags| extent.tags.clone_from(tags))
}

fn merge_tags(args: &mut Args<'_>) -> Result<Action> {
    tags(args, |extent, tags| {
        let new = tags
            .iter()
            .filter(|tag| !extent.tags.contains(tag))
            .cloned()
            .collect::<Vec<_>>();
        extent.tags.extend(new);
    })
}

fn drop_tags(args: &mut Args<'_>) -> Result<Action> {
    tags(args, |extent, tags| extent.tags.retain(|tag| !tags.contains(tag)))
}

/// Changes the tags of the extents that a query tells, or of all.
fn tags(args: &mut Args<'_>, change: fn(&mut Extent, &Vec<String>)) -> Result<Action> {
    let table = args.table()?;
    let tags = args
        .lexer
        .names()
        .ok_or_else(|| args.lexer.expected("tags in parentheses"))?;
    args.options()?;
    let query = if args.lexer.is_at('<') {
        Some(args.query()?)
    } else {
        None
    };
    action(move |session| {
        let chosen = query
            .map(|query| session.extents(&query, Some(&table)))
            .transpose()?;
        let ids = chosen.map(|chosen| chosen.into_values().flatten().collect::<Vec<_>>());
        let mut answer = table_of(&[
            ("OriginalExtentId", ScalarType::String),
            ("ResultExtentId", ScalarType::String),
            ("ResultExtentTags", ScalarType::String),
            ("Details", ScalarType::String),
        ]);
        session.table(&table, |_, stored| {
            let is_wanted = |extent: &&mut Extent| ids.as_ref().is_none_or(|ids| ids.contains(&extent.id));
            stored.begin_generation();
            for extent in stored.extents.iter_mut().filter(is_wanted) {
                let old = std::mem::replace(&mut extent.id, Uuid::new_v4()).to_string();
                change(extent, &tags);
                let (new, tags) = (extent.id.to_string(), extent.tags.join("\r\n"));
                answer
                    .rows
                    .push([old.as_str(), &new, &tags, ""].map(Value::from).into());
            }
            Ok(answer)
        })
    })
}
