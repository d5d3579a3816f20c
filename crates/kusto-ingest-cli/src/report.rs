//! What is printed: results on standard output, words about them on standard error, and the exit code.

// What became of each source, and what that adds up to.
mod cause;
mod checkup;
mod examined;
mod exit;
mod outcome;
mod source_failure;
mod tally;

// Results on standard output.
mod events;
mod failures;
mod file_identity;
mod grid;
mod json;
mod list;
mod output;
mod report_file;
mod rows;
mod text;
mod width;

// Words on standard error.
mod complaints;
mod ending;
mod log;
mod progress;
mod say;

use std::path::PathBuf;
use std::time::Duration;

pub(crate) use cause::{Cause, interrupted};
pub(crate) use checkup::{Check, checkup, exit_of as exit_of_checkup};
pub(crate) use events::Events;
pub(crate) use examined::{Examined, ExaminedColumn, examined, exit_of as exit_of_examined};
pub(crate) use exit::{CommandError, Exit};
pub(crate) use failures::{BatchedReports, Failures, failures};
pub(crate) use file_identity::FileIdentity;
pub(crate) use json::{receipt_line, receipt_result};
pub(crate) use list::{ListOutput, ListPrinter, ListedItem};
pub(crate) use log::Log;
pub(crate) use outcome::{Outcome, State};
pub(crate) use output::{Output, print, unwritten, write};
pub(crate) use progress::Progress;
pub(crate) use report_file::ReportFile;
pub(crate) use rows::{RowsOutput, rows};
use say::help;
pub(crate) use say::{Volume, error, note, prompt, say_plainly, set_volume, warning};
pub(crate) use source_failure::{ExitCategory, SourceFailure};
pub(crate) use tally::Tally;

/// What became of everything that a command was asked about.
#[derive(Debug)]
pub(crate) struct Report {
    /// Database and table, where all sources share them.
    pub(crate) place: Option<(String, String)>,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) elapsed: Duration,
    /// What told the command to end.
    pub(crate) cause: Option<Cause>,
    /// How long it was to wait; none where it looked once.
    pub(crate) limit: Option<Duration>,
    /// Whether it was to end when the engine had taken everything.
    pub(crate) ends_early: bool,
    /// Whether people get receipts, too, by which another process can ask for what has not ended. Programs get all.
    pub(crate) with_receipts: bool,
    /// The file that has the receipts.
    pub(crate) receipts: Option<PathBuf>,
    /// Why that file does not have all of them: then people get them here.
    pub(crate) unkept: Option<String>,
    /// What people get behind the results: the first rows of the table.
    pub(crate) rows: Option<String>,
    /// What may help where the service wants to know who asks.
    pub(crate) sign_in_hint: Option<&'static str>,
    /// What was told as it was learned.
    pub(crate) events: Events,
    /// How many sources were done before, where a journal tells.
    pub(crate) done_before: Option<u64>,
    /// The file that gets all of them.
    pub(crate) file: ReportFile,
}

impl Report {
    /// Prints the results, says what they do not say themselves, and tells how the command ends.
    ///
    /// # Errors
    /// All was done, and standard output cannot be written to.
    pub(crate) fn tell(&self, output: Output) -> Result<Exit, CommandError> {
        self.outcomes.iter().for_each(|outcome| self.file.add(outcome));
        let filed = self.file.finish();
        let exit = exit::exit_of(&self.outcomes, self.cause.is_some(), self.ends_early);
        let is_told_once = output::are_read_together();
        let told_before = self.events.written();
        let printed = told_before.and_then(|()| print(&self.written(output, is_told_once)));
        if let (Some(rows), Output::Text, Ok(())) = (&self.rows, output, &printed) {
            print(rows).unwrap_or_else(|error| note(&error.message));
        }
        let told = match (output, is_told_once) {
            (_, false) => complaints::TOLD,
            (Output::Text, true) => usize::MAX,
            (Output::Json | Output::Ndjson, true) => 0,
        };
        let complaints = complaints::complaints(&self.outcomes, told);
        complaints.iter().for_each(|complaint| error(complaint));
        if !complaints.is_empty() {
            complaints::page(&self.outcomes)
                .iter()
                .for_each(|page| help(page));
        }
        ending::words(self, exit).iter().for_each(|words| error(words));
        if self.outcomes.iter().any(Outcome::wants_sign_in) {
            self.sign_in_hint.iter().for_each(|hint| note(hint));
        }
        let kept = self
            .unkept
            .as_ref()
            .map_or(Ok(()), |why| Err(CommandError::new(Exit::Bug, why)));
        output::ended(exit, kept.and(filed).and(printed))
    }

    /// As standard output has it. What is told once of failures is told on standard error.
    fn written(&self, output: Output, is_told_once: bool) -> String {
        match output {
            Output::Text => text::report(self, is_told_once),
            Output::Json => json::report(self),
            Output::Ndjson => json::lines(self),
        }
    }
}
