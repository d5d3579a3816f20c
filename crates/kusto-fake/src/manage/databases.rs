//! Commands about databases.

use kusto_ingest_core::{DatabaseName, Error, Result};
use kusto_ingest_decode::{ScalarType, Value};

use super::args::Args;
use super::grammar::CommandSpec;
use super::session::{Action, action};
use super::{exists_already, refused};
use crate::RequestKind;
use crate::answer::table_of;
use crate::catalog::{Catalog, Database, missing};

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec::new(".show databases", RequestKind::Databases, show_all),
    CommandSpec::new(".show cluster databases", RequestKind::Databases, show_all),
    CommandSpec::new(".show databases (NAMES)", RequestKind::Databases, show_all),
    CommandSpec::new(
        ".show databases details|identity|policies|datastats",
        RequestKind::Databases,
        show_identities,
    ),
    CommandSpec::new(".show database", RequestKind::Databases, show_identity),
    CommandSpec::new(".show database DATABASE", RequestKind::Databases, show_identity),
    CommandSpec::new(
        ".show database details|identity|policies|datastats",
        RequestKind::Databases,
        show_identity,
    ),
    CommandSpec::new(
        ".show database DATABASE details|identity|policies|datastats",
        RequestKind::Databases,
        show_identity,
    ),
    CommandSpec::new(".show databases entities", RequestKind::Show, entities),
    CommandSpec::new(
        ".create database DATABASE [ifnotexists] [volatile]",
        RequestKind::Change,
        create,
    ),
    CommandSpec::new(
        ".drop database DATABASE [ifexists]",
        RequestKind::Change,
        drop_database,
    ),
    CommandSpec::new(
        ".alter database DATABASE prettyname 'text'",
        RequestKind::Change,
        pretty_name,
    ),
    CommandSpec::new(
        ".drop database DATABASE prettyname",
        RequestKind::Change,
        drop_pretty_name,
    ),
];

/// The databases of these names, or all of them.
///
/// # Errors
/// `BadRequest_DatabaseNotExist`.
pub(super) fn chosen<'a>(catalog: &'a mut Catalog, wanted: Option<&[String]>) -> Result<Vec<&'a Database>> {
    let mut names = Vec::new();
    for name in wanted.unwrap_or_default() {
        names.push(catalog.database(name)?.name.clone());
    }
    let is_wanted = |name: &str| wanted.is_none() || names.iter().any(|wanted| wanted == name);
    let databases = catalog.names().filter(|(name, _)| is_wanted(name));
    Ok(databases.map(|(_, database)| database).collect())
}

/// The columns that tell what a database is, without those behind `PrettyName`.
const FIRST: [(&str, ScalarType); 6] = [
    ("DatabaseName", ScalarType::String),
    ("PersistentStorage", ScalarType::String),
    ("Version", ScalarType::String),
    ("IsCurrent", ScalarType::Bool),
    ("DatabaseAccessMode", ScalarType::String),
    ("PrettyName", ScalarType::String),
];

fn first(database: &Database, current: &str) -> Vec<Value> {
    vec![
        Value::from(database.name.as_str()),
        Value::from(""),
        Value::from("v1.0"),
        Value::from(database.name == current),
        Value::from("ReadWrite"),
        Value::from(database.pretty_name.as_str()),
    ]
}

fn show_all(args: &mut Args<'_>) -> Result<Action> {
    let wanted = args.lists.pop_front();
    action(move |session| {
        let mut columns = FIRST.to_vec();
        columns.extend([
            ("DatabaseId", ScalarType::Guid),
            ("InTransitionTo", ScalarType::String),
            ("SuspensionState", ScalarType::String),
        ]);
        session.catalog(|catalog| {
            let databases = chosen(catalog, wanted.as_deref())?;
            Ok(databases
                .into_iter()
                .fold(table_of(&columns), |answer, database| {
                    let mut row = first(database, &session.database);
                    row.extend([Value::from(database.id), Value::from(""), Value::from("")]);
                    answer.with_row(row)
                }))
        })
    })
}

fn show_identities(_args: &mut Args<'_>) -> Result<Action> {
    identities(None)
}

fn show_identity(args: &mut Args<'_>) -> Result<Action> {
    let named = args.paths.pop_front().and_then(|mut path| path.pop());
    identities(Some(named))
}

