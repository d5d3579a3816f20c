//! Answers of both shapes, read from what services send.

use kusto_endpoint::{
    ClientHeaders, Column, Dataset, EndpointRequest, EndpointResponse, RequestKind, RequestProperties,
};
use kusto_ingest_core::{DatabaseName, ErrorKind};
use serde_json::{Value, json};

fn v1(tables: &Value) -> Dataset {
    Dataset::from_v1(json!({ "Tables": tables }).to_string().as_bytes()).expect("it is an answer")
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

#[test]
fn a_lone_table_with_a_column_kind_is_the_answer() {
    let mappings = json!({
        "TableName": "Table_0",
        "Columns": [
            {"ColumnName": "Name", "ColumnType": "string"},
            {"ColumnName": "Kind", "ColumnType": "string"},
        ],
        "Rows": [["m", "Csv"]],
    });
    let answer = v1(&json!([mappings]));
    assert_eq!(answer.tables[0].texts("Kind").collect::<Vec<_>>(), ["Csv"]);
    assert_eq!(answer.details, []);
    // Nor is the last of many one of contents, if it does not say of which table it speaks.
    let answer = v1(&json!([mappings, mappings, mappings]));
    assert_eq!(answer.tables.len(), 3);
}

/// An answer of one cell in each shape, with the value as it is written.
fn of_one_cell(value: &str) -> [Dataset; 2] {
    let columns = r#"[{"ColumnName":"d","ColumnType":"dynamic"},{"ColumnName":"n","ColumnType":"long"}]"#;
    let table = format!(r#""TableName":"t","Columns":{columns},"Rows":[[{value},1],["next",2]]"#);
    let first = format!(r#"{{"Tables":[{{{table}}}]}}"#);
    let second = format!(
        r#"[{{"FrameType":"DataTable","TableId":0,"TableKind":"PrimaryResult",{table}}},
            {{"FrameType":"DataSetCompletion","HasErrors":false,"Cancelled":false}}]"#
    );
    [
        Dataset::from_v1(first.as_bytes()).expect("it is an answer"),
        Dataset::from_v2(second.as_bytes()).expect("it is an answer"),
    ]
}

/// The value of the cell, after a look at those around it.
fn cells(value: &str) -> [Value; 2] {
    of_one_cell(value).map(|answer| {
        let table = answer.primary().expect("there is a table");
        assert_eq!(table.rows[0][1], json!(1));
        assert_eq!(table.rows[1], [json!("next"), json!(2)]);
        table.rows[0][0].clone()
    })
}

#[test]
fn a_value_nested_hundreds_of_levels_deep_is_read() {
    for depth in [123, 124, 130, 500] {
        let text = format!(
            r#"{}"deep"{}"#,
            r#"[{"a":"#.repeat(depth / 2),
            "}]".repeat(depth / 2)
        );
        for mut value in cells(&text) {
            assert_eq!(value.to_string(), text);
            for _ in 0..depth / 2 {
                value = value[0]["a"].take();
            }
            assert_eq!(value, json!("deep"));
        }
    }
}

#[test]
fn a_value_deeper_than_any_stack_is_text_at_its_bottom() {
    let depth = 200_000;
    let text = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    for (mut value, around) in cells(&text).into_iter().zip([5, 4]) {
        for _ in 0..Dataset::MAX_DEPTH - around {
            value = value[0].take();
        }
        let left = depth - (Dataset::MAX_DEPTH - around);
        assert_eq!(value.as_str().map(str::len), Some(2 * left + 1));
    }
}

#[test]
fn half_a_letter_and_a_number_out_of_range_cost_nothing_else() {
    for value in cells(r#"{"cut":"emoji \ud83d","big":1e400,"small":-1e400,"keep":9007199254740993}"#) {
        let expect = json!({
            "cut": "emoji \u{fffd}", "big": "Infinity", "small": "-Infinity", "keep": 9_007_199_254_740_993_i64
        });
        assert_eq!(value, expect);
    }
}

#[test]
fn a_success_that_cannot_be_read_leaves_open_what_a_command_did_and_not_what_it_showed() {
    let page = "<html><title>Sign in to the network</title></html>";
    for (command, kind) in [
        (".ingest into table T (h'x')", ErrorKind::OutcomeUnknown),
        (".show version", ErrorKind::Protocol),
    ] {
        let request = EndpointRequest::new(
            RequestKind::Management,
            &DatabaseName::net_default(),
            command,
            &RequestProperties::new(),
            &ClientHeaders::default(),
        )
        .expect("the text is not blank");
        for body in [page, "", r#"{"Tables":["#, "{}"] {
            let answer = EndpointResponse::new(200, |_| None, body.as_bytes());
            let error = answer.read(&request).expect_err("it is no answer");
            assert_eq!(error.kind(), kind, "{command} {body}");
            assert_eq!(
                error.chain().contains("Sign in"),
                body == page,
                "{}",
                error.chain()
            );
        }
    }
}
