//! Single rows, through the writer: what each value becomes.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use kusto_ingest_core::{DataFormat, ErrorKind, Timespan, Timestamp};
use kusto_ingest_rows::{RowWriter, serialize_datetime, serialize_timespan};
use serde::{Serialize, Serializer};
use serde_json::{json, value::RawValue};
use time::macros::datetime;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

fn written(mut writer: RowWriter, rows: &[impl Serialize]) -> String {
    let mut out = Vec::new();
    for row in rows {
        writer.write(row, &mut out).expect("the row can be written");
    }
    String::from_utf8(out).expect("records are UTF-8")
}

fn csv(row: impl Serialize) -> String {
    written(RowWriter::csv(), &[row])
}

fn refused(writer: &mut RowWriter, row: &impl Serialize) -> String {
    let mut out = b"before".to_vec();
    let error = writer
        .write(row, &mut out)
        .expect_err("the row cannot be written");
    assert_eq!(out, b"before", "a refused row leaves nothing behind");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    error.to_string()
}

#[test]
fn s02_c94_every_cell_is_written_as_kusto_reads_it() {
    let at = Timestamp::from(datetime!(2020-01-01 00:00 UTC));
    assert_eq!(
        csv((None::<String>, "", "a,b", "q\"x", true, at)),
        ",\"\",\"a,b\",\"q\"\"x\",true,2020-01-01T00:00:00.0000000Z\n"
    );
}

#[test]
fn text_is_quoted_only_where_it_must_be() {
    for (text, expect) in [
        ("plain text", "plain text\n"),
        ("semi;colon\ttab", "semi;colon\ttab\n"),
        ("two\nlines", "\"two\nlines\"\n"),
        ("two\rlines", "\"two\rlines\"\n"),
        (" blank", "\" blank\"\n"),
        ("blank\t", "\"blank\t\"\n"),
        ("\"", "\"\"\"\"\n"),
        ("\u{feff}mark", "\"\u{feff}mark\"\n"),
        ("größe \u{1f980}", "größe \u{1f980}\n"),
    ] {
        assert_eq!(csv((text,)), expect);
    }
    assert_eq!(csv(('x', ',', '"')), "x,\",\",\"\"\"\"\n");
}

#[test]
fn numbers_keep_every_digit() {
    assert_eq!(
        csv((i64::MIN, u64::MAX, i128::MIN, u128::MAX)),
        format!("{},{},{},{}\n", i64::MIN, u64::MAX, i128::MIN, u128::MAX)
    );
    assert_eq!(
        csv((0.1_f32, 0.1_f64, 1.0, -0.0, 5e-324)),
        "0.1,0.1,1.0,-0.0,5e-324\n"
    );
    assert_eq!(
        csv((f64::NAN, f32::INFINITY, f64::NEG_INFINITY)),
        "NaN,Infinity,-Infinity\n"
    );
}

