//! A whole Kusto in memory: what a test does with it.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kusto_ingest_core::{Clock, DatabaseName, Result, SourceId, TableName, Timestamp};
use kusto_ingest_decode::{Row, Schema};
use kusto_ingest_message::IdentityToken;

use crate::catalog::Catalog;
use crate::identity_tokens::IdentityTokens;
use crate::ingestion_log::IngestionLog;
use crate::ingestion_note::RecentLog;
use crate::operations::OperationLog;
use crate::worker::Batches;
use crate::{
    Extent, Fault, FaultPlan, Ingestion, IngestionNote, IssuedResources, Limits, MemoryStorage, RequestKind,
    ResourceIssuer, ResourcePath,
};

/// How many notes about ingestions are kept.
pub(crate) const MAX_NOTES: usize = 1000;

/// A whole Kusto in memory: Data Management and engine behind one address, and the storage they issue.
///
/// It is a [`ManagementEndpoint`](kusto_endpoint::ManagementEndpoint), a
/// [`QueryEndpoint`](kusto_endpoint::QueryEndpoint) and a [`StreamingEndpoint`](kusto_endpoint::StreamingEndpoint).
/// Nothing in it runs by itself: messages wait in the queues until
/// [`drain`](Self::drain), or until a status is read through [`tables`](Self::tables).
///
/// Clones share one Kusto. Time is the clock's; SAS tokens and the identity token are random, and `Debug` shows
/// neither.
#[derive(Clone)]
pub struct FakeKusto(pub(crate) Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) storage: MemoryStorage,
    issuer: ResourceIssuer,
    /// How much memory the rows of sources take that are under way, in bytes.
    pub(crate) memory_under_way: AtomicU64,
    state: Mutex<State>,
}

pub(crate) struct State {
    pub(crate) catalog: Catalog,
    /// What is there again after a reset.
    pub(crate) start: Catalog,
    pub(crate) ingestion_log: IngestionLog,
    pub(crate) log: OperationLog,
    pub(crate) batches: Batches,
    pub(crate) tokens: IdentityTokens,
    pub(crate) is_held: bool,
    /// How long a status waits for the client that opens its row.
    pub(crate) status_wait: Duration,
    pub(crate) limits: Limits,
    pub(crate) notes: RecentLog<IngestionNote>,
    issued: IssuedResources,
}

impl FakeKusto {
    /// A Kusto with the database `NetDefaultDB` alone, which issues storage so addressed.
    ///
    /// # Errors
    /// [`InvalidInput`](kusto_ingest_core::ErrorKind::InvalidInput) when what is to be issued has no valid address.
    pub fn new(clock: Arc<dyn Clock>, issuer: ResourceIssuer) -> Result<Self> {
        let issued = issuer.issue(clock.now())?;
        let storage = MemoryStorage::new(Arc::clone(&clock));
        for (_, kind, address) in issued.all() {
            storage.issue(kind, address)?;
        }
        let mut catalog = Catalog::default();
        catalog.create(DatabaseName::net_default().as_str());
        let state = State {
            start: catalog.clone(),
            catalog,
            ingestion_log: IngestionLog::default(),
            log: OperationLog::default(),
            batches: Batches::default(),
            tokens: IdentityTokens::new(clock.now(), issuer.lifetime())?,
            is_held: false,
            status_wait: Duration::ZERO,
            limits: Limits::default(),
            notes: RecentLog::of(MAX_NOTES),
            issued,
        };
        Ok(Self(Arc::new(Shared {
            clock,
            storage,
            issuer,
            memory_under_way: AtomicU64::new(0),
            state: Mutex::new(state),
        })))
    }

    /// Creates a database, unless it exists.
    pub fn create_database(&self, name: &DatabaseName) {
        self.state().catalog.create(name.as_str());
    }

    /// The storage that this Kusto issues: the ports that clients upload and queue through.
    #[must_use]
    pub fn storage(&self) -> &MemoryStorage {
        &self.0.storage
    }

