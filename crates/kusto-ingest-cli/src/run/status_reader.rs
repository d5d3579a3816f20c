//! Who knows what became of a source that was taken: its row of the status table, or an operation, queued or of the engine.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kusto_ingest::clock::Clock;
use kusto_ingest::direct::DirectIngestClient;
use kusto_ingest::direct::OperationState;
use kusto_ingest::endpoint::{Dataset, ManagementEndpoint, RequestProperties};
use kusto_ingest::properties::DatabaseName;
use kusto_ingest::sources::SourceId;
use kusto_ingest::status::{NewStatusRecord, OpenedStatus, QueuedOperations};
use kusto_ingest::status::{
    PollSchedule, ReceiptState, StatusLocator, StatusRecord, StatusTracker, wait_until_final,
};
use kusto_ingest::{Error, ErrorKind, Kusto, Receipt, Result};
use tokio::sync::Semaphore;

use super::finding::Finding;
use crate::report::State;

/// How many of them are asked at a time.
const AT_A_TIME: usize = 16;

/// Whom to ask what became of a source.
#[derive(Debug)]
pub(crate) struct StatusReader {
    clock: Arc<dyn Clock>,
    table: ConcurrencyLimit<dyn StatusTracker>,
    engine: DirectIngestClient,
    /// Absent where nobody can be asked over REST.
    queued: Option<QueuedOperations>,
    turns: Arc<Semaphore>,
}

impl StatusReader {
    pub(crate) fn of(kusto: &Kusto) -> Self {
        Self {
            queued: kusto.queued_operations().ok(),
            ..Self::new(kusto.clock(), kusto.status(), kusto.engine_endpoint())
        }
    }

    fn new(
        clock: Arc<dyn Clock>,
        table: Arc<dyn StatusTracker>,
        engine: Arc<dyn ManagementEndpoint>,
    ) -> Self {
        let turns = Arc::new(Semaphore::new(AT_A_TIME));
        let engine = ConcurrencyLimit {
            asked: engine,
            turns: turns.clone(),
        };
        Self {
            engine: DirectIngestClient::new(Arc::new(engine), clock.clone()),
            clock,
            table: ConcurrencyLimit {
                asked: table,
                turns: turns.clone(),
            },
            queued: None,
            turns,
        }
    }

    /// Asks for sources that were queued together, or for one source: once, or again and again until all are final or the
    /// time is over.
    pub(crate) async fn ask_together(
        &self,
        receipts: &[Receipt],
        wait_timeout: Option<Duration>,
    ) -> Vec<Finding> {
        match receipts {
            [receipt] if receipt.queued_operation().is_none() => vec![self.ask(receipt, wait_timeout).await],
            _ => self.queued(receipts, wait_timeout).await,
        }
    }

    /// Asks for the operations of what was queued over REST. One that is waited for takes no turn: it is asked seldom.
    async fn queued(&self, receipts: &[Receipt], wait_timeout: Option<Duration>) -> Vec<Finding> {
        let Some(operations) = &self.queued else {
            let why = "there is nobody to ask over REST";
            let error = Error::new(ErrorKind::Unsupported, "read the status").because(why);
            return receipts.iter().map(|_| Finding::Unread(error.clone())).collect();
        };
        let records = match wait_timeout {
            None => {
                let _turn = self.turns.acquire().await;
                operations.fetch_all(receipts).await
            }
            Some(limit) => {
                let waiting = PollSchedule::interactive().with_limit(limit);
                operations.wait_all_final(receipts, &waiting).await
            }
        };
        let found = |record: Result<StatusRecord>| record.map_or_else(Finding::Unread, Finding::Record);
        records.into_iter().map(found).collect()
    }

    /// Asks once, or again and again until it is final or the time is over.
    pub(crate) async fn ask(&self, receipt: &Receipt, wait_timeout: Option<Duration>) -> Finding {
        if matches!(receipt.state, ReceiptState::Operation { .. }) {
            return self
                .operation(receipt, wait_timeout)
                .await
                .unwrap_or_else(Finding::Unread);
        }
        let Some(locator) = receipt.status_locator() else {
            return Finding::UnderWay;
        };
        let record = match wait_timeout {
            None => self.table.fetch(locator).await,
            Some(limit) => {
                let waiting = PollSchedule::interactive().with_limit(limit);
                wait_until_final(&*self.clock, &self.table, locator, &waiting).await
            }
        };
        record.map_or_else(Finding::Unread, Finding::Record)
    }

