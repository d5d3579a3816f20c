//! Commands about databases and their schemas.

use kusto_ingest_core::{DatabaseName, ErrorKind, Result};
use serde_json::Value;

use super::texts;
use crate::kusto::world::World;

#[test]
fn a_database_is_created_named_for_people_and_dropped() -> Result<()> {
    let world = World::new("a:string");
    world.run(".create database Other")?;
    assert_eq!(
        world.run(".create database OTHER").unwrap_err().kind(),
        ErrorKind::AlreadyExists
    );
    world.run(".create database Other ifnotexists")?;
    let other = DatabaseName::parse("other").expect("a name");
    world.run_in(&other, ".create table X (x:int)")?;
    world.run(".alter database other prettyname 'The other'")?;
    let shown = world.run(".show databases (Other)")?;
    assert_eq!(texts(&shown, "PrettyName"), ["The other"]);
    world.run(".drop database Other")?;
    let error = world.run_in(&other, ".show tables").unwrap_err();
    assert_eq!(error.code(), Some("BadRequest_DatabaseNotExist"));
    Ok(())
}

#[test]
fn the_schema_of_a_database_is_told_as_rows_as_json_and_as_commands_that_make_it_again() -> Result<()> {
    let world = World::new("a:string, ['b c']:long");
    world.run(".alter table T folder 'it\\'s'")?;
    world.run(".create table T ingestion csv mapping 'm' '[{\"column\":\"a\",\"ordinal\":0}]'")?;
    world.run(".create function F(n:long) { T | take n }")?;
    let rows = world.run(".show database db schema")?;
    assert_eq!(texts(&rows, "ColumnName"), ["", "", "a", "b c"]);
    assert_eq!(
        texts(&rows, "ColumnType"),
        ["", "", "System.String", "System.Int64"]
    );

    let schema = world.run(".show database schema as json")?;
    let json: Value = serde_json::from_str(texts(&schema, "DatabaseSchema")[0]).expect("JSON");
    let database = &json["Databases"]["db"];
    assert_eq!(database["Tables"]["T"]["Folder"], "it's");
    assert_eq!(database["Tables"]["T"]["OrderedColumns"][1]["CslType"], "long");
    assert_eq!(database["Functions"]["F"]["InputParameters"], "(n:long)");

    let script = world.run(".show database schema as csl script")?;
    let script = texts(&script, "DatabaseSchemaScript").join("\n");
    let other = World::new("x:int");
    other.run(".drop table T")?;
    let ran = other.run(&format!(".execute database script <|\n{script}"))?;
    assert_eq!(
        texts(&ran, "Result"),
        ["Completed", "Completed", "Completed"],
        "{script}"
    );
    let again = other.run(".show database schema as csl script")?;
    assert_eq!(texts(&again, "DatabaseSchemaScript").join("\n"), script);
    Ok(())
}
