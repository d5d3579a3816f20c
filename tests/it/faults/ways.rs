//! The ways in, each with a Kusto of its own: what is sent, and what is there afterwards.

use std::sync::Arc;
use std::time::Duration;

use kusto_emulator::{Emulator, HttpFault, HttpFaultPlan, Route};
use kusto_ingest::clock::Clock;
use kusto_ingest::queued::Protocol;
use kusto_ingest::retry::{CallLimits, ExponentialRetry, OnUnknownOutcome};
use kusto_ingest::{IngestClient, IngestClientExt, Kusto, LocalSource, Receipt, Result};
use kusto_ingest_core::within;
use kusto_ingest_tokio::TokioClock;
use kusto_storage::Operation;

use crate::setup::{database, emulator, properties, row, table, with_table};

/// What a request of the kind under test may take.
pub(super) const LIMIT: Duration = Duration::from_millis(200);

/// Within which an ingestion must end, whatever happens.
const DEADLINE: Duration = Duration::from_secs(5 * 60);

/// A way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Queued,
    Rest,
    Streaming,
    Managed,
    Direct,
}

impl Way {
    pub(super) const ALL: [Self; 5] = [
        Self::Queued,
        Self::Rest,
        Self::Streaming,
        Self::Managed,
        Self::Direct,
    ];

    /// The request that is not idempotent.
    pub(super) fn route(self) -> Route {
        match self {
            Self::Queued => Route::Storage(Operation::PutMessage),
            Self::Rest => Route::QueuedSubmission,
            Self::Streaming | Self::Managed => Route::Streaming,
            Self::Direct => Route::Management,
        }
    }

    /// A client that tries three times or more.
    pub(super) fn client(self, kusto: &Kusto) -> Box<dyn IngestClient> {
        match self {
            Self::Queued => Box::new(kusto.queued()),
            Self::Rest => Box::new(kusto.queued().with_protocol(Protocol::Rest)),
            Self::Streaming => Box::new(kusto.streaming().with_retry(Arc::new(ExponentialRetry::new(3)))),
            Self::Managed => Box::new(kusto.managed()),
            Self::Direct => Box::new(kusto.direct()),
        }
    }
}

/// A Kusto whose queues stay as they are.
pub(super) struct World {
    pub(super) emulator: Emulator,
}

impl World {
    pub(super) async fn start() -> Self {
        let builder = with_table("a:string,b:string").with_ingestion_paused();
        let emulator = emulator(builder.with_accounts(["accta", "acctb", "acctc"])).await;
        Self { emulator }
    }

    pub(super) async fn failing(fault: HttpFault, route: Route, times: Option<u32>) -> Self {
        let world = Self::start().await;
        world.plan(fault, route, times);
        world
    }

    /// Such requests fail so many times, or for ever.
    pub(super) fn plan(&self, fault: HttpFault, route: Route, times: Option<u32>) {
        let plan = HttpFaultPlan::new(fault).on(route);
        self.emulator.plan(match times {
            Some(times) => plan.times(times),
            None => plan.forever(),
        });
    }

    /// Ingests one row.
    pub(super) async fn ingest(&self, way: Way, choice: OnUnknownOutcome) -> Result<Receipt> {
        self.ingest_source(way, choice, row()).await
    }

    pub(super) async fn ingest_source(
        &self,
        way: Way,
        choice: OnUnknownOutcome,
        source: LocalSource,
    ) -> Result<Receipt> {
        ingest_at(&self.emulator.cluster(), way, choice, source).await
    }

    /// How often what was ingested is there, in the table or in a queue.
    pub(super) fn copies(&self) -> u32 {
        let rows = self.emulator.fake().rows(&database(), &table()).len();
        u32::try_from(rows + self.emulator.fake().queued_message_count()).expect("a few")
    }

    pub(super) fn request_count(&self, route: Route) -> u32 {
        u32::try_from(self.emulator.request_count(route)).expect("a few")
    }
}

pub(super) async fn ingest_at(
    cluster: &str,
    way: Way,
    choice: OnUnknownOutcome,
    source: LocalSource,
) -> Result<Receipt> {
    let limits = CallLimits::new().with_overall(LIMIT);
    let kusto = Kusto::builder(cluster)?
        .with_on_unknown_outcome(choice)
        .with_command_limits(limits)
        .with_storage_limits(limits)
        .connect()?;
    let properties = properties();
    let client = way.client(&kusto);
    let ingesting = client.ingest(source, &properties);
    let clock: &dyn Clock = &TokioClock::new();
    within(clock, DEADLINE, "end in time", ingesting).await
}
