//! Serves many receipts from the report queues that all clients of a cluster share.

mod poll_pacer;
mod poll_queues;
mod watch;
mod watch_registry;

pub use watch::Watch;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kusto_ingest_core::{Clock, PollSchedule, SourceId};
use kusto_ingest_resources::ResourceProvider;
use kusto_storage::QueueStore;

use crate::report_queues::ReportQueues;
use poll_pacer::PollPacer;
use watch_registry::WatchRegistry;

/// How long reports are hidden that are received, unless it is said otherwise.
const VISIBILITY: Duration = Duration::from_secs(5);

/// The shortest time that Azure Storage hides a message for.
const SHORTEST_VISIBILITY: Duration = Duration::from_secs(1);

/// Tells the outcome of ingestions that report to the cluster's queues, without removing the reports of others.
///
/// All clients of a cluster share these queues. A router looks for the reports about the sources that are
/// [watched](Self::watch), delivers each to one watch, deletes what was delivered **and nothing else**, and lets all
/// else reappear: reports about other sources, those of other clients, and those that cannot be read.
///
/// The service reports successes only for ingestions with
/// [`ReportLevel::FailuresAndSuccesses`](kusto_ingest_core::ReportLevel::FailuresAndSuccesses), and to these queues
/// only with [`ReportMethod::Queue`](kusto_ingest_core::ReportMethod::Queue) or `QueueAndTable`. **With the usual level
/// nothing is ever heard of a success**: set a limit of time. For many ingestions the status table is the better
/// way, see [`wait_all_final`](crate::wait_all_final).
///
/// Nothing runs in the background. Of those who wait, one looks for all; when it has what it waited for, or is dropped,
/// another goes on. So every waiter must be polled: one that is kept and not polled may hold up the others.
///
/// Clones share the watches. Keep one router for a cluster: several work side by side, but each looks on its own.
///
/// ```
/// use std::sync::Arc;
///
/// use kusto_ingest_core::{ManualClock, SourceId, Timestamp};
/// use kusto_ingest_message::{IdentityToken, SuccessNotification};
/// use kusto_ingest_resources::{FixedResources, IngestionResources};
/// use kusto_ingest_status::StatusRouter;
/// use kusto_fake::MemoryStorage;
/// use kusto_storage::{QueueStore, ResourceKind, ResourceUri};
///
/// # futures::executor::block_on(async {
/// let clock = Arc::new(ManualClock::advancing(Timestamp::UNIX_EPOCH));
/// let storage = MemoryStorage::new(clock.clone());
/// let queue = ResourceUri::parse("https://a.queue.core.windows.net/successes?sig=S")?;
/// storage.issue(ResourceKind::Queue, &queue)?;
/// let issued = IngestionResources::empty().with_success_queues([queue.clone()]);
/// let resources = FixedResources::new(issued, IdentityToken::parse("T")?);
///
/// let router = StatusRouter::new(Arc::new(storage.clone()), Arc::new(resources), clock);
/// let source = SourceId::random();
/// let mut watch = router.watch(source); // of the receipt of an ingestion
///
/// let mut success = SuccessNotification::default(); // what the service does
/// success.source_id = Some(source);
/// storage.put(&queue, &success.encode()).await?;
///
/// assert!(watch.outcome().await?.status.is_success());
/// # Ok::<(), kusto_ingest_core::Error>(())
/// # })?;
/// # Ok::<(), kusto_ingest_core::Error>(())
/// ```
#[derive(Clone)]
pub struct StatusRouter {
    queues: ReportQueues,
    clock: Arc<dyn Clock>,
    visibility: Duration,
    pauses: Arc<PollSchedule>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    registry: WatchRegistry,
    pacer: PollPacer,
}

impl StatusRouter {
    /// A router over the queues that `resources` tells of.
    #[must_use]
    pub fn new(
        queues: Arc<dyn QueueStore>,
        resources: Arc<dyn ResourceProvider>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let standard = PollSchedule::standard();
        let longest = standard.max_interval;
        let schedule = standard.with_intervals(Duration::ZERO, Duration::from_secs(1), longest);
        Self {
            queues: ReportQueues::new(queues, resources),
            clock,
            visibility: VISIBILITY,
            pauses: Arc::new(schedule),
            state: Arc::default(),
        }
    }

    /// Hides what it receives for so long: 5 s unless it is said otherwise, and 1 s at least.
    ///
    /// Reports of others that lie in front of ours are hidden from their readers for as long. With a longer time the
    /// router gets past more reports in a queue that nobody reads.
    #[must_use]
    pub fn with_visibility_timeout(self, visibility: Duration) -> Self {
        Self {
            visibility: visibility.max(SHORTEST_VISIBILITY),
            ..self
        }
    }

    /// Looks at other times: at once, after 1 s, and ever more rarely up to every 10 s, unless it is said otherwise.
    /// Looks become frequent again when something was delivered. The limit of the schedule is that of each watch which has
    /// no other: 60 minutes unless it is said otherwise.
    #[must_use]
    pub fn with_poll_schedule(self, schedule: PollSchedule) -> Self {
        Self {
            pauses: Arc::new(schedule),
            ..self
        }
    }

    /// Watches for a report about a source, from now on.
    ///
    /// Each report is delivered to one watch. A source in several chunks has a report for each: watch it as often, and
    /// each watch has one of them, the oldest watch the first that comes. Their records become one by
    /// [`StatusRecord::combined`](kusto_ingest_message::StatusRecord::combined).
    ///
    /// Where the service reports more often, as it does of a source whose data an update policy takes on, the first
    /// report is delivered, and others stay where they are.
    ///
    /// A report that has come before is found as well, unless somebody took it. Two routers must not watch the same
    /// source: the one that is first has the report.
    #[must_use = "dropping the watch ends it"]
    pub fn watch(&self, source_id: SourceId) -> Watch {
        let now = self.clock.monotonic();
        let mut state = self.state();
        let nobody_looks = !state.registry.is_looked_at();
        state.pacer.joined(nobody_looks, &self.pauses, now);
        let watch_id = state.registry.watch(source_id);
        drop(state);
        Watch::new(self.clone(), watch_id)
    }

    /// How many sources are watched.
    #[must_use]
    pub fn watches(&self) -> usize {
        self.state().registry.watches()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for StatusRouter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusRouter")
            .field("queues", &self.queues)
            .field("visibility", &self.visibility)
            .finish_non_exhaustive()
    }
}
