//! What a client outlasts, and how it gives up: through the facade, over loopback, counted.
//!
//! Time is tokio's paused clock: it moves on its own when everything waits, so that a minute of waits takes none.

mod data_management;
mod giving_up;
mod storage;
mod streams;

use std::time::Duration;

use kusto_emulator::{Emulator, HttpFault, HttpFaultPlan, Route};
use kusto_ingest::sources::Sources;
use kusto_ingest::status::AggregateResult;
use kusto_ingest::{Kusto, LocalSource, Source};
use kusto_storage::Operation;

use crate::setup::{paused, properties, start};

/// An emulator with three storage accounts, whose queues stay as they are, and a client at its defaults.
pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) kusto: Kusto,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with_accounts(&["accta", "acctb", "acctc"]).await
    }

    pub(crate) async fn with_accounts(accounts: &[&str]) -> Self {
        let (emulator, kusto) = start(paused().with_accounts(accounts.iter().copied())).await;
        Self { emulator, kusto }
    }

    /// Fails every request of these kinds until [`mended`](Self::mended).
    pub(crate) fn fail(&self, fault: &HttpFault, operations: &[Operation]) {
        for operation in operations {
            let plan = HttpFaultPlan::new(fault.clone()).on(Route::Storage(*operation));
            self.emulator.plan(plan.forever());
        }
    }

    /// Ends all faults after so long.
    pub(crate) async fn mended(&self, after: Duration) {
        sleep(after).await;
        self.emulator.clear_faults();
    }

    /// Ingests them all by queued ingestion, so many at a time.
    pub(crate) async fn ingest(&self, sources: Vec<Source>, at_a_time: usize) -> AggregateResult {
        let sources = Sources::new(sources).with_concurrency(at_a_time);
        sources.ingest_with(&self.kusto.queued(), &properties()).await
    }

    /// How many messages there are in the queues.
    pub(crate) fn messages(&self) -> usize {
        self.emulator.fake().queued_message_count()
    }
}

/// So many small sources.
pub(crate) fn small(number: usize) -> Vec<Source> {
    let source = |place: usize| LocalSource::from_bytes(format!("{place},text\n")).with_name("a.csv");
    (0..number).map(|place| source(place).into()).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "time is paused: the test says when something happens"
)]
pub(crate) async fn sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// How much of the paused time something took.
pub(crate) async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    #[expect(clippy::disallowed_methods, reason = "time is paused: it is the test's own")]
    let start = tokio::time::Instant::now();
    let done = work.await;
    (done, start.elapsed())
}

/// What failed, for a test that expects nothing to.
pub(crate) fn failures(result: &AggregateResult) -> Vec<String> {
    result.errors().map(kusto_ingest::Error::chain).collect()
}
