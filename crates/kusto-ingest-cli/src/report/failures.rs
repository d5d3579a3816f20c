//! What the service reports of failures.

mod in_batches;

use kusto_ingest::secrets::redact;
use kusto_ingest::sources::SourceId;
use kusto_ingest::status::{FailureNotification, Report};
use serde::Serialize;
use serde_json::json;

use super::grid::{grid, one_line};
use super::json::{line, written};
use super::{Output, SourceFailure};

pub(crate) use in_batches::BatchedReports;

/// Reports of failures, as far as they could be read.
#[derive(Debug, Serialize)]
pub(crate) struct Failures {
    pub(crate) failures: Vec<Failure>,
    /// The texts that are no reports.
    pub(crate) unreadable: Vec<String>,
    /// Whether nobody else will see them.
    pub(crate) taken: bool,
}

/// One report of a failure.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    pub(crate) failed_on: Option<String>,
    pub(crate) database: String,
    pub(crate) table: String,
    pub(crate) source: String,
    pub(crate) source_id: Option<SourceId>,
    pub(crate) operation_id: Option<String>,
    /// Whether the service advises to try again.
    pub(crate) should_retry: bool,
    pub(crate) error: SourceFailure,
}

impl Failures {
    /// The reports of a queue, texts that are none included.
    pub(crate) fn of(reports: Vec<Report<FailureNotification>>, taken: bool) -> Self {
        let mut read = Self {
            failures: Vec::new(),
            unreadable: Vec::new(),
            taken,
        };
        for report in reports {
            match report.into_notification() {
                Ok(told) => read.failures.push(Failure::of(told)),
                Err(text) => read.unreadable.push(redact(&text)),
            }
        }
        read
    }
}

impl Failure {
    fn of(told: FailureNotification) -> Self {
        Self {
            error: SourceFailure::of_service(&told.failure()),
            failed_on: told.failed_on.map(|time| time.to_string()),
            database: told.database,
            table: told.table,
            source: told.source_path,
            source_id: told.source_id,
            operation_id: told.operation_id.map(|id| id.to_string()),
            should_retry: told.should_retry,
        }
    }
}

const HEAD: [&str; 5] = ["failed on", "table", "source", "source id", "error"];

/// Reports of failures, as standard output has them.
pub(crate) fn failures(failures: &Failures, output: Output) -> String {
    match output {
        Output::Text => text(failures),
        Output::Json => written(failures),
        Output::Ndjson => {
            let count = (failures.failures.len(), failures.unreadable.len());
            format!("{}{}", lines(failures), last_line(count, failures.taken))
        }
    }
}

/// A line for each report, and for each text that is none.
fn lines(failures: &Failures) -> String {
    #[derive(Serialize)]
    struct Line<'a> {
        event: &'static str,
        #[serde(flatten)]
        failure: &'a Failure,
    }
    let known = failures.failures.iter().map(|failure| {
        let event = "failure";
        line(&Line { event, failure })
    });
    let unreadable = failures.unreadable.iter();
    let unreadable = unreadable.map(|text| line(&json!({"event": "unreadable", "text": text})));
    known.chain(unreadable).map(|line| format!("{line}\n")).collect()
}

/// The line behind all others: how many reports there were, and texts that are none.
fn last_line((failures, unreadable): (usize, usize), taken: bool) -> String {
    line(&json!({"event": "summary", "failures": failures, "unreadable": unreadable, "taken": taken}))
}

fn text(failures: &Failures) -> String {
    let count = count(
        failures.failures.len() + failures.unreadable.len(),
        failures.taken,
    );
    match table(failures) {
        Some(table) => format!("{table}\n\n{count}"),
        None => count,
    }
}

/// The reports under each other; none where there are none.
fn table(failures: &Failures) -> Option<String> {
    let known = failures.failures.iter().map(row);
    let unreadable = failures.unreadable.iter().map(|text| {
        let why = format!("the report cannot be read: {}", one_line(text));
        ["-", "-", "-", "-", &*why].map(str::to_owned).to_vec()
    });
    let rows: Vec<Vec<String>> = known.chain(unreadable).collect();
    (!rows.is_empty()).then(|| grid(&HEAD, &rows, |_| false))
}

fn count(reports: usize, taken: bool) -> String {
    let whose = match taken {
        true => "taken out of the queues",
        false => "left in the queues",
    };
    match reports {
        0 => "no failures are reported".to_owned(),
        1 => format!("1 report, {whose}"),
        many => format!("{many} reports, {whose}"),
    }
}

fn row(failure: &Failure) -> Vec<String> {
    let known = |text: Option<String>| {
        text.filter(|text| !text.is_empty())
            .unwrap_or_else(|| "-".to_owned())
    };
    vec![
        known(failure.failed_on.clone()),
        one_line(&format!("{}.{}", failure.database, failure.table)),
        known(Some(one_line(&failure.source))),
        known(failure.source_id.map(|id| id.to_string())),
        one_line(&failure.error.message),
    ]
}
