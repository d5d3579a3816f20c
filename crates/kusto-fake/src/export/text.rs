//! Rows as CSV, TSV and JSON lines.

use std::io::Write as _;

use flate2::write::GzEncoder;
use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_ingest_decode::{Row, Value};

use super::{Export, ExportFormat, ExportedFile, Headers};
use crate::AnswerTable;

/// The files of an answer: one ends where it has as many bytes as it may have.
pub(super) fn write(export: &Export, answer: &AnswerTable) -> Result<Vec<ExportedFile>> {
    let names: Vec<&str> = answer.columns.iter().map(|column| column.name.as_str()).collect();
    let mut files: Vec<ExportedFile> = Vec::new();
    let mut rows = answer.rows.iter().peekable();
    while rows.peek().is_some() {
        let mut text = String::new();
        if export.has_byte_order_mark {
            text.push('\u{FEFF}');
        }
        let has_header = match export.headers {
            Headers::None => false,
            Headers::FirstFile => files.is_empty(),
            Headers::All => true,
        };
        if has_header && export.format != ExportFormat::Json {
            delimited(
                export.format,
                names.iter().map(|name| (*name).to_owned()),
                &mut text,
            );
        }
        let mut count = 0;
        // What stands before the rows may be all that a file may have: it has one row all the same.
        while (count == 0 || text.len() as u64 <= export.size_limit)
            && let Some(row) = rows.next()
        {
            match export.format {
                ExportFormat::Json => object(&names, row, &mut text),
                format => delimited(format, row.iter().map(ToString::to_string), &mut text),
            }
            count += 1;
        }
        files.push(ExportedFile {
            rows: count,
            bytes: packed(export, text)?.into(),
        });
    }
    Ok(files)
}

fn delimited(format: ExportFormat, fields: impl Iterator<Item = String>, text: &mut String) {
    let delimiter = if format == ExportFormat::Tsv { '\t' } else { ',' };
    for (at, field) in fields.enumerate() {
        if at > 0 {
            text.push(delimiter);
        }
        match field.contains([delimiter, '"', '\n', '\r']) {
            true => {
                text.push('"');
                text.push_str(&field.replace('"', "\"\""));
                text.push('"');
            }
            false => text.push_str(&field),
        }
    }
    text.push('\n');
}

/// The members in the order of the columns, and dynamic values as they are.
fn object(names: &[&str], row: &Row, text: &mut String) {
    text.push('{');
    for (at, (name, value)) in names.iter().zip(row).enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(&serde_json::Value::from(*name).to_string());
        text.push(':');
        match value {
            Value::Dynamic(value) => text.push_str(value.as_str()),
            value => text.push_str(&value.to_json().to_string()),
        }
    }
    text.push_str("}\n");
}

fn packed(export: &Export, text: String) -> Result<Vec<u8>> {
    if export.codec.is_none() {
        return Ok(text.into_bytes());
    }
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
    let written = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    written.map_err(|error| Error::new(ErrorKind::Other, "compress the file").caused_by(error))
}
