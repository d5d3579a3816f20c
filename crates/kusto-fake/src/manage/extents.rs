//! Commands that show extents and drop them.

use kusto_ingest_core::{Result, Timestamp};
use kusto_ingest_decode::{ScalarType, Value};
use uuid::Uuid;

use super::args::{Args, guid};
use super::details::real;
use super::grammar::CommandSpec;
use super::session::{Action, Session, TableRef, action};
use super::tag_filter::{self, TagFilter};
use crate::answer::table_of;
use crate::catalog::{Extent, StoredTable, missing};
use crate::{AnswerTable, RequestKind};

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec::new(
        ".show table TABLE extents [hot] {(ID, …) where tags has 'tag'}",
        RequestKind::Show,
        show_of_table,
    ),
    CommandSpec::new(
        ".show tables (NAMES) extents [hot] {(ID, …) where tags has 'tag'}",
        RequestKind::Show,
        show_of_tables,
    ),
    CommandSpec::new(
        ".show database DATABASE extents [hot] {(ID, …) where tags has 'tag'}",
        RequestKind::Show,
        show_of_database,
    ),
    CommandSpec::new(
        ".show database|cluster extents [hot] {(ID, …) where tags has 'tag'}",
        RequestKind::Show,
        show_of_all,
    ),
    CommandSpec::new(
        ".drop extents {[whatif] <| query; (ID, …) from TABLE; older N days|hours from {TABLE, all tables} limit N}",
        RequestKind::Change,
        drop_several,
    ),
    CommandSpec::new(".drop extent {ID} {from TABLE}", RequestKind::Change, drop_one),
];

/// Of which tables extents are shown: of which database, by which names.
type Scope = (Option<String>, Option<Vec<String>>);

fn show_of_table(args: &mut Args<'_>) -> Result<Action> {
    let table = args.table()?;
    show(args, (table.database, Some(vec![table.table])))
}

fn show_of_tables(args: &mut Args<'_>) -> Result<Action> {
    let tables = args.list();
    show(args, (None, Some(tables)))
}

fn show_of_database(args: &mut Args<'_>) -> Result<Action> {
    let database = args.name()?;
    show(args, (Some(database), None))
}

fn show_of_all(args: &mut Args<'_>) -> Result<Action> {
    show(args, (None, None))
}

fn show(args: &mut Args<'_>, (database, tables): Scope) -> Result<Action> {
    let ids = ids(args)?;
    args.lexer.keyword("hot");
    let filters = tag_filter::read(args)?;
    args.options()?;
    action(move |session| {
        session.database(database.as_deref(), |database| {
            let absent = tables
                .iter()
                .flatten()
                .find(|name| !database.tables.contains_key(*name));
            if let Some(name) = absent {
                return Err(missing("BadRequest_EntityNotFound", "table", name));
            }
            let mut answer = table_of(COLUMNS);
            let is_wanted = |name: &String| tables.as_ref().is_none_or(|tables| tables.contains(name));
            for (name, table) in database.tables.iter().filter(|(name, _)| is_wanted(name)) {
                let fits = |extent: &&Extent| {
                    (ids.is_empty() || ids.contains(&extent.id)) && TagFilter::all_fit(&filters, &extent.tags)
                };
                for extent in table.extents.iter().filter(fits) {
                    answer.rows.push(row(&database.name, name, table, extent));
                }
            }
            Ok(answer)
        })
    })
}

/// Identities in parentheses, where they stand.
pub(super) fn ids(args: &mut Args<'_>) -> Result<Vec<Uuid>> {
    let mut ids = Vec::new();
    if args.lexer.mark('(') {
        while let Some(id) = guid(&mut args.lexer) {
            ids.push(id);
            args.lexer.mark(',');
        }
        args.mark(')', "identities of extents in parentheses")?;
    }
    Ok(ids)
}

const COLUMNS: &[(&str, ScalarType)] = &[
    ("ExtentId", ScalarType::Guid),
    ("DatabaseName", ScalarType::String),
    ("TableName", ScalarType::String),
    ("MaxCreatedOn", ScalarType::DateTime),
    ("OriginalSize", ScalarType::Real),
    ("ExtentSize", ScalarType::Real),
    ("CompressedSize", ScalarType::Real),
    ("IndexSize", ScalarType::Real),
    ("Blocks", ScalarType::Long),
    ("Segments", ScalarType::Long),
    ("ExtentContainerId", ScalarType::String),
    ("RowCount", ScalarType::Long),
    ("MinCreatedOn", ScalarType::DateTime),
    ("Tags", ScalarType::String),
    ("Kind", ScalarType::String),
    ("DeletedRowCount", ScalarType::Long),
];

fn row(database: &str, name: &str, table: &StoredTable, extent: &Extent) -> Vec<Value> {
    let size = size(table, extent);
    vec![
        Value::from(extent.id),
        Value::from(database),
        Value::from(name),
        Value::from(extent.created_on),
        real(size),
        real(size),
        real(size),
        real(0),
        Value::Long(1),
        Value::Long(1),
        Value::from(table.id.to_string()),
        Value::Long(i64::try_from(extent.rows).unwrap_or(i64::MAX)),
        Value::from(extent.created_on),
        Value::from(extent.tags.join("\r\n")),
        Value::from("StorageV3"),
        Value::Long(0),
    ]
}

