//! What is printed: results on standard output, words about them on standard error.

mod ending;
pub(crate) mod exit;
mod failures;
mod grid;
mod json;
pub(crate) mod outcome;
pub(crate) mod progress;
pub(crate) mod source_failure;
mod text;
mod width;

use std::io::{self, Write as _};
use std::time::Duration;

use kusto_ingest::secrets::redact;

use crate::args::Output;
use crate::report::exit::{CommandError, Exit};
use crate::report::outcome::Outcome;

pub(crate) use ending::Ending;
pub(crate) use failures::{InBatches, failures};
pub(crate) use json::{receipt_line, rows_as_json};
pub(crate) use text::table_of;

/// How many different failures are told on standard error; the report itself has all.
const TOLD_FAILURES: usize = 10;

/// What became of everything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report<'a> {
    /// Database and table, where all sources share them.
    pub(crate) place: Option<(&'a str, &'a str)>,
    pub(crate) outcomes: &'a [Outcome],
    pub(crate) elapsed: Duration,
    /// Whether people get receipts, too, by which another process can ask for what has not ended. Programs get all.
    pub(crate) with_receipts: bool,
}

impl Report<'_> {
    /// As standard output has it.
    pub(crate) fn written(&self, output: Output) -> String {
        match output {
            Output::Text => text::report(self),
            Output::Json => json::report(self),
        }
    }

    /// Why sources did not arrive: every reason once.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let mut told: Vec<(&str, &str, usize)> = Vec::new();
        for outcome in self.outcomes {
            let Some(failure) = &outcome.failure else { continue };
            match told
                .iter_mut()
                .find(|(_, message, _)| *message == failure.message)
            {
                Some((.., times)) => *times += 1,
                None => told.push((&outcome.source, &failure.message, 1)),
            }
        }
        let further = told.len().saturating_sub(TOLD_FAILURES);
        let mut complaints: Vec<String> = told
            .into_iter()
            .take(TOLD_FAILURES)
            .map(|(source, message, times)| match times {
                1 => format!("{source}: {message}"),
                _ => format!("{source} and {} more: {message}", times - 1),
            })
            .collect();
        if further > 0 {
            complaints.push(format!("{further} further failures are in the report"));
        }
        complaints
    }
}

/// Prints on standard output.
///
/// # Errors
/// It cannot be written to, as [`unwritten`] has it.
pub(crate) fn print(text: &str) -> Result<(), CommandError> {
    write(&format!("{text}\n")).map_err(|error| unwritten(&error))
}

/// How a command ends whose result could not be printed, perhaps: what became of it goes before how it was told.
///
/// # Errors
/// All was done, and not printed.
pub(crate) fn ended(exit: Exit, printed: Result<(), CommandError>) -> Result<Exit, CommandError> {
    match printed {
        Err(error) if exit != Exit::Done => {
            error.tell();
            Ok(exit)
        }
        printed => printed.map(|()| exit),
    }
}

/// Writes to standard output as it is.
pub(crate) fn write(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes()).and_then(|()| output.flush())
}

/// What it means that standard output cannot be written to. That nobody reads it any more needs no words.
pub(crate) fn unwritten(error: &io::Error) -> CommandError {
    match error.kind() {
        io::ErrorKind::BrokenPipe => CommandError::new(Exit::ClosedPipe, ""),
        _ => CommandError::new(Exit::Bug, format!("failed to write to standard output: {error}")),
    }
}

/// Says something on standard error that people should know.
pub(crate) fn note(text: &str) {
    say("note", text);
}

/// Says something on standard error that people should change.
pub(crate) fn warning(text: &str) {
    say("warning", text);
}

/// Says on standard error what went wrong.
pub(crate) fn error(text: &str) {
    say("error", text);
}

/// Says on standard error what is worded already.
pub(crate) fn say_plainly(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
}

fn say(what: &str, text: &str) {
    // There is nobody to tell that nobody can be told.
    let _ = writeln!(io::stderr().lock(), "{what}: {}", grid::one_line(&redact(text)));
}
