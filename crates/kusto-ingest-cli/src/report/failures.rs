//! What the service reports of failures.

use kusto_ingest::secrets::redact;
use kusto_ingest::{FailureNotification, Report, SourceId};
use serde::Serialize;

use super::grid::{grid, one_line};
use super::json::written;
use super::{Output, SourceFailure};

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
    }
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

/// Reports that are printed while more are taken. People get a table for every batch; programs get what they get of all
/// at once, but for the time when each part comes.
#[derive(Debug)]
pub(crate) struct InBatches {
    output: Output,
    /// How many failures were told by now.
    told: usize,
    /// Texts that are no reports: programs get them in the end.
    unreadable: Vec<String>,
}

impl InBatches {
    pub(crate) fn new(output: Output) -> Self {
        Self {
            output,
            told: 0,
            unreadable: Vec::new(),
        }
    }

    /// Whether there was nothing to print yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.told == 0 && self.unreadable.is_empty()
    }

    /// What is to be printed of the next batch.
    pub(crate) fn more(&mut self, batch: Failures) -> String {
        let text = match self.output {
            Output::Text => {
                let apart = if self.is_empty() { "" } else { "\n" };
                table(&batch).map_or_else(String::new, |table| format!("{apart}{table}\n"))
            }
            Output::Json => batch
                .failures
                .iter()
                .enumerate()
                .map(|(at, failure)| {
                    let before = if self.told + at == 0 { BEGIN } else { "," };
                    format!("{before}\n    {}", written(failure).replace('\n', "\n    "))
                })
                .collect(),
        };
        self.told += batch.failures.len();
        self.unreadable.extend(batch.unreadable);
        text
    }

    /// What is to be printed in the end.
    pub(crate) fn end(self) -> String {
        let is_open = self.told > 0;
        match self.output {
            Output::Json if is_open => {
                let unreadable = written(&self.unreadable).replace('\n', "\n  ");
                format!("\n  ],\n  \"unreadable\": {unreadable},\n  \"taken\": true\n}}\n")
            }
            Output::Json => {
                let all = Failures {
                    failures: Vec::new(),
                    unreadable: self.unreadable,
                    taken: true,
                };
                format!("{}\n", written(&all))
            }
            Output::Text => {
                let apart = if self.is_empty() { "" } else { "\n" };
                format!("{apart}{}\n", count(self.told + self.unreadable.len(), true))
            }
        }
    }
}

/// How a document of failures begins.
const BEGIN: &str = "{\n  \"failures\": [";

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

#[cfg(test)]
mod tests {
    use kusto_ingest::{Error, ErrorKind};

    use super::*;

    fn failure(source: &str) -> Failure {
        Failure {
            failed_on: None,
            database: "D".to_owned(),
            table: "T".to_owned(),
            source: source.to_owned(),
            source_id: None,
            operation_id: None,
            should_retry: false,
            error: SourceFailure::of(&Error::new(ErrorKind::Rejected, "ingest")),
        }
    }

    fn failures(sources: &[&str], unreadable: &[&str]) -> Failures {
        Failures {
            failures: sources.iter().map(|source| failure(source)).collect(),
            unreadable: unreadable.iter().map(|text| (*text).to_owned()).collect(),
            taken: true,
        }
    }

    #[test]
    fn programs_get_of_batches_what_they_get_of_all_at_once() {
        let batches = [
            (&["a", "b"][..], &["x"][..]),
            (&[], &["y", "z"]),
            (&["c\nd"], &[]),
            (&[], &[]),
        ];
        for some in [&batches[..], &batches[1..2], &batches[2..], &batches[3..], &[]] {
            let mut sheet = InBatches::new(Output::Json);
            let mut printed = String::new();
            for (known, unreadable) in some {
                printed += &sheet.more(failures(known, unreadable));
            }
            printed += &sheet.end();
            let known: Vec<&str> = some.iter().flat_map(|(known, _)| *known).copied().collect();
            let unreadable: Vec<&str> = some.iter().flat_map(|(_, texts)| *texts).copied().collect();
            let all = super::failures(&failures(&known, &unreadable), Output::Json);
            assert_eq!(printed, format!("{all}\n"));
        }
    }
}
