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
#[derive(Debug, Serialize)]
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
    pub(super) raw_bytes: Option<u64>,
    pub(super) sent_bytes: Option<u64>,
    /// Those that do not compress and were stored as they are; each receipt has its own.
    #[serde(skip)]
    pub(super) stored_bytes: u64,
    seconds: f64,
    /// How many were done before, where a journal tells. They are in no other count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) done_before: Option<u64>,
    /// How many have a failure, whatever their state.
    #[serde(skip)]
    pub(super) with_failure: usize,
}

impl Summary {
    pub(super) fn of(outcomes: &[Outcome], elapsed: Duration) -> Self {
        let mut summary = Self {
            sources: 0,
            succeeded: 0,
            failed: 0,
            queued: 0,
            pending: 0,
            skipped: 0,
            partial: 0,
            unknown: 0,
            rows: Some(0),
            raw_bytes: Some(0),
            sent_bytes: Some(0),
            stored_bytes: 0,
            seconds: 0.0,
            done_before: None,
            with_failure: 0,
        };
        outcomes.iter().for_each(|outcome| summary.add(outcome));
        summary.set_elapsed(elapsed);
        summary
    }

    /// What the sources of a report add up to.
    pub(super) fn of_report(report: &Report) -> Self {
        Self {
            done_before: report.done_before,
            ..Self::of(&report.outcomes, report.elapsed)
        }
    }

    /// Counts another source.
    pub(super) fn add(&mut self, outcome: &Outcome) {
        self.sources += 1;
        self.with_failure += usize::from(outcome.failure.is_some());
        *match outcome.state {
            State::Succeeded => &mut self.succeeded,
            State::Failed => &mut self.failed,
            State::Queued => &mut self.queued,
            State::Pending => &mut self.pending,
            State::Skipped => &mut self.skipped,
            State::PartiallySucceeded => &mut self.partial,
            State::Unknown => &mut self.unknown,
        } += 1;
        let add = |sum: Option<u64>, more: Option<u64>| Some(sum?.saturating_add(more?));
        self.rows = add(self.rows, outcome.rows);
        self.raw_bytes = add(self.raw_bytes, raw_bytes(outcome));
        self.sent_bytes = add(self.sent_bytes, sent_bytes(outcome));
        let stored = outcome.receipt.as_ref().map_or(0, |receipt| receipt.stored_bytes);
        self.stored_bytes = self.stored_bytes.saturating_add(stored);
    }

    pub(super) fn set_elapsed(&mut self, elapsed: Duration) {
        self.seconds = (elapsed.as_secs_f64() * 1000.0).round() / 1000.0;
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
        summary: Summary::of_report(report),
    })
}

/// One object a line: each result with its table that was not told before, and the summary.
pub(super) fn lines(report: &Report) -> String {
    let place = report.place.as_ref();
    let result = |outcome| event("result", place, OneResult::of(outcome));
    let untold = report.outcomes.iter().filter(|outcome| !outcome.is_told);
    let mut lines: Vec<String> = untold.map(result).collect();
    let summary = Summary::of_report(report);
    lines.push(event("summary", place, &summary));
    lines.join("\n")
}

/// What happened, in a line of its own.
fn event(event: &'static str, place: Option<&(String, String)>, what: impl Serialize) -> String {
    #[derive(Serialize)]
    struct Line<'a, T> {
        event: &'static str,
        database: Option<&'a str>,
        table: Option<&'a str>,
        #[serde(flatten)]
        what: T,
    }
    let (database, table) = place.map(|(database, table)| (&**database, &**table)).unzip();
    line(&Line {
        event,
        database,
        table,
        what,
    })
}

/// A result as a line of its own.
pub(super) fn result_line(place: Option<&(String, String)>, outcome: &Outcome) -> String {
    format!("{}\n", event("result", place, OneResult::of(outcome)))
}

/// That a source is queued, as a line of its own: what is known of it by then.
pub(super) fn queued_line(place: Option<&(String, String)>, outcome: &Outcome) -> String {
    format!("{}\n", event("queued", place, OneResult::of(outcome)))
}

/// The summary as a line of its own.
pub(super) fn summary_line(place: &(String, String), summary: &Summary) -> String {
    format!("{}\n", event("summary", Some(place), summary))
}

/// The beginning of the object for all, where results are written as they come.
pub(super) fn begin(database: &str, table: &str) -> String {
    format!(
        "{{\n  \"database\": {},\n  \"table\": {},\n  \"results\": [",
        json!(database),
        json!(table)
    )
}

/// A result of it.
pub(super) fn element(outcome: &Outcome, is_first: bool) -> String {
    let comma = if is_first { "" } else { "," };
    format!("{comma}\n    {}", line(&OneResult::of(outcome)))
}

/// The end of it.
pub(super) fn end(summary: &Summary) -> String {
    format!("\n  ],\n  \"summary\": {}\n}}\n", line(summary))
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
pub(super) fn rows_as_json(table: &Table) -> String {
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
pub(super) fn rows_as_lines(table: &Table) -> String {
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
