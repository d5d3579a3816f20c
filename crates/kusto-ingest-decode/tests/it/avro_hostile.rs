//! Avro whose schema or blocks ask for more stack, time or memory than a small file may: refused, or read at once.

use kusto_ingest_core::{DataFormat, Result};
use kusto_ingest_decode::{DecodeOptions, decode};

use crate::handmade::{count_rows, long, sized};

/// The rows of a file, counted.
fn read(file: &[u8]) -> Result<u64> {
    count_rows(file, DataFormat::ApacheAvro, "n:long")
}

/// A file of blocks: how many records each has, and their bytes.
fn file_of(schema: &str, blocks: &[(i64, &[u8])]) -> Vec<u8> {
    let sync = [7; 16];
    let mut file = [
        &b"Obj\x01"[..],
        &long(1),
        &sized(b"avro.schema"),
        &sized(schema.as_bytes()),
        &[0],
        &sync,
    ]
    .concat();
    for (count, bytes) in blocks {
        file.extend([&long(*count)[..], &sized(bytes), &sync].concat());
    }
    file
}

fn refused(file: &[u8]) -> String {
    let error = read(file).expect_err("it is refused");
    assert_eq!(error.code(), Some("Stream_InputStreamTooLarge"), "{error}");
    error.to_string()
}

// Followed, it would take all of the stack, and the process with it.
#[test]
fn the_default_of_a_type_that_contains_itself_is_not_followed() {
    let schema = r#"{"type":"record","name":"o","fields":[
        {"name":"a","type":{"type":"record","name":"r","fields":[
            {"name":"n","type":["r",{"type":"map","values":"int"}],"default":{}}]}},
        {"name":"b","type":"r","default":{}}]}"#;
    // Twice an empty map in the second branch.
    assert_eq!(
        read(&file_of(schema, &[(1, &[2, 0, 2, 0])])).expect("it is read"),
        1
    );
}

#[test]
fn a_schema_of_more_than_127_levels_is_refused() {
    let nested = |levels: usize| {
        let (open, close) = (r#"{"type":"array","items":"#.repeat(levels), "}".repeat(levels));
        format!(r#"{{"type":"record","name":"r","fields":[{{"name":"n","type":{open}"int"{close}}}]}}"#)
    };
    assert_eq!(read(&file_of(&nested(100), &[(1, &[0])])).expect("it is read"), 1);
    let error = read(&file_of(&nested(100_000), &[(1, &[0])])).expect_err("it is refused");
    assert_eq!(error.code(), Some("BadRequest_InvalidBlob"), "{error}");
}

// Read, they would take all of the memory, and the process with it.
#[test]
fn records_that_take_no_bytes_do_not_come_without_end() {
    for schema in [
        r#"{"type":"record","name":"r","fields":[{"name":"n","type":"null"}]}"#,
        r#"{"type":"record","name":"r","fields":[]}"#,
        r#"{"type":"record","name":"r","fields":[{"name":"n","type":{"type":"fixed","name":"f","size":0}}]}"#,
    ] {
        assert_eq!(
            read(&file_of(schema, &[(1000, &[]), (1000, &[])])).expect("they are few"),
            2000
        );
        let why = refused(&file_of(schema, &[(1 << 62, &[])]));
        assert!(
            why.contains("67,108,864 values of the Avro file take no bytes"),
            "{why}"
        );
    }
    // What the blocks before had counts as well.
    let schema = r#"{"type":"record","name":"r","fields":[{"name":"n","type":"null"}]}"#;
    refused(&file_of(schema, &[(1000, &[]), ((1 << 26) - 999, &[])]));
}

#[test]
fn a_type_that_contains_itself_takes_no_memory_for_members_that_never_come() {
    // 20,000 members, the first of which is the next level: with room for all of them on each, 256 levels are beyond a record.
    let members: String = (0..20_000)
        .map(|at| format!(r#",{{"name":"m{at}","type":"null"}}"#))
        .collect();
    let schema =
        format!(r#"{{"type":"record","name":"r","fields":[{{"name":"n","type":["null","r"]}}{members}]}}"#);
    refused(&file_of(&schema, &[(1, &[2; 300])]));
}

#[test]
fn more_records_than_there_are_bytes_are_refused_at_once() {
    let schema = r#"{"type":"record","name":"r","fields":[{"name":"n","type":"long"}]}"#;
    refused(&file_of(schema, &[(1 << 62, &[2, 4])]));
}

#[test]
fn a_decimal_whose_scale_is_below_none_is_its_number() {
    let schema = r#"{"type":"record","name":"r","fields":[
        {"name":"d","type":{"type":"bytes","logicalType":"big-decimal"}}]}"#;
    let file = file_of(schema, &[(1, &sized(&[sized(&[12]), long(-3)].concat()))]);
    let columns = "d:decimal".parse().expect("the test is right");
    let options = DecodeOptions::new(DataFormat::ApacheAvro);
    let decoded = decode(file.as_slice(), &options, &columns).expect("it is read");
    assert_eq!(decoded.rows[0][0].to_string(), "1.2E+4");
}