    /// The clock that it goes by: that of clients in the same test.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.clock)
    }

    /// What is issued now. The SAS tokens are renewed when they have passed half of their time.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn issued_resources(&self) -> Result<IssuedResources> {
        let now = self.0.clock.now();
        let mut state = self.state();
        if state.issued.renewed_from <= now {
            state.issued = self.0.issuer.issue(now)?;
            for (_, kind, address) in state.issued.all() {
                self.0.storage.issue_again(kind, address);
            }
        }
        Ok(state.issued.clone())
    }

    /// Revokes every SAS that was issued so far: what is issued from now on has other ones.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn revoke_sas_tokens(&self) -> Result<()> {
        let renewed = self.0.issuer.issue(self.0.clock.now())?;
        for (_, kind, address) in renewed.all() {
            self.0.storage.revoke(kind, address);
            self.0.storage.issue_again(kind, address);
        }
        self.state().issued = renewed;
        Ok(())
    }

    /// The token that every message must carry. It is renewed when it has passed half of its time, which is that of a SAS.
    ///
    /// # Panics
    /// Never: such a token can be read.
    #[must_use]
    pub fn identity_token(&self) -> IdentityToken {
        let now = self.now();
        let token = self.state().tokens.current(now);
        token.expect("hexadecimal digits make a token")
    }

    /// How many messages wait in the queues and in batches, those included that somebody has just received.
    #[must_use]
    pub fn queued_message_count(&self) -> usize {
        let (queues, batched) = {
            let state = self.state();
            (state.ready_queues(), state.batches.waiting())
        };
        let queued: usize = queues
            .iter()
            .map(|queue| self.0.storage.message_count(queue))
            .sum();
        queued + batched
    }

    /// Leaves messages in the queues, and asynchronous commands to do, whoever asks for them, until
    /// [`resume_ingestion`](Self::resume_ingestion).
    pub fn pause_ingestion(&self) {
        self.state().is_held = true;
    }

    /// Allows again to drain the queues.
    pub fn resume_ingestion(&self) {
        self.state().is_held = false;
    }

    /// Takes as much as these limits say, from the next source on.
    pub fn set_limits(&self, limits: Limits) {
        self.state().limits = limits;
    }

    /// How much it takes.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.state().limits
    }

    /// What of sources is not in their tables as it stood there, the latest last: the service does not say so. Notes
    /// are made of what succeeded; the last thousand are kept.
    #[must_use]
    pub fn notes(&self) -> Vec<IngestionNote> {
        self.state().notes.iter().cloned().collect()
    }

    /// Waits so long with a final status for the client that has yet to open its row: some queue first, and take a row that
    /// is final already for their own. By default nothing waits.
    pub fn wait_for_status_rows(&self, wait: Duration) {
        self.state().status_wait = wait;
    }

    /// The columns of a table; `None` when there is no such table.
    #[must_use]
    pub fn schema(&self, database: &DatabaseName, table: &TableName) -> Option<Schema> {
        let mut state = self.state();
        let table = state.catalog.table(database.as_str(), table.as_str()).ok()?;
        Some(table.schema.clone())
    }

    /// The rows of a table, in the order of their ingestion; none when there is no such table.
    #[must_use]
    pub fn rows(&self, database: &DatabaseName, table: &TableName) -> Vec<Row> {
        let mut state = self.state();
        let table = state.catalog.table(database.as_str(), table.as_str());
        table.map_or_else(|_| Vec::new(), |table| table.rows.rows(&table.schema).collect())
    }

    /// How many rows a table has; none when there is no such table.
    #[must_use]
    pub fn row_count(&self, database: &DatabaseName, table: &TableName) -> u64 {
        let mut state = self.state();
        let table = state.catalog.table(database.as_str(), table.as_str());
        table.map_or(0, |table| table.rows.len() as u64)
    }

    /// How much memory the rows of all tables take, in bytes.
    #[must_use]
    pub fn stored_bytes(&self) -> u64 {
        self.state().catalog.size()
    }

    /// What every source left in a table.
    #[must_use]
    pub fn extents(&self, database: &DatabaseName, table: &TableName) -> Vec<Extent> {
        let mut state = self.state();
        let table = state.catalog.table(database.as_str(), table.as_str());
        table.map_or_else(|_| Vec::new(), |table| table.extents.clone())
    }

    /// What became of every message, in the order in which they ended.
    #[must_use]
    pub fn ingestions(&self) -> Vec<Ingestion> {
        self.state().ingestion_log.ingestions.clone()
    }

    /// What became of a source; of several messages about it, of the last one.
    #[must_use]
    pub fn ingestion(&self, source_id: SourceId) -> Option<Ingestion> {
        let state = self.state();
        let mut of_source = state.ingestion_log.ingestions.iter().rev();
        of_source
            .find(|ingestion| ingestion.source_id == Some(source_id))
            .cloned()
    }

    /// How often such a request was made, whether it was answered or refused.
    #[must_use]
    pub fn request_count(&self, kind: RequestKind) -> u64 {
        self.state().ingestion_log.request_count(kind)
    }

    /// Makes commands, queries and streamed data fail as planned. Of several plans that fit a request, the oldest counts.
    /// These requests go to no storage account: a plan that names one fits none of them.
    pub fn plan(&self, plan: FaultPlan<Fault, RequestKind>) {
        self.state().ingestion_log.plans.plan(plan);
    }

    /// Forgets these plans. Those of the [storage](Self::storage) stay.
    pub fn clear_faults(&self) {
        self.state().ingestion_log.plans.clear_faults();
    }

    /// Answers one request: counts it, meets the planned faults, and does the work.
    pub(crate) fn serve<T>(&self, kind: RequestKind, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let fault = self.state().ingestion_log.enter(kind);
        let Some(fault) = fault else { return work() };
        if matches!(fault, Fault::ResponseLost) {
            // What the work itself refuses had an answer that told so, and it was lost as well.
            drop(work());
        }
        Err(fault.error(kind.attempt(), kind.idempotency()))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    pub(crate) fn ready_queues(&self) -> Vec<ResourcePath> {
        self.issued.queues.iter().map(ResourcePath::from).collect()
    }

    pub(crate) fn report_queue(&self, failed: bool) -> ResourcePath {
        ResourcePath::from(if failed {
            &self.issued.failures
        } else {
            &self.issued.successes
        })
    }

    pub(crate) fn status_table(&self) -> ResourcePath {
        ResourcePath::from(&self.issued.status_table)
    }
}

impl fmt::Debug for FakeKusto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeKusto")
            .field("storage", &self.0.storage)
            .finish_non_exhaustive()
    }
}
