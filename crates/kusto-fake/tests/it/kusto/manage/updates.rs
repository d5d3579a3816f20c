//! Ingestion from queries, update policies, and what queries see of extents.

use kusto_ingest_core::{Clock, ErrorKind, Result};
use kusto_ingest_message::OperationStatus;

use super::texts;
use crate::kusto::world::World;

/// The answer to a query as text: one line a row, fields divided by bars.
fn rows(world: &World, query: &str) -> Vec<String> {
    let answer = world
        .query(query)
        .unwrap_or_else(|error| panic!("{query}: {}", error.chain()));
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let rows = answer.rows.iter();
    rows.map(|row| row.iter().map(text).collect::<Vec<_>>().join("|"))
        .collect()
}

#[test]
fn the_answer_to_a_query_becomes_a_table_is_appended_or_replaces_what_was_there() -> Result<()> {
    let world = World::new("a:string, b:long");
    let set = world.run(".set New with (folder='made', docstring='by a query', tags='[\"drop-by:x\"]') <| datatable(a:string, b:long) ['x', 1, 'y', 2,]")?;
    assert_eq!(set.value(0, "RowCount"), Some(&2.into()));
    assert_eq!(texts(&world.run(".show tables (New)")?, "Folder"), ["made"]);
    assert_eq!(
        texts(&world.run(".show table New extents")?, "Tags"),
        ["drop-by:x"]
    );
    assert_eq!(
        world.run(".set New <| New").unwrap_err().kind(),
        ErrorKind::AlreadyExists
    );
    assert_eq!(
        world.run(".append Absent <| New").unwrap_err().kind(),
        ErrorKind::NotFound
    );
    world.run(".append T <| New | where b > 1")?;
    world.run(".set-or-append T <| New | project x=a, y=b * 10")?;
    assert_eq!(rows(&world, "T | order by b asc"), ["y|2", "x|10", "y|20"]);
    world.run(".set-or-replace T <| print a='only', b=7")?;
    assert_eq!(rows(&world, "T"), ["only|7"]);
    world.run(".set-or-append Named <| .show tables | project TableName")?;
    assert_eq!(rows(&world, "Named"), ["New", "T"]);
    Ok(())
}

#[test]
fn columns_that_do_not_fit_are_refused_unless_the_table_may_be_extended_or_made_anew() -> Result<()> {
    let world = World::new("a:string");
    for query in ["print 1", "print a='x', b=1"] {
        let error = world.run(&format!(".append T <| {query}")).unwrap_err();
        assert_eq!(
            error.code(),
            Some("BadRequest_QuerySchemaDoesNotMatchTableSchema"),
            "{query}"
        );
    }
    world.run(".append T with (extend_schema=true) <| print a='x', b=1")?;
    assert_eq!(rows(&world, "T"), ["x|1"]);
    world.run(".set-or-replace T with (recreate_schema=true) <| print c=0.5")?;
    assert_eq!(rows(&world, "T"), ["0.5"]);
    Ok(())
}

#[test]
fn a_replacement_that_fails_leaves_the_rows_that_were_there() -> Result<()> {
    let world = World::new("a:string");
    world.run(".set-or-append T <| print a='old'")?;
    world.run(".create table U (x:long)")?;
    world.run(".alter table U policy update @'[{\"Source\":\"T\",\"Query\":\"T | project nothing\",\"IsTransactional\":true}]'")?;
    world.run(".set-or-replace T <| print a='new'").unwrap_err();
    assert_eq!(rows(&world, "T"), ["old"]);
    Ok(())
}

#[test]
fn a_tag_that_was_ingested_by_is_not_ingested_by_again() -> Result<()> {
    let world = World::new("a:string");
    let set =
        ".set-or-append T with (tags='[\"ingest-by:once\"]', ingestIfNotExists='[\"once\"]') <| print a='x'";
    assert_eq!(world.run(set)?.rows.len(), 1);
    assert_eq!(world.run(set)?.rows.len(), 0);
    assert_eq!(world.rows(), ["x"]);
    Ok(())
}

#[test]
fn an_asynchronous_command_is_an_operation_whose_details_are_its_answer() -> Result<()> {
    let world = World::new("a:string");
    let started = world.run(".set-or-append async T <| print a='x'")?;
    let id = texts(&started, "OperationId")[0].to_owned();
    let shown = world.run(&format!(".show operations {id} | project Operation, State"))?;
    assert_eq!(
        (texts(&shown, "Operation"), texts(&shown, "State")),
        (vec!["TableSetOrAppend"], vec!["Completed"])
    );
    let details = world.run(&format!(".show operation {id} details"))?;
    assert_eq!(details.value(0, "RowCount"), Some(&1.into()));
    Ok(())
}

