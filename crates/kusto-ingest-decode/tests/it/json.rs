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
