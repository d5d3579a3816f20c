//! The tables beside an answer: its properties, how the query went, and what the tables are.

use kusto_ingest_decode::{ScalarType, Value};
use serde_json::json;

use super::AnswerContext;
use super::limits::LimitReached;
use crate::AnswerTable;

/// How an answer wants to be drawn, where the query does not say.
const VISUALIZATION: &str = "{\"Visualization\":null,\"Title\":null,\"XColumn\":null,\"Series\":null,\
    \"YColumns\":null,\"AnomalyColumns\":null,\"XTitle\":null,\"YTitle\":null,\"XAxis\":null,\"YAxis\":null,\
    \"Legend\":null,\"YSplit\":null,\"Accumulate\":false,\"IsQuerySorted\":false,\"Kind\":null,\"Ymin\":\"NaN\",\
    \"Ymax\":\"NaN\",\"Xmin\":null,\"Xmax\":null}";

/// What the query took. Nothing is measured here.
const CONSUMED: &str = "{\"ExecutionTime\":0.0,\"resource_usage\":{\"cache\":{\"memory\":{\"hits\":0,\"misses\":0,\
    \"total\":0},\"disk\":{\"hits\":0,\"misses\":0,\"total\":0}},\"cpu\":{\"user\":\"00:00:00\",\"kernel\":\
    \"00:00:00\",\"total cpu\":\"00:00:00\"},\"memory\":{\"peak_per_node\":0}}}";

/// The name of the properties' table.
const PROPERTIES: &str = "@ExtendedProperties";

/// The properties of tables, whose ids begin with 1, of V2 answers.
pub(super) fn properties_v2(tables: &[AnswerTable]) -> AnswerTable {
    let columns = [
        ("TableId", ScalarType::Int),
        ("Key", ScalarType::String),
        ("Value", ScalarType::Dynamic),
    ];
    (1_i32..).zip(tables).fold(
        AnswerTable::of(PROPERTIES, &columns),
        |properties, (id, table)| {
            properties.with_row([
                Value::from(id),
                Value::from("Visualization"),
                Value::from(visualization(table)),
            ])
        },
    )
}

/// The properties of an answer, of V1 answers: those of its first table.
pub(super) fn properties_v1(tables: &[AnswerTable]) -> AnswerTable {
    let first = tables.first().map_or(VISUALIZATION, visualization);
    AnswerTable::of(PROPERTIES, &[("Value", ScalarType::String)]).with_row([first])
}

fn visualization(table: &AnswerTable) -> &str {
    table.visualization.as_deref().unwrap_or(VISUALIZATION)
}

/// How a query went, of V2 answers.
pub(super) fn completion(context: &AnswerContext, cut: Option<LimitReached>) -> AnswerTable {
    let columns = [
        ("Timestamp", ScalarType::DateTime),
        ("ClientRequestId", ScalarType::String),
        ("ActivityId", ScalarType::Guid),
        ("SubActivityId", ScalarType::Guid),
        ("ParentActivityId", ScalarType::Guid),
        ("Level", ScalarType::Int),
        ("LevelName", ScalarType::String),
        ("StatusCode", ScalarType::Int),
        ("StatusCodeName", ScalarType::String),
        ("EventType", ScalarType::Int),
        ("EventTypeName", ScalarType::String),
        ("Payload", ScalarType::String),
    ];
    let id = context.activity_id;
    let row = |level: i32, level_name: &str, event: i32, event_name: &str, payload: &str| -> [Value; 12] {
        [
            Value::from(context.at),
            Value::from(context.client_request_id.as_str()),
            Value::from(id),
            Value::from(id),
            Value::from(id),
            Value::from(level),
            Value::from(level_name),
            Value::from(0),
            Value::from("S_OK (0)"),
            Value::from(event),
            Value::from(event_name),
            Value::from(payload),
        ]
    };
    let told = match cut {
        None => row(
            4,
            "Info",
            4,
            "QueryInfo",
            "{\"Count\":1,\"Text\":\"Query completed successfully\"}",
        ),
        Some(cut) => {
            let text = json!({"Count": 1, "Text": cut.text()}).to_string();
            row(2, "Error", 4, "QueryInfo", &text)
        }
    };
    let consumed = row(6, "Stats", 0, "QueryResourceConsumption", CONSUMED);
    AnswerTable::of("QueryCompletionInformation", &columns)
        .with_row(told)
        .with_row(consumed)
}

/// How a query went, of V1 answers.
pub(super) fn status(context: &AnswerContext, cut: Option<LimitReached>) -> AnswerTable {
    let columns = [
        ("Timestamp", ScalarType::DateTime),
        ("Severity", ScalarType::Int),
        ("SeverityName", ScalarType::String),
        ("StatusCode", ScalarType::Int),
        ("StatusDescription", ScalarType::String),
        ("Count", ScalarType::Int),
        ("RequestId", ScalarType::Guid),
        ("ActivityId", ScalarType::Guid),
        ("SubActivityId", ScalarType::Guid),
        ("ClientActivityId", ScalarType::String),
    ];
    let id = context.activity_id;
    let row = |severity: i32, name: &str, text: &str| -> [Value; 10] {
        [
            Value::from(context.at),
            Value::from(severity),
            Value::from(name),
            Value::from(0),
            Value::from(text),
            Value::from(1),
            Value::from(id),
            Value::from(id),
            Value::from(id),
            Value::from(context.client_request_id.as_str()),
        ]
    };
    let told = match cut {
        None => row(4, "Info", "Query completed successfully"),
        Some(cut) => row(2, "Error", &cut.text()),
    };
    AnswerTable::of("QueryStatus", &columns)
        .with_row(told)
        .with_row(row(6, "Stats", CONSUMED))
}

/// The table that says what the others are: the kind and name of each.
pub(super) fn contents<'a>(tables: impl Iterator<Item = (&'static str, &'a AnswerTable)>) -> AnswerTable {
    let columns = [
        ("Ordinal", ScalarType::Long),
        ("Kind", ScalarType::String),
        ("Name", ScalarType::String),
        ("Id", ScalarType::String),
        ("PrettyName", ScalarType::String),
    ];
    let row = |(place, (kind, table)): (i64, (&str, &AnswerTable))| {
        [
            Value::from(place),
            Value::from(kind),
            Value::from(table.name.as_str()),
            Value::from(""),
            Value::from(""),
        ]
    };
    (0..)
        .zip(tables)
        .map(row)
        .fold(AnswerTable::of("", &columns), AnswerTable::with_row)
}