#[test]
fn update_policies_make_rows_of_other_tables_of_what_comes_in_and_go_on_from_there() -> Result<()> {
    let world = World::new("a:string, b:long");
    world.run(".create table Long (a:string)")?;
    world.run(".create table Counted (n:long)")?;
    let policy = |table: &str, source: &str, query: &str, more: &str| {
        format!(
            ".alter table {table} policy update @'[{{\"Source\":\"{source}\",\"Query\":\"{query}\"{more}}}]'"
        )
    };
    world.run(&policy(
        "Long",
        "T",
        "T | where b > 10 | project toupper(a)",
        ",\"PropagateIngestionProperties\":true",
    ))?;
    world.run(&policy("Counted", "Long", "Long | count", ""))?;
    world.run(".ingest inline into table T <|\nx,1")?;
    let properties = world.properties().with_drop_by_tags(["p"]);
    world.ingest(&world.blob("b.csv", "y,11\nz,12\n"), &properties);
    assert_eq!(rows(&world, "Long"), ["Y", "Z"], "of the new rows alone");
    assert_eq!(rows(&world, "Counted"), ["2"]);
    assert_eq!(
        texts(&world.run(".show table Long extents")?, "Tags"),
        ["drop-by:p"]
    );
    assert_eq!(world.rows().len(), 3);
    Ok(())
}

#[test]
fn an_update_that_fails_fails_alone_or_with_its_source_where_it_is_transactional() -> Result<()> {
    let world = World::new("a:string");
    world.run(".create table Other (n:long)")?;
    let policy = |transactional: bool| {
        format!(
            ".alter table Other policy update @'[{{\"Source\":\"T\",\"Query\":\"T | project a\",\"IsTransactional\":{transactional}}}]'"
        )
    };
    world.run(&policy(false))?;
    let ingested = world.ingest(&world.blob("b.csv", "x\n"), &world.properties());
    assert_eq!(
        (ingested.status, world.rows().len()),
        (OperationStatus::Succeeded, 1)
    );
    let failures = world.run(".show ingestion failures | where OriginatesFromUpdatePolicy")?;
    assert_eq!(texts(&failures, "Table"), ["Other"]);

    world.run(&policy(true))?;
    let ingested = world.ingest(&world.blob("c.csv", "y\n"), &world.properties());
    assert_eq!(
        (ingested.status, world.rows().len()),
        (OperationStatus::Failed, 1)
    );
    assert!(ingested.error.expect("it says why").chain().contains("Other"));
    Ok(())
}

#[test]
fn an_update_whose_pattern_is_none_fails_and_does_not_leave_its_table_empty_in_silence() -> Result<()> {
    let world = World::new("a:string");
    world.run(".create table Other (a:string)")?;
    world.run(".alter table Other policy update @'[{\"Source\":\"T\",\"Query\":\"T | where a matches regex \\\"(x\\\"\",\"IsTransactional\":true}]'")?;
    let ingested = world.ingest(&world.blob("b.csv", "x\n"), &world.properties());
    assert_eq!(
        (ingested.status, world.rows().len()),
        (OperationStatus::Failed, 0)
    );
    let why = ingested.error.expect("it says why").chain();
    assert!(why.contains("unclosed group"), "{why}");
    Ok(())
}

#[test]
fn tables_that_update_one_another_in_a_circle_fail_the_source() -> Result<()> {
    let world = World::new("a:string");
    world.run(".alter table T policy update @'[{\"Source\":\"T\",\"Query\":\"T\"}]'")?;
    let ingested = world.ingest(&world.blob("b.csv", "x\n"), &world.properties());
    assert_eq!(
        (ingested.status, world.rows().len()),
        (OperationStatus::Failed, 0)
    );
    Ok(())
}

#[test]
fn queries_see_when_rows_were_ingested_and_in_which_extents() -> Result<()> {
    let world = World::new("a:string");
    world.ingest(
        &world.blob("b.csv", "x\ny\n"),
        &world.properties().with_drop_by_tags(["one"]),
    );
    let first = world.clock.now();
    world.clock.advance(std::time::Duration::from_secs(3600));
    world.ingest(&world.blob("c.csv", "z\n"), &world.properties());
    assert_eq!(
        rows(&world, "T | where ingestion_time() > ago(30m)"),
        ["z"],
        "the columns are those of the table"
    );
    let times = rows(
        &world,
        "T | extend at=ingestion_time() | summarize count() by at | order by at asc",
    );
    assert_eq!(times.len(), 2);
    assert!(
        times[0].starts_with(&first.to_string()[..19]) && times[0].ends_with("|2"),
        "{times:?}"
    );
    assert_eq!(
        rows(&world, "T | where extent_tags() has 'drop-by:one' | project a"),
        ["x", "y"]
    );
    assert_eq!(rows(&world, "T | distinct e=extent_id() | count"), ["2"]);
    assert_eq!(rows(&world, "print isnull(ingestion_time())"), ["true"]);
    world.run(".create function Late() { T | where ingestion_time() > ago(30m) }")?;
    assert_eq!(rows(&world, "Late()"), ["z"]);
    assert_eq!(
        rows(
            &world,
            "T | join kind=inner T on a | where ingestion_time() > ago(30m)"
        ),
        ["z|z"]
    );
    Ok(())
}

#[test]
fn a_stored_function_is_called_in_queries_with_its_arguments() -> Result<()> {
    let world = World::new("a:string, b:long");
    world.run(".set-or-append T <| datatable(a:string, b:long)['x', 1, 'y', 2, 'z', 3]")?;
    world
        .run(".create-or-alter function with (folder='demo') Above(limit:long=1) { T | where b > limit }")?;
    assert_eq!(rows(&world, "Above(2)"), ["z|3"]);
    assert_eq!(rows(&world, "Above() | project a"), ["y", "z"]);
    Ok(())
}
