//! Waiting: every status is read at once, then ever more seldom, until all are final or the time is over.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::future::{Either, select};
use futures::stream::FuturesUnordered;
use kusto_ingest::{
    Clock, Error, Result, SourceId, StatusLocator, StatusRecord, StatusTracker, Waiting, until_final,
};
use kusto_ingest_status::{Opened, Opening};
use tokio::sync::Semaphore;

use crate::interrupt::Interrupt;
use crate::outcome::{Outcome, State};
use crate::progress::Progress;

/// How many statuses are read at a time.
const READS_AT_A_TIME: usize = 16;

/// Waits for the sources that are tracked. They share the time that the waiting may take in all.
pub(crate) async fn wait(
    clock: &Arc<dyn Clock>,
    tracker: &Arc<dyn StatusTracker>,
    outcomes: &mut [Outcome],
    limit: Duration,
    progress: &Progress,
    interrupt: &mut Interrupt,
) {
    let waiting = &Waiting::eagerly().with_limit(limit);
    let tracker = &AFewAtATime {
        tracker: tracker.clone(),
        turns: Semaphore::new(READS_AT_A_TIME),
    };
    let tracked: Vec<(usize, StatusLocator)> = outcomes
        .iter()
        .enumerate()
        .filter_map(|(place, outcome)| Some((place, outcome.receipt.as_ref()?.status_locator()?.clone())))
        .collect();
    let mut under_way: FuturesUnordered<_> =
        tracked
            .iter()
            .map(|(place, locator)| async move {
                (*place, until_final(&**clock, tracker, locator, waiting).await)
            })
            .collect();
    let (mut ended, of) = (0, tracked.len());
    progress.ended(ended, of);
    loop {
        match select(under_way.next(), Box::pin(interrupt.pressed())).await {
            Either::Left((Some((place, Ok(record))), _)) => outcomes[place].conclude(&record),
            Either::Left((Some((place, Err(error))), _)) => outcomes[place].give_up(&error),
            Either::Left((None, _)) => return,
            Either::Right(_) => break,
        }
        ended += 1;
        progress.ended(ended, of);
    }
    drop(under_way);
    for (place, _) in tracked {
        if outcomes[place].state == State::Queued {
            outcomes[place].state = State::Pending;
        }
    }
}

/// A tracker that reads only a few statuses at a time, however many are waited for.
#[derive(Debug)]
struct AFewAtATime {
    tracker: Arc<dyn StatusTracker>,
    turns: Semaphore,
}

#[async_trait]
impl StatusTracker for AFewAtATime {
    async fn open(&self, source_id: SourceId, opening: &Opening) -> Result<Opened> {
        self.tracker.open(source_id, opening).await
    }

    async fn fetch(&self, locator: &StatusLocator) -> Result<StatusRecord> {
        // It is never closed, so that there is always a turn to come.
        let _turn = self.turns.acquire().await;
        self.tracker.fetch(locator).await
    }

    async fn abandon(&self, locator: &StatusLocator, reason: &Error) -> Result<()> {
        self.tracker.abandon(locator, reason).await
    }
}
