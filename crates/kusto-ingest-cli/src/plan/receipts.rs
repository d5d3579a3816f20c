//! Receipts as they were written down: by `--receipts`, by what a command printed, or out of either.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, Read as _};
use std::path::Path;

use kusto_ingest::Receipt;
use kusto_ingest::internal::decode_text;
use kusto_ingest::secrets::redact;
use kusto_ingest::sources::SourceId;
use kusto_ingest::status::ReceiptState;
use serde::Deserialize;
use serde_json::Value;

use crate::args::is_standard_input;
use crate::report::{self, CommandError, Exit, Outcome, SourceFailure, State};

/// What helps whoever gave something else.
const WANTED: &str = "give what `--receipts` wrote or `--output json` printed, or receipts out of it";

/// What receipts stand for.
#[derive(Debug)]
pub(crate) struct KnownReceipts {
    pub(crate) outcomes: Vec<Outcome>,
    /// Database and table, where all share them.
    pub(crate) place: Option<(String, String)>,
}

/// A source that a receipt stands for, as far as the receipt tells.
#[derive(Debug)]
struct KnownSource {
    outcome: Outcome,
    database: String,
    table: String,
}

/// Reads all receipts of files, or of standard input.
///
/// # Errors
/// A file that cannot be read, the first thing in it that is no receipt, and that there is no receipt at all.
pub(crate) fn read(files: &[OsString]) -> Result<KnownReceipts, CommandError> {
    let mut known = Vec::new();
    for file in files {
        let path = Path::new(file);
        let text = text_of(path)?;
        let of_file = receipts(&text)
            .map_err(|why| CommandError::usage(format!("{}: {why}; {WANTED}", called(path))))?;
        known.extend(of_file);
    }
    if known.is_empty() {
        return Err(CommandError::new(
            Exit::NothingMatched,
            "there is no receipt to ask by: nothing was accepted",
        ));
    }
    let known = latest(known);
    Ok(KnownReceipts {
        place: place(&known),
        outcomes: known.into_iter().map(|known| known.outcome).collect(),
    })
}

/// Database and table, where all share them.
fn place(known: &[KnownSource]) -> Option<(String, String)> {
    let first = known.first()?;
    let is_shared = known
        .iter()
        .all(|other| (&other.database, &other.table) == (&first.database, &first.table));
    is_shared.then(|| (first.database.clone(), first.table.clone()))
}

fn text_of(path: &Path) -> Result<String, CommandError> {
    let unread =
        |why: &dyn Display| CommandError::usage(format!("failed to read {}: {why}; {WANTED}", called(path)));
    let read = match is_standard_input(path) {
        true => {
            let mut bytes = Vec::new();
            io::stdin().read_to_end(&mut bytes).map(|_| bytes)
        }
        false => std::fs::read(path),
    };
    // Some shells write what a command prints in UTF-16.
    match decode_text(&read.map_err(|error| unread(&error))?) {
        Some(text) => Ok(text.into_owned()),
        None => Err(unread(&"it is text in neither UTF-8 nor UTF-16")),
    }
}

fn called(path: &Path) -> String {
    match is_standard_input(path) {
        true => "standard input".to_owned(),
        false => path.display().to_string(),
    }
}

/// The receipts in a text: one JSON value or several, one behind the other, or else the lines that are receipts.
fn receipts(text: &str) -> Result<Vec<KnownSource>, String> {
    let mut known = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter() {
        match value {
            Ok(value) => known.extend(of_value(value)?),
            Err(error) => {
                let lines = of_lines(text)?;
                return match lines.is_empty() {
                    true => Err(format!("it is not JSON: {error}")),
                    false => Ok(lines),
                };
            }
        }
    }
    Ok(known)
}

/// The receipts among the lines of a text that is no JSON as a whole: a report for people has words around them, and a
/// process that was killed may leave a line that is cut.
fn of_lines(text: &str) -> Result<Vec<KnownSource>, String> {
    let mut known = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if !line.starts_with(['{', '[']) {
            continue;
        }
        match serde_json::from_str(line) {
            Ok(value) => known.extend(of_value(value)?),
            Err(_) => report::warning(&format!(
                "line {} of the receipts is cut, and left out",
                number + 1
            )),
        }
    }
    Ok(known)
}

/// The receipts in a value; null stands for a source that has none, since it was not accepted.
fn of_value(value: Value) -> Result<Vec<KnownSource>, String> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(values) => {
            let values = values.into_iter().filter(|value| !value.is_null());
            values.map(of_receipt).collect()
        }
        value if value.get("results").is_some() => of_report(value),
        value => match value.get("event").and_then(Value::as_str) {
            Some("result") => of_line(value),
            // A summary, or whatever else a command tells line by line.
            Some(_) => Ok(Vec::new()),
            None => Ok(vec![of_receipt(value)?]),
        },
    }
}

/// Of several receipts of one thing the last, which knows most, where the first was.
fn latest(known: Vec<KnownSource>) -> Vec<KnownSource> {
    let mut places = HashMap::new();
    let mut latest: Vec<KnownSource> = Vec::with_capacity(known.len());
    for known in known {
        let place = match thing_of(&known.outcome) {
            Some(thing) => *places.entry(thing).or_insert(latest.len()),
            None => latest.len(),
        };
        match latest.get_mut(place) {
            Some(earlier) => *earlier = known,
            None => latest.push(known),
        }
    }
    latest
}

/// What a receipt can be asked by: a row of the status table, or an operation, queued or of the engine, which several sources
/// may share.
fn thing_of(outcome: &Outcome) -> Option<(SourceId, String)> {
    let receipt = outcome.receipt.as_ref()?;
    let row = receipt.status_locator().map(|row| row.row_key.clone());
    let queued = || receipt.queued_operation().map(|queued| queued.operation.clone());
    let thing = row
        .or_else(queued)
        .or_else(|| receipt.operation().map(|id| id.to_string()))?;
    Some((receipt.source_id, thing))
}

fn of_receipt(value: Value) -> Result<KnownSource, String> {
    let source = value.get("source").and_then(Value::as_str).map(redact);
    let receipt: Receipt =
        serde_json::from_value(value).map_err(|error| malformed("what it holds is no receipt", &error))?;
    let source = source
        .or_else(|| receipt.blob.clone())
        .unwrap_or_else(|| receipt.source_id.to_string());
    Ok(KnownSource {
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
            failure: Some(SourceFailure::of_untracked()),
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
    error: Option<SourceFailure>,
}

/// One line of what a command printed line by line: a result, and its table beside it.
fn of_line(mut value: Value) -> Result<Vec<KnownSource>, String> {
    let mut told = |name: &str| value.get_mut(name).map(Value::take).unwrap_or_default();
    let (database, table) = (told("database"), told("table"));
    of_report(serde_json::json!({"database": database, "table": table, "results": [value]}))
}

fn of_report(value: Value) -> Result<Vec<KnownSource>, String> {
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
        KnownSource {
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
        Some(receipt) if receipt.is_traceable() || receipt.state == ReceiptState::Queued => {
            asked(Outcome::sent(result.source, receipt))
        }
        receipt => Outcome {
            rows: result.rows,
            receipt,
            failure: result.error,
            ..Outcome::new(result.source, result.source_id, result.state)
        },
    }
}
