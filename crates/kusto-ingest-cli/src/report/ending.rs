//! What standard error says of an end that the results alone do not explain.

use std::time::Duration;

use kusto_ingest::secrets::redact;

use super::json::Summary;
use super::text::counted;
use super::{Exit, Outcome, Report, State, interrupted};

/// What people should know of an end before everything was known; nothing where the results say it all.
pub(super) fn words(report: &Report, exit: Exit) -> Option<String> {
    let (sources, counts) = counted(&Summary::of(&report.outcomes, Duration::ZERO));
    let ended = match exit {
        Exit::Interrupted => format!("{}: of {sources}: {counts}", interrupted(report.cause)),
        Exit::TimedOut => {
            let is_pending = |outcome: &&Outcome| outcome.state == State::Pending;
            let pending = report.outcomes.iter().filter(is_pending).count();
            let over = report
                .limit
                .map(|limit| format!("the wait of {limit:?} is over: "));
            let verb = if pending == 1 { "is" } else { "are" };
            format!(
                "{}{pending} of {sources} {verb} pending",
                over.unwrap_or_default()
            )
        }
        _ => return None,
    };
    let asked = match (report.outcomes.iter().any(Outcome::is_open), &report.receipts) {
        (false, _) => String::new(),
        (true, Some(path)) if report.unkept.is_none() => {
            let path = redact(&path.display().to_string());
            format!("; `kusto-ingest status {path}` asks again")
        }
        (true, _) => "; `kusto-ingest status` asks again, by the receipts".to_owned(),
    };
    Some(format!("{ended}{asked}"))
}
