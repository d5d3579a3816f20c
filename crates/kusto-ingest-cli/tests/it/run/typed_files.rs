//! Files of formats that have types of their own: their columns are those of the table, and what is damaged fails.

use std::sync::Arc;

use apache_avro::types::Value as Avro;
use futures::AsyncReadExt as _;
use futures::executor::block_on;
use kusto_ingest::rows::arrow_array::{
    ArrayRef, Decimal128Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use kusto_ingest::rows::parquet_of_batches;
use serde_json::json;

use crate::setup::command::{CommandOutput, run};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

fn parquet() -> Vec<u8> {
    let prices = Decimal128Array::from(vec![Some(150), None, Some(-1)]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("n", Arc::new(Int64Array::from(vec![Some(1), Some(2), None]))),
        (
            "at",
            Arc::new(TimestampMicrosecondArray::from(vec![
                Some(0),
                None,
                Some(1_577_934_245_123_456),
            ])),
        ),
        (
            "price",
            Arc::new(prices.with_precision_and_scale(20, 2).expect("it is a decimal")),
        ),
        (
            "what",
            Arc::new(StringArray::from(vec!["a", "b, \"c\"", "\u{1F600}"])),
        ),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("the columns have one length");
    let source = parquet_of_batches(vec![batch]).expect("Parquet has these types");
    let mut bytes = Vec::new();
    block_on(async {
        let mut reader = source.payload().open(0).await.expect("it opens");
        reader.read_to_end(&mut bytes).await.expect("it is written");
    });
    bytes
}

fn embedded(arguments: &[&str]) -> CommandOutput {
    run(&[&["ingest"], arguments, &["--emulator", "-d", "D", "-t", "T"]].concat())
}

/// What a table of three rows looks like at the end of what was printed, without the blanks that align it.
fn shown(ran: &CommandOutput) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: Vec<_> = ran.out.lines().map(words).collect();
    lines[lines.len().saturating_sub(4)..].to_vec()
}

#[test]
fn a_parquet_file_makes_its_own_table_in_the_emulator() {
    let folder = Folder::new("a Parquet file");
    let file = folder.write("rows.parquet", parquet());
    let ran = embedded(&[&file]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let rows = [
        "n at price what",
        "1 1970-01-01T00:00:00Z 1.50 a",
        "2 b, \"c\"",
        "2020-01-02T03:04:05.123456Z -0.01 \u{1F600}",
    ];
    assert_eq!(shown(&ran), rows, "{ran:?}");
}

/// A file with a time, a price and a name that no column can have.
fn avro() -> Vec<u8> {
    let schema = r#"{"type":"record","name":"r","fields":[
        {"name":"n","type":["null","long"]},
        {"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}},
        {"name":"tags","type":{"type":"map","values":"int"}}]}"#;
    let schema = apache_avro::Schema::parse_str(schema).expect("it is a schema");
    let mut writer = apache_avro::Writer::new(&schema, Vec::new()).expect("it is written");
    for n in [Avro::Long(1), Avro::Null, Avro::Long(3)] {
        let place = u32::from(n != Avro::Null);
        let record = Avro::Record(vec![
            ("n".to_owned(), Avro::Union(place, Box::new(n))),
            ("at".to_owned(), Avro::TimestampMicros(1_577_934_245_123_456)),
            (
                "tags".to_owned(),
                Avro::Map([("k".to_owned(), Avro::Int(7))].into()),
            ),
        ]);
        writer.append_value(record).expect("it is of the schema");
    }
    writer.into_inner().expect("it is written")
}

#[test]
fn an_avro_file_makes_its_own_table_as_each_of_the_readers_sees_it() {
    let folder = Folder::new("an Avro file");
    let file = folder.write("rows.avro", avro());
    for (format, at) in [
        ("apacheavro", "2020-01-02T03:04:05.123456Z"),
        ("avro", "1577934245123456"),
    ] {
        let ran = embedded(&[&file, "--format", format]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let row = |n: &str| format!("{n}{at} {{\"k\":7}}");
        let rows = ["n at tags".to_owned(), row("1 "), row(""), row("3 ")];
        assert_eq!(shown(&ran), rows, "{ran:?}");
    }
    let schema = "n:long,at:datetime,tags:dynamic";
    let ran = run(&["check", &file, "--format", "apacheavro", "--schema", schema]);
    assert!(ran.out.contains("fits; 3 records looked at"), "{ran:?}");
}

#[test]
fn an_orc_file_makes_its_own_table() {
    let data = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../kusto-ingest-decode/tests/data/every_type.orc"
    );
    let mapping = r#"[{"Column":"l","DataType":"long","Properties":{"Path":"$.l"}},
        {"Column":"p","DataType":"long","Properties":{"Path":"$.z.p"}}]"#;
    let folder = Folder::new("an ORC file");
    let mapping = folder.write("m.json", mapping);
    let ran = embedded(&[data, "--mapping-file", &mapping]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(shown(&ran)[1..], ["9007199254740993 4", "5", "-1 6"], "{ran:?}");
    let ran = run(&["check", data, "--schema", "b:bool,n:datetime,m:decimal,z:dynamic"]);
    assert!(ran.out.contains("fits; 7 records looked at"), "{ran:?}");
}

#[test]
fn a_damaged_file_is_a_failed_ingestion_with_its_code() {
    let folder = Folder::new("damaged files");
    let whole = parquet();
    let cut = folder.write("cut.parquet", &whole[..whole.len() / 2]);
    let kusto = Kusto::with(&["D.T(n:long,at:datetime,price:decimal,what:string)"]);
    let ran = kusto.run(&["ingest", &cut, "--wait"]);
    assert_ne!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("BadRequest_InvalidBlob"), "{ran:?}");
    let file = folder.write("rows.parquet", whole);
    let ran = kusto.run(&["ingest", &file, "--wait"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(
        kusto.query("D", "T | where n == 1 | project at, price, what")["rows"],
        json!([["1970-01-01T00:00:00Z", "1.50", "a"]])
    );
}

#[test]
fn check_holds_the_columns_of_a_file_against_the_table() {
    let folder = Folder::new("checked files");
    let file = folder.write("rows.parquet", parquet());
    let schema = "n:long,at:datetime,price:decimal,what:string";
    let ran = run(&["check", &file, "--schema", schema]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("fits; 3 records looked at"), "{ran:?}");
    let ran = run(&[
        "check",
        &file,
        "--schema",
        "n:long,at:datetime,price:decimal,what:guid",
    ]);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(
        ran.out.contains("record 1, column \"what\": not of type guid"),
        "{ran:?}"
    );
}
