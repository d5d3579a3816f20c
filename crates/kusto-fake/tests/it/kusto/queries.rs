//! The small queries.

use futures::executor::block_on;
use kusto_endpoint::{QueryEndpoint, RequestProperties};
use kusto_ingest_core::{DatabaseName, ErrorKind, Result};
use serde_json::{Value, json};

use super::world::World;

fn filled() -> World {
    let world = World::new("n:long, at:datetime, r:real, ['my text']:string, d:dynamic");
    let data =
        "9007199254740993,2012-01-01,NaN,x,\"{\"\"k\"\":[1]}\"\n2,,1.5,,\n3,2012-01-03T04:05:06Z,,z,\n";
    world.ingest(&world.blob("b.csv", data), &world.properties());
    world
}

#[test]
fn a_table_is_answered_with_typed_columns_and_exact_values() -> Result<()> {
    let answer = filled().query("T")?;
    let columns: Vec<(&str, &str)> = answer
        .columns
        .iter()
        .map(|column| (column.name.as_str(), column.kusto_type.as_str()))
        .collect();
    assert_eq!(
        columns,
        [
            ("n", "long"),
            ("at", "datetime"),
            ("r", "real"),
            ("my text", "string"),
            ("d", "dynamic")
        ]
    );
    let first = json!([9_007_199_254_740_993_i64, "2012-01-01T00:00:00.0000000Z", "NaN", "x", {"k": [1]}]);
    assert_eq!(Value::from(answer.rows[0].clone()), first);
    assert_eq!(
        Value::from(answer.rows[1].clone()),
        json!([2, null, 1.5, "", null])
    );
    Ok(())
}

#[test]
fn rows_are_counted_and_taken_in_any_order_of_steps() -> Result<()> {
    let world = filled();
    for (query, rows) in [
        ("T | count", json!([[3]])),
        ("['T']|take 2|count", json!([[2]])),
        ("T | count | take 5", json!([[3]])),
        ("T | count | count", json!([[1]])),
        ("T // all of it\n| limit 0 | count;", json!([[0]])),
    ] {
        let answer = world.query(query)?;
        assert_eq!(json!(answer.rows), rows, "{query}");
        assert_eq!(answer.columns[0].name, "Count");
    }
    assert_eq!(world.query("T | take 1")?.rows.len(), 1);
    assert_eq!(world.query("T | limit 99")?.rows.len(), 3);
    Ok(())
}

#[test]
fn literals_are_printed() -> Result<()> {
    let answer = World::new("a:string").query("print 1, 'two', 2.5, true")?;
    assert_eq!(json!(answer.rows), json!([[1, "two", 2.5, true]]));
    assert_eq!(answer.columns[1].name, "print_1");
    Ok(())
}

#[test]
fn what_is_no_query_is_a_syntax_error_and_what_names_nothing_a_semantic_one() {
    let world = World::new("a:string");
    for query in ["T | dance", "T | take many", "", "| count", "T count"] {
        let error = world.query(query).unwrap_err();
        assert_eq!(error.code(), Some("BadRequest_SyntaxError"), "{query}");
        let reason = error.reason().unwrap_or_default();
        assert!(reason.starts_with("Syntax error: "), "{reason}");
    }
    let error = world.query("Unknown | count").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let reason = error.reason().unwrap_or_default();
    assert!(reason.starts_with("Semantic error: SEM0100: "), "{reason}");
}

#[test]
fn what_kusto_knows_and_this_kusto_does_not_is_refused_by_its_name() {
    let world = World::new("a:string");
    for (query, name) in [
        ("T | where a == 1", "operator where"),
        ("T | take 1 | Project-Away a", "operator project-away"),
        ("let x = 1; T", "beginning let"),
        ("datatable(a:string) ['x']", "beginning datatable"),
        ("print now()", "an expression"),
    ] {
        let error = world.query(query).unwrap_err();
        assert_eq!(error.code(), Some("NotSupportedByEmulator"), "{query}");
        let reason = error.reason().unwrap_or_default();
        assert!(reason.contains(name), "{query}: {reason}");
    }
    // A table may bear such a name all the same.
    let error = world.query("range | count").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn a_database_that_is_not_there_is_an_error_for_every_request() {
    let world = World::new("a:string");
    let nowhere = DatabaseName::parse("nowhere").expect("a name");
    let nothing = RequestProperties::new();
    for text in [
        "print 1",
        "T",
        ".show tables",
        ".show version",
        ".get ingestion resources",
    ] {
        let outcome = block_on(QueryEndpoint::query(&world.kusto, &nowhere, text, &nothing));
        let error = outcome.expect_err(text);
        assert_eq!(error.code(), Some("BadRequest_DatabaseNotExist"), "{text}");
    }
}
