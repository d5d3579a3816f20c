//! Runs management commands on the catalog.

use kusto_ingest_core::{Error, ErrorKind, IngestionMapping, MappingKind, Result, Timestamp};
use kusto_ingest_decode::{ScalarType, Schema, Value};
use serde::Serialize;
use serde_json::json;

use crate::AnswerTable;
use crate::catalog::{Catalog, StoredMapping, StoredTable, StreamingPolicy, missing};
use crate::command::{Command, SchemaForm};
use crate::wire::write;

/// The version that this Kusto says it has.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Runs a command about databases and tables.
///
/// # Errors
/// The service's own codes. Commands about what is issued, and about ingestions, are none of the catalog's.
pub(crate) fn run(
    catalog: &mut Catalog,
    database: &str,
    command: Command,
    now: Timestamp,
) -> Result<AnswerTable> {
    Ok(match command {
        Command::IngestionResources
        | Command::IdentityToken
        | Command::TempStorage
        | Command::Ingest(_)
        | Command::Operations(_)
        | Command::IngestionFailures(_) => {
            return Err(Error::new(ErrorKind::Unsupported, "run the command"));
        }
        Command::Version => version(),
        Command::Databases => databases(catalog, database),
        Command::Tables => tables(catalog, database)?,
        Command::CreateTable { table, schema, merge } => {
            create_table(catalog, database, &table, &schema, merge)?;
            described(catalog, database, &table, SchemaForm::Json)?
        }
        Command::DropTable {
            table,
            missing_is_fine,
        } => drop_table(catalog, database, &table, missing_is_fine)?,
        Command::AlterStreamingPolicy { table, policy } => {
            catalog.table(database, &table)?.streaming = policy;
            streaming_policy(database, &table, policy)
        }
        Command::ClearSchemaCache { table } => {
            // Nothing is cached here; that the table is missing is told all the same.
            if let Some(table) = table {
                catalog.table(database, &table)?;
            }
            table_of(&[("NodeId", ScalarType::String), ("Status", ScalarType::String)])
                .with_row(["Fake", "Succeeded"])
        }
        Command::Schema { table, form } => described(catalog, database, &table, form)?,
        Command::CreateMapping {
            table,
            kind,
            name,
            json,
            replace,
        } => {
            let stored = StoredMapping {
                mapping: read_mapping(kind, &json)?,
                json,
                updated_on: now,
            };
            create_mapping(catalog, database, &table, &(kind, name), stored, replace)?
        }
        Command::Mappings { table, kind } => mappings(catalog, database, &table, |(known, _)| {
            kind.is_none_or(|kind| kind == *known)
        })?,
    })
}

/// Drops a table, and lists those that remain.
fn drop_table(
    catalog: &mut Catalog,
    database: &str,
    table: &str,
    missing_is_fine: bool,
) -> Result<AnswerTable> {
    let dropped = catalog.database(database)?.tables.remove(table);
    if dropped.is_none() && !missing_is_fine {
        return Err(missing("BadRequest_EntityNotFound", "table", table));
    }
    remaining(catalog, database)
}

fn version() -> AnswerTable {
    let names = [
        "BuildVersion",
        "BuildTime",
        "ServiceType",
        "ProductVersion",
        "ServiceOffering",
    ];
    let columns = names.map(|name| {
        (
            name,
            if name == "BuildTime" {
                ScalarType::DateTime
            } else {
                ScalarType::String
            },
        )
    });
    table_of(&columns).with_row([
        Value::from(VERSION),
        Value::from(Timestamp::UNIX_EPOCH),
        Value::from("DataManagement"),
        Value::from(VERSION),
        Value::from("{\"Type\":\"Fake\"}"),
    ])
}

fn databases(catalog: &Catalog, current: &str) -> AnswerTable {
    let empty = table_of(&[
        ("DatabaseName", ScalarType::String),
        ("PersistentStorage", ScalarType::String),
        ("Version", ScalarType::String),
        ("IsCurrent", ScalarType::Bool),
        ("DatabaseAccessMode", ScalarType::String),
        ("PrettyName", ScalarType::String),
        ("DatabaseId", ScalarType::Guid),
    ]);
    catalog.names().fold(empty, |table, (name, database)| {
        table.with_row([
            Value::from(name),
            Value::from(""),
            Value::from("v1.0"),
            Value::from(name == current),
            Value::from("ReadWrite"),
            Value::from(""),
            Value::from(database.id),
        ])
    })
}

fn tables(catalog: &mut Catalog, database: &str) -> Result<AnswerTable> {
    let empty = table_of(&[
        ("TableName", ScalarType::String),
        ("DatabaseName", ScalarType::String),
        ("Folder", ScalarType::String),
        ("DocString", ScalarType::String),
    ]);
    let names = catalog.database(database)?.tables.keys();
    Ok(names.fold(empty, |table, name| {
        table.with_row([name.as_str(), database, "", ""])
    }))
}

