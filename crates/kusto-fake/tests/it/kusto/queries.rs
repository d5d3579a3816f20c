//! The small queries.

use kusto_ingest_core::{ErrorKind, Result};
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
fn what_it_does_not_know_is_a_syntax_error_and_an_unknown_table_not_found() {
    let world = World::new("a:string");
    for query in ["T | where a == 1", "T | take many", "", "| count", "T count"] {
        assert_eq!(
            world.query(query).unwrap_err().code(),
            Some("BadRequest_SyntaxError"),
            "{query}"
        );
    }
    assert_eq!(
        world.query("Unknown | count").unwrap_err().kind(),
        ErrorKind::NotFound
    );
}
