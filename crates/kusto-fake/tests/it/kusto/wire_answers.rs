//! Answers as they are written: key by key, frame by frame, and cut where they are too large.

use kusto_endpoint::{Dataset, RequestProperties};
use kusto_fake::wire::{self, AnswerContext, AnswerOptions};
use kusto_fake::{Answer, AnswerTable};
use kusto_ingest_core::Timestamp;
use kusto_ingest_decode::{Dynamic, ScalarType, Value as Cell};
use serde_json::{Value, json};
use uuid::Uuid;

fn people() -> AnswerTable {
    AnswerTable::of(
        "PrimaryResult",
        &[("name", ScalarType::String), ("age", ScalarType::Int)],
    )
    .with_row([Cell::from("Ada"), Cell::Int(36)])
    .with_row([Cell::from("Grace"), Cell::Null])
}

fn context(options: Value) -> AnswerContext {
    let mut properties = RequestProperties::new();
    properties.options = serde_json::from_value(options).expect("an object");
    let at = Timestamp::parse("2026-01-02T03:04:05.5Z").expect("a moment");
    AnswerContext::new(Uuid::from_u128(7), "T;1", at).with_options(AnswerOptions::of(&properties))
}

fn frames(text: &str) -> Vec<Value> {
    serde_json::from_str(text).expect(text)
}

/// What kind each frame is: that of its table, where it is a whole one.
fn kinds(text: &str) -> Vec<String> {
    let kind = |frame: &Value| frame.get("TableKind").unwrap_or(&frame["FrameType"]).clone();
    let kinds = frames(text).iter().map(kind).collect::<Vec<_>>();
    kinds
        .iter()
        .map(|kind| kind.as_str().expect("a text").to_owned())
        .collect()
}

#[test]
fn commands_are_answered_key_by_key_with_both_names_of_a_type() {
    let answer = Answer::single(AnswerTable::of("any", &[("Count", ScalarType::Long)]).with_row([3_i64]));
    assert_eq!(
        wire::to_v1(&answer),
        r#"{"Tables":[{"TableName":"Table_0","Columns":[{"ColumnName":"Count","DataType":"Int64","ColumnType":"long"}],"Rows":[[3]]}]}"#
    );
}

