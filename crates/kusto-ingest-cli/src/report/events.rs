//! Events for programs that read line by line: each is printed as soon as it is known.

use std::sync::{Mutex, PoisonError};

use super::{CommandError, Outcome, Output, json, output};

/// Results line by line, as they are learned. Where results are printed otherwise, there are none before the end.
#[derive(Debug, Default)]
pub(crate) struct Events {
    is_wanted: bool,
    place: Option<(String, String)>,
    /// Why standard output has not got all of them.
    unwritten: Mutex<Option<CommandError>>,
}

impl Events {
    /// Of sources that go into one table, where all do.
    pub(crate) fn new(output: Output, place: Option<(String, String)>) -> Self {
        Self {
            is_wanted: output == Output::Ndjson,
            place,
            unwritten: Mutex::default(),
        }
    }

    /// A source is queued or accepted, and its end is waited for.
    pub(crate) fn queued(&self, outcome: &Outcome) {
        if self.is_wanted {
            self.print(&json::queued_line(self.place.as_ref(), outcome));
        }
    }

    /// This is what became of a source: it is not told again in the end.
    pub(crate) fn result(&self, outcome: &mut Outcome) {
        if self.is_wanted && !outcome.is_told {
            self.print(&json::result_line(self.place.as_ref(), outcome));
            outcome.is_told = true;
        }
    }

    /// Whether all of them are written.
    ///
    /// # Errors
    /// Standard output could not be written to.
    pub(super) fn written(&self) -> Result<(), CommandError> {
        let mut unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        unwritten.take().map_or(Ok(()), Err)
    }

    /// What is under way goes on where nobody reads: what became of it goes before how it was told.
    fn print(&self, line: &str) {
        let mut unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        if unwritten.is_none() {
            *unwritten = output::write(line)
                .map_err(|error| output::unwritten(&error))
                .err();
        }
    }
}
