//! Commands about who may do what. Here everybody may do everything; what is said is kept and shown.

use kusto_ingest_core::Result;
use kusto_ingest_decode::{ScalarType, Value};
use uuid::Uuid;

use super::args::Args;
use super::grammar::CommandSpec;
use super::owner::Owner;
use super::session::{Action, Session, TableRef, action};
use crate::answer::table_of;
use crate::catalog::Principal;
use crate::{AnswerTable, RequestKind};

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec::new(".show table|database NAME principals", RequestKind::Show, show),
    CommandSpec::new(".show cluster principals", RequestKind::Show, show_of_cluster),
    CommandSpec::new(
        ".show principal access {with (principal=…, accesstype=…, database=…, table=…)}",
        RequestKind::Show,
        access,
    ),
    CommandSpec::new(
        ".show my principal access {with (accesstype=…, database=…, table=…)}",
        RequestKind::Show,
        access,
    ),
    CommandSpec::new(".show principal roles", RequestKind::Show, show_of_cluster),
    CommandSpec::new(
        ".add table|database NAME ROLE {('principal', …)}",
        RequestKind::Change,
        add,
    ),
    CommandSpec::new(
        ".set table|database NAME ROLE {none, ('principal', …)}",
        RequestKind::Change,
        set,
    ),
    CommandSpec::new(
        ".drop table|database NAME admins|users|viewers|unrestrictedviewers|ingestors|monitors {('principal', …)}",
        RequestKind::Change,
        remove,
    ),
];

impl Owner {
    /// Changes the principals, and shows them.
    fn principals(
        &self,
        session: &Session<'_>,
        change: impl FnOnce(&mut Vec<Principal>),
    ) -> Result<AnswerTable> {
        match self {
            Self::Table(table) => session.table(table, |_, stored| {
                change(&mut stored.principals);
                Ok(shown(&format!("Table {}", table.table), &stored.principals))
            }),
            Self::Database(name) => session.database(Some(name), |database| {
                change(&mut database.principals);
                Ok(shown(
                    &format!("Database {}", database.name),
                    &database.principals,
                ))
            }),
        }
    }
}

/// Everybody, and those that somebody has named.
fn shown(of: &str, principals: &[Principal]) -> AnswerTable {
    let empty = table_of(&[
        ("Role", ScalarType::String),
        ("PrincipalType", ScalarType::String),
        ("PrincipalDisplayName", ScalarType::String),
        ("PrincipalObjectId", ScalarType::String),
        ("PrincipalFQN", ScalarType::String),
        ("Notes", ScalarType::String),
    ]);
    let id = Uuid::nil().to_string();
    let everybody = empty.with_row([
        &format!("{of} Admin"),
        "AAD User",
        "everybody",
        &id,
        "aaduser=everybody",
        "",
    ]);
    principals.iter().fold(everybody, |answer, principal| {
        let role = format!("{of} {}", role_name(&principal.role));
        let name = principal.name.as_str();
        let kind = if name.starts_with("aadapp") {
            "AAD Application"
        } else {
            "AAD User"
        };
        answer.with_row([&role, kind, name, &id, name, &principal.notes])
    })
}

/// A role as answers name it: `admins` is `Admin`.
fn role_name(word: &str) -> String {
    let word = word.strip_suffix('s').unwrap_or(word);
    let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
    format!("{}{rest}", first.to_ascii_uppercase())
}

fn show(args: &mut Args<'_>) -> Result<Action> {
    let owner = Owner::of(args)?;
    action(move |session| owner.principals(session, |_| {}))
}

fn show_of_cluster(_args: &mut Args<'_>) -> Result<Action> {
    action(|_| Ok(shown("Cluster", &[])))
}

/// Whether somebody may do something: the third column is what programs look at. A table that is named must be there.
fn access(args: &mut Args<'_>) -> Result<Action> {
    let options = args.options()?;
    action(move |session| {
        let database = options.text("database").filter(|name| !name.is_empty());
        session.database(database.as_deref(), |_| Ok(()))?;
        if let Some(table) = options.text("table").filter(|name| !name.is_empty()) {
            session.table(&TableRef { database, table }, |_, _| Ok(()))?;
        }
        let columns = [
            ("Principal", ScalarType::String),
            ("AccessType", ScalarType::String),
            ("IsAllowed", ScalarType::Bool),
        ];
        let told =
            |name: &str, default: &str| Value::from(options.text(name).unwrap_or_else(|| default.to_owned()));
        Ok(table_of(&columns).with_row([
            told("principal", "aaduser=everybody"),
            told("accesstype", ""),
            Value::Bool(true),
        ]))
    })
}

fn add(args: &mut Args<'_>) -> Result<Action> {
    change(args, |known, more| {
        known.retain(|known| !more.iter().any(|more| known.is_same(more)));
        known.extend(more);
    })
}

fn set(args: &mut Args<'_>) -> Result<Action> {
    change(args, |known, more| {
        // An entry without a name says only which role is meant.
        known.retain(|known| !more.iter().any(|more| known.role == more.role));
        known.extend(more.into_iter().filter(|more| !more.name.is_empty()));
    })
}

fn remove(args: &mut Args<'_>) -> Result<Action> {
    // The role is among the words of this command.
    let role = args.choices.last().copied().unwrap_or_default();
    args.paths.push_back(vec![role.to_owned()]);
    change(args, |known, less| {
        known.retain(|known| !less.iter().any(|less| known.is_same(less)))
    })
}

fn change(args: &mut Args<'_>, change: fn(&mut Vec<Principal>, Vec<Principal>)) -> Result<Action> {
    let owner = Owner::of(args)?;
    let role = args.name()?.to_lowercase();
    let none = args.lexer.keyword("none");
    let names = if none {
        Some(vec![String::new()])
    } else {
        args.lexer.names()
    };
    let names = names.ok_or_else(|| args.lexer.expected("principals as strings, in parentheses"))?;
    args.lexer.keyword("skip-results");
    let notes = args.lexer.string().unwrap_or_default();
    let named = names.into_iter().map(|name| Principal {
        role: role.clone(),
        name,
        notes: notes.clone(),
    });
    let named: Vec<Principal> = named.collect();
    action(move |session| owner.principals(session, |known| change(known, named)))
}
