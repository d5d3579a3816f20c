//! Mappings of tables and databases.

use kusto_ingest_core::{ErrorKind, IngestionMapping, MappingKind, Result};
use kusto_ingest_message::OperationStatus;

use super::texts;
use crate::kusto::world::World;

#[test]
fn a_mapping_may_be_written_in_several_literals_over_lines_and_with_a_comma_too_many() -> Result<()> {
    let world = World::new("a:string, b:long");
    let command = ".create table T ingestion json mapping 'm' '['\n\
        '    { \"column\" : \"a\", \"Properties\":{\"Path\":\"$.x\"}},'\n\
        '    { \"column\" : \"b\", \"Properties\":{\"Path\":\"$.y\"}},'\n']'";
    let shown = world.run(command)?;
    assert_eq!(texts(&shown, "Name"), ["m"]);
    let properties = world
        .properties()
        .with_mapping(IngestionMapping::reference(MappingKind::Json, "m")?);
    let ingested = world.ingest(&world.blob("b.json", "{\"x\":\"v\",\"y\":7}\n"), &properties);
    assert_eq!(ingested.status, OperationStatus::Succeeded, "{ingested:?}");
    assert_eq!(world.rows(), ["v|7"]);
    Ok(())
}

#[test]
fn a_mapping_of_the_database_counts_where_the_table_has_none_of_its_name() -> Result<()> {
    let world = World::new("a:string, b:string");
    let create = |owner: &str, ordinal: u8| {
        format!(".create {owner} ingestion csv mapping 'm' '[{{\"column\":\"a\",\"ordinal\":{ordinal}}}]'")
    };
    world.run(&create("database db", 1))?;
    let properties = world
        .properties()
        .with_mapping(IngestionMapping::reference(MappingKind::Csv, "m")?);
    world.ingest(&world.blob("b.csv", "x,y\n"), &properties);
    world.run(&create("table T", 0))?;
    world.ingest(&world.blob("c.csv", "x,y\n"), &properties);
    assert_eq!(world.rows(), ["y|", "x|"]);
    Ok(())
}

#[test]
fn a_mapping_is_dropped_and_then_missing() -> Result<()> {
    let world = World::new("a:string");
    let create = ".create table T ingestion csv mapping 'm' '[{\"column\":\"a\",\"ordinal\":0}]'";
    world.run(create)?;
    world.run(".drop table T ingestion csv mapping 'm'")?;
    for command in [
        ".drop table T ingestion csv mapping 'm'",
        ".show table T ingestion csv mapping 'm'",
        ".alter table T ingestion csv mapping 'm' '[{\"column\":\"a\",\"ordinal\":0}]'",
    ] {
        assert_eq!(
            world.run(command).unwrap_err().kind(),
            ErrorKind::NotFound,
            "{command}"
        );
    }
    world.run(create)?;
    Ok(())
}