#[test]
fn a_answer_survives_both_shapes_and_every_form_of_them() {
    let one = Answer::single(people());
    let mut two = one.clone();
    two.tables.push(
        AnswerTable::of("second", &[("x", ScalarType::Dynamic)]).with_row([Dynamic::parse(r#"{"a":[1]}"#)]),
    );
    for answer in [&one, &two] {
        for options in [
            json!({}),
            json!({"results_v2_newlines_between_frames": true}),
            json!({"results_v2_fragment_primary_tables": "true"}),
            json!({"results_progressive_enabled": true, "results_v2_newlines_between_frames": true}),
            json!({"RESULTS_V2_FRAGMENT_PRIMARY_TABLES": true, "results_error_reporting_placement": "end_of_table"}),
        ] {
            let written = wire::to_v2(answer, &context(options));
            let read = Dataset::from_v2(written.as_bytes()).expect(&written);
            assert_eq!(read.tables, answer.to_dataset().tables, "{written}");
            let names: Vec<&str> = read.details.iter().map(|table| table.name.as_str()).collect();
            assert_eq!(names, ["@ExtendedProperties", "QueryCompletionInformation"]);
        }
        let written = wire::query_to_v1(answer, &context(json!({})));
        let read = Dataset::from_v1(written.as_bytes()).expect(&written);
        assert_eq!(read.tables, answer.to_dataset().tables, "{written}");
        assert_eq!(read.details.len(), 2, "{written}");
    }
    let written = wire::to_v1(&two);
    let read = Dataset::from_v1(written.as_bytes()).expect(&written);
    assert_eq!(read.tables, two.to_dataset().tables);
}

#[test]
fn case_18_an_answer_has_its_properties_before_it_and_how_the_query_went_behind() {
    let written = wire::to_v2(&Answer::single(people()), &context(json!({})));
    let expected = [
        "DataSetHeader",
        "QueryProperties",
        "PrimaryResult",
        "QueryCompletionInformation",
        "DataSetCompletion",
    ];
    assert_eq!(kinds(&written), expected);
    let frames = frames(&written);
    assert_eq!(frames[1]["Rows"][0][0], frames[2]["TableId"]);
    assert_eq!(frames[3]["Rows"][0][1], "T;1");
    assert_eq!(frames[3]["Rows"][0][0], "2026-01-02T03:04:05.5Z");
}

#[test]
fn case_18_moments_have_no_zeros_behind_their_last_digit() {
    let moments = [
        ("2009-04-01T00:00:00.0000000Z", "2009-04-01T00:00:00Z"),
        ("2009-04-01T00:00:00.5000000Z", "2009-04-01T00:00:00.5Z"),
        ("2009-04-01T00:00:00.1234567Z", "2009-04-01T00:00:00.1234567Z"),
        ("2009-04-01T00:00:10Z", "2009-04-01T00:00:10Z"),
    ];
    let columns = [
        ("t", ScalarType::DateTime),
        ("text", ScalarType::String),
        ("d", ScalarType::Dynamic),
    ];
    let table = moments
        .iter()
        .fold(AnswerTable::of("T", &columns), |table, (written, _)| {
            let moment = Timestamp::parse(written).expect("a moment");
            let inner = Dynamic::parse(&json!([written]).to_string()).expect("JSON");
            table.with_row([Cell::from(moment), Cell::from(*written), Cell::from(inner)])
        });
    let answer = Answer::single(table);
    let second = frames(&wire::to_v2(&answer, &context(json!({}))));
    let first: Value = serde_json::from_str(&wire::to_v1(&answer)).expect("JSON");
    for (place, (written, shown)) in moments.into_iter().enumerate() {
        // Only what is a moment is written so: a text is the user's.
        let expected = json!([shown, written, [written]]);
        assert_eq!(second[2]["Rows"][place], expected);
        assert_eq!(first["Tables"][0]["Rows"][place], expected);
    }
}

#[test]
fn frames_have_lines_of_their_own_and_their_keys_the_services_order_where_that_is_asked_for() {
    let options = json!({
        "results_v2_newlines_between_frames": true,
        "results_v2_fragment_primary_tables": true,
        "results_error_reporting_placement": "end_of_table",
    });
    let answer =
        Answer::single(AnswerTable::of("PrimaryResult", &[("n", ScalarType::Long)]).with_row([1_i64]));
    let written = wire::to_v2(&answer, &context(options));
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(
        lines[0],
        r#"[{"FrameType":"DataSetHeader","IsProgressive":false,"Version":"v2.0","IsFragmented":true,"ErrorReportingPlacement":"EndOfTable"}"#
    );
    assert!(
        lines[1].starts_with(r#",{"FrameType":"DataTable","TableId":0,"TableKind":"QueryProperties","TableName":"@ExtendedProperties","Columns":[{"ColumnName":"TableId","ColumnType":"int"}"#),
        "{}",
        lines[1]
    );
    assert_eq!(
        lines[2..5],
        [
            r#",{"FrameType":"TableHeader","TableId":1,"TableKind":"PrimaryResult","TableName":"PrimaryResult","Columns":[{"ColumnName":"n","ColumnType":"long"}]}"#,
            r#",{"FrameType":"TableFragment","TableFragmentType":"DataAppend","TableId":1,"Rows":[[1]]}"#,
            r#",{"FrameType":"TableCompletion","TableId":1,"RowCount":1}"#,
        ]
    );
    assert_eq!(
        lines[6..],
        [
            r#",{"FrameType":"DataSetCompletion","HasErrors":false,"Cancelled":false}"#,
            "]"
        ]
    );
}

#[test]
fn a_progressive_answer_grows_and_says_how_far_it_is() {
    let rows = 0..2500_i64;
    let table = rows.fold(
        AnswerTable::of("PrimaryResult", &[("n", ScalarType::Long)]),
        |table, n| table.with_row([n]),
    );
    let answer = Answer::single(table);
    let written = wire::to_v2(&answer, &context(json!({"results_progressive_enabled": true})));
    let frames = frames(&written);
    assert_eq!(frames[0]["IsProgressive"], true);
    let of = |kind: &str| {
        frames
            .iter()
            .filter(|frame| frame["FrameType"] == kind)
            .collect::<Vec<_>>()
    };
    let lengths: Vec<_> = of("TableFragment")
        .iter()
        .map(|frame| frame["Rows"].as_array().map(Vec::len))
        .collect();
    assert_eq!(lengths, [Some(1000), Some(1000), Some(500)]);
    assert_eq!(
        of("TableProgress").last().expect("there is one")["TableProgress"],
        100.0
    );
    assert_eq!(of("TableCompletion")[0]["RowCount"], 2500);
    let read = Dataset::from_v2(written.as_bytes()).expect("an answer");
    assert_eq!(read.tables, answer.to_dataset().tables);
}

#[test]
fn case_39_an_answer_that_is_too_large_is_cut_and_says_so_where_the_client_looks() {
    let numbers = 0..9_i64;
    let table = numbers.fold(
        AnswerTable::of("PrimaryResult", &[("n", ScalarType::Long)]),
        |table, n| table.with_row([n]),
    );
    let answer = Answer::single(table);
    for (options, kept, limit) in [
        (json!({"truncationmaxrecords": 5}), 5, "5 records"),
        (json!({"truncationmaxrecords": "5"}), 5, "5 records"),
        (json!({"truncationmaxsize": 24}), 3, "24 bytes"),
        (
            json!({"truncationmaxsize": 24, "truncationmaxrecords": 2}),
            2,
            "2 records",
        ),
    ] {
        let context = context(options);
        let second = wire::to_v2(&answer, &context);
        let rows = frames(&second)[2]["Rows"].clone();
        let rows = rows.as_array().expect("rows");
        assert_eq!(rows.len(), kept + 1, "{second}");
        let last = &rows[kept]["OneApiErrors"][0]["error"];
        assert_eq!(last["code"], "LimitsExceeded");
        assert!(
            last["@message"].as_str().is_some_and(|text| text.contains(limit)),
            "{last}"
        );
        let completion = frames(&second).pop().expect("the last");
        assert_eq!(
            (&completion["HasErrors"], &completion["OneApiErrors"][0]["error"]),
            (&json!(true), last)
        );
        let first = wire::query_to_v1(&answer, &context);
        for (error, shape) in [
            (
                Dataset::from_v2(second.as_bytes()).expect_err("it was cut"),
                &second,
            ),
            (
                Dataset::from_v1(first.as_bytes()).expect_err("it was cut"),
                &first,
            ),
        ] {
            assert!(error.chain().contains("E_QUERY_RESULT_SET_TOO_LARGE"), "{shape}");
        }
    }
    for (options, rows) in [
        (json!({"truncationmaxrecords": 5, "notruncation": true}), 9),
        (json!({"query_take_max_records": 4}), 4),
        (json!({"truncationmaxrecords": 9}), 9),
    ] {
        let written = wire::to_v2(&answer, &context(options));
        let read = Dataset::from_v2(written.as_bytes()).expect(&written);
        assert_eq!(read.tables[0].rows.len(), rows);
    }
}

#[test]
fn an_error_stands_at_the_end_of_the_table_or_of_the_answer_where_that_is_asked_for() {
    let answer = Answer::single(people());
    for (placement, in_rows, in_table) in [
        ("in_data", true, false),
        ("end_of_table", false, true),
        ("end_of_dataset", false, false),
    ] {
        let options = json!({
            "results_v2_fragment_primary_tables": true,
            "results_error_reporting_placement": placement,
            "truncationmaxrecords": 1,
        });
        let frames = frames(&wire::to_v2(&answer, &context(options)));
        let of = |kind: &str| {
            frames
                .iter()
                .find(|frame| frame["FrameType"] == kind)
                .expect(kind)
        };
        assert_eq!(
            of("TableFragment")["Rows"].as_array().map(Vec::len),
            Some(1 + usize::from(in_rows))
        );
        assert_eq!(
            of("TableCompletion").get("OneApiErrors").is_some(),
            in_table,
            "{placement}"
        );
        assert_eq!(of("DataSetCompletion")["HasErrors"], true, "{placement}");
    }
}

#[test]
fn five_hundred_thousand_records_or_sixty_four_mebibytes_come_and_no_more() {
    let options = AnswerOptions::default();
    assert_eq!(
        (options.max_records, options.max_bytes),
        (Some(500_000), Some(64 * 1024 * 1024))
    );
    let large = "x".repeat(1024 * 1024);
    let table = (0..65).fold(
        AnswerTable::of("PrimaryResult", &[("s", ScalarType::String)]),
        |table, _| table.with_row([large.as_str()]),
    );
    let written = wire::to_v2(&Answer::single(table), &context(json!({})));
    assert_eq!(frames(&written)[2]["Rows"].as_array().map(Vec::len), Some(64 + 1));
}

#[test]
fn a_dynamic_value_is_written_as_it_is_kept() {
    let text = r#"{"z":1,"a":{"y":0.1000,"b":123456789012345678901234567890},"z":2,"e":1E+300}"#;
    let columns = [("d", ScalarType::Dynamic), ("m", ScalarType::Decimal)];
    let table = AnswerTable::of("PrimaryResult", &columns).with_row([
        Cell::from(Dynamic::parse(text)),
        Cell::from(kusto_ingest_decode::Decimal::parse(
            "1234567890123456789012345678901.25",
        )),
    ]);
    let answer = Answer::single(table);
    let row = format!(r#""Rows":[[{text},"1234567890123456789012345678901.25"]]"#);
    let written = wire::to_v2(&answer, &context(json!({})));
    assert!(written.contains(&row), "{written}");
    for written in [
        wire::to_v1(&answer),
        wire::query_to_v1(&answer, &context(json!({}))),
    ] {
        assert!(written.contains(&row), "{written}");
    }
}
