//! What was written comes back through readers that know nothing of this crate.

use csv::ReaderBuilder;
use kusto_ingest_rows::RowWriter;
use proptest::collection::{btree_map, vec};
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::{prop_assert, prop_assert_eq, proptest};
use serde_json::{Map, Value, json};

fn records(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    reader
        .records()
        .map(|record| {
            record
                .expect("it is RFC 4180")
                .iter()
                .map(str::to_owned)
                .collect()
        })
        .collect()
}

/// Text that likes to be difficult.
fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just(",".to_owned()),
        Just("\"".to_owned()),
        Just("\r\n".to_owned()),
        Just(" ".to_owned()),
        any::<String>(),
    ];
    vec(part, 0..6).prop_map(|parts| parts.concat())
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(text(), inner, 0..4).prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

/// What the cell of a value must read as.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => serde_json::to_string(other).expect("it is JSON"),
    }
}

proptest! {
    #[test]
    fn rows_of_text_come_back_as_they_were(rows in (1_usize..5).prop_flat_map(|width| vec(vec(text(), width), 1..8))) {
        let (mut writer, mut out) = (RowWriter::csv(), Vec::new());
        for row in &rows {
            writer.write(row, &mut out).expect("text can be written");
        }
        prop_assert_eq!(records(&out), rows);
    }

    #[test]
    fn cells_of_any_value_come_back(rows in vec(vec(value(), 3), 1..6)) {
        let (mut writer, mut out) = (RowWriter::csv(), Vec::new());
        for row in &rows {
            writer.write(row, &mut out).expect("values can be written");
        }
        let expect: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        prop_assert_eq!(records(&out), expect);
    }

    #[test]
    fn lines_of_json_come_back(rows in vec(btree_map(text(), value(), 0..5), 1..6)) {
        let (mut writer, mut out) = (RowWriter::json_lines(), Vec::new());
        for row in &rows {
            writer.write(row, &mut out).expect("objects can be written");
        }
        let text = String::from_utf8(out).expect("it is UTF-8");
        let lines: Vec<&str> = text.split_terminator('\n').collect();
        prop_assert_eq!(lines.len(), rows.len());
        for (line, row) in lines.iter().zip(&rows) {
            prop_assert_eq!(*line, serde_json::to_string(row).expect("it is JSON"));
        }
    }

    #[test]
    fn no_value_panics_as_a_row_and_a_refused_one_leaves_nothing(rows in vec(value(), 1..8)) {
        let listed = RowWriter::csv_with_columns(["a", "b"]).expect("the columns are good");
        for mut writer in [RowWriter::csv(), listed, RowWriter::json_lines()] {
            for row in &rows {
                let mut out = Vec::new();
                match writer.write(row, &mut out) {
                    Ok(()) => prop_assert!(out.ends_with(b"\n") && out.len() > 1),
                    Err(error) => {
                        prop_assert!(out.is_empty());
                        prop_assert!(error.context().any(|(name, _)| name == "row"));
                    }
                }
            }
            prop_assert_eq!(writer.rows(), rows.len() as u64);
        }
    }
}

#[test]
fn the_shortest_text_of_a_real_reads_back_as_the_same_real() {
    for real in [
        0.1,
        1e16,
        1.0 / 3.0,
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
        123_456_789.0,
    ] {
        let mut out = Vec::new();
        RowWriter::csv()
            .write(&(real,), &mut out)
            .expect("it is a number");
        let text = String::from_utf8(out).expect("it is UTF-8");
        assert_eq!(
            text.trim_end().parse::<f64>().expect("it is a number").to_bits(),
            f64::to_bits(real)
        );
    }
    assert_eq!(cell(&json!(null)), "");
}
