//! Who knows what became of a source that was taken: its row of the status table, or the engine by an operation.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kusto_ingest::{
    Clock, DirectIngestClient, Error, ErrorKind, Kusto, Receipt, ReceiptState, Result, SourceId,
    StatusLocator, StatusRecord, StatusTracker, Waiting, until_final,
};
use kusto_ingest_direct::{Following, OperationState};
use kusto_ingest_status::{Opened, Opening};
use tokio::sync::Semaphore;

use crate::outcome::{Finding, State};

/// How many of them are asked at a time.
const AT_A_TIME: usize = 16;

/// How an operation is followed for somebody who looks on: as often as a status.
pub(crate) fn following() -> Following {
    let waiting = Waiting::eagerly();
    Following::default().with_waits(waiting.every, waiting.longest)
}

/// Whom to ask what became of a source.
#[derive(Debug)]
pub(crate) struct Books {
    clock: Arc<dyn Clock>,
    table: AFewAtATime,
    engine: DirectIngestClient,
}

impl Books {
    pub(crate) fn of(kusto: &Kusto) -> Self {
        let turns = Semaphore::new(AT_A_TIME);
        Self {
            clock: kusto.clock(),
            table: AFewAtATime {
                tracker: kusto.status(),
                turns,
            },
            // What has ended is asked for at once.
            engine: kusto
                .direct()
                .with_following(Following::default().with_waits(Duration::ZERO, Duration::from_secs(1))),
        }
    }

    /// Whether anybody can tell what became of a source.
    pub(crate) fn know(receipt: &Receipt) -> bool {
        receipt.status_locator().is_some() || matches!(receipt.state, ReceiptState::Operation { .. })
    }

    /// Asks once, or again and again until it is final or the time is over.
    pub(crate) async fn ask(&self, receipt: &Receipt, patience: Option<Duration>) -> Finding {
        if matches!(receipt.state, ReceiptState::Operation { .. }) {
            return self
                .operation(receipt, patience)
                .await
                .unwrap_or_else(Finding::Unread);
        }
        let Some(locator) = receipt.status_locator() else {
            return Finding::UnderWay;
        };
        let record = match patience {
            None => self.table.fetch(locator).await,
            Some(limit) => {
                let waiting = Waiting::eagerly().with_limit(limit);
                until_final(&*self.clock, &self.table, locator, &waiting).await
            }
        };
        record.map_or_else(Finding::Unread, Finding::Record)
    }

    async fn operation(&self, receipt: &Receipt, patience: Option<Duration>) -> Result<Finding> {
        let Some(id) = receipt.operation() else {
            return Ok(Finding::UnderWay);
        };
        let operations = self.engine.operations();
        let now = async {
            let _turn = self.table.turns.acquire().await;
            operations.fetch(&receipt.database, id).await
        };
        let operation = match (now.await, patience) {
            (Ok(Some(operation)), _) if operation.state.is_final() => operation,
            (Err(error), _) if error.is_permanent() => return Err(error),
            (_, Some(limit)) => {
                let following = following().with_limit(limit);
                operations.until_done(&receipt.database, id, following).await?
            }
            (Ok(Some(_)), None) => return Ok(Finding::UnderWay),
            (Ok(None), None) => return Err(not_shown(receipt)),
            (Err(error), None) => return Err(error),
        };
        // The client knows what the end of an operation means for this source.
        Ok(match self.engine.until_done(receipt).await {
            Ok(receipt) => Finding::Ended(receipt),
            Err(error) if operation.failure().is_none() => return Err(error),
            Err(error) if operation.state == OperationState::PartiallySucceeded => {
                Finding::Refused(State::PartiallySucceeded, error)
            }
            Err(error) => Finding::Refused(State::Failed, error),
        })
    }
}

fn not_shown(receipt: &Receipt) -> Error {
    Error::new(ErrorKind::NotFound, "look at the operation")
        .because(
            "the engine does not show it: it keeps the last six hours, and may be late with the last minute",
        )
        .with("operation", receipt.operation().unwrap_or_default())
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
