//! Reports of failures that are printed while more are taken.

use super::{Failures, count, last_line, lines, table};
use crate::report::Output;
use crate::report::json::written;

/// Reports that are printed while more are taken. People get a table for every batch; programs get what they get of all
/// at once, but for the time when each part comes.
#[derive(Debug)]
pub(crate) struct BatchedReports {
    output: Output,
    /// How many failures were told by now.
    told: usize,
    /// Texts that are no reports: one document has them in the end.
    unreadable: Vec<String>,
}

impl BatchedReports {
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
            Output::Ndjson => lines(&batch),
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
            Output::Ndjson => format!("{}\n", last_line((self.told, self.unreadable.len()), true)),
            Output::Text => {
                let apart = if self.is_empty() { "" } else { "\n" };
                format!("{apart}{}\n", count(self.told + self.unreadable.len(), true))
            }
        }
    }
}

/// How a document of failures begins.
const BEGIN: &str = "{\n  \"failures\": [";

#[cfg(test)]
mod tests {
    use kusto_ingest::{Error, ErrorKind};

    use super::*;
    use crate::report::SourceFailure;
    use crate::report::failures::Failure;

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
            let mut sheet = BatchedReports::new(Output::Json);
            let mut printed = String::new();
            for (known, unreadable) in some {
                printed += &sheet.more(failures(known, unreadable));
            }
            printed += &sheet.end();
            let known: Vec<&str> = some.iter().flat_map(|(known, _)| *known).copied().collect();
            let unreadable: Vec<&str> = some.iter().flat_map(|(_, texts)| *texts).copied().collect();
            let all = crate::report::failures(&failures(&known, &unreadable), Output::Json);
            assert_eq!(printed, format!("{all}\n"));
        }
    }
}
