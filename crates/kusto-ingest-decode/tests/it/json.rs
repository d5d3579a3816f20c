//! JSON in its three formats, through the public API.

use std::ops::ControlFlow;

use kusto_ingest_core::DataFormat;
use kusto_ingest_decode::{
    DecodeEvent, DecodeOptions, Decoded, Schema, Value, WarningKind, decode, decode_each,
};

fn schema(text: &str) -> Schema {
    text.parse().expect("the schema of a test is right")
}

fn read(format: DataFormat, data: &str, columns: &str) -> Decoded {
    decode(data.as_bytes(), &DecodeOptions::new(format), &schema(columns))
        .expect("the data of this test is right")
}

fn shown(decoded: &Decoded) -> Vec<String> {
    let row = |row: &Vec<_>| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|");
    decoded.rows.iter().map(row).collect()
}

fn code(format: DataFormat, data: &str) -> String {
    let error = decode(data.as_bytes(), &DecodeOptions::new(format), &schema("a:long")).expect_err(data);
    error
        .code()
        .expect("every failure of decoding has a code")
        .to_owned()
}

#[test]
fn columns_take_the_members_of_their_name() {
    let data = "{\"a\":1,\"B\":\"x\"}\r\n\n{\"b\":\"y\",\"a\":\"2\",\"b\":\"z\"}\n{}";
    assert_eq!(
        shown(&read(DataFormat::Json, data, "a:long,b:string")),
        ["1|", "2|z", "|"]
    );
}

#[test]
fn lines_that_are_no_json_are_left_out() {
    let decoded = read(DataFormat::Json, "{\"a\":1}\n{\"a\":\n[1]\n{\"a\":2}\n", "a:long");
    assert_eq!(shown(&decoded), ["1", "2"]);
    let left_out: Vec<u64> = decoded.warnings.iter().map(|warning| warning.record).collect();
    assert_eq!(left_out, [2, 3]);
    assert!(decoded.warnings.iter().all(|warning| warning.kind.drops_record()));
}

#[test]
fn every_digit_is_kept() {
    let data =
        r#"{"l":9223372036854775807,"d":1234567890.12345678901234567890,"r":1e3,"j":{"n":9007199254740993}}"#;
    let decoded = read(DataFormat::Json, data, "l:long,d:decimal,r:real,j:dynamic");
    assert_eq!(
        shown(&decoded),
        ["9223372036854775807|1234567890.12345678901234567890|1000.0|{\"n\":9007199254740993}"]
    );
}

#[test]
fn values_become_what_the_column_holds() {
    let decoded = read(
        DataFormat::SingleJson,
        r#"{"s":{"a": [1]},"t":true,"n":null,"e":null,"at":"2012-01-01T00:00:00Z","g":"x","d":"text","x":1.5,"u":"\u00e9\n"}"#,
        "s:string,t:string,n:long,e:string,at:datetime,g:guid,d:dynamic,x:int,u:string",
    );
    assert_eq!(
        shown(&decoded),
        ["{\"a\": [1]}|true|||2012-01-01T00:00:00.0000000Z||\"text\"||\u{e9}\n"]
    );
    assert_eq!(decoded.rows[0][3], Value::String(String::new()));
    let columns: Vec<_> = decoded
        .warnings
        .iter()
        .filter_map(|warning| warning.column.as_deref())
        .collect();
    assert_eq!(columns, ["g", "x"]);
}

#[test]
fn many_values_are_an_array_or_one_after_the_other() {
    for data in [
        "[{\"a\":1},\n{\"a\":\n2}]",
        " {\"a\":1} {\"a\":\n2}\n",
        "{\"a\":1}{\"a\":2}",
        "\u{FEFF}[{\"a\":1},{\"a\":2}] \n",
    ] {
        assert_eq!(
            shown(&read(DataFormat::MultiJson, data, "a:long")),
            ["1", "2"],
            "{data}"
        );
    }
}

#[test]
fn one_value_may_spread_over_lines() {
    assert_eq!(
        shown(&read(DataFormat::SingleJson, "{\n \"a\": 1\n}\n", "a:long")),
        ["1"]
    );
}

