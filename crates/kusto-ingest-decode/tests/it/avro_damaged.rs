//! Avro that is damaged, cut off, or larger than it looks: a failure with a code, and never more memory.

use std::ops::ControlFlow;

use apache_avro::types::Value as Avro;
use apache_avro::{Codec, DeflateSettings};
use kusto_ingest_core::{DataFormat, Result};
use kusto_ingest_decode::{DecodeOptions, decode_each};

use crate::avro::{file_of, record};
use crate::damage::{self, any_byte_changed, cut_at_any_length};
use crate::handmade::{long, sized};

const LONGS: &str =
    r#"{"type":"record","name":"r","fields":[{"name":"n","type":"long"},{"name":"w","type":"string"}]}"#;

/// The rows of a file that is read to its end.
fn read(file: &[u8]) -> Result<usize> {
    let mut rows = 0;
    let options = DecodeOptions::new(DataFormat::ApacheAvro);
    decode_each(
        file,
        &options,
        &"n:long,w:string".parse().expect("the test is right"),
        |_| {
            rows += 1;
            ControlFlow::Continue(())
        },
    )?;
    Ok(rows)
}

fn code(file: &[u8]) -> String {
    damage::code(read(file))
}

fn sample_file(codec: Codec) -> Vec<u8> {
    let row = |n| {
        record(vec![
            ("n", Avro::Long(n)),
            ("w", Avro::String(format!("word {}", n % 7))),
        ])
    };
    file_of(LONGS, (0..200).map(row).collect(), codec)
}

/// A file whose only block is given: how many records, and their bytes.
fn with_block(schema: &str, codec: &str, count: i64, block: &[u8]) -> Vec<u8> {
    let header = [
        sized(b"avro.schema"),
        sized(schema.as_bytes()),
        sized(b"avro.codec"),
        sized(codec.as_bytes()),
    ];
    let sync = [7; 16];
    let parts = [
        &b"Obj\x01"[..],
        &long(2),
        &header.concat(),
        &[0],
        &sync,
        &long(count),
        &sized(block),
        &sync,
    ];
    parts.concat()
}

#[test]
fn a_file_cut_at_any_length_fails_with_a_code() {
    for codec in [
        Codec::Null,
        Codec::Snappy,
        Codec::Deflate(DeflateSettings::default()),
    ] {
        let file = sample_file(codec);
        assert_eq!(read(&file).expect("the test is right"), 200);
        let mut without_records = 0;
        for (length, code) in cut_at_any_length(&file, read).iter().enumerate() {
            match code.as_str() {
                "BadRequest_NoRecordsOrWrongFormat" => without_records += 1,
                other => assert_eq!(other, "BadRequest_InvalidBlob", "{length}"),
            }
        }
        // Of the first four bytes none to three, and the header alone.
        assert_eq!(without_records, 5);
    }
}

#[test]
fn a_file_with_any_byte_changed_is_read_or_fails_with_a_code() {
    for codec in [
        Codec::Null,
        Codec::Snappy,
        Codec::Deflate(DeflateSettings::default()),
    ] {
        any_byte_changed(&sample_file(codec), read);
    }
}

#[test]
fn a_block_that_unpacks_to_more_than_64_mib_is_refused() {
    let text = Avro::String("\0".repeat(80 << 20));
    for codec in [Codec::Snappy, Codec::Deflate(DeflateSettings::default())] {
        let row = record(vec![("n", Avro::Long(1)), ("w", text.clone())]);
        let file = file_of(LONGS, vec![row], codec);
        assert!(file.len() < 8 << 20);
        assert_eq!(code(&file), "Stream_InputStreamTooLarge");
    }
}

#[test]
fn values_that_take_no_bytes_take_no_memory_without_end() {
    // 2^62 nulls in an array, and 2^40 values of a type that doubles itself forty times.
    let nulls =
        r#"{"type":"record","name":"r","fields":[{"name":"n","type":{"type":"array","items":"null"}}]}"#;
    let many = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    assert_eq!(
        code(&with_block(nulls, "null", 1, &many)),
        "Stream_InputStreamTooLarge"
    );
    let mut doubled = r#"{"type":"record","name":"t0","fields":[{"name":"a","type":"null"}]}"#.to_owned();
    for level in 1..40 {
        let below = level - 1;
        doubled = format!(
            r#"{{"type":"record","name":"t{level}","fields":[{{"name":"a","type":{doubled}}},{{"name":"b","type":"t{below}"}}]}}"#
        );
    }
    assert_eq!(
        code(&with_block(&doubled, "null", 1, &[])),
        "Stream_InputStreamTooLarge"
    );
}

#[test]
fn a_type_that_contains_itself_is_not_followed_without_end() {
    let list = r#"{"type":"record","name":"r","fields":[{"name":"n","type":["null","r"]}]}"#;
    let file = with_block(list, "null", 1, &vec![2; 1 << 20]);
    let error = read(&file).expect_err("it is refused");
    assert!(error.to_string().contains("256 levels"), "{error}");
    let endless = r#"{"type":"record","name":"r","fields":[{"name":"n","type":"r"}]}"#;
    assert_eq!(
        code(&with_block(endless, "null", 1, &[])),
        "BadRequest_InvalidBlob"
    );
}

#[test]
fn what_blocks_and_headers_say_is_held_against_the_bytes() {
    let row = [2, 0];
    assert_eq!(
        read(&with_block(LONGS, "null", 1, &row)).expect("the test is right"),
        1
    );
    for (count, block, why) in [
        (2, &row[..], "cut off"),
        (1, &[2, 0, 0], "longer than its records"),
        (-1, &row, "fewer than no records"),
        (1, &[2, 1], "fewer than no bytes"),
    ] {
        let error = read(&with_block(LONGS, "null", count, block)).expect_err("it is refused");
        assert!(error.to_string().contains(why), "{why}: {error}");
        assert_eq!(error.code(), Some("BadRequest_InvalidBlob"));
    }
    for (schema, codec) in [("{", "null"), ("\"unknown\"", "null")] {
        assert_eq!(
            code(&with_block(schema, codec, 1, &row)),
            "BadRequest_InvalidBlob",
            "{schema}"
        );
    }
    assert_eq!(
        code(&with_block(LONGS, "snappy", 1, &row)),
        "BadRequest_InvalidBlob"
    );
    assert_eq!(code(b"Obj\x02"), "BadRequest_NoRecordsOrWrongFormat");
    assert_eq!(code(b"n,w\n1,a\n"), "BadRequest_NoRecordsOrWrongFormat");
}

#[test]
fn a_codec_that_the_service_does_not_read_is_refused_by_its_name() {
    let error = read(&with_block(LONGS, "zstandard", 1, &[2, 0])).expect_err("it is refused");
    assert_eq!(error.code(), Some("BadRequest_FormatNotSupported"));
    assert!(error.to_string().contains("zstandard"), "{error}");
}