#[test]
fn what_has_parts_becomes_json_in_one_cell() {
    #[derive(Serialize)]
    enum Kind {
        Plain,
        With { note: &'static str },
        Of(u8),
    }
    assert_eq!(
        csv((
            Vec::<u8>::new(),
            [1, 2],
            Kind::Plain,
            Kind::With { note: "a\nb" },
            Kind::Of(1)
        )),
        "[],\"[1,2]\",Plain,\"{\"\"With\"\":{\"\"note\"\":\"\"a\\nb\"\"}}\",\"{\"\"Of\"\":1}\"\n"
    );
    assert_eq!(
        csv((
            json!({"a": [1, null], "b": "x"}),
            json!(null),
            json!("x"),
            json!(1.5)
        )),
        "\"{\"\"a\"\":[1,null],\"\"b\"\":\"\"x\"\"}\",,x,1.5\n"
    );
    assert_eq!(csv((f64::NAN, [f64::NAN])), "NaN,\"[\"\"NaN\"\"]\"\n");
    let raw: Box<RawValue> = serde_json::from_str("{ \"n\": 1.00 }").expect("it is JSON");
    assert_eq!(csv((&raw, 1)), "\"{ \"\"n\"\": 1.00 }\",1\n");
}

#[test]
fn guids_bytes_and_addresses_are_text() {
    struct Bytes(&'static [u8]);
    impl Serialize for Bytes {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(self.0)
        }
    }
    let id = Uuid::from_u128(0xABCD_EF01_2345_6789_ABCD_EF01_2345_6789);
    assert_eq!(
        csv((id, Bytes(b"kusto?>"), [Bytes(b"x")])),
        "abcdef01-2345-6789-abcd-ef0123456789,a3VzdG8/Pg==,\"[\"\"eA==\"\"]\"\n"
    );
}

#[derive(Serialize)]
struct Times {
    #[serde(serialize_with = "serialize_datetime")]
    at: OffsetDateTime,
    #[serde(serialize_with = "serialize_datetime")]
    until: Option<Date>,
    #[serde(serialize_with = "serialize_timespan")]
    took: Duration,
    #[serde(serialize_with = "serialize_timespan")]
    waited: Option<time::Duration>,
}

#[test]
fn moments_and_lengths_of_time_are_written_as_kusto_reads_them() {
    let times = |waited| Times {
        at: datetime!(2026-03-29 01:30 -05:00),
        until: None,
        took: Duration::from_micros(90_061_000_001),
        waited,
    };
    let waited = Some(time::Duration::seconds(-1));
    assert_eq!(
        csv(times(waited)),
        "2026-03-29T06:30:00.0000000Z,,1.01:01:01.0000010,-00:00:01\n"
    );
    assert_eq!(
        written(RowWriter::json_lines(), &[times(None)]),
        "{\"at\":\"2026-03-29T06:30:00.0000000Z\",\"until\":null,\"took\":\"1.01:01:01.0000010\",\"waited\":null}\n"
    );
    assert_eq!(
        csv((1, Timespan::saturating_from(Duration::from_secs(60)))),
        "1,00:01:00\n"
    );
    let too_long = Times {
        took: Duration::MAX,
        ..times(None)
    };
    assert_eq!(
        refused(&mut RowWriter::csv(), &too_long),
        "write a row: write a timespan: it is longer than a timespan can be (row 1, column took)"
    );
}

#[derive(Clone, Serialize)]
struct Sparse {
    a: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    b: Option<i32>,
    c: i32,
}

#[test]
fn fields_that_serde_skips_keep_their_columns() {
    let sparse = |b| Sparse { a: 1, b, c: 3 };
    assert_eq!(
        written(RowWriter::csv(), &[sparse(None), sparse(Some(2))]),
        "1,,3\n1,2,3\n"
    );
    assert_eq!(
        written(RowWriter::json_lines(), &[sparse(None), sparse(Some(2))]),
        "{\"a\":1,\"c\":3}\n{\"a\":1,\"b\":2,\"c\":3}\n"
    );
}

#[test]
fn listed_columns_put_fields_in_place_by_name() {
    let writer = RowWriter::csv_with_columns(["c", "missing", "a", "b"]).expect("the columns are good");
    let rows = [
        json!({"a": 1, "b": 2, "c": 3}),
        json!({"c": 4}),
        json!({}),
        json!([1, 2, 3, 4]),
    ];
    assert_eq!(written(writer, &rows), "3,,1,2\n4,,,\n,,,\n1,2,3,4\n");
    let writer = RowWriter::csv_with_columns(["a"]).expect("the columns are good");
    assert_eq!(written(writer, &[HashMap::from([("a", 1)])]), "1\n");
    for bad in [vec![], vec!["a", "b", "a"]] {
        assert!(RowWriter::csv_with_columns(bad).is_err());
    }
}

#[test]
fn a_null_alone_is_still_a_record() {
    assert_eq!(
        written(RowWriter::csv(), &[(None::<i32>,), (Some(1),)]),
        "\"\"\n1\n"
    );
}

#[test]
fn a_row_with_other_columns_is_an_error_that_names_row_and_column() {
    let mut named = RowWriter::csv_with_columns(["a", "b"]).expect("the columns are good");
    named
        .write(&json!({"a": 1}), &mut Vec::new())
        .expect("the row is good");
    assert_eq!(
        refused(&mut named, &json!({"a": 1, "d": 2})),
        "write a row: its field \"d\" is none of the columns a, b (row 2)"
    );
    assert_eq!(
        refused(&mut named, &(1, 2, 3)),
        "write a row: it has 3 cells where there are 2 columns (row 3)"
    );
    let mut placed = RowWriter::csv();
    placed.write(&(1, 2), &mut Vec::new()).expect("the row is good");
    assert!(refused(&mut placed, &[1]).contains("1 cells where there are 2 columns"));
    assert!(refused(&mut placed, &Sparse { a: 1, b: None, c: 2 }).contains("had none"));
    assert_eq!(
        refused(&mut RowWriter::json_lines(), &Nested { a: Bad }),
        "write a row: the sensor is broken (row 1, column a)"
    );
}

#[test]
fn a_row_with_a_field_twice_is_an_error() {
    struct Twice;
    impl Serialize for Twice {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map([("a", 1), ("a", 2)])
        }
    }
    let mut writer = RowWriter::csv_with_columns(["a"]).expect("the columns are good");
    assert!(refused(&mut writer, &Twice).contains("the field \"a\" twice"));
}

#[derive(Serialize)]
struct Nested {
    a: Bad,
}

struct Bad;

impl Serialize for Bad {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("the sensor is broken"))
    }
}

#[test]
fn what_is_no_row_is_refused() {
    #[derive(Serialize)]
    enum Tagged {
        New(u8),
        Named { a: u8 },
    }
    let mut writer = RowWriter::csv();
    assert!(refused(&mut writer, &()).contains("null is no row"));
    assert!(refused(&mut writer, &None::<Sparse>).contains("null is no row"));
    assert!(refused(&mut writer, &Vec::<u8>::new()).contains("no cells"));
    assert!(refused(&mut writer, &Tagged::New(1)).contains("tagged"));
    assert!(refused(&mut writer, &Tagged::Named { a: 1 }).contains("tagged"));
    assert!(refused(&mut writer, &BTreeMap::from([("a", 1)])).contains("list the columns"));
    // None of them fixed the columns.
    writer
        .write(&Sparse { a: 1, b: None, c: 2 }, &mut Vec::new())
        .expect("the row is good");

    let mut lines = RowWriter::json_lines();
    for row in [json!(null), json!([1]), json!("text"), json!(1)] {
        assert!(refused(&mut lines, &row).contains("must be an object"));
    }
    assert_eq!(lines.rows(), 4);
}

#[test]
fn the_writer_tells_the_format() {
    assert_eq!(RowWriter::csv().format(), DataFormat::Csv);
    assert_eq!(RowWriter::json_lines().format(), DataFormat::Json);
}