/// About how many bytes an extent takes: its share of those of the table.
pub(super) fn size(table: &StoredTable, extent: &Extent) -> u64 {
    let rows = (table.rows.len() as u64).max(1);
    u64::try_from(u128::from(table.rows.size()) * u128::from(extent.rows) / u128::from(rows))
        .unwrap_or(u64::MAX)
}

fn drop_several(args: &mut Args<'_>) -> Result<Action> {
    let what_if = args.lexer.keyword("whatif");
    match what_if || args.lexer.is_at('<') {
        true => drop_by_query(args, what_if),
        false => drop_older(args),
    }
}

fn drop_by_query(args: &mut Args<'_>, what_if: bool) -> Result<Action> {
    let query = args.query()?;
    action(move |session| {
        let found = session.extents(&query, None)?;
        let tables: Vec<_> = found.keys().cloned().collect();
        let is_wanted =
            |table: &TableRef, extent: &Extent| found.get(table).is_some_and(|ids| ids.contains(&extent.id));
        dropped(session, &tables, what_if, is_wanted)
    })
}

fn drop_one(args: &mut Args<'_>) -> Result<Action> {
    let ids = match guid(&mut args.lexer) {
        Some(id) => vec![id],
        None => ids(args)?,
    };
    if ids.is_empty() {
        return Err(args.lexer.expected("the identity of an extent"));
    }
    let table = match args.lexer.keyword("from") {
        true => Some(TableRef {
            database: None,
            table: args.lexer.table_name()?,
        }),
        false => None,
    };
    action(move |session| {
        let tables = table.map_or_else(|| session.tables(), |table| Ok(vec![table]))?;
        dropped(session, &tables, false, |_, extent| ids.contains(&extent.id))
    })
}

fn drop_older(args: &mut Args<'_>) -> Result<Action> {
    let ids = ids(args)?;
    let age = older(args)?;
    if !args.lexer.keyword("from") {
        return Err(args
            .lexer
            .expected("older N days, from and the name of a table, or <| and a query"));
    }
    let table = match args.lexer.keywords(&["all", "tables"]) {
        true => None,
        false => Some(TableRef {
            database: None,
            table: args.lexer.table_name()?,
        }),
    };
    let most = match args.lexer.keyword("limit") {
        true => args
            .lexer
            .scalar()
            .parse()
            .map_err(|_| args.lexer.expected("a number before this"))?,
        false => usize::MAX,
    };
    action(move |session| {
        let before = age.map(|age| session.kusto.now() - age);
        let tables = table.map_or_else(|| session.tables(), |table| Ok(vec![table]))?;
        let left = std::cell::Cell::new(most);
        dropped(session, &tables, false, |_, extent| {
            let is_wanted = (ids.is_empty() || ids.contains(&extent.id))
                && before.is_none_or(|before: Timestamp| extent.created_on < before);
            is_wanted && left.replace(left.get().saturating_sub(usize::from(is_wanted))) > 0
        })
    })
}

fn older(args: &mut Args<'_>) -> Result<Option<std::time::Duration>> {
    if !args.lexer.keyword("older") {
        return Ok(None);
    }
    let number: Option<u64> = args.lexer.scalar().parse().ok();
    let seconds = if args.lexer.keyword("days") {
        86_400
    } else if args.lexer.keyword("hours") {
        3600
    } else {
        return Err(args.lexer.expected("days or hours"));
    };
    let seconds = number.and_then(|number| number.checked_mul(seconds));
    let seconds = seconds.ok_or_else(|| args.lexer.expected("a number of days or hours before this"))?;
    Ok(Some(std::time::Duration::from_secs(seconds)))
}

/// Drops extents, or tells only which would be.
fn dropped(
    session: &Session<'_>,
    tables: &[TableRef],
    what_if: bool,
    is_wanted: impl Fn(&TableRef, &Extent) -> bool,
) -> Result<AnswerTable> {
    let mut answer = table_of(&[
        ("ExtentId", ScalarType::Guid),
        ("TableName", ScalarType::String),
        ("CreatedOn", ScalarType::DateTime),
    ]);
    for table in tables {
        let found = session.table(table, |_, stored| {
            Ok(match what_if {
                true => stored
                    .extents
                    .iter()
                    .filter(|extent| is_wanted(table, extent))
                    .cloned()
                    .collect(),
                false => {
                    let taken = stored.take_extents(|extent| is_wanted(table, extent));
                    taken.into_iter().map(|(extent, _)| extent).collect::<Vec<_>>()
                }
            })
        })?;
        answer = found.into_iter().fold(answer, |answer, extent| {
            answer.with_row([
                Value::from(extent.id),
                Value::from(table.table.as_str()),
                Value::from(extent.created_on),
            ])
        });
    }
    Ok(answer)
}
