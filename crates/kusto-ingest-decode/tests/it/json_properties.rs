//! What holds for any JSON.

use std::io::{self, Read};

use kusto_ingest_core::DataFormat;
use kusto_ingest_decode::{DecodeOptions, Decoded, Dynamic, Schema, decode};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// A JSON value of a few levels.
fn json_value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        // Eighths, since serde_json reads other fractions a digit off.
        any::<i32>().prop_map(|eighths| Json::from(f64::from(eighths) / 8.0)),
        "\\PC{0,6}[\"'\\\\\n\t/*]{0,3}\\PC{0,3}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Json::from),
            btree_map("\\PC{0,6}['\"/]{0,2}", inner, 0..5).prop_map(|members| json!(members)),
        ]
    })
}

fn read(format: DataFormat, data: impl Read) -> kusto_ingest_core::Result<Decoded> {
    let schema: Schema = "a:dynamic,b:string".parse().expect("it is a schema");
    decode(data, &DecodeOptions::new(format), &schema)
}

/// Bytes that come a few at a time.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (piece, rest) = self.0.split_at(self.1.min(buffer.len()).min(self.0.len()));
        buffer[..piece.len()].copy_from_slice(piece);
        self.0 = rest;
        Ok(piece.len())
    }
}

proptest! {
    #[test]
    fn a_dynamic_value_is_what_was_written(value in json_value(), is_pretty: bool) {
        let text = if is_pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let read = Dynamic::parse(&text.expect("memory does not fail")).expect("it is JSON");
        prop_assert_eq!(read.to_json(), value);
        prop_assert_eq!(Dynamic::parse(read.as_str()), Some(read));
    }

    #[test]
    fn every_format_reads_the_same_values(values in vec(json_value(), 1..6), chunk in 1_usize..40) {
        let lines: Vec<String> = values.iter().map(|value| json!({"a": value, "b": "x"}).to_string()).collect();
        let in_lines = read(DataFormat::Json, lines.join("\n").as_bytes()).expect("it is json");
        for text in [lines.join("\n"), lines.concat(), format!("[{}]", lines.join(" ,\n"))] {
            let one_by_one = read(DataFormat::MultiJson, Pieces(text.as_bytes(), chunk)).expect("it is multijson");
            prop_assert_eq!(&one_by_one.rows, &in_lines.rows);
        }
        prop_assert_eq!(in_lines.rows.len(), values.len());
        prop_assert_eq!(in_lines.warning_count, 0);
    }

    #[test]
    fn single_quotes_and_comments_change_nothing(value in json_value(), name in "[a-z]{1,4}") {
        let plain = json!({"a": value, "b": name}).to_string();
        let lenient = format!("/* {name} */ {{ 'b' : '{name}' , \"a\": {value} }} // {name}\n");
        let (plain, lenient) =
            (read(DataFormat::Json, plain.as_bytes()), read(DataFormat::Json, lenient.as_bytes()));
        prop_assert_eq!(plain.expect("it is json").rows, lenient.expect("it is json, nearly").rows);
    }

    #[test]
    fn however_bytes_come_the_same_is_read(data in "[\\[\\]{}\"',:/*\\\\\na0 -]{0,80}", chunk in 1_usize..9) {
        for format in [DataFormat::Json, DataFormat::MultiJson, DataFormat::SingleJson, DataFormat::Csv] {
            let (whole, pieces) = (read(format, data.as_bytes()), read(format, Pieces(data.as_bytes(), chunk)));
            prop_assert_eq!(whole.is_ok(), pieces.is_ok());
            prop_assert_eq!(whole.ok(), pieces.ok());
        }
    }
}
