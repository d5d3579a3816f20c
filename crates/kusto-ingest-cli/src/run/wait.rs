//! Finding out what became of the sources: at once, or by waiting until all are final or the time is over.

use std::collections::HashMap;
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::{Either, select};
use futures::stream::FuturesUnordered;
use kusto_ingest::Receipt;

use super::interrupt::Interrupt;
use super::status_reader::StatusReader;
use crate::report::{Events, Outcome, Progress, State};

/// Asks for the sources of which somebody knows: once, or until they are final. They share the time that the waiting
/// may take in all. What is learned of each is told at once.
pub(crate) async fn ask(
    status_reader: &StatusReader,
    outcomes: &mut [Outcome],
    wait_timeout: Option<Duration>,
    learned: impl Fn(usize, &mut Outcome),
    progress: &Progress,
    interrupt: &mut Interrupt,
) {
    let known: Vec<_> = outcomes
        .iter()
        .enumerate()
        .filter_map(|(place, outcome)| Some((place, outcome.receipt.clone()?)))
        .filter(|(_, receipt)| receipt.is_traceable())
        .collect();
    let mut under_way: FuturesUnordered<_> = in_groups(&known)
        .into_iter()
        .map(|group| async move {
            let (places, receipts): (Vec<_>, Vec<_>) = group.into_iter().unzip();
            let findings = status_reader.ask_together(&receipts, wait_timeout).await;
            places.into_iter().zip(findings).collect::<Vec<_>>()
        })
        .collect();
    let (mut ended, of) = (0, known.len());
    progress.ended(ended, of);
    loop {
        match select(under_way.next(), Box::pin(interrupt.pressed())).await {
            Either::Left((Some(found), _)) => {
                for (place, finding) in found {
                    let had_failed = outcomes[place].failure.is_some();
                    outcomes[place].learn(finding);
                    if outcomes[place].failure.is_some() && !had_failed {
                        progress.failed();
                    }
                    learned(place, &mut outcomes[place]);
                    ended += 1;
                }
            }
            Either::Left((None, _)) => return,
            Either::Right(_) => break,
        }
        progress.ended(ended, of);
    }
    drop(under_way);
    for (place, _) in known {
        if outcomes[place].state == State::Queued {
            outcomes[place].state = State::Pending;
        }
    }
}

/// Sources that were queued together, which are asked for together; each other one by itself.
fn in_groups(known: &[(usize, Receipt)]) -> Vec<Vec<(usize, Receipt)>> {
    let mut groups: Vec<Vec<(usize, Receipt)>> = Vec::new();
    let mut of_operations = HashMap::new();
    for (place, receipt) in known {
        let group = match receipt.queued_operation() {
            Some(operation) => *of_operations.entry(operation).or_insert(groups.len()),
            None => groups.len(),
        };
        match groups.get_mut(group) {
            Some(group) => group.push((*place, receipt.clone())),
            None => groups.push(vec![(*place, receipt.clone())]),
        }
    }
    groups
}

/// Tells of a source at once, if it has ended. What has not is told in the end, as it stands then.
pub(crate) fn tell_end(events: &Events, outcome: &mut Outcome) {
    if outcome.state.is_final() {
        events.result(outcome);
    }
}
