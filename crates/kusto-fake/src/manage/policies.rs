//! Commands about policies: kept, shown, and some of them obeyed.

use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_ingest_decode::ScalarType;
use serde_json::Value as Json;

use super::args::Args;
use super::grammar::CommandSpec;
use super::owner::Owner;
use super::policy_text;
use super::session::{Action, Session, TableRef, action};
use crate::answer::table_of;
use crate::catalog::{Policies, PolicyKind};
use crate::refusal::refused;
use crate::{AnswerTable, RequestKind};

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec::new(".show table|database NAME policy POLICY", RequestKind::Show, show),
    CommandSpec::new(
        ".alter table|database NAME policy POLICY {value}",
        RequestKind::Policy,
        alter,
    ),
    CommandSpec::new(
        ".alter tables (NAMES) policy POLICY {value}",
        RequestKind::Policy,
        alter_several,
    ),
    CommandSpec::new(
        ".alter-merge table|database NAME policy POLICY {value}",
        RequestKind::Policy,
        alter_merge,
    ),
    CommandSpec::new(
        ".delete table|database NAME policy POLICY",
        RequestKind::Change,
        delete,
    ),
];

impl Owner {
    /// Changes the policies, and tells what is set then.
    fn policy(
        &self,
        session: &Session<'_>,
        kind: &'static PolicyKind,
        change: impl FnOnce(&mut Policies) -> Result<()>,
    ) -> Result<AnswerTable> {
        let empty = table_of(&[
            ("PolicyName", ScalarType::String),
            ("EntityName", ScalarType::String),
            ("Policy", ScalarType::String),
            ("ChildEntities", ScalarType::String),
            ("EntityType", ScalarType::String),
        ]);
        match self {
            Self::Table(table) => session.table(table, |database, stored| {
                change(&mut stored.policies)?;
                let entity = format!("[{database}].[{}]", table.table);
                let policy = stored.policies.find(kind.word).unwrap_or("null");
                Ok(empty.with_row([kind.name, &entity, policy, "", "Table"]))
            }),
            Self::Database(name) => session.database(Some(name), |database| {
                change(&mut database.policies)?;
                let entity = format!("[{}]", database.name);
                let children: Vec<&str> = database.tables.keys().map(String::as_str).collect();
                let children = Json::from(children).to_string();
                let policy = database.policies.find(kind.word).unwrap_or("null");
                Ok(empty.with_row([kind.name, &entity, policy, &children, "Database"]))
            }),
        }
    }
}

/// The kind of a policy, which is the next name.
fn kind(args: &mut Args<'_>) -> Result<&'static PolicyKind> {
    let word = args.name()?;
    PolicyKind::of(&word).ok_or_else(|| {
        let known: Vec<&str> = PolicyKind::words().collect();
        Error::new(ErrorKind::Unsupported, "run the command")
            .because(format!(
                "the emulator does not know the policy of this name; known are {}",
                known.join(" · ")
            ))
            .with_code("NotSupportedByEmulator")
            .with_http_status(400)
            .with_permanence(true)
    })
}

fn show(args: &mut Args<'_>) -> Result<Action> {
    let (owner, kind) = (Owner::of(args)?, kind(args)?);
    action(move |session| owner.policy(session, kind, |_| Ok(())))
}

fn alter(args: &mut Args<'_>) -> Result<Action> {
    let (owner, kind) = (Owner::of(args)?, kind(args)?);
    let policy = policy_text::read(args, kind)?;
    action(move |session| {
        owner.policy(session, kind, |policies| {
            set(policies, kind, &policy);
            Ok(())
        })
    })
}

fn alter_several(args: &mut Args<'_>) -> Result<Action> {
    let (tables, kind) = (args.list(), kind(args)?);
    let policy = policy_text::read(args, kind)?;
    let owner = |table| {
        Owner::Table(TableRef {
            database: None,
            table,
        })
    };
    action(move |session| {
        let mut answer = AnswerTable::default();
        for table in tables {
            let one = owner(table).policy(session, kind, |policies| {
                set(policies, kind, &policy);
                Ok(())
            })?;
            match answer.columns.is_empty() {
                true => answer = one,
                false => answer.rows.extend(one.rows),
            }
        }
        Ok(answer)
    })
}

/// What is not said stays as it is.
fn alter_merge(args: &mut Args<'_>) -> Result<Action> {
    let (owner, kind) = (Owner::of(args)?, kind(args)?);
    let policy = policy_text::read(args, kind)?;
    action(move |session| {
        owner.policy(session, kind, |policies| {
            let known = policies
                .find(kind.word)
                .and_then(|text| serde_json::from_str(text).ok());
            let merged = merged(known.unwrap_or(Json::Null), policy)?;
            set(policies, kind, &merged);
            Ok(())
        })
    })
}

fn merged(known: Json, more: Json) -> Result<Json> {
    match (known, more) {
        (Json::Object(mut known), Json::Object(more)) => {
            known.extend(more);
            Ok(Json::Object(known))
        }
        (Json::Array(mut known), Json::Array(more)) => {
            known.extend(more);
            Ok(Json::Array(known))
        }
        (Json::Null, more) => Ok(more),
        _ => Err(refused(
            "General_BadRequest",
            "the policy that is there is of another form",
        )),
    }
}

fn set(policies: &mut Policies, kind: &'static PolicyKind, policy: &Json) {
    match policy {
        Json::Null => policies.remove(kind),
        policy => policies.set(kind, policy.to_string()),
    }
}

fn delete(args: &mut Args<'_>) -> Result<Action> {
    let (owner, kind) = (Owner::of(args)?, kind(args)?);
    action(move |session| {
        owner.policy(session, kind, |policies| {
            policies.remove(kind);
            Ok(())
        })
    })
}