    async fn operation(&self, receipt: &Receipt, wait_timeout: Option<Duration>) -> Result<Finding> {
        let Some(id) = receipt.operation() else {
            return Ok(Finding::UnderWay);
        };
        let operations = self.engine.operations();
        let operation = match wait_timeout {
            Some(limit) => {
                let waiting = PollSchedule::interactive().with_limit(limit);
                operations
                    .wait_for_operation(&receipt.database, id, &waiting)
                    .await?
            }
            None => match operations.fetch(&receipt.database, id).await? {
                Some(operation) if operation.state.is_final() => operation,
                Some(_) => return Ok(Finding::UnderWay),
                None => return Err(not_shown(receipt)),
            },
        };
        // The client knows what the end of an operation means for this source.
        Ok(match self.engine.conclude(receipt, &operation).await {
            Ok(receipt) => Finding::Ended(receipt),
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

/// Somebody who is asked only a few things at a time, however many are waited for. The turns are never closed, so that
/// there is always one to come.
#[derive(Debug)]
struct ConcurrencyLimit<T: ?Sized> {
    asked: Arc<T>,
    turns: Arc<Semaphore>,
}

#[async_trait]
impl StatusTracker for ConcurrencyLimit<dyn StatusTracker> {
    async fn open(&self, source_id: SourceId, new_record: &NewStatusRecord) -> Result<OpenedStatus> {
        self.asked.open(source_id, new_record).await
    }

    async fn fetch(&self, locator: &StatusLocator) -> Result<StatusRecord> {
        let _turn = self.turns.acquire().await;
        self.asked.fetch(locator).await
    }

    async fn abandon(&self, locator: &StatusLocator, reason: &Error) -> Result<()> {
        self.asked.abandon(locator, reason).await
    }
}

#[async_trait]
impl ManagementEndpoint for ConcurrencyLimit<dyn ManagementEndpoint> {
    async fn execute(
        &self,
        database: &DatabaseName,
        command: &str,
        properties: &RequestProperties,
    ) -> Result<Dataset> {
        let _turn = self.turns.acquire().await;
        self.asked.execute(database, command, properties).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::future::join_all;
    use kusto_ingest::clock::Timestamp;
    use kusto_ingest::endpoint::Table;
    use kusto_ingest::testing::ManualClock;
    use kusto_ingest::testing::MemoryStatusTracker;

    use super::*;

    /// An engine whose operations have all ended, and which notes how many questions it had at a time.
    #[derive(Debug, Default)]
    struct Engine {
        asked: AtomicUsize,
        at_once: AtomicUsize,
        most: AtomicUsize,
    }

    #[async_trait]
    impl ManagementEndpoint for Engine {
        async fn execute(&self, _: &DatabaseName, command: &str, _: &RequestProperties) -> Result<Dataset> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let now = self.at_once.fetch_add(1, Ordering::Relaxed) + 1;
            self.most.fetch_max(now, Ordering::Relaxed);
            tokio::task::yield_now().await;
            self.at_once.fetch_sub(1, Ordering::Relaxed);
            let id = command.rsplit(' ').next().unwrap_or_default();
            let columns = [("OperationId", "guid"), ("State", "string")];
            Ok(Dataset::single(
                Table::of("Table_0", &columns).with_row([id, "Completed"]),
            ))
        }
    }

    #[tokio::test]
    async fn what_has_ended_is_asked_for_once_and_a_few_at_a_time() {
        let engine = Arc::new(Engine::default());
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let status_reader =
            StatusReader::new(clock, Arc::new(MemoryStatusTracker::default()), engine.clone());
        let name = "it is a name";
        let receipts = (0..100).map(|_| {
            let source = SourceId::random();
            let id = source.as_uuid();
            let (database, table) = ("D".try_into().expect(name), "T".try_into().expect(name));
            Receipt::new(source, database, table, ReceiptState::Operation { id })
        });
        let receipts: Vec<Receipt> = receipts.collect();
        for wait_timeout in [None, Some(Duration::ZERO)] {
            engine.asked.store(0, Ordering::Relaxed);
            let asked = receipts
                .iter()
                .map(|receipt| status_reader.ask(receipt, wait_timeout));
            let told = join_all(asked).await;
            assert!(
                told.iter().all(|finding| matches!(finding, Finding::Ended(_))),
                "{told:?}"
            );
            assert_eq!(engine.asked.load(Ordering::Relaxed), receipts.len());
        }
        assert_eq!(engine.most.load(Ordering::Relaxed), AT_A_TIME);
    }
}
