//! Management commands, and how they fail.

use kusto_fake::{Fault, FaultPlan, RequestKind};
use kusto_ingest_core::{DatabaseName, Error, ErrorKind, Result};
use serde_json::{Value, json};

use super::world::World;

#[test]
fn a_table_is_created_shown_widened_and_dropped() -> Result<()> {
    let world = World::new("a:string, ['b c']:long");
    let schema = world.run(".show table T schema as cslschema")?;
    assert_eq!(
        schema.texts("Schema").collect::<Vec<_>>(),
        ["a:string,['b c']:long"]
    );

    let merged = world.run(".create-merge table T (['b c']:long, d:real)")?;
    let text = merged.texts("Schema").next().expect("a schema");
    let json: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(json["Name"], "T");
    assert_eq!(
        json["OrderedColumns"][2],
        json!({"Name": "d", "Type": "System.Double", "CslType": "real"})
    );
    assert_eq!(json["OrderedColumns"].as_array().map(Vec::len), Some(3));

    world.run(".create table ['second table'] (x:int)")?;
    assert_eq!(
        world.run(".show tables")?.texts("TableName").collect::<Vec<_>>(),
        ["T", "second table"]
    );
    assert_eq!(
        world.run(".drop table T")?.texts("TableName").collect::<Vec<_>>(),
        ["second table"]
    );
    assert_eq!(
        world.run(".drop table T").unwrap_err().kind(),
        ErrorKind::NotFound
    );
    world.run(".drop table T ifexists")?;
    Ok(())
}

#[test]
fn a_table_that_exists_stays_as_it_is_and_a_column_keeps_its_type() -> Result<()> {
    let world = World::new("a:string");
    world.run(".create table T (other:int)")?;
    assert_eq!(
        world
            .run(".show table T cslschema")?
            .texts("Schema")
            .collect::<Vec<_>>(),
        ["a:string"]
    );
    let error = world.run(".create-merge table T (a:long)").unwrap_err();
    assert_eq!(
        (error.kind(), error.http_status()),
        (ErrorKind::Rejected, Some(400))
    );
    Ok(())
}

#[test]
fn rows_from_before_a_column_was_added_have_nothing_in_it() -> Result<()> {
    let world = World::new("a:long");
    world.ingest(&world.blob("b.csv", "1\n"), &world.properties());
    world.run(".create-merge table T (s:string, r:real)")?;
    world.ingest(&world.blob("c.csv", "2,x,0.5\n"), &world.properties());
    assert_eq!(world.rows(), ["1||", "2|x|0.5"]);
    Ok(())
}

#[test]
fn mappings_are_created_altered_and_shown() -> Result<()> {
    let world = World::new("a:string");
    let mapping = r#"[{"column":"a","Properties":{"Path":"$.x"}}]"#;
    let create = format!(".create table T ingestion json mapping 'm' '{mapping}'");
    assert_eq!(world.run(&create)?.texts("Kind").collect::<Vec<_>>(), ["Json"]);
    assert_eq!(world.run(&create).unwrap_err().kind(), ErrorKind::AlreadyExists);
    world
        .run(".create-or-alter table T ingestion json mapping 'm' '[{\"column\":\"a\",\"path\":\"$.y\"}]'")?;
    world.run(".create table T ingestion csv mapping 'n' '[{\"column\":\"a\",\"ordinal\":0}]'")?;
    let all = world.run(".show table T ingestion mappings")?;
    assert_eq!(all.texts("Name").collect::<Vec<_>>(), ["n", "m"]);
    let json = world.run(".show table T ingestion json mappings")?;
    assert!(json.texts("Mapping").next().expect("one").contains("$.y"));

    let broken = world
        .run(".create table T ingestion json mapping 'x' '[{}]'")
        .unwrap_err();
    assert_eq!(broken.code(), Some("BadRequest_InvalidMapping"));
    Ok(())
}

#[test]
fn the_version_tells_that_this_is_the_ingestion_service() -> Result<()> {
    let world = World::new("a:string");
    let version = world.run(".show version")?;
    assert_eq!(
        version.texts("ServiceType").collect::<Vec<_>>(),
        ["DataManagement"]
    );
    let databases = world.query(".show databases")?;
    assert_eq!(
        databases.texts("DatabaseName").collect::<Vec<_>>(),
        ["db", "NetDefaultDB"]
    );
    assert_eq!(databases.value(0, "IsCurrent"), Some(&Value::Bool(true)));
    Ok(())
}

#[test]
fn an_unknown_command_database_or_table_has_the_services_code() {
    let world = World::new("a:string");
    let error = world.run(".dance").unwrap_err();
    assert_eq!(
        (error.code(), error.http_status()),
        (Some("BadRequest_SyntaxError"), Some(400))
    );
    assert!(error.is_permanent());
    let error = world.run(".show table X schema as json").unwrap_err();
    assert_eq!(
        (error.code(), error.kind()),
        (Some("BadRequest_EntityNotFound"), ErrorKind::NotFound)
    );

    let nowhere = DatabaseName::parse("nowhere").expect("a name");
    let error = world.run_in(&nowhere, ".show tables").unwrap_err();
    assert_eq!(error.code(), Some("BadRequest_DatabaseNotExist"));
}

#[test]
fn requests_are_counted_and_refused_as_planned() -> Result<()> {
    let world = World::new("a:string");
    let busy = Error::new(ErrorKind::Throttled, "ask").with_http_status(429);
    let busy = FaultPlan::new(Fault::Error(busy)).on(RequestKind::IngestionResources);
    world.kusto.plan(busy.times(2));
    for _ in 0..2 {
        let error = world.run(".get ingestion resources").unwrap_err();
        assert_eq!(
            (error.kind(), error.http_status()),
            (ErrorKind::Throttled, Some(429))
        );
    }
    world.run(".get kusto identity token")?;
    world.run(".show ingestion resources")?;
    world.run(".nonsense").unwrap_err();
    world.query("T")?;
    let asked = |kind| world.kusto.request_count(kind);
    assert_eq!(asked(RequestKind::IngestionResources), 3);
    assert_eq!(asked(RequestKind::IdentityToken), 1);
    assert_eq!(asked(RequestKind::CreateTable), 1);
    assert_eq!((asked(RequestKind::Unknown), asked(RequestKind::Query)), (1, 1));
    Ok(())
}

#[test]
fn a_plan_for_the_kusto_is_over_when_it_is_mended_and_never_fits_by_an_account() -> Result<()> {
    let world = World::new("a:string");
    let down = || FaultPlan::new(Fault::Refused(ErrorKind::Unavailable)).forever();
    world.kusto.plan(down().in_account("acct1"));
    world.run(".show version")?;
    world.kusto.plan(down());
    for _ in 0..2 {
        let error = world.run(".show version").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }
    world.kusto.clear_faults();
    world.run(".show version")?;
    Ok(())
}

#[test]
fn a_lost_answer_is_unknown_for_a_command_that_changes_something_only() -> Result<()> {
    let world = World::new("a:string");
    let lost = || FaultPlan::new(Fault::ResponseLost);
    world.kusto.plan(lost().on(RequestKind::CreateTable));
    let error = world.run(".create table Other (x:long)").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(world.run(".show tables")?.rows.len(), 2);
    world.kusto.plan(lost().on(RequestKind::Tables));
    let error = world.run(".show tables").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    Ok(())
}
