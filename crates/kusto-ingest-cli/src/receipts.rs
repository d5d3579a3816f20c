//! Receipts as they were written down: what a command printed as JSON, or receipts out of it.

use std::ffi::OsString;
use std::io::{self, Read as _};
use std::path::Path;

use kusto_ingest::{Receipt, ReceiptState, SourceId};
use kusto_ingest_core::redact;
use serde::Deserialize;
use serde_json::Value;

use crate::args::is_standard_input;
use crate::books::Books;
use crate::exit::Stop;
use crate::fault::Fault;
use crate::outcome::{Outcome, State};

/// What helps whoever gave something else.
const WANTED: &str = "give what `--output json` printed, or receipts out of it";

/// A source that a receipt stands for, as far as the receipt tells.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) outcome: Outcome,
    database: String,
    table: String,
}

/// Reads all receipts of files, or of standard input.
///
/// # Errors
/// A file that cannot be read, and the first thing in it that is no receipt.
pub(crate) fn read(files: &[OsString]) -> Result<Vec<Known>, Stop> {
    let mut known = Vec::new();
    for file in files {
        let path = Path::new(file);
        let text = text_of(path)?;
        let of_file =
            receipts(&text).map_err(|why| Stop::usage(format!("{}: {why}; {WANTED}", called(path))))?;
        known.extend(of_file);
    }
    Ok(known)
}

/// Database and table, where all share them.
pub(crate) fn place(known: &[Known]) -> Option<(String, String)> {
    let first = known.first()?;
    let is_shared = known
        .iter()
        .all(|other| (&other.database, &other.table) == (&first.database, &first.table));
    is_shared.then(|| (first.database.clone(), first.table.clone()))
}

fn text_of(path: &Path) -> Result<String, Stop> {
    let read = match is_standard_input(path) {
        true => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text).map(|_| text)
        }
        false => std::fs::read_to_string(path),
    };
    read.map_err(|error| Stop::usage(format!("failed to read {}: {error}; {WANTED}", called(path))))
}

fn called(path: &Path) -> String {
    match is_standard_input(path) {
        true => "standard input".to_owned(),
        false => path.display().to_string(),
    }
}

/// The receipts in a text: one JSON value or several, one behind the other.
fn receipts(text: &str) -> Result<Vec<Known>, String> {
    let mut known = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter() {
        let value: Value = value.map_err(|error| format!("it is not JSON: {error}"))?;
        match value {
            Value::Array(values) => {
                for value in values {
                    known.push(of_receipt(value)?);
                }
            }
            value if value.get("results").is_some() => known.extend(of_report(value)?),
            value => known.push(of_receipt(value)?),
        }
    }
    match known.is_empty() {
        true => Err("it holds no receipt".to_owned()),
        false => Ok(known),
    }
}

fn of_receipt(value: Value) -> Result<Known, String> {
    let receipt: Receipt =
        serde_json::from_value(value).map_err(|error| malformed("what it holds is no receipt", &error))?;
    let source = receipt
        .blob
        .clone()
        .unwrap_or_else(|| receipt.source_id.to_string());
    Ok(Known {
        database: receipt.database.to_string(),
        table: receipt.table.to_string(),
        outcome: asked(Outcome::sent(source, receipt)),
    })
}

fn malformed(what: &str, error: &serde_json::Error) -> String {
    redact(&format!("{what}: {error}"))
}

/// What is to be asked, and can it be? What ended needs no asking.
fn asked(outcome: Outcome) -> Outcome {
    let is_untracked = |receipt: &Receipt| receipt.state == ReceiptState::Queued;
    match outcome.receipt.as_ref().is_some_and(is_untracked) {
        true => Outcome {
            fault: Some(Fault::of_untracked()),
            ..outcome
        },
        false => outcome,
    }
}

/// What a command printed.
#[derive(Deserialize)]
struct Printed {
    #[serde(default)]
    database: Option<String>,
    #[serde(default)]
    table: Option<String>,
    results: Vec<PrintedResult>,
}

#[derive(Deserialize)]
struct PrintedResult {
    source: String,
    source_id: SourceId,
    state: State,
    #[serde(default)]
    rows: Option<u64>,
    receipt: Option<Receipt>,
    #[serde(default)]
    error: Option<Fault>,
}

fn of_report(value: Value) -> Result<Vec<Known>, String> {
    let printed: Printed = serde_json::from_value(value)
        .map_err(|error| malformed("its results are not those of this command", &error))?;
    let (database, table) = (printed.database, printed.table);
    let known = printed.results.into_iter().map(|result| {
        let place = result.receipt.as_ref();
        let place = place.map(|receipt| (receipt.database.to_string(), receipt.table.to_string()));
        let (database, table) = place.unwrap_or_else(|| {
            let told = |name: &Option<String>| name.clone().unwrap_or_default();
            (told(&database), told(&table))
        });
        Known {
            outcome: of_result(result),
            database,
            table,
        }
    });
    Ok(known.collect())
}

/// What can be asked again is; of all else, what was said of it holds.
fn of_result(result: PrintedResult) -> Outcome {
    match result.receipt {
        Some(receipt) if Books::know(&receipt) || receipt.state == ReceiptState::Queued => {
            asked(Outcome::sent(result.source, receipt))
        }
        receipt => Outcome {
            rows: result.rows,
            receipt,
            fault: result.error,
            ..Outcome::new(result.source, result.source_id, result.state)
        },
    }
}
