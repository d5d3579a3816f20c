//! Why sources did not arrive, as standard error has it.

use super::{Outcome, SourceFailure};

/// How many different failures are told on standard error; the report itself has all.
pub(super) const TOLD: usize = 10;

/// The page of the guide that explains why sources did not arrive; where they have different reasons, that of all errors.
pub(super) fn page(outcomes: &[Outcome]) -> Option<String> {
    let failures = outcomes.iter().filter_map(|outcome| outcome.failure.as_ref());
    let mut pages = failures.filter_map(SourceFailure::page);
    let first = pages.next()?;
    match pages.all(|page| page == first) {
        true => Some(first),
        false => Some("docs/guide/errors.md".to_owned()),
    }
}

/// Why sources did not arrive: every reason once, and so many of them; none where nothing is to be told.
pub(super) fn complaints(outcomes: &[Outcome], most: usize) -> Vec<String> {
    if most == 0 {
        return Vec::new();
    }
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
    let further = told.len().saturating_sub(most);
    let mut complaints: Vec<String> = told
        .into_iter()
        .take(most)
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
