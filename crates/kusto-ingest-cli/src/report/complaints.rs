//! Why sources did not arrive, as standard error has it.

use super::Outcome;

/// How many different failures are told on standard error; the report itself has all.
const TOLD: usize = 10;

/// Why sources did not arrive: every reason once.
pub(super) fn complaints(outcomes: &[Outcome]) -> Vec<String> {
    let mut told: Vec<(&str, &str, usize)> = Vec::new();
    for outcome in outcomes {
        let Some(failure) = &outcome.failure else { continue };
        match told
            .iter_mut()
            .find(|(_, message, _)| *message == failure.message)
        {
            Some((.., times)) => *times += 1,
            None => told.push((&outcome.source, &failure.message, 1)),
        }
    }
    let further = told.len().saturating_sub(TOLD);
    let mut complaints: Vec<String> = told
        .into_iter()
        .take(TOLD)
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
