//! Queries over HTTP, in both shapes of answers.

use kusto_emulator::Limits;
use serde_json::{Value, json};

use super::client::World;

/// The rows of the tables with the answer.
async fn rows(world: &World, properties: Value, text: &str) -> Vec<Value> {
    let url = format!("{}/v2/rest/query", world.emulator.cluster());
    let body = json!({"db": "Samples", "csl": text, "properties": properties}).to_string();
    let answer = world.send("POST", &url, &[], body).await;
    assert_eq!(answer.status, 200, "{text}: {}", answer.json());
    let frames = answer.json();
    let primary = frames
        .as_array()
        .unwrap()
        .iter()
        .filter(|frame| frame["TableKind"] == "PrimaryResult");
    primary.map(|frame| frame["Rows"].clone()).collect()
}

#[tokio::test]
async fn several_queries_have_a_table_each_and_parameters_come_with_the_request() {
    let world = World::start().await;
    let tables = rows(
        &world,
        json!({}),
        "T | count; range x from 1 to 3 step 1 | summarize sum(x)",
    )
    .await;
    assert_eq!(tables, [json!([[0]]), json!([[6]])]);
    let text =
        "declare query_parameters(n:long, at:datetime, s:timespan, t:string = 'x'); print n + 1, at + s, t";
    let parameters = json!({"n": "long(41)", "at": "datetime(2026-01-01)", "s": "time(1.00:00:00)"});
    let tables = rows(&world, json!({"Parameters": parameters}), text).await;
    assert_eq!(tables, [json!([[42, "2026-01-02T00:00:00Z", "x"]])]);
}

#[tokio::test]
async fn how_a_table_wants_to_be_drawn_is_told_beside_it() {
    let world = World::start().await;
    let text = "print x = 1, y = 2 | render columnchart with (title = 'a b', ycolumns = y)";
    let first = world.ask("/v1/rest/query", text).await.json();
    let second = world.ask("/v2/rest/query", text).await.json();
    let told = [&first["Tables"][1]["Rows"][0][0], &second[1]["Rows"][0][2]];
    for property in told {
        let property: Value = serde_json::from_str(property.as_str().unwrap()).unwrap();
        assert_eq!(property["Visualization"], "columnchart");
        assert_eq!(
            (&property["Title"], &property["YColumns"]),
            (&json!("a b"), &json!("y"))
        );
        assert_eq!(property["XColumn"], Value::Null);
    }
}

#[tokio::test]
async fn what_a_text_sets_counts_as_an_option_of_its_request() {
    let world = World::start().await;
    let text = "set truncationmaxrecords=2; range x from 1 to 5 step 1";
    let tables = rows(&world, json!({}), text).await;
    let cut = tables[0].as_array().unwrap();
    assert_eq!(cut.len(), 3, "two rows and the error: {cut:?}");
    assert!(cut[2]["OneApiErrors"].is_array());
    let text = "set query_take_max_records=2; range x from 1 to 5 step 1";
    assert_eq!(rows(&world, json!({}), text).await, [json!([[1], [2]])]);
}

#[tokio::test]
async fn the_answer_to_a_command_is_a_table_like_any_other() {
    let world = World::start().await;
    for (text, expect) in [
        (
            ".show tables | where TableName == 'T' | project TableName, DatabaseName",
            json!([["T", "Samples"]]),
        ),
        (".show tables | count", json!([[1]])),
    ] {
        for path in ["/v1/rest/mgmt", "/v1/rest/query"] {
            let answer = world.ask(path, text).await.json();
            assert_eq!(answer["Tables"][0]["Rows"], expect, "{path} {text}");
        }
    }
}

#[tokio::test]
async fn a_query_that_asks_for_too_much_ends_with_a_code() {
    let limits = Limits::default()
        .with_max_query_steps(1_000_000)
        .with_max_query_bytes(10_000_000);
    let world = World::start_with(|builder| builder.with_limits(limits)).await;
    for (text, why) in [
        (
            "range a from 1 to 100000000000 step 1 | summarize count()",
            "E_RUNAWAY_QUERY",
        ),
        (
            "range a from 1 to 300000 step 1 | order by a asc",
            "E_LOW_MEMORY_CONDITION",
        ),
    ] {
        let answer = world.ask("/v2/rest/query", text).await;
        let error = answer.json()["error"].clone();
        assert_eq!(
            (answer.status, &error["code"]),
            (400, &json!("LimitsExceeded")),
            "{text}"
        );
        assert!(error["@message"].as_str().unwrap().contains(why), "{error}");
    }
}

#[tokio::test]
async fn options_that_are_ignored_are_named_in_the_notes() {
    let world = World::start().await;
    let options = json!({"query_datetimescope_column": "at", "servertimeout": "00:01:00"});
    rows(&world, json!({"Options": options}), "print 1").await;
    let url = format!("{}/__emulator/notes", world.emulator.cluster());
    let notes = world.send("GET", &url, &[], "").await.json();
    assert_eq!(notes["ignoredOptions"], json!({"query_datetimescope_column": 1}));
}
