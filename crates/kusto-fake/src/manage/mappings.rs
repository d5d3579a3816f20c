//! Commands about the mappings of tables and databases.

use kusto_ingest_core::{Error, ErrorKind, IngestionMapping, MappingKind, Result};
use kusto_ingest_decode::{ScalarType, Value};

use super::args::Args;
use super::grammar::CommandSpec;
use super::owner::Owner;
use super::session::{Action, Session, action};
use crate::answer::table_of;
use crate::catalog::{Mappings, StoredMapping, missing};
use crate::refusal::exists_already;
use crate::{AnswerTable, RequestKind};

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec::new(
        ".create table|database NAME ingestion KIND mapping MAPPING 'json'",
        RequestKind::CreateMapping,
        create,
    ),
    CommandSpec::new(
        ".create-or-alter table|database NAME ingestion KIND mapping MAPPING 'json'",
        RequestKind::CreateMapping,
        create_or_alter,
    ),
    CommandSpec::new(
        ".alter table|database NAME ingestion KIND mapping MAPPING 'json'",
        RequestKind::CreateMapping,
        alter,
    ),
    CommandSpec::new(
        ".show table|database NAME ingestion mappings",
        RequestKind::Mappings,
        show_all,
    ),
    CommandSpec::new(
        ".show table|database NAME ingestion KIND mappings",
        RequestKind::Mappings,
        show_kind,
    ),
    CommandSpec::new(
        ".show table|database NAME ingestion KIND mapping MAPPING",
        RequestKind::Mappings,
        show_one,
    ),
    CommandSpec::new(
        ".drop table|database NAME ingestion KIND mapping MAPPING",
        RequestKind::Change,
        drop_one,
    ),
];

impl Owner {
    /// Works on the mappings, and the names of the database and the table.
    fn mappings<T>(
        &self,
        session: &Session<'_>,
        work: impl FnOnce(&mut Mappings, &str, &str) -> Result<T>,
    ) -> Result<T> {
        match self {
            Self::Table(table) => session.table(table, |database, stored| {
                work(&mut stored.mappings, database, &table.table)
            }),
            Self::Database(name) => session.database(Some(name), |database| {
                work(&mut database.mappings, &database.name, "")
            }),
        }
    }
}

/// Whether a mapping may, or must, be there already.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    Absent,
    Either,
    Present,
}

fn create(args: &mut Args<'_>) -> Result<Action> {
    put(args, Before::Absent)
}

fn create_or_alter(args: &mut Args<'_>) -> Result<Action> {
    put(args, Before::Either)
}

fn alter(args: &mut Args<'_>) -> Result<Action> {
    put(args, Before::Present)
}

fn put(args: &mut Args<'_>, before: Before) -> Result<Action> {
    let owner = Owner::of(args)?;
    let key = (args.mapping_kind()?, args.name()?);
    let json = args.text("the mapping as a string")?;
    args.options()?;
    action(move |session| {
        let json = without_last_commas(&json);
        let stored = StoredMapping {
            mapping: read(key.0, &json)?,
            json,
            updated_on: session.kusto.now(),
        };
        owner.mappings(session, |mappings, database, table| {
            match (mappings.contains_key(&key), before) {
                (true, Before::Absent) => return Err(exists_already("mapping", &key.1)),
                (false, Before::Present) => {
                    return Err(missing("BadRequest_EntityNotFound", "mapping", &key.1));
                }
                _ => {}
            }
            mappings.insert(key.clone(), stored);
            Ok(shown(mappings, database, table, |known| *known == key))
        })
    })
}

fn show_all(args: &mut Args<'_>) -> Result<Action> {
    let owner = Owner::of(args)?;
    show(owner, None, None)
}

fn show_kind(args: &mut Args<'_>) -> Result<Action> {
    let owner = Owner::of(args)?;
    show(owner, Some(args.mapping_kind()?), None)
}

fn show_one(args: &mut Args<'_>) -> Result<Action> {
    let owner = Owner::of(args)?;
    show(owner, Some(args.mapping_kind()?), Some(args.name()?))
}

fn show(owner: Owner, kind: Option<MappingKind>, name: Option<String>) -> Result<Action> {
    action(move |session| {
        owner.mappings(session, |mappings, database, table| {
            let is_wanted = |(of, known): &(MappingKind, String)| {
                kind.is_none_or(|kind| kind == *of) && name.as_ref().is_none_or(|name| name == known)
            };
            let answer = shown(mappings, database, table, is_wanted);
            match name.as_ref().filter(|_| answer.rows.is_empty()) {
                Some(name) => Err(missing("BadRequest_EntityNotFound", "mapping", name)),
                None => Ok(answer),
            }
        })
    })
}

fn drop_one(args: &mut Args<'_>) -> Result<Action> {
    let owner = Owner::of(args)?;
    let key = (args.mapping_kind()?, args.name()?);
    let if_exists = args.lexer.keyword("ifexists");
    action(move |session| {
        owner.mappings(session, |mappings, database, table| {
            if mappings.remove(&key).is_none() && !if_exists {
                return Err(missing("BadRequest_EntityNotFound", "mapping", &key.1));
            }
            Ok(shown(mappings, database, table, |_| true))
        })
    })
}

fn shown(
    mappings: &Mappings,
    database: &str,
    table: &str,
    wanted: impl Fn(&(MappingKind, String)) -> bool,
) -> AnswerTable {
    let empty = table_of(&[
        ("Name", ScalarType::String),
        ("Kind", ScalarType::String),
        ("Mapping", ScalarType::String),
        ("LastUpdatedOn", ScalarType::DateTime),
        ("Database", ScalarType::String),
        ("Table", ScalarType::String),
    ]);
    let wanted = mappings.iter().filter(|(key, _)| wanted(key));
    wanted.fold(empty, |answer, ((kind, name), stored)| {
        answer.with_row([
            Value::from(name.as_str()),
            Value::from(kind.wire_name()),
            Value::from(stored.json.as_str()),
            Value::from(stored.updated_on),
            Value::from(database),
            Value::from(table),
        ])
    })
}

fn read(kind: MappingKind, json: &str) -> Result<IngestionMapping> {
    IngestionMapping::from_json(kind, json).map_err(|error: Error| {
        Error::new(ErrorKind::InvalidInput, "create the mapping")
            .because("it is not a mapping of this kind")
            .with_code("BadRequest_InvalidMapping")
            .with_http_status(400)
            .caused_by(error)
    })
}

/// JSON without commas before closing brackets, which the service overlooks.
fn without_last_commas(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let mut in_string = false;
    let mut letters = json.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if in_string => {
                text.push(letter);
                text.extend(letters.next());
                continue;
            }
            '"' => in_string = !in_string,
            ']' | '}' if !in_string => {
                let before = text.trim_end();
                if before.ends_with(',') {
                    text.truncate(before.len() - 1);
                }
            }
            _ => {}
        }
        text.push(letter);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_before_closing_brackets_are_left_out_and_others_stay() {
        for (json, without) in [
            (r#"[{"a":1},{"b":2},]"#, r#"[{"a":1},{"b":2}]"#),
            (r#"[{"a":1 , } , ]"#, r#"[{"a":1 } ]"#),
            (r#"[{"a":",]"}]"#, r#"[{"a":",]"}]"#),
            (r#"[{"a":"\",]"},]"#, r#"[{"a":"\",]"}]"#),
            ("[]", "[]"),
        ] {
            assert_eq!(without_last_commas(json), without, "{json}");
        }
    }
}
