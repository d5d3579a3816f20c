//! Results for programs. The names are a contract.

use std::time::Duration;

use kusto_ingest::Receipt;
use kusto_ingest::endpoint::Table;
use kusto_ingest::sources::SourceId;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Outcome, Report, SourceFailure, State};

#[derive(Serialize)]
struct Document<'a> {
    database: Option<&'a str>,
    table: Option<&'a str>,
    results: Vec<OneResult<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct OneResult<'a> {
    source: &'a str,
    source_id: SourceId,
    state: State,
    rows: Option<u64>,
    raw_bytes: Option<u64>,
    sent_bytes: Option<u64>,
    may_be_duplicated: bool,
    receipt: Option<&'a Receipt>,
    error: Option<&'a SourceFailure>,
}

impl<'a> OneResult<'a> {
    fn of(outcome: &'a Outcome) -> Self {
        Self {
            source: &outcome.source,
            source_id: outcome.source_id,
            state: outcome.state,
            rows: outcome.rows,
            raw_bytes: raw_bytes(outcome),
            sent_bytes: sent_bytes(outcome),
            may_be_duplicated: outcome.may_be_duplicated(),
            receipt: outcome.receipt.as_ref(),
            error: outcome.failure.as_ref(),
        }
    }
}

/// What all sources add up to. A sum is null when a part of it is.
#[derive(Serialize)]
pub(super) struct Summary {
    pub(super) sources: usize,
    pub(super) succeeded: usize,
    pub(super) failed: usize,
    pub(super) queued: usize,
    pub(super) pending: usize,
    pub(super) skipped: usize,
    pub(super) partial: usize,
    pub(super) unknown: usize,
    pub(super) rows: Option<u64>,
    raw_bytes: Option<u64>,
    pub(super) sent_bytes: Option<u64>,
    seconds: f64,
}

impl Summary {
    pub(super) fn of(outcomes: &[Outcome], elapsed: Duration) -> Self {
        let count = |state: State| outcomes.iter().filter(|outcome| outcome.state == state).count();
        Self {
            sources: outcomes.len(),
            succeeded: count(State::Succeeded),
            failed: count(State::Failed),
            queued: count(State::Queued),
            pending: count(State::Pending),
            skipped: count(State::Skipped),
            partial: count(State::PartiallySucceeded),
            unknown: count(State::Unknown),
            rows: outcomes.iter().map(|outcome| outcome.rows).sum(),
            raw_bytes: outcomes.iter().map(raw_bytes).sum(),
            sent_bytes: outcomes.iter().map(sent_bytes).sum(),
            seconds: (elapsed.as_secs_f64() * 1000.0).round() / 1000.0,
        }
    }
}

fn raw_bytes(outcome: &Outcome) -> Option<u64> {
    outcome.receipt.as_ref()?.raw_bytes
}

fn sent_bytes(outcome: &Outcome) -> Option<u64> {
    outcome.receipt.as_ref()?.sent_bytes
}

/// One object for all.
pub(super) fn report(report: &Report) -> String {
    written(&Document {
        database: report.place.as_ref().map(|(database, _)| database.as_str()),
        table: report.place.as_ref().map(|(_, table)| table.as_str()),
        results: report.outcomes.iter().map(OneResult::of).collect(),
        summary: Summary::of(&report.outcomes, report.elapsed),
    })
}

/// One object a line: each result with its table, and the summary.
pub(super) fn lines(report: &Report) -> String {
    #[derive(Serialize)]
    struct Line<'a, T> {
        event: &'static str,
        database: Option<&'a str>,
        table: Option<&'a str>,
        #[serde(flatten)]
        what: T,
    }
    let place = report.place.as_ref();
    let (database, table) = place.map(|(database, table)| (&**database, &**table)).unzip();
    let result = |outcome| {
        line(&Line {
            event: "result",
            database,
            table,
            what: OneResult::of(outcome),
        })
    };
    let mut lines: Vec<String> = report.outcomes.iter().map(result).collect();
    lines.push(line(&Line {
        event: "summary",
        database,
        table,
        what: Summary::of(&report.outcomes, report.elapsed),
    }));
    lines.join("\n")
}

/// A receipt in one line, beside the source as it is shown.
pub(crate) fn receipt_line(source: &str, receipt: &Receipt) -> String {
    #[derive(Serialize)]
    struct Line<'a> {
        source: &'a str,
        #[serde(flatten)]
        receipt: &'a Receipt,
    }
    line(&Line { source, receipt })
}

/// The rows of an answer: `{"columns":[{"name","type"}],"rows":[[…]]}`.
pub(crate) fn rows_as_json(table: &Table) -> String {
    #[derive(Serialize)]
    struct Column<'a> {
        name: &'a str,
        r#type: &'a str,
    }
    #[derive(Serialize)]
    struct Rows<'a> {
        columns: Vec<Column<'a>>,
        rows: Vec<Vec<Value>>,
    }
    let columns = table.columns.iter().map(|column| Column {
        name: &column.name,
        r#type: &column.kusto_type,
    });
    let row = |row: &Vec<Value>| {
        let values = row.iter().zip(&table.columns);
        values
            .map(|(value, column)| exact(value, &column.kusto_type))
            .collect()
    };
    written(&Rows {
        columns: columns.collect(),
        rows: table.rows.iter().map(row).collect(),
    })
}

/// The rows of an answer, each an object in a line of its own: `{"name":value,…}`.
pub(crate) fn rows_as_lines(table: &Table) -> String {
    let object = |row: &Vec<Value>| {
        let values = row.iter().zip(&table.columns);
        let members = values.map(|(value, column)| (column.name.clone(), exact(value, &column.kusto_type)));
        line(&members.collect::<Map<_, _>>())
    };
    table.rows.iter().map(object).collect::<Vec<_>>().join("\n")
}

/// A value as programs can read it without loss: decimals as text, as not every reader of JSON has them.
pub(super) fn exact(value: &Value, kusto_type: &str) -> Value {
    match (kusto_type, value) {
        ("decimal", Value::Number(number)) => json!(number.to_string()),
        _ => value.clone(),
    }
}

pub(super) fn written(document: &impl Serialize) -> String {
    // Names are text and numbers are finite, so that it can be written.
    serde_json::to_string_pretty(document).unwrap_or_default()
}

/// A document in one line.
pub(super) fn line(document: &impl Serialize) -> String {
    serde_json::to_string(document).unwrap_or_default()
}
