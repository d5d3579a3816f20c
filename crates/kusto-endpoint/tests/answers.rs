//! Answers of both shapes, read from what services send and written as they do.

use kusto_endpoint::{Column, Dataset, Table};
use kusto_ingest_core::ErrorKind;
use serde_json::{Value, json};

fn v1(tables: &Value) -> Dataset {
    Dataset::from_v1(json!({ "Tables": tables }).to_string().as_bytes()).expect("it is an answer")
}

fn people() -> Table {
    Table::of(
        "people",
        &[("name", "string"), ("born", "datetime"), ("age", "long")],
    )
    .with_row([json!("Ada"), json!("1815-12-10T00:00:00Z"), json!(210)])
    .with_row([json!(""), Value::Null, Value::Null])
}

#[test]
fn s01_w14_columns_with_only_a_type_of_dot_net_have_kusto_types() {
    let answer = v1(&json!([{
        "TableName": "Table_0",
        "Columns": [
            {"ColumnName": "a", "DataType": "Int32"},
            {"ColumnName": "b", "DataType": "SByte", "ColumnType": null},
            {"ColumnName": "c", "DataType": "TimeSpan", "ColumnType": ""},
        ],
        "Rows": [[1, 0, 10_000_000]],
    }]));
    let table = answer.primary().expect("there is a table");
    assert_eq!(
        table.columns,
        [
            Column::new("a", "int"),
            Column::new("b", "bool"),
            Column::new("c", "timespan")
        ]
    );
    assert_eq!(table.rows, [[json!(1), json!(false), json!("00:00:01")]]);
}

#[test]
fn s01_w15_the_last_of_many_tables_says_which_ones_are_the_answer() {
    let rows =
        |text: &str| json!({"Columns": [{"ColumnName": "x", "ColumnType": "string"}], "Rows": [[text]]});
    let contents = json!({
        "Columns": [
            {"ColumnName": "Ordinal", "ColumnType": "long"},
            {"ColumnName": "Kind", "ColumnType": "string"},
            {"ColumnName": "Name", "ColumnType": "string"},
        ],
        "Rows": [[0, "QueryProperties", "@ExtendedProperties"], [1, "QueryResult", "PrimaryResult"], [2, "QueryStatus", ""]],
    });
    let answer = v1(&json!([
        rows("property"),
        rows("result"),
        rows("status"),
        contents
    ]));
    assert_eq!(answer.tables.len(), 1);
    assert_eq!(answer.tables[0].name, "PrimaryResult");
    assert_eq!(answer.tables[0].texts("x").collect::<Vec<_>>(), ["result"]);
    assert_eq!(answer.details.len(), 2);
}

#[test]
fn of_two_tables_the_second_is_about_the_first() {
    let table = |name: &str| json!({"TableName": name, "Columns": [], "Rows": []});
    let answer = v1(&json!([table("a"), table("b")]));
    assert_eq!(
        (answer.tables[0].name.as_str(), answer.details[0].name.as_str()),
        ("a", "b")
    );
}

#[test]
fn s01_w16_values_keep_every_digit() {
    let body = br#"{"Tables":[{"TableName":"t","Columns":[
        {"ColumnName":"l","ColumnType":"long"},{"ColumnName":"r","ColumnType":"real"},
        {"ColumnName":"b","ColumnType":"bool"},{"ColumnName":"d","ColumnType":"decimal"}],
        "Rows":[[9007199254740993,"NaN",1,"1.10"],[-9223372036854775808,0.1]]}]}"#;
    let answer = Dataset::from_v1(body).expect("it is an answer");
    let rows = &answer.primary().expect("there is a table").rows;
    assert_eq!(
        rows[0],
        [
            json!(9_007_199_254_740_993_i64),
            json!("NaN"),
            json!(true),
            json!("1.10")
        ]
    );
    assert_eq!(rows[1], [json!(i64::MIN), json!(0.1), Value::Null, Value::Null]);
}

#[test]
fn s01_w13_a_failure_in_the_place_of_a_row_is_an_error() {
    for (body, text) in [
        (
            r#"{"Tables":[{"Columns":[],"Rows":[[],{"Exceptions":["boom"]}]}]}"#,
            "boom",
        ),
        (
            r#"{"Tables":[],"Exceptions":["boom at the end"]}"#,
            "boom at the end",
        ),
        (
            r#"{"Tables":[{"Columns":[],"Rows":[{"OneApiErrors":[{"error":{"code":"LimitsExceeded","@message":"boom, too large","@permanent":false}}]}]}]}"#,
            "boom, too large",
        ),
        (
            r#"{"error":{"code":"General_BadRequest","@message":"boom instead"}}"#,
            "boom instead",
        ),
        (
            "General_BadRequest: boom in words\nError details:\nnone",
            "boom in words",
        ),
    ] {
        let error = Dataset::from_v1(body.as_bytes()).expect_err(text);
        assert!(error.to_string().contains(text), "{error}");
        assert_eq!(error.http_status(), None, "{error}");
    }
    let partial = br#"{"Tables":[{"Rows":[{"OneApiErrors":[{"error":{"code":"LimitsExceeded","@permanent":false}}]}]}]}"#;
    let error = Dataset::from_v1(partial).expect_err("it failed half-way");
    assert!(!error.is_permanent());
    assert_eq!(error.code(), Some("LimitsExceeded"));
}

