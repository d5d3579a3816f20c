//! Commands that create, change and drop tables.

use kusto_ingest_core::{ErrorKind, Result};

use super::texts;
use crate::kusto::world::World;

#[test]
fn a_table_keeps_its_texts_and_a_hidden_one_is_shown_on_request() -> Result<()> {
    let world = World::new("a:string");
    world.run(".create table H (a:string) with (hidden=true, folder='tmp', docstring=\"it's\")")?;
    assert_eq!(texts(&world.run(".show tables")?, "TableName"), ["T"]);
    let all = world.run(".show tables with (IncludeHiddenTables=true)")?;
    assert_eq!(texts(&all, "TableName"), ["H", "T"]);
    assert_eq!(texts(&all, "Folder"), ["tmp", ""]);
    assert_eq!(texts(&world.run(".show tables (H)")?, "DocString"), ["it's"]);
    assert_eq!(
        world.run(".show tables (X)").unwrap_err().kind(),
        ErrorKind::NotFound
    );
    Ok(())
}

#[test]
fn altered_columns_keep_their_rows_and_new_ones_have_nothing() -> Result<()> {
    let world = World::new("a:string, b:long, c:real");
    world.ingest(&world.blob("b.csv", "x,1,0.5\ny,2,1.5\n"), &world.properties());
    world.run(".alter table T (c:real, d:string, a:string)")?;
    assert_eq!(world.rows(), ["0.5||x", "1.5||y"]);
    world.ingest(&world.blob("c.csv", "2.5,z,w\n"), &world.properties());
    assert_eq!(world.rows()[2], "2.5|z|w");
    let error = world.run(".alter table T (c:string)").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected);
    assert_eq!(world.rows().len(), 3, "nothing was changed");
    world.run(".alter-merge table T (e:int)")?;
    assert_eq!(world.rows()[0], "0.5||x|");
    Ok(())
}

#[test]
fn several_tables_are_dropped_all_or_none() -> Result<()> {
    let world = World::new("a:string");
    world.run(".create tables A (x:int), B (y:int)")?;
    let error = world.run(".drop tables (A, X)").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(world.run(".show tables")?.rows.len(), 3);
    let left = world.run(".drop tables (A, B, X) ifexists")?;
    assert_eq!(texts(&left, "TableName"), ["T"]);
    Ok(())
}

#[test]
fn tables_swap_their_names_in_one_command_and_take_none_that_is_taken() -> Result<()> {
    let world = World::new("a:string");
    world.run(".create table New (b:long)")?;
    world.ingest(&world.blob("b.csv", "x\n"), &world.properties());
    let error = world.run(".rename table New to T").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    world.run(".rename tables T=New, Old=T, Gone=Absent ifexists")?;
    assert_eq!(texts(&world.run(".show tables")?, "TableName"), ["Old", "T"]);
    assert_eq!(
        texts(&world.run(".show table T cslschema")?, "Schema"),
        ["b:long"]
    );
    assert_eq!(
        world.run(".rename table Absent to X").unwrap_err().kind(),
        ErrorKind::NotFound
    );
    Ok(())
}

#[test]
fn a_cleared_table_has_no_rows_and_no_extents() -> Result<()> {
    let world = World::new("a:string");
    world.ingest(&world.blob("b.csv", "x\ny\n"), &world.properties());
    world.run(".clear table T data")?;
    assert!(world.rows().is_empty());
    assert!(world.kusto.extents(&world.database, &world.table).is_empty());
    assert_eq!(world.kusto.stored_bytes(), 0);
    Ok(())
}

#[test]
fn the_details_of_a_table_tell_its_rows_and_its_policies_or_those_of_its_database() -> Result<()> {
    let world = World::new("a:string");
    world.ingest(&world.blob("b.csv", "x\ny\n"), &world.properties());
    world.run(".alter database db policy retention '{\"SoftDeletePeriod\":\"3.00:00:00\"}'")?;
    world.run(".alter table T policy caching hot = 2h")?;
    let details = world.run(".show table T details")?;
    assert_eq!(details.value(0, "TotalRowCount"), Some(&2.into()));
    assert_eq!(
        texts(&details, "RetentionPolicy"),
        ["{\"SoftDeletePeriod\":\"3.00:00:00\"}"]
    );
    assert_eq!(
        texts(&details, "CachingPolicy"),
        ["{\"DataHotSpan\":\"02:00:00\",\"IndexHotSpan\":\"02:00:00\"}"]
    );
    Ok(())
}
