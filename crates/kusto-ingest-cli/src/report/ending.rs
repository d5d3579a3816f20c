//! What standard error says of an end that the results alone do not explain.

use std::path::Path;
use std::time::Duration;

use kusto_ingest::secrets::redact;

use super::json::Summary;
use super::text::counted;
use crate::report::exit::Exit;
use crate::report::outcome::{Outcome, State};
use crate::run::interrupt::{Cause, interrupted};
use crate::run::status_reader::StatusReader;

/// An end before everything was known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending<'a> {
    pub(crate) exit: Exit,
    pub(crate) outcomes: &'a [Outcome],
    /// What told the command to end.
    pub(crate) cause: Option<Cause>,
    /// How long it was to wait; none where it looked once.
    pub(crate) limit: Option<Duration>,
    /// Where the receipts are.
    pub(crate) receipts: Option<&'a Path>,
}

impl Ending<'_> {
    /// What people should know; nothing where the results say it all.
    pub(crate) fn words(&self) -> Option<String> {
        let (sources, counts) = counted(&Summary::of(self.outcomes, Duration::ZERO));
        let ended = match (self.exit, self.limit) {
            (Exit::Interrupted, _) => {
                format!("{}: of {sources}: {counts}", interrupted(self.cause))
            }
            (Exit::TimedOut, limit) => {
                let is_pending = |outcome: &&Outcome| outcome.state == State::Pending;
                let pending = self.outcomes.iter().filter(is_pending).count();
                let over = limit.map(|limit| format!("the wait of {limit:?} is over: "));
                let verb = if pending == 1 { "is" } else { "are" };
                format!(
                    "{}{pending} of {sources} {verb} pending",
                    over.unwrap_or_default()
                )
            }
            _ => return None,
        };
        let is_open = |outcome: &Outcome| {
            !outcome.state.is_final() && outcome.receipt.as_ref().is_some_and(StatusReader::know)
        };
        let asked = match (self.outcomes.iter().any(is_open), self.receipts) {
            (false, _) => String::new(),
            (true, Some(path)) => {
                let path = redact(&path.display().to_string());
                format!("; `kusto-ingest status {path}` asks again")
            }
            (true, None) => "; `kusto-ingest status` asks again, by the receipts".to_owned(),
        };
        Some(format!("{ended}{asked}"))
    }
}