#[test]
fn what_is_no_answer_says_so_without_repeating_itself() {
    for body in [
        "",
        "{}",
        r#"{"Tables":"SECRET"}"#,
        "{SECRET",
        r#"{"Tables":[{"Rows":["SECRET"]}]"#,
    ] {
        let error = Dataset::from_v1(body.as_bytes()).expect_err(body);
        assert_eq!(error.kind(), ErrorKind::Protocol, "{body}");
        assert!(!error.chain().contains("SECRET"), "{}", error.chain());
    }
    for body in ["[]", r#"[{"FrameType":"DataTable","TableKind":"PrimaryResult"}]"#] {
        let error = Dataset::from_v2(body.as_bytes()).expect_err(body);
        assert_eq!(
            error.kind(),
            ErrorKind::Protocol,
            "an answer cut short is none: {body}"
        );
    }
}

#[test]
fn an_answer_survives_both_shapes() {
    let one = Dataset::single(people());
    let mut many = one.clone();
    many.tables
        .push(Table::of("second", &[("x", "dynamic")]).with_row([json!({"a": [1]})]));
    many.details
        .push(Table::of("properties", &[("Key", "string")]).with_row(["k"]));
    for dataset in [&one, &many] {
        let read = Dataset::from_v2(dataset.to_v2().to_string().as_bytes()).expect("it is an answer");
        assert_eq!(read, *dataset);
    }
    let read = Dataset::from_v1(many.to_v1().to_string().as_bytes()).expect("it is an answer");
    assert_eq!(read, many);
    let read = Dataset::from_v1(one.to_v1().to_string().as_bytes()).expect("it is an answer");
    assert_eq!(read.tables[0].rows, one.tables[0].rows);
}

#[test]
fn commands_are_answered_with_both_names_of_a_type() {
    let answer = Dataset::single(Table::of("any", &[("Count", "long")]).with_row([3])).to_v1();
    assert_eq!(
        answer,
        json!({"Tables": [{
            "TableName": "Table_0",
            "Columns": [{"ColumnName": "Count", "DataType": "Int64", "ColumnType": "long"}],
            "Rows": [[3]],
        }]})
    );
}

#[test]
fn fragments_of_a_table_are_put_together() {
    let frames = json!([
        {"FrameType": "DataSetHeader", "IsProgressive": true},
        {"FrameType": "TableHeader", "TableId": 1, "TableKind": "PrimaryResult", "TableName": "t",
         "Columns": [{"ColumnName": "n", "ColumnType": "int"}]},
        {"FrameType": "TableFragment", "TableId": 1, "TableFragmentType": "DataAppend", "Rows": [[1], [2]]},
        {"FrameType": "TableFragment", "TableId": 1, "TableFragmentType": "DataReplace", "Rows": [[3]]},
        {"FrameType": "TableProgress", "TableId": 1, "TableProgress": 50.0},
        {"FrameType": "TableFragment", "TableId": 1, "TableFragmentType": "DataAppend", "Rows": [[4]]},
        {"FrameType": "TableCompletion", "TableId": 1, "RowCount": 2},
        {"FrameType": "DataSetCompletion", "HasErrors": false, "Cancelled": false},
    ]);
    let answer = Dataset::from_v2(frames.to_string().as_bytes()).expect("it is an answer");
    assert_eq!(answer.tables[0].rows, [[json!(3)], [json!(4)]]);
}

#[test]
fn a_query_that_failed_at_its_end_or_by_its_status_is_an_error() {
    let completion = json!([
        {"FrameType": "DataTable", "TableId": 0, "TableKind": "PrimaryResult", "Columns": [], "Rows": []},
        {"FrameType": "DataSetCompletion", "HasErrors": true, "Cancelled": false,
         "OneApiErrors": [{"error": {"code": "LimitsExceeded", "@message": "too many rows", "@permanent": true}}]},
    ]);
    let status = json!([
        {"FrameType": "DataTable", "TableId": 0, "TableKind": "QueryCompletionInformation",
         "Columns": [{"ColumnName": "Level", "ColumnType": "int"}, {"ColumnName": "Payload", "ColumnType": "string"}],
         "Rows": [[4, "fine"], [2, "too many rows"]]},
        {"FrameType": "DataSetCompletion", "HasErrors": false, "Cancelled": false},
    ]);
    for frames in [completion, status] {
        let error = Dataset::from_v2(frames.to_string().as_bytes()).expect_err("it failed");
        assert!(error.to_string().contains("too many rows"), "{error}");
        assert_eq!(error.kind(), ErrorKind::Rejected);
    }
}
