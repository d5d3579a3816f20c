//! Results on standard output, and what it means that it cannot be written to.

use std::io::{self, IsTerminal as _, Write as _};

use clap::ValueEnum;

use super::{CommandError, Exit};

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// A table for people.
    #[default]
    Text,
    /// One JSON object for programs.
    Json,
    /// One JSON object a line: each result, and the summary at the end.
    Ndjson,
}

/// Whether standard output and standard error are read together, on a terminal: what both say is seen twice.
pub(super) fn are_read_together() -> bool {
    io::stdout().is_terminal() && io::stderr().is_terminal()
}

/// Prints on standard output.
///
/// # Errors
/// It cannot be written to, as [`unwritten`] has it.
pub(crate) fn print(text: &str) -> Result<(), CommandError> {
    write(&format!("{text}\n")).map_err(|error| unwritten(&error))
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

/// How a command ends whose result could not be printed, perhaps: what became of it goes before how it was told.
///
/// # Errors
/// All was done, and not printed.
pub(super) fn ended(exit: Exit, printed: Result<(), CommandError>) -> Result<Exit, CommandError> {
    match printed {
        Err(error) if exit != Exit::Done => {
            error.tell();
            Ok(exit)
        }
        printed => printed.map(|()| exit),
    }
}
