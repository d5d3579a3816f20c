//! A whole Kusto in memory: what a test does with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kusto_endpoint::RequestProperties;
use kusto_ingest_core::{Clock, DatabaseName, Result, SourceId, TableName, Timestamp};
use kusto_ingest_decode::{Row, Schema};
use kusto_ingest_message::IdentityToken;
use uuid::Uuid;

use crate::batches::Batches;
use crate::catalog::Catalog;
use crate::changes::Saver;
use crate::identity_tokens::IdentityTokens;
use crate::ingestion_log::IngestionLog;
use crate::ingestion_note::RecentLog;
use crate::operations::{Ended, OperationLog};
use crate::queued_service::QueuedOperations;
use crate::wire;
use crate::{
    BlobDownloader, Extent, Fault, FaultPlan, Ingestion, IngestionNote, IssuedResources, Limits,
    MemoryStorage, RequestKind, ResourceIssuer, ResourcePath,
};

/// How many names of ignored options are kept.
const MAX_IGNORED_OPTIONS: usize = 100;

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

/// The work of an operation, which is given the identity of the operation.
pub(crate) type Work = Box<dyn FnOnce(&FakeKusto, Uuid) -> Ended + Send>;

pub(crate) struct State {
    pub(crate) catalog: Catalog,
    /// What is there again after a reset.
    pub(crate) start: Catalog,
    pub(crate) ingestion_log: IngestionLog,
    pub(crate) log: OperationLog<Work>,
    pub(crate) batches: Batches,
    pub(crate) queued: QueuedOperations,
    pub(crate) tokens: IdentityTokens,
    pub(crate) is_held: bool,
    /// How long a status waits for the client that opens its row.
    pub(crate) status_wait: Duration,
    pub(crate) limits: Limits,
    pub(crate) notes: RecentLog<IngestionNote>,
    pub(crate) ignored_options: BTreeMap<String, u64>,
    /// Who gets blobs of other stores, if anybody does.
    pub(crate) downloader: Option<Arc<dyn BlobDownloader>>,
    /// What a log is still to be told; `None` where there is no log.
    pub(crate) saver: Option<Saver>,
    /// Messages that were being worked on when a log ended: their rows may be there.
    pub(crate) begun_before: BTreeSet<Uuid>,
    issued: IssuedResources,
    /// Queues of ingestion messages that a log kept and that are not issued now: they were those of other accounts.
    pub(crate) earlier_queues: Vec<ResourcePath>,
}

impl FakeKusto {
    /// A Kusto whose only database is `NetDefaultDB`. `issuer` says how its storage is addressed.
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
            queued: QueuedOperations::default(),
            tokens: IdentityTokens::new(clock.now(), issuer.lifetime())?,
            is_held: false,
            status_wait: Duration::ZERO,
            limits: Limits::default(),
            notes: RecentLog::of(MAX_NOTES),
            ignored_options: BTreeMap::new(),
            downloader: None,
            saver: None,
            begun_before: BTreeSet::new(),
            issued,
            earlier_queues: Vec::new(),
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
        let mut state = self.state();
        state.catalog.create(name.as_str());
        state.note_command();
    }

    /// The storage that this Kusto issues: the ports that clients upload and queue through.
    #[must_use]
    pub fn storage(&self) -> &MemoryStorage {
        &self.0.storage
    }

    /// Its clock, for the clients of the same test.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.clock)
    }

    /// The resources that are issued now. SAS tokens are renewed after half of their lifetime.
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

    /// Revokes every SAS that was issued so far. Later resources have new ones.
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
        let mut state = self.state();
        if state.tokens.is_over_soon(now) {
            state.note_change();
        }
        let token = state.tokens.current(now);
        token.expect("hexadecimal digits make a token")
    }

    /// The number of messages in the queues and in batches, including those that are hidden because they were received, and
    /// of blobs that were named over REST and are not yet ingested.
    #[must_use]
    pub fn queued_message_count(&self) -> usize {
        let (queues, batched) = {
            let state = self.state();
            let named = state.queued.unfinished();
            (state.ready_queues(), state.batches.waiting() + named)
        };
        let queued: usize = queues
            .iter()
            .map(|queue| self.0.storage.message_count(queue))
            .sum();
        queued + batched
    }

    /// Pauses ingestion: messages stay in the queues, and asynchronous commands stay pending, until
    /// [`resume_ingestion`](Self::resume_ingestion).
    pub fn pause_ingestion(&self) {
        self.state().is_held = true;
    }

    /// Resumes ingestion.
    pub fn resume_ingestion(&self) {
        self.state().is_held = false;
    }

    /// Sets the limits of sources and tables. They apply from the next source on.
    pub fn set_limits(&self, limits: Limits) {
        self.state().limits = limits;
    }

    /// The limits of sources and tables.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.state().limits
    }

    /// Notes on sources whose records or values were left out or changed, the latest last. The service does not report
    /// any of this. Notes are made of ingestions that succeeded; the last thousand are kept.
    #[must_use]
    pub fn notes(&self) -> Vec<IngestionNote> {
        self.state().notes.iter().cloned().collect()
    }

    /// The options of requests that this Kusto ignored, each with the number of requests that had it. The first hundred
    /// names are kept.
    #[must_use]
    pub fn ignored_options(&self) -> BTreeMap<String, u64> {
        self.state().ignored_options.clone()
    }

    pub(crate) fn note_ignored_options(&self, properties: &RequestProperties) {
        let mut state = self.state();
        for name in wire::ignored(properties) {
            let known = &mut state.ignored_options;
            if known.contains_key(name) || known.len() < MAX_IGNORED_OPTIONS {
                *known.entry(name.to_owned()).or_default() += 1;
            }
        }
    }

    /// How long a final status is held back while its status record does not exist yet: some clients queue the message
    /// first, and take a record that is final already for their own. By default it is not held back.
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

    /// The extents of a table, one for each source.
    #[must_use]
    pub fn extents(&self, database: &DatabaseName, table: &TableName) -> Vec<Extent> {
        let mut state = self.state();
        let table = state.catalog.table(database.as_str(), table.as_str());
        table.map_or_else(|_| Vec::new(), |table| table.extents.clone())
    }

    /// What became of every message, in the order in which they ended. The last hundred thousand are kept.
    #[must_use]
    pub fn ingestions(&self) -> Vec<Ingestion> {
        self.state().ingestion_log.ingestions.iter().cloned().collect()
    }

    /// What became of a source, by its last message.
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

    /// Makes commands, queries and streamed data fail as planned. Of several plans that fit a request, the oldest
    /// counts. These requests go to no storage account: a plan that names an account matches none of them.
    pub fn plan(&self, plan: FaultPlan<Fault, RequestKind>) {
        self.state().ingestion_log.plans.plan(plan);
    }

    /// Forgets these plans. Those of the [storage](Self::storage) stay.
    pub fn clear_faults(&self) {
        self.state().ingestion_log.plans.clear_faults();
    }

    /// Serves one request: counts it, applies the planned faults, and does the work.
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
        let issued = self.issued.queues.iter().map(ResourcePath::from);
        issued.chain(self.earlier_queues.iter().cloned()).collect()
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
