//! Policies: kept, shown, and some of them obeyed.

use futures::executor::block_on;
use kusto_endpoint::{StreamingEndpoint, StreamingRequest};
use kusto_ingest_core::{DataFormat, Result};
use serde_json::{Value, json};

use super::texts;
use crate::kusto::world::World;

/// What is set on an entity.
fn policy(world: &World, entity: &str, word: &str) -> Value {
    let shown = world
        .run(&format!(".show {entity} policy {word}"))
        .expect("there is such a policy");
    serde_json::from_str(texts(&shown, "Policy")[0]).expect("JSON")
}

#[test]
fn policies_are_written_as_json_or_in_words_and_shown_as_json() -> Result<()> {
    let world = World::new("a:string");
    for (word, written, shown) in [
        (
            "ingestionbatching",
            "@'{\"MaximumBatchingTimeSpan\":\"00:00:05\"}'",
            json!({"MaximumBatchingTimeSpan": "00:00:05"}),
        ),
        (
            "auto_delete",
            "@\"{\"\"ExpiryDate\"\":\"\"2030-01-01\"\"}\"",
            json!({"ExpiryDate": "2030-01-01"}),
        ),
        (
            "retention",
            "softdelete = 10d recoverability = enabled",
            json!({"SoftDeletePeriod": "10.00:00:00", "Recoverability": "Enabled"}),
        ),
        (
            "caching",
            "hot = 30d, hot_window = datetime(2021-01-01) .. datetime(2021-02-01)",
            json!({"DataHotSpan": "30.00:00:00", "IndexHotSpan": "30.00:00:00", "HotWindows": [{"MinValue": "2021-01-01", "MaxValue": "2021-02-01"}]}),
        ),
        ("streamingingestion", "disable", json!({"IsEnabled": false})),
        ("ingestiontime", "true", json!({"IsEnabled": true})),
        (
            "roworder",
            "(a asc, b desc)",
            json!({"ColumnSortings": [{"ColumnName": "a", "IsAscending": true}, {"ColumnName": "b", "IsAscending": false}]}),
        ),
        (
            "row_level_security",
            "enable \"T | take 1\"",
            json!({"IsEnabled": true, "Query": "T | take 1"}),
        ),
        (
            "merge",
            "```\n{\n\"AllowMerge\": true\n}\n```",
            json!({"AllowMerge": true}),
        ),
    ] {
        assert_eq!(policy(&world, "table T", word), Value::Null, "{word}");
        world.run(&format!(".alter table T policy {word} {written}"))?;
        assert_eq!(policy(&world, "table T", word), shown, "{word}");
        world.run(&format!(".delete table T policy {word}"))?;
        assert_eq!(policy(&world, "table T", word), Value::Null, "{word}");
    }
    Ok(())
}

#[test]
fn a_merged_policy_keeps_what_is_not_said() -> Result<()> {
    let world = World::new("a:string");
    world.run(".alter table T policy retention softdelete = 10d recoverability = enabled")?;
    world.run(".alter-merge table T policy retention softdelete = 1d")?;
    let expected = json!({"SoftDeletePeriod": "1.00:00:00", "Recoverability": "Enabled"});
    assert_eq!(policy(&world, "table T", "retention"), expected);
    Ok(())
}

#[test]
fn the_policy_of_a_database_names_its_tables() -> Result<()> {
    let world = World::new("a:string");
    let shown = world.run(".alter database db policy retention '{\"SoftDeletePeriod\":\"1.00:00:00\"}'")?;
    assert_eq!(texts(&shown, "PolicyName"), ["RetentionPolicy"]);
    assert_eq!(texts(&shown, "EntityName"), ["[db]"]);
    assert_eq!(
        (texts(&shown, "ChildEntities"), texts(&shown, "EntityType")),
        (vec!["[\"T\"]"], vec!["Database"])
    );
    let shown = world.run(".show table T policy retention")?;
    assert_eq!(texts(&shown, "EntityName"), ["[db].[T]"]);
    Ok(())
}

#[test]
fn what_is_no_policy_is_refused_and_changes_nothing() {
    let world = World::new("a:string");
    for (command, code) in [
        (".alter table T policy retention '{'", "General_BadRequest"),
        (".alter table T policy retention '[]'", "General_BadRequest"),
        (".alter table T policy update '{}'", "General_BadRequest"),
        (".alter table T policy merge enable", "BadRequest_SyntaxError"),
        (
            ".alter table T policy retention softdelete = long",
            "BadRequest_SyntaxError",
        ),
        (
            ".alter table X policy retention '{}'",
            "BadRequest_EntityNotFound",
        ),
        (".show table T policy dancing", "NotSupportedByEmulator"),
    ] {
        assert_eq!(world.run(command).unwrap_err().code(), Some(code), "{command}");
    }
    assert_eq!(policy(&world, "table T", "retention"), Value::Null);
}

#[test]
fn a_table_streams_as_its_policy_says_or_that_of_its_database() -> Result<()> {
    let world = World::new("a:string");
    let streams = || {
        let request = StreamingRequest::of_bytes("x\n", DataFormat::Csv);
        block_on(StreamingEndpoint::ingest(
            &world.kusto,
            &world.database,
            &world.table,
            &request,
        ))
        .is_ok()
    };
    assert!(streams(), "where nobody has said anything");
    world.run(".alter database db policy streamingingestion disable")?;
    assert!(!streams());
    world.run(".alter table T policy streamingingestion '{\"IsEnabled\":true}'")?;
    assert!(streams());
    world.run(".delete table T policy streamingingestion")?;
    assert!(!streams());
    world.run(".alter database db policy streamingingestion enable")?;
    assert!(streams());
    Ok(())
}