#[test]
fn what_cannot_be_ingested_says_so_in_the_words_of_the_service() {
    for (format, data, expect) in [
        (DataFormat::Json, "", "BadRequest_NoRecordsOrWrongFormat"),
        (
            DataFormat::Json,
            "{\n \"a\": 1\n}\n",
            "BadRequest_NoRecordsOrWrongFormat",
        ),
        (
            DataFormat::Json,
            "a,b\n1,2\n",
            "BadRequest_NoRecordsOrWrongFormat",
        ),
        (DataFormat::MultiJson, " \n", "BadRequest_NoRecordsOrWrongFormat"),
        (DataFormat::MultiJson, "[]", "BadRequest_NoRecordsOrWrongFormat"),
        (
            DataFormat::MultiJson,
            "[{\"a\":1},{\"a\":]",
            "BadRequest_InvalidBlob",
        ),
        (DataFormat::MultiJson, "[{\"a\":1}] x", "BadRequest_InvalidBlob"),
        (DataFormat::MultiJson, "{\"a\":1} x", "BadRequest_InvalidBlob"),
        (
            DataFormat::SingleJson,
            "{\"a\":1} {\"a\":2}",
            "BadRequest_InvalidBlob",
        ),
        (DataFormat::SingleJson, "", "BadRequest_NoRecordsOrWrongFormat"),
    ] {
        assert_eq!(code(format, data), expect, "{format} {data:?}");
    }
}

#[test]
fn a_reader_may_break_off() {
    for (format, data) in [
        (DataFormat::Json, "{\"a\":1}\n{\"a\":2}\n{\"a\":3}"),
        (DataFormat::MultiJson, "[{\"a\":1},{\"a\":2},{\"a\":3}"),
        (DataFormat::MultiJson, "{\"a\":1}{\"a\":2}{\"a\":3"),
        (DataFormat::Csv, "1\n2\n3,x\n"),
    ] {
        let mut met = Vec::new();
        let ended = decode_each(
            data.as_bytes(),
            &DecodeOptions::new(format),
            &schema("a:long"),
            |event| {
                met.push(event);
                if met.len() == 2 {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            },
        );
        assert!(ended.is_ok(), "{format}: {ended:?}");
        assert_eq!(
            met,
            [1, 2].map(|number| DecodeEvent::Row(vec![Value::Long(number)])),
            "{format}"
        );
    }
}

#[test]
fn deep_and_large_values_are_null_or_text_and_never_a_panic() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let decoded = read(DataFormat::Json, &deep, "a:dynamic");
    assert_eq!(decoded.rows, [[Value::Null]]);
    let large = format!("{{\"a\":[\"{}\"]}}", "x".repeat(1 << 20));
    let decoded = read(DataFormat::Json, &large, "a:dynamic");
    assert_eq!(decoded.rows, [[Value::Null]]);
    assert_eq!(decoded.warnings[0].kind, WarningKind::DynamicTooLarge);
}

#[test]
fn case_01_json_lines_may_have_single_quotes_and_comments() {
    let data = "{'id': 1, 'name': 'single'}\n{\"id\": 2, \"name\": \"plain\"}\n{\"id\": 3, /* why */ \"name\": \"comment\"}\n\
        // a comment alone is no record\n{\"id\": 4, \"name\": \"tail\"} // end\n";
    let decoded = read(DataFormat::Json, data, "id:int,name:string");
    assert_eq!(shown(&decoded), ["1|single", "2|plain", "3|comment", "4|tail"]);
    assert_eq!(decoded.warning_count, 0);
}

#[test]
fn only_json_lines_are_documented_to_take_comments() {
    for format in [DataFormat::MultiJson, DataFormat::SingleJson] {
        assert_eq!(code(format, "{'a': 1}"), "BadRequest_InvalidBlob", "{format}");
        assert_eq!(
            code(format, "{\"a\": /* why */ 1}"),
            "BadRequest_InvalidBlob",
            "{format}"
        );
    }
}

