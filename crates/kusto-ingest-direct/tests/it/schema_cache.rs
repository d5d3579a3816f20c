//! The engine's memory of schemas for streaming, cleared.

use std::sync::Arc;

use futures::executor::block_on;
use kusto_endpoint::{Dataset, ManagementEndpoint, RequestProperties, ScriptedEndpoint, Table};
use kusto_fake::RequestKind;
use kusto_fake::testing::kusto;
use kusto_ingest_core::{DatabaseName, ErrorKind, TableName};
use kusto_ingest_direct::StreamingSchemaCache;

fn nodes(rows: &[(&str, &str)]) -> Dataset {
    let empty = Table::of("Table_0", &[("NodeId", "string"), ("Status", "string")]);
    Dataset::single(
        rows.iter()
            .fold(empty, |table, (node, status)| table.with_row([*node, *status])),
    )
}

fn database() -> DatabaseName {
    DatabaseName::parse("D").expect("a name")
}

fn table(name: &str) -> TableName {
    TableName::parse(name).expect("a name")
}

#[test]
fn a_table_or_a_whole_database_is_forgotten_in_the_words_of_the_engine() {
    let engine = ScriptedEndpoint::new().with_response(".clear", nodes(&[("N1", "Succeeded")]));
    let cache = StreamingSchemaCache::new(Arc::new(engine.clone()));
    block_on(cache.clear_table(&database(), &table("it's"))).expect("cleared");
    block_on(cache.clear_database(&database())).expect("cleared");
    let asked: Vec<String> = engine.commands().into_iter().map(|asked| asked.text).collect();
    assert_eq!(
        asked,
        [
            r".clear table ['it\'s'] cache streamingingestion schema",
            ".clear database cache streamingingestion schema"
        ]
    );
}

#[test]
fn nodes_that_remember_still_are_an_error_that_passes() {
    let answer = nodes(&[("N1", "Succeeded"), ("N2", "Failed"), ("N3", "Failed")]);
    let engine = ScriptedEndpoint::new().with_response(".clear", answer);
    let cache = StreamingSchemaCache::new(Arc::new(engine));
    let error = block_on(cache.clear_database(&database())).expect_err("two of three failed");
    assert_eq!(
        (error.kind(), error.is_permanent()),
        (ErrorKind::Unavailable, false)
    );
    assert!(
        error.context().any(|told| told == ("nodes", "N2, N3")),
        "{}",
        error.chain()
    );
}

#[test]
fn the_fake_forgets_tables_of_any_name_that_it_has_and_no_others() {
    let (kusto, _) = kusto();
    kusto.create_database(&database());
    let cache = StreamingSchemaCache::new(Arc::new(kusto.clone()));
    for name in [
        "T",
        "where",
        "a b",
        "it's",
        "a'] cache streamingingestion schema //",
    ] {
        let literal = name.replace('\'', "\\'");
        let create = format!(".create table ['{literal}'] (a:string)");
        block_on(kusto.execute(&database(), &create, &RequestProperties::new())).expect("created");
        block_on(cache.clear_table(&database(), &table(name))).expect(name);
    }
    block_on(cache.clear_database(&database())).expect("cleared");
    assert_eq!(kusto.request_count(RequestKind::ClearSchemaCache), 6);

    let missing = block_on(cache.clear_table(&database(), &table("Absent")));
    assert!(missing.expect_err("there is no such table").is_permanent());
}
