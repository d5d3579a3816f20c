//! Commands that show the columns of tables and of whole databases, in every form.

use kusto_ingest_core::Result;
use kusto_ingest_decode::{ScalarType, Value};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::args::Args;
use super::databases::chosen;
use super::grammar::CommandSpec;
use super::session::{Action, Session, action};
use crate::answer::table_of;
use crate::catalog::{Database, StoredTable};
use crate::wire::write;
use crate::{AnswerTable, RequestKind};

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec::new(
        ".show table TABLE schema as json",
        RequestKind::Schema,
        of_table_as_json,
    ),
    CommandSpec::new(
        ".show table TABLE schema as csl|cslschema",
        RequestKind::Schema,
        of_table_as_csl,
    ),
    CommandSpec::new(".show table TABLE schema", RequestKind::Schema, of_table_as_csl),
    CommandSpec::new(
        ".show table TABLE cslschema",
        RequestKind::Schema,
        of_table_as_csl,
    ),
    CommandSpec::new(
        ".show database|databases schema {as json, as csl script, details}",
        RequestKind::Schema,
        of_current,
    ),
    CommandSpec::new(
        ".show database DATABASE schema {as json, as csl script, details}",
        RequestKind::Schema,
        of_database,
    ),
    CommandSpec::new(
        ".show databases (NAMES) schema {as json, as csl script, details}",
        RequestKind::Schema,
        of_databases,
    ),
    CommandSpec::new(".show cluster schema {as json}", RequestKind::Schema, of_all),
];

fn of_table_as_json(args: &mut Args<'_>) -> Result<Action> {
    let table = args.table()?;
    action(move |session| {
        session.table(&table, |database, stored| {
            Ok(table_as_json(database, &table.table, stored))
        })
    })
}

fn of_table_as_csl(args: &mut Args<'_>) -> Result<Action> {
    let table = args.table()?;
    action(move |session| {
        session.table(&table, |database, stored| {
            let schema = stored.schema.to_string();
            Ok(described(database, &table.table, stored, &schema))
        })
    })
}

/// A table's columns as `.show table … schema as json` answers them.
pub(super) fn table_as_json(database: &str, name: &str, stored: &StoredTable) -> AnswerTable {
    described(
        database,
        name,
        stored,
        &write(&DescribedTable::of(name, stored, Texts::Left)),
    )
}

fn described(database: &str, name: &str, stored: &StoredTable, schema: &str) -> AnswerTable {
    let empty = table_of(&[
        ("TableName", ScalarType::String),
        ("Schema", ScalarType::String),
        ("DatabaseName", ScalarType::String),
        ("Folder", ScalarType::String),
        ("DocString", ScalarType::String),
    ]);
    empty.with_row([name, schema, database, &stored.folder, &stored.docstring])
}

/// Whether a table is described with its texts.
#[derive(Clone, Copy, PartialEq)]
enum Texts {
    Told,
    Left,
}

/// A table's columns, key by key in the service's order.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DescribedTable<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    doc_string: Option<&'a str>,
    ordered_columns: Vec<DescribedColumn<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DescribedColumn<'a> {
    name: &'a str,
    #[serde(rename = "Type")]
    clr_type: &'static str,
    csl_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    doc_string: Option<&'a str>,
}

impl<'a> DescribedTable<'a> {
    fn of(name: &'a str, stored: &'a StoredTable, texts: Texts) -> Self {
        let columns = stored.schema.columns().iter().map(|column| DescribedColumn {
            name: &column.name,
            clr_type: column.scalar_type.clr_name(),
            csl_type: column.scalar_type.name(),
            doc_string: stored.column_docs.get(&column.name).map(String::as_str),
        });
        let told = |text: &'a str| (texts == Texts::Told).then_some(text);
        Self {
            name,
            folder: told(&stored.folder),
            doc_string: told(&stored.docstring),
            ordered_columns: columns.collect(),
        }
    }
}

fn of_current(args: &mut Args<'_>) -> Result<Action> {
    let all = args.chosen("databases");
    let form = form(args)?;
    action(move |session| {
        let current = [session.database.clone()];
        form(session, if all { None } else { Some(&current) })
    })
}

fn of_database(args: &mut Args<'_>) -> Result<Action> {
    let name = args.name()?;
    let form = form(args)?;
    action(move |session| form(session, Some(&[name])))
}

fn of_databases(args: &mut Args<'_>) -> Result<Action> {
    let names = args.list();
    let form = form(args)?;
    action(move |session| form(session, Some(&names)))
}

fn of_all(args: &mut Args<'_>) -> Result<Action> {
    let form = form(args)?;
    action(move |session| form(session, None))
}