#[test]
fn case_02_half_of_a_surrogate_pair_costs_only_itself() {
    for format in [DataFormat::Json, DataFormat::MultiJson] {
        let data = "{\"m\":\"cut \\ud83d\",\"n\":1,\"x\\ud83d\":2}\n{\"m\":\"ok\",\"n\":2,\"d\":{\"k\":[\"\\ude00\"]}}\n";
        let decoded = read(format, data, "m:string,n:int,d:dynamic");
        assert_eq!(
            shown(&decoded),
            ["cut \u{FFFD}|1|", "ok|2|{\"k\":[\"\u{FFFD}\"]}"]
        );
        let told: Vec<_> = decoded
            .warnings
            .iter()
            .map(|warning| (warning.line, warning.column.as_deref(), warning.kind))
            .collect();
        assert_eq!(
            told,
            [
                (1, Some("m"), WarningKind::SurrogateReplaced),
                (2, Some("d"), WarningKind::SurrogateReplaced)
            ]
        );
    }
}

#[test]
fn case_04_a_number_beyond_a_double_costs_only_itself() {
    let data = "{\"n\":1,\"d\":{\"r\":1e400,\"keep\":\"x\"}}\n{\"n\":2,\"d\":{\"r\":1e308,\"keep\":\"y\"},\"f\":1e400}\n";
    let decoded = read(DataFormat::Json, data, "n:int,d:dynamic,f:real");
    assert_eq!(
        shown(&decoded),
        [
            "1|{\"r\":null,\"keep\":\"x\"}|",
            "2|{\"r\":1e308,\"keep\":\"y\"}|"
        ]
    );
    let kinds: Vec<_> = decoded.warnings.iter().map(|warning| warning.kind).collect();
    assert_eq!(
        kinds,
        [
            WarningKind::NumberOutOfRange,
            WarningKind::NotOfType(kusto_ingest_decode::ScalarType::Real)
        ]
    );
}

#[test]
fn case_19_an_array_read_as_json_lines_is_told_what_would_read_it() {
    for data in ["[{\"a\":1},{\"a\":2}]", "{\n \"a\": 1\n}\n"] {
        let error = decode(
            data.as_bytes(),
            &DecodeOptions::new(DataFormat::Json),
            &schema("a:int"),
        )
        .expect_err(data);
        assert!(error.to_string().contains("multijson"), "{error}");
        let sample = kusto_ingest_decode::Sample::complete(data.as_bytes());
        let error = kusto_ingest_decode::infer(sample, DataFormat::Json, kusto_ingest_decode::Header::Detect);
        let error = error.expect_err(data);
        assert!(error.to_string().contains("multijson"), "{error}");
    }
}

#[test]
fn members_of_dynamic_values_keep_their_order() {
    let data = "{\"d\":{\"z\":1,\"a\":{\"y\":2,\"b\":3}},\"x\":0}\n";
    assert_eq!(
        shown(&read(DataFormat::Json, data, "d:dynamic")),
        ["{\"z\":1,\"a\":{\"y\":2,\"b\":3}}"]
    );
    let quoted = "\"{\"\"z\"\":1, \"\"a\"\":2}\"\n";
    assert_eq!(
        shown(&read(DataFormat::Csv, quoted, "d:dynamic")),
        ["{\"z\":1,\"a\":2}"]
    );
}

#[test]
fn no_json_format_takes_a_record_without_end() {
    for (format, start) in [
        (DataFormat::Json, "{\"a\":\""),
        (DataFormat::MultiJson, "[[\""),
        (DataFormat::SingleJson, "1"),
    ] {
        let endless = std::io::Read::chain(start.as_bytes(), std::io::repeat(b'1'));
        let error = decode(endless, &DecodeOptions::new(format), &schema("a:string"));
        let error = error.expect_err("it never ends");
        assert_eq!(error.code(), Some("Stream_InputStreamTooLarge"), "{format}");
    }
}

#[test]
fn a_broken_value_is_told_by_its_line() {
    for (data, line) in [
        ("[\n{\"a\":1},\n\n{\"a\":\n}]", "line 5"),
        ("{\"a\":1}\n\n{\"a\"}", "line 3"),
    ] {
        let error = decode(
            data.as_bytes(),
            &DecodeOptions::new(DataFormat::MultiJson),
            &schema("a:int"),
        );
        let error = error.expect_err("it is broken");
        assert!(error.to_string().contains(line), "{error}");
    }
}
