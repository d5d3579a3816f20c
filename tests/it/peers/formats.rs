//! Every type of Kusto through every format, value by value: files of pyarrow, fastavro and pandas read by us, and ours by
//! them.

mod expected;
mod ours;

use std::path::Path;

use kusto_ingest::DataFormat;
use kusto_ingest_decode::{DecodeOptions, Header, Sample, Schema, decode, infer};
use serde_json::Value;
use tokio::process::Command;

use self::expected::{COLUMNS, NESTED, expected};
use super::program::{installed, succeeded};
use crate::setup::folder;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/python/formats.py");

async fn script(python: &Path, verb: &str, folder: &Path) -> String {
    let mut command = Command::new(python);
    command.arg(SCRIPT).arg(verb).arg(folder);
    succeeded(command).await
}

/// The columns of a file, in its order.
fn schema(names: &str) -> Schema {
    let typed = names
        .chars()
        .map(|name| match COLUMNS.iter().find(|column| column.0 == name) {
            Some((_, scalar_type, _)) => format!("{name}:{scalar_type}"),
            None => format!("{name}:dynamic"),
        });
    typed
        .collect::<Vec<_>>()
        .join(",")
        .parse()
        .expect("they are columns")
}

/// What the rows of a file are when they are read as a table of some columns.
fn read(file: &Path, format: DataFormat, names: &str) -> Vec<Vec<String>> {
    let bytes = std::fs::read(file).expect("it was written");
    let decoded = decode(bytes.as_slice(), &DecodeOptions::new(format), &schema(names));
    let decoded = decoded.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert_eq!(decoded.warnings, [], "{}", file.display());
    let text = |row: Vec<_>| row.iter().map(ToString::to_string).collect();
    decoded.rows.into_iter().map(text).collect()
}

fn check(file: &Path, format: DataFormat, names: &str) {
    let rows = read(file, format, names);
    for (place, name) in names.chars().enumerate() {
        let found: Vec<&str> = rows.iter().map(|row| row[place].as_str()).collect();
        let wanted = match name {
            'z' => NESTED.to_vec(),
            name => expected(name),
        };
        assert_eq!(found, wanted, "{} {name}", file.display());
    }
}

#[tokio::test]
async fn what_other_libraries_write_is_read_value_by_value() {
    let Some(python) = installed("KUSTO_TEST_PYTHON") else {
        return;
    };
    let folder = folder("formats of others");
    script(&python, "write", folder.path()).await;
    let path = |name: &str| folder.path().join(name);
    for codec in ["none", "snappy", "gzip", "brotli", "lz4", "zstd"] {
        for version in ["1.0", "2.0"] {
            let file = path(&format!("{codec}-{version}.parquet"));
            check(&file, DataFormat::Parquet, "bilrmtnoxgdz");
        }
    }
    check(&path("encoded.parquet"), DataFormat::Parquet, "bilrmtnoxgdz");
    check(&path("int96.parquet"), DataFormat::Parquet, "n");
    check(&path("pandas.parquet"), DataFormat::Parquet, "lx");
    for codec in ["null", "deflate", "snappy"] {
        check(
            &path(&format!("{codec}.avro")),
            DataFormat::ApacheAvro,
            "bilrmtnsxgdz",
        );
    }
    for codec in ["uncompressed", "zlib", "snappy", "lz4", "zstd"] {
        check(&path(&format!("{codec}.orc")), DataFormat::Orc, "bilmtxzrnd");
    }
    check(&path("rows.csv"), DataFormat::Csv, "bilrmtnsxgd");
    check(&path("rows.tsv"), DataFormat::Tsv, "bilrmtnsxgd");
    check(&path("rows.json"), DataFormat::Json, "bilrmtnsxgd");
    let inferred = |name: &str, format| {
        let bytes = std::fs::read(path(name)).expect("it was written");
        let inference = infer(Sample::complete(&bytes), format, Header::Detect);
        inference.expect("it has columns").schema.to_string()
    };
    assert_eq!(
        inferred("zstd-2.0.parquet", DataFormat::Parquet),
        schema("bilrmtnoxgdz").to_string()
    );
    let orc = schema("bilmtxzrnd").to_string();
    assert_eq!(
        inferred("zlib.orc", DataFormat::Orc),
        orc.replace("d:dynamic", "d:string")
    );
    let avro = schema("bilrmtnsxgdz").to_string();
    let avro = avro
        .replace("n:datetime", "n:string")
        .replace("s:timespan", "s:string");
    assert_eq!(
        inferred("deflate.avro", DataFormat::ApacheAvro),
        avro.replace("d:dynamic", "d:string")
    );
}

#[tokio::test]
async fn what_we_write_is_read_by_other_libraries_value_by_value() {
    let Some(python) = installed("KUSTO_TEST_PYTHON") else {
        return;
    };
    let folder = folder("formats of ours");
    ours::write(folder.path()).await;
    let told: Value =
        serde_json::from_str(&script(&python, "read", folder.path()).await).expect("it prints JSON");
    for (format, names) in [
        ("parquet", "bilrmtnxgd"),
        ("avro", "bilrmtnxgd"),
        ("json", "bilrmtnxgd"),
        ("csv", "bilrmtnxgd"),
    ] {
        for (place, name) in names.chars().enumerate() {
            let key = match format {
                "csv" => place.to_string(),
                _ => name.to_string(),
            };
            let found: Vec<&str> = told[format][&key]
                .as_array()
                .expect(format)
                .iter()
                .filter_map(Value::as_str)
                .collect();
            let wanted = expected(name);
            for (found, wanted) in found.iter().zip(&wanted) {
                assert!(
                    ours::is_same(name, found, wanted),
                    "{format} {name}: {found:?} is not {wanted:?}"
                );
            }
            assert_eq!(found.len(), wanted.len(), "{format} {name}");
        }
    }
}

/// The files that the Parquet and ORC projects test with, as far as the package of Arrow ships them.
#[tokio::test]
async fn public_test_files_have_the_rows_that_their_own_library_counts() {
    let Some(python) = installed("KUSTO_TEST_PYTHON") else {
        return;
    };
    let nowhere = folder("public files");
    let told = script(&python, "public", nowhere.path()).await;
    let files: Vec<(String, u64)> = serde_json::from_str(&told).expect("it prints JSON");
    assert!(files.len() >= 8, "{told}");
    for (path, rows) in files {
        let format = DataFormat::from_name(&path).expect("its name tells");
        let bytes = std::fs::read(&path).expect("it is there");
        let inference = infer(Sample::complete(&bytes), format, Header::Detect);
        let mut options = DecodeOptions::new(format);
        let decoded = inference.and_then(|inference| {
            options.mapping = inference.mapping;
            decode(bytes.as_slice(), &options, &inference.schema)
        });
        match decoded {
            Ok(decoded) => {
                assert_eq!(
                    (decoded.rows.len() as u64, decoded.warning_count),
                    (rows, 0),
                    "{path}"
                );
            }
            // Nobody here knows the summers of another zone.
            Err(error) if path.ends_with("testDate1900.orc") => {
                assert_eq!(error.code(), Some("BadRequest_FormatNotSupported"), "{error}");
            }
            // A file without rows is no ingestion.
            Err(error) => assert_eq!(
                (error.code(), rows),
                (Some("BadRequest_NoRecordsOrWrongFormat"), 0),
                "{path}: {error}"
            ),
        }
    }
}
