//! Finding out what became of the sources: at once, or by waiting until all are final or the time is over.

use std::time::Duration;

use futures::StreamExt as _;
use futures::future::{Either, select};
use futures::stream::FuturesUnordered;

use super::interrupt::Interrupt;
use super::status_reader::StatusReader;
use crate::report::{Events, Outcome, Progress, State, is_traceable};

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
        .filter(|(_, receipt)| is_traceable(receipt))
        .collect();
    let mut under_way: FuturesUnordered<_> = known
        .iter()
        .map(|(place, receipt)| async move { (*place, status_reader.ask(receipt, wait_timeout).await) })
        .collect();
    let (mut ended, of) = (0, known.len());
    progress.ended(ended, of);
    loop {
        match select(under_way.next(), Box::pin(interrupt.pressed())).await {
            Either::Left((Some((place, finding)), _)) => {
                let had_failed = outcomes[place].failure.is_some();
                outcomes[place].learn(finding);
                if outcomes[place].failure.is_some() && !had_failed {
                    progress.failed();
                }
                learned(place, &mut outcomes[place]);
            }
            Either::Left((None, _)) => return,
            Either::Right(_) => break,
        }
        ended += 1;
        progress.ended(ended, of);
    }
    drop(under_way);
    for (place, _) in known {
        if outcomes[place].state == State::Queued {
            outcomes[place].state = State::Pending;
        }
    }
}

/// Tells of a source at once, if it has ended. What has not is told in the end, as it stands then.
pub(crate) fn tell_end(events: &Events, outcome: &mut Outcome) {
    if outcome.state.is_final() {
        events.result(outcome);
    }
}
