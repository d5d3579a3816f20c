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
    for query in ["T | dance", "T | take", "", "| count", "T count"] {
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
fn what_kusto_knows_and_this_kusto_does_not_is_refused_by_its_name_with_what_there_is() {
    let world = World::new("a:string");
    for (query, name, known) in [
        (
            "T | make-series n=count() on a step 1",
            "operator 'make-series'",
            "summarize",
        ),
        ("evaluate bag_unpack(a)", "beginning of a query 'evaluate'", ""),
        (
            "print series_fir(dynamic([1]), dynamic([1]))",
            "function 'series_fir'",
            "strcat",
        ),
    ] {
        let error = world.query(query).unwrap_err();
        assert_eq!(error.code(), Some("NotSupportedByEmulator"), "{query}");
        let reason = error.reason().unwrap_or_default();
        assert!(
            reason.contains(name) && reason.contains(known),
            "{query}: {reason}"
        );
    }
    // A table may bear such a name all the same.
    let error = world.query("range | count").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn queries_work_on_the_tables_with_the_clock_and_the_parameters_of_the_request() -> Result<()> {
    let world = filled();
    let answer = world.query("T | where n < 10 | summarize c = count(), t = max(['my text'])")?;
    assert_eq!(json!(answer.rows), json!([[2, "z"]]));
    let now = world.query("print now()")?;
    let at = world.kusto.clock().now().to_string();
    assert_eq!(json!(now.rows), json!([[at]]));
    let text = "declare query_parameters(least:long, s:string = 'x'); T | where n >= least and ['my text'] == s | count";
    let properties = RequestProperties::new().with_parameter("least", 3);
    let answer = block_on(world.kusto.query(&world.database, text, &properties))?;
    assert_eq!(json!(answer.tables[0].rows), json!([[1]]));
    let missing = world.query(text).unwrap_err();
    assert!(
        missing.reason().is_some_and(|why| why.contains("'least'")),
        "{missing}"
    );
    Ok(())
}

#[test]
fn every_query_of_a_text_has_its_table_and_operators_stand_behind_any_command() -> Result<()> {
    let world = filled();
    let nothing = RequestProperties::new();
    let ask = |text: &str| {
        block_on(QueryEndpoint::query(
            &world.kusto,
            &world.database,
            text,
            &nothing,
        ))
    };
    let two = ask("T | count; print a = 1")?;
    assert_eq!(two.tables.len(), 2);
    assert_eq!(json!(two.tables[1].rows), json!([[1]]));
    for (text, rows) in [
        (
            ".show tables | where TableName == 'T' | project TableName",
            json!([["T"]]),
        ),
        (".show databases | count", json!([[2]])),
        (".show databases | project A='1' | take 1", json!([["1"]])),
        (
            ".show table T schema as json | project s = todynamic(Schema).OrderedColumns | mv-expand s | project s.Name | take 1",
            json!([["n"]]),
        ),
    ] {
        let answer = ask(text)?;
        assert_eq!(json!(answer.tables[0].rows), rows, "{text}");
    }
    let both = ask(".show tables | count; T | take 1 | project n")?;
    assert_eq!(json!(both.tables[0].rows), json!([[1]]));
    assert_eq!(json!(both.tables[1].rows), json!([[9_007_199_254_740_993_i64]]));
    Ok(())
}

#[test]
fn a_short_text_that_means_too_much_is_refused() -> Result<()> {
    let world = World::new("a:string");
    let chain = |first: &str, next: fn(&str) -> String| {
        let links = (1..=22).map(|at| format!("let a{at}={};", next(&format!("a{}", at - 1))));
        format!("let a0={first};{}", links.collect::<String>())
    };
    let doubled = chain("1", |name| format!("{name}+{name}"));
    let tables = chain("print x=1", |name| format!("union {name},{name}"));
    for (query, code) in [
        (format!("{doubled} print a22"), "General_BadRequest"),
        (format!("{tables} a22 | count"), "General_BadRequest"),
        (
            "print array_length(repeat(1, 1000000000))".to_owned(),
            "LimitsExceeded",
        ),
    ] {
        let error = world.query(&query).expect_err(&query);
        assert_eq!(error.code(), Some(code), "{error}");
    }
    assert_eq!(json!(world.query("print 1")?.rows), json!([[1]]));
    Ok(())
}

#[test]
fn permissions_alone_are_answered_with_a_single_ok() -> Result<()> {
    let world = filled();
    let properties = RequestProperties::new().with_option("validate_permissions", true);
    let answer = block_on(world.kusto.query(&world.database, "T | count", &properties))?;
    assert_eq!(json!(answer.tables[0].rows), json!([["OK"]]));
    Ok(())
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