fn streaming_policy(database: &str, table: &str, policy: StreamingPolicy) -> AnswerTable {
    let empty = table_of(&[
        ("PolicyName", ScalarType::String),
        ("EntityName", ScalarType::String),
        ("Policy", ScalarType::String),
        ("ChildEntities", ScalarType::String),
        ("EntityType", ScalarType::String),
    ]);
    let entity = format!("[{database}].[{table}]");
    let policy = json!({"IsEnabled": policy == StreamingPolicy::Enabled}).to_string();
    empty.with_row(["StreamingIngestionPolicy", &entity, &policy, "", "Table"])
}

fn remaining(catalog: &mut Catalog, database: &str) -> Result<AnswerTable> {
    let empty = table_of(&[
        ("TableName", ScalarType::String),
        ("DatabaseName", ScalarType::String),
    ]);
    let names = catalog.database(database)?.tables.keys();
    Ok(names.fold(empty, |table, name| table.with_row([name.as_str(), database])))
}

/// A table that exists already stays as it is, as with the service.
fn create_table(
    catalog: &mut Catalog,
    database: &str,
    name: &str,
    schema: &Schema,
    merge: bool,
) -> Result<()> {
    let tables = &mut catalog.database(database)?.tables;
    match tables.get_mut(name) {
        Some(table) if merge => table.merge(schema),
        Some(_) => Ok(()),
        None => {
            tables.insert(name.to_owned(), StoredTable::new(schema.clone()));
            Ok(())
        }
    }
}

fn described(catalog: &mut Catalog, database: &str, name: &str, form: SchemaForm) -> Result<AnswerTable> {
    let stored = existing(catalog, database, name)?;
    let schema = match form {
        SchemaForm::Csl => stored.schema.to_string(),
        SchemaForm::Json => schema_json(name, &stored.schema),
    };
    let columns = [
        ("TableName", ScalarType::String),
        ("Schema", ScalarType::String),
        ("DatabaseName", ScalarType::String),
        ("Folder", ScalarType::String),
        ("DocString", ScalarType::String),
    ];
    Ok(table_of(&columns).with_row([name, &schema, database, "", ""]))
}

/// A table's columns as `.show table … schema as json` writes them, key by key.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DescribedTable<'a> {
    name: &'a str,
    ordered_columns: Vec<DescribedColumn<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DescribedColumn<'a> {
    name: &'a str,
    #[serde(rename = "Type")]
    clr_type: &'static str,
    csl_type: &'static str,
}

fn schema_json(name: &str, schema: &Schema) -> String {
    let columns = schema.columns().iter().map(|column| DescribedColumn {
        name: &column.name,
        clr_type: column.scalar_type.clr_name(),
        csl_type: column.scalar_type.name(),
    });
    let described = DescribedTable {
        name,
        ordered_columns: columns.collect(),
    };
    write(&described)
}

fn read_mapping(kind: MappingKind, json: &str) -> Result<IngestionMapping> {
    IngestionMapping::from_json(kind, json).map_err(|error| {
        Error::new(ErrorKind::InvalidInput, "create the mapping")
            .because("it is not a mapping of this kind")
            .with_code("BadRequest_InvalidMapping")
            .with_http_status(400)
            .caused_by(error)
    })
}

fn create_mapping(
    catalog: &mut Catalog,
    database: &str,
    table: &str,
    key: &(MappingKind, String),
    mapping: StoredMapping,
    replace: bool,
) -> Result<AnswerTable> {
    let stored = existing(catalog, database, table)?;
    if stored.mappings.contains_key(key) && !replace {
        return Err(Error::new(ErrorKind::AlreadyExists, "create the mapping")
            .because(format!("the table has a mapping {:?} already", key.1))
            .with_code("BadRequest_EntityAlreadyExists")
            .with_http_status(400));
    }
    stored.mappings.insert(key.clone(), mapping);
    mappings(catalog, database, table, |known| known == key)
}

fn mappings(
    catalog: &mut Catalog,
    database: &str,
    name: &str,
    wanted: impl Fn(&(MappingKind, String)) -> bool,
) -> Result<AnswerTable> {
    let empty = table_of(&[
        ("Name", ScalarType::String),
        ("Kind", ScalarType::String),
        ("Mapping", ScalarType::String),
        ("LastUpdatedOn", ScalarType::DateTime),
        ("Database", ScalarType::String),
        ("Table", ScalarType::String),
    ]);
    let stored = existing(catalog, database, name)?.mappings.iter();
    let stored = stored.filter(|(key, _)| wanted(key));
    Ok(stored.fold(empty, |table, ((kind, mapping_name), stored)| {
        table.with_row([
            Value::from(mapping_name.as_str()),
            Value::from(kind.wire_name()),
            Value::from(stored.json.as_str()),
            Value::from(stored.updated_on),
            Value::from(database),
            Value::from(name),
        ])
    }))
}

/// A table that a command names; the service has another code for it here than where it ingests.
fn existing<'a>(catalog: &'a mut Catalog, database: &str, name: &str) -> Result<&'a mut StoredTable> {
    let found = catalog.database(database)?.tables.get_mut(name);
    found.ok_or_else(|| missing("BadRequest_EntityNotFound", "table", name))
}

/// An answer without rows yet, under the name that the service gives all of them.
pub(crate) fn table_of(columns: &[(&str, ScalarType)]) -> AnswerTable {
    AnswerTable::of("Table_0", columns)
}