/// How the schemas of these databases, or of all, are written.
type Form = fn(&Session<'_>, Option<&[String]>) -> Result<AnswerTable>;

fn form(args: &mut Args<'_>) -> Result<Form> {
    let lexer = &mut args.lexer;
    if lexer.keyword("if_later_than") {
        // There is one version, which is later than none.
        lexer.string();
    }
    let form: Form = if lexer.keywords(&["as", "json"]) {
        as_json
    } else if lexer.keywords(&["as", "csl", "script"]) {
        as_script
    } else {
        lexer.keyword("details");
        as_list
    };
    args.options()?;
    Ok(form)
}

fn as_list(session: &Session<'_>, wanted: Option<&[String]>) -> Result<AnswerTable> {
    let mut answer = table_of(&[
        ("DatabaseName", ScalarType::String),
        ("TableName", ScalarType::String),
        ("ColumnName", ScalarType::String),
        ("ColumnType", ScalarType::String),
        ("IsDefaultTable", ScalarType::Bool),
        ("IsDefaultColumn", ScalarType::Bool),
        ("PrettyName", ScalarType::String),
        ("Version", ScalarType::String),
        ("Folder", ScalarType::String),
        ("DocString", ScalarType::String),
    ]);
    session.catalog(|catalog| {
        for database in chosen(catalog, wanted)? {
            let mut row = |table: &str, column: &str, of: &str, version: &str, folder: &str, doc: &str| {
                answer.rows.push(vec![
                    Value::from(database.name.as_str()),
                    Value::from(table),
                    Value::from(column),
                    Value::from(of),
                    Value::Bool(false),
                    Value::Bool(false),
                    Value::from(database.pretty_name.as_str()),
                    Value::from(version),
                    Value::from(folder),
                    Value::from(doc),
                ]);
            };
            row("", "", "", VERSION, "", "");
            for (name, table) in database.tables.iter().filter(|(_, table)| !table.is_hidden) {
                row(name, "", "", "", &table.folder, &table.docstring);
                for column in table.schema.columns() {
                    let doc = table.column_docs.get(&column.name).map_or("", String::as_str);
                    row(name, &column.name, column.scalar_type.clr_name(), "", "", doc);
                }
            }
        }
        Ok(answer)
    })
}

/// The version of every schema.
const VERSION: &str = "v1.0";

fn as_json(session: &Session<'_>, wanted: Option<&[String]>) -> Result<AnswerTable> {
    session.catalog(|catalog| {
        let mut databases = Map::new();
        for database in chosen(catalog, wanted)? {
            databases.insert(database.name.clone(), database_as_json(database));
        }
        let schema = json!({ "Databases": databases }).to_string();
        Ok(table_of(&[("DatabaseSchema", ScalarType::String)]).with_row([schema]))
    })
}

fn database_as_json(database: &Database) -> Json {
    let shown = database.tables.iter().filter(|(_, table)| !table.is_hidden);
    let tables = shown.map(|(name, table)| {
        let described = serde_json::to_value(DescribedTable::of(name, table, Texts::Told));
        (name.clone(), described.unwrap_or_default())
    });
    let functions = database.functions.iter().map(|(name, function)| {
        let described = json!({
            "Name": name,
            "InputParameters": function.parameters,
            "Body": function.body,
            "Folder": function.folder,
            "DocString": function.docstring,
            "FunctionKind": "Unknown",
        });
        (name.clone(), described)
    });
    json!({
        "Name": database.name,
        "Tables": tables.collect::<Map<_, _>>(),
        "ExternalTables": {},
        "MaterializedViews": {},
        "EntityGroups": {},
        "MajorVersion": 1,
        "MinorVersion": 0,
        "Functions": functions.collect::<Map<_, _>>(),
        "DatabaseAccessMode": "ReadWrite",
        "PrettyName": database.pretty_name,
    })
}

/// The commands that make such a database again.
fn as_script(session: &Session<'_>, wanted: Option<&[String]>) -> Result<AnswerTable> {
    let empty = table_of(&[("DatabaseSchemaScript", ScalarType::String)]);
    session.catalog(|catalog| {
        let mut commands = Vec::new();
        for database in chosen(catalog, wanted)? {
            for (name, table) in database.tables.iter().filter(|(_, table)| !table.is_hidden) {
                let with = texts(&table.folder, &table.docstring);
                commands.push(format!(
                    ".create-merge table {} ({}){with}",
                    quoted(name),
                    table.schema
                ));
                for ((kind, mapping), stored) in &table.mappings {
                    commands.push(format!(
                        ".create-or-alter table {} ingestion {} mapping {} {}",
                        quoted(name),
                        kind.wire_name().to_lowercase(),
                        literal(mapping),
                        literal(&stored.json)
                    ));
                }
            }
            for (name, function) in &database.functions {
                let with = texts(&function.folder, &function.docstring);
                let (parameters, body) = (&function.parameters, &function.body);
                commands.push(format!(
                    ".create-or-alter function{with} {} {parameters} {body}",
                    quoted(name)
                ));
            }
        }
        Ok(commands
            .into_iter()
            .fold(empty, |answer, command| answer.with_row([command])))
    })
}

fn texts(folder: &str, docstring: &str) -> String {
    match (folder, docstring) {
        ("", "") => String::new(),
        _ => format!(
            " with (folder = {}, docstring = {})",
            literal(folder),
            literal(docstring)
        ),
    }
}

/// A name as commands write it that need not be a word.
fn quoted(name: &str) -> String {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    match !name.is_empty() && name.chars().all(is_word) {
        true => name.to_owned(),
        false => format!("[{}]", literal(name)),
    }
}

fn literal(text: &str) -> String {
    format!(
        "'{}'",
        text.replace('\\', "\\\\")
            .replace('\'', "\\'")
            .replace('\n', "\\n")
            .replace('\r', "\\r")
    )
}
