//! The end of a request that says nothing of what was done: by each way in, whether it was done or not.

use std::time::Duration;

use kusto_emulator::{HttpFault, Route};
use kusto_ingest::retry::OnUnknownOutcome;
use kusto_ingest::status::ReceiptState;
use kusto_ingest::{ErrorKind, Receipt, Result};
use kusto_storage::Operation;

use super::all_keep_the_promise;
use super::ways::{Way, World};
use crate::setup::{client, row};

const POST: Route = Route::Storage(Operation::PutMessage);
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How a request ends without anybody knowing what it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// With a status, and nothing was done.
    Status(u16),
    /// With the same status, and all was done.
    StatusAfterwards(u16),
    ResponseLost,
    Timeout,
}

impl End {
    fn all() -> impl Iterator<Item = Self> {
        let statuses = [408, 500, 502, 504];
        let told = statuses.map(Self::Status).into_iter();
        told.chain(statuses.map(Self::StatusAfterwards))
            .chain([Self::ResponseLost, Self::Timeout])
    }

    fn fault(self) -> HttpFault {
        match self {
            Self::Status(status) => HttpFault::Status(status, "InternalError".to_owned()),
            Self::StatusAfterwards(status) => HttpFault::StatusAfterwards(status, "InternalError".to_owned()),
            Self::ResponseLost => HttpFault::ResponseLost,
            Self::Timeout => HttpFault::Delay(YEAR),
        }
    }

    /// How many of so many such requests were carried out.
    fn done(self, requests: u32) -> u32 {
        match self {
            Self::StatusAfterwards(_) | Self::ResponseLost => requests,
            Self::Status(_) | Self::Timeout => 0,
        }
    }
}

/// What an ingestion came to: whether it was acknowledged, and the ambiguous sends and copies there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Came {
    acknowledged: bool,
    requests: u32,
    ambiguous: u32,
    copies: u32,
}

/// Runs one cell, and says what should not be.
async fn broken_promise(way: Way, end: End, times: Option<u32>, choice: OnUnknownOutcome) -> Option<String> {
    let world = World::failing(end.fault(), way.route(), times).await;
    let outcome = world.ingest(way, choice).await;
    let told = format!("{way:?} {end:?} {times:?} {choice:?}: {outcome:?}");
    let came = match came(&world, way, &outcome) {
        Ok(came) => came,
        Err(wrong) => return Some(format!("{wrong}: {told}")),
    };
    let requests = came.requests;
    let expected = match (choice, times, way) {
        (OnUnknownOutcome::Report, ..) => Came {
            acknowledged: false,
            requests: 1,
            ambiguous: 1,
            copies: end.done(1),
        },
        (OnUnknownOutcome::Retry, Some(times), _) => Came {
            acknowledged: true,
            requests: times + 1,
            ambiguous: times,
            copies: 1 + end.done(times),
        },
        // The queue takes what was streamed without an answer.
        (OnUnknownOutcome::Retry, None, Way::Managed) => Came {
            acknowledged: true,
            requests: requests.max(2),
            ambiguous: requests,
            copies: 1 + end.done(requests),
        },
        (OnUnknownOutcome::Retry, None, _) => Came {
            acknowledged: false,
            requests: requests.max(2),
            ambiguous: requests,
            copies: end.done(requests),
        },
    };
    if came != expected {
        return Some(format!("{came:?} is not {expected:?}: {told}"));
    }
    let limit_is_told = end != End::Timeout || came.acknowledged || told.contains("limit overall");
    (!limit_is_told).then(|| format!("the limit is not told: {told}"))
}

/// What an ingestion came to, as its receipt tells it.
fn came(world: &World, way: Way, outcome: &Result<Receipt>) -> Result<Came, &'static str> {
    let receipt = match outcome {
        Ok(receipt) if receipt.may_be_duplicated() != (receipt.ambiguous_sends > 0) => {
            return Err("a duplicate is not told");
        }
        Ok(receipt) => receipt,
        Err(error) if error.kind() != ErrorKind::OutcomeUnknown => return Err("it is no unknown outcome"),
        Err(error) if error.is_permanent() => return Err("it is permanent"),
        Err(error) => match error.receipt() {
            None => return Err("there is no receipt"),
            Some(receipt) if !matches!(receipt.state, ReceiptState::Unknown { .. }) => {
                return Err("the receipt says more than is known");
            }
            Some(receipt) => receipt,
        },
    };
    Ok(Came {
        acknowledged: outcome.is_ok(),
        requests: world.request_count(way.route()),
        ambiguous: receipt.ambiguous_sends,
        copies: world.copies(),
    })
}

async fn every_cell(choice: OnUnknownOutcome, times: &[Option<u32>]) {
    let mut cells = Vec::new();
    for way in Way::ALL {
        for end in End::all() {
            cells.extend(times.iter().map(|times| broken_promise(way, end, *times, choice)));
        }
    }
    all_keep_the_promise(cells).await;
}

#[tokio::test(start_paused = true)]
async fn what_nobody_knows_is_reported_with_the_receipt_and_not_sent_again() {
    every_cell(OnUnknownOutcome::Report, &[None]).await;
}

#[tokio::test(start_paused = true)]
async fn who_has_it_sent_again_is_told_how_many_sends_were_ambiguous() {
    every_cell(OnUnknownOutcome::Retry, &[Some(1), Some(2), None]).await;
}

#[tokio::test(start_paused = true)]
async fn of_managed_streaming_the_sum_is_told_of_both_its_ways() {
    for end in [End::ResponseLost, End::StatusAfterwards(500)] {
        let world = World::failing(end.fault(), Route::Streaming, None).await;
        world.plan(end.fault(), POST, None);
        let error = world
            .ingest(Way::Managed, OnUnknownOutcome::Retry)
            .await
            .expect_err("nobody answers");
        assert_eq!(
            error.kind(),
            ErrorKind::OutcomeUnknown,
            "{end:?}: {}",
            error.chain()
        );
        let receipt = error.receipt().expect("it carries one");
        let (streamed, posted) = (world.request_count(Route::Streaming), world.request_count(POST));
        assert!(streamed > 1 && posted > 1, "{end:?}: {streamed} {posted}");
        assert_eq!(receipt.ambiguous_sends, streamed + posted, "{end:?}");
        assert_eq!(world.copies(), streamed + posted, "{end:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn managed_streaming_sends_again_without_being_asked_and_the_other_ways_do_not() {
    for way in Way::ALL {
        let world = World::failing(HttpFault::ResponseLost, way.route(), Some(1)).await;
        let kusto = client(&world.emulator, |builder| builder);
        let properties = crate::setup::properties();
        let source = row();
        let outcome = way.client(&kusto).ingest_source(source.into(), &properties).await;
        assert_eq!(outcome.is_ok(), way == Way::Managed, "{way:?}: {outcome:?}");
        assert_eq!(world.copies(), 1 + u32::from(way == Way::Managed), "{way:?}");
    }
}
