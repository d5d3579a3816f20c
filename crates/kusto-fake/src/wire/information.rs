//! The tables beside an answer: its properties, how the query went, and what the tables are.

use kusto_endpoint::Table;
use serde_json::{Value, json};

use super::AnswerContext;
use super::limits::Cut;

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

/// The properties of tables of these ids, for the second shape.
pub(super) fn properties_v2(ids: std::ops::Range<usize>) -> Table {
    let columns = [("TableId", "int"), ("Key", "string"), ("Value", "dynamic")];
    ids.fold(Table::of(PROPERTIES, &columns), |table, id| {
        table.with_row([json!(id), json!("Visualization"), json!(VISUALIZATION)])
    })
}

/// The properties of an answer, for the first shape.
pub(super) fn properties_v1() -> Table {
    Table::of(PROPERTIES, &[("Value", "string")]).with_row([VISUALIZATION])
}

/// How a query went, for the second shape.
pub(super) fn completion(context: &AnswerContext, cut: Option<Cut>) -> Table {
    let columns = [
        ("Timestamp", "datetime"),
        ("ClientRequestId", "string"),
        ("ActivityId", "guid"),
        ("SubActivityId", "guid"),
        ("ParentActivityId", "guid"),
        ("Level", "int"),
        ("LevelName", "string"),
        ("StatusCode", "int"),
        ("StatusCodeName", "string"),
        ("EventType", "int"),
        ("EventTypeName", "string"),
        ("Payload", "string"),
    ];
    let id = context.activity_id.to_string();
    let row = |level: i32, level_name: &str, event: i32, event_name: &str, payload: &str| -> [Value; 12] {
        [
            json!(context.at.to_string()),
            json!(context.client_request_id),
            json!(id),
            json!(id),
            json!(id),
            json!(level),
            json!(level_name),
            json!(0),
            json!("S_OK (0)"),
            json!(event),
            json!(event_name),
            json!(payload),
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
    Table::of("QueryCompletionInformation", &columns)
        .with_row(told)
        .with_row(consumed)
}

/// How a query went, for the first shape.
pub(super) fn status(context: &AnswerContext, cut: Option<Cut>) -> Table {
    let columns = [
        ("Timestamp", "datetime"),
        ("Severity", "int"),
        ("SeverityName", "string"),
        ("StatusCode", "int"),
        ("StatusDescription", "string"),
        ("Count", "int"),
        ("RequestId", "guid"),
        ("ActivityId", "guid"),
        ("SubActivityId", "guid"),
        ("ClientActivityId", "string"),
    ];
    let id = context.activity_id.to_string();
    let row = |severity: i32, name: &str, text: &str| -> [Value; 10] {
        [
            json!(context.at.to_string()),
            json!(severity),
            json!(name),
            json!(0),
            json!(text),
            json!(1),
            json!(id),
            json!(id),
            json!(id),
            json!(context.client_request_id),
        ]
    };
    let told = match cut {
        None => row(4, "Info", "Query completed successfully"),
        Some(cut) => row(2, "Error", &cut.text()),
    };
    Table::of("QueryStatus", &columns)
        .with_row(told)
        .with_row(row(6, "Stats", CONSUMED))
}

/// The table that says what the others are: the kind and name of each.
pub(super) fn contents<'a>(tables: impl Iterator<Item = (&'static str, &'a Table)>) -> Table {
    let columns = [
        ("Ordinal", "long"),
        ("Kind", "string"),
        ("Name", "string"),
        ("Id", "string"),
        ("PrettyName", "string"),
    ];
    let row = |(place, (kind, table)): (usize, (&str, &Table))| {
        [json!(place), json!(kind), json!(table.name), json!(""), json!("")]
    };
    tables
        .enumerate()
        .map(row)
        .fold(Table::of("", &columns), Table::with_row)
}