/// Of one database, that of the request where none is named, or of all.
fn identities(of: Option<Option<String>>) -> Result<Action> {
    action(move |session| {
        let wanted = of.map(|named| [named.unwrap_or_else(|| session.database.clone())]);
        let mut columns = FIRST.to_vec();
        columns.extend([
            ("CurrentUserIsUnrestrictedViewer", ScalarType::Bool),
            ("DatabaseId", ScalarType::Guid),
            ("InTransitionTo", ScalarType::String),
            ("SuspensionState", ScalarType::String),
        ]);
        session.catalog(|catalog| {
            let databases = chosen(catalog, wanted.as_ref().map(<[String; 1]>::as_slice))?;
            Ok(databases
                .into_iter()
                .fold(table_of(&columns), |answer, database| {
                    let mut row = first(database, &session.database);
                    row.extend([
                        Value::Bool(true),
                        Value::from(database.id),
                        Value::from(""),
                        Value::from(""),
                    ]);
                    answer.with_row(row)
                }))
        })
    })
}

fn entities(args: &mut Args<'_>) -> Result<Action> {
    args.options()?;
    action(move |session| {
        let mut answer = table_of(&[
            ("DatabaseName", ScalarType::String),
            ("EntityType", ScalarType::String),
            ("EntityName", ScalarType::String),
            ("DocString", ScalarType::String),
            ("Folder", ScalarType::String),
            ("CslInputSchema", ScalarType::String),
            ("Content", ScalarType::String),
            ("CslOutputSchema", ScalarType::String),
            ("Properties", ScalarType::Dynamic),
        ]);
        session.catalog(|catalog| {
            for (name, database) in catalog.names() {
                for (table, stored) in &database.tables {
                    let schema = stored.schema.to_string();
                    let texts = [&stored.docstring, &stored.folder, "", "", &schema].map(Value::from);
                    let row = [name, "Table", table].map(Value::from).into_iter().chain(texts);
                    answer = answer.with_row(row.chain([Value::from("{}")]));
                }
                for (function, stored) in &database.functions {
                    let texts = [
                        &stored.docstring,
                        &stored.folder,
                        &stored.parameters,
                        &stored.body,
                        "",
                    ];
                    let row = [name, "Function", function].into_iter().map(Value::from);
                    answer = answer.with_row(row.chain(texts.map(Value::from)).chain([Value::from("{}")]));
                }
            }
            Ok(answer)
        })
    })
}

fn create(args: &mut Args<'_>) -> Result<Action> {
    let name = args.name()?;
    let if_not_exists = args.flag("ifnotexists");
    args.lexer.keyword("persist");
    args.lexer.parentheses();
    args.lexer.keyword("ifnotexists");
    let name = DatabaseName::parse(name).map_err(|error: Error| {
        refused("BadRequest_EntityNameIsNotValid", "it is no name of a database").caused_by(error)
    })?;
    action(move |session| {
        session.catalog(|catalog| {
            if catalog.database(name.as_str()).is_ok() && !if_not_exists {
                return Err(exists_already("database", name.as_str()));
            }
            catalog.create(name.as_str());
            let columns = [
                ("DatabaseName", ScalarType::String),
                ("PersistentPath", ScalarType::String),
                ("Created", ScalarType::Bool),
                ("StoresMetadata", ScalarType::Bool),
                ("StoresData", ScalarType::Bool),
            ];
            let yes = || Value::Bool(true);
            Ok(table_of(&columns).with_row([
                Value::from(name.as_str()),
                Value::from(""),
                yes(),
                yes(),
                yes(),
            ]))
        })
    })
}

fn drop_database(args: &mut Args<'_>) -> Result<Action> {
    let (name, if_exists) = (args.name()?, args.flag("ifexists"));
    action(move |session| {
        let empty = table_of(&[
            ("DatabaseName", ScalarType::String),
            ("Status", ScalarType::String),
        ]);
        session.catalog(|catalog| match catalog.remove(&name) {
            Ok(dropped) => Ok(empty.with_row([dropped.name.as_str(), "Dropped"])),
            Err(_) if if_exists => Ok(empty),
            Err(_) => Err(missing("BadRequest_EntityNotFound", "database", &name)),
        })
    })
}

fn pretty_name(args: &mut Args<'_>) -> Result<Action> {
    let name = args.name()?;
    let text = args.text("the name for people as a string")?;
    called(name, text)
}

fn drop_pretty_name(args: &mut Args<'_>) -> Result<Action> {
    called(args.name()?, String::new())
}

fn called(name: String, text: String) -> Result<Action> {
    action(move |session| {
        session.database(Some(&name), |database| {
            database.pretty_name = text;
            let columns = [
                ("DatabaseName", ScalarType::String),
                ("PrettyName", ScalarType::String),
                ("Status", ScalarType::String),
            ];
            Ok(table_of(&columns).with_row([&database.name, &database.pretty_name, "Complete"]))
        })
    })
}
