//! An Azure Storage in memory: the whole model, of which the ports are the client's view.

mod blob_writes;
mod blobs;
mod changed_keys;
mod changes;
mod conditions;
mod entity_changes;
mod errors;
mod faults;
mod ports;
mod queues;
mod resource_path;
mod restoring;
mod stored_blob;
mod tables;

pub use blobs::{BlobBlocks, BlobPage, BlobWrite, BlockRef, BlockState, OnConflict};
pub use conditions::{BlobConditions, Freshness};
pub use entity_changes::EntityChange;
pub use queues::{MessageWrite, StoredMessage};
pub use resource_path::ResourcePath;
pub use stored_blob::StoredBlob;
pub use tables::{IfMatch, StoredEntity};

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kusto_ingest_core::{Clock, Result, Timestamp};
use kusto_storage::{Operation, ResourceKind, ResourceUri};
use url::form_urlencoded;

use blobs::Container;
use bytes::Bytes;
use changed_keys::{Changed, ChangedKeys};
use errors::{Code, refusal};
use queues::Queue;
use tables::{PendingMerge, Table};

use crate::changes::{Change, ChangeRecord};
use crate::{Fault, FaultPlan, FaultPlans};

/// An Azure Storage in memory: blobs with uncommitted blocks and etags, queues with receipts and visibility,
/// tables of entities.
///
/// Its own methods are the whole model, as a server needs it; errors carry the service's own code and HTTP
/// status. [`BlobStore`](kusto_storage::BlobStore), [`QueueStore`](kusto_storage::QueueStore) and
/// [`TableStore`](kusto_storage::TableStore) are the client's view of it: only they check SAS tokens, count what was
/// asked and meet the planned [faults](FaultPlan), and so does whoever goes through [`serve`](Self::serve).
///
/// Clones share one storage. Ids, receipts and etags are numbered, not random, so that tests repeat.
#[derive(Clone)]
pub struct MemoryStorage {
    clock: Arc<dyn Clock>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    containers: BTreeMap<ResourcePath, Container>,
    queues: BTreeMap<ResourcePath, Queue>,
    tables: BTreeMap<ResourcePath, Table>,
    issued: BTreeMap<(ResourceKind, ResourcePath), Vec<ResourceUri>>,
    asked: BTreeMap<(Operation, ResourcePath), u64>,
    plans: FaultPlans,
    last_number: u64,
    /// The timestamp of the latest write. No two entities have the same.
    last_write: Option<Timestamp>,
    /// Changes of entities that are not there yet.
    late: Vec<PendingMerge>,
    stored_blob_bytes: u64,
    max_bytes: Option<u64>,
    /// What a log is still to be told.
    changed: ChangedKeys,
    /// What a log says was issued.
    issued_before: BTreeMap<(ResourceKind, ResourcePath), Vec<ResourceUri>>,
}

impl MemoryStorage {
    /// An empty storage, which takes its time from `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            state: Arc::default(),
        }
    }

    /// Creates a container, queue or table that anybody may use.
    ///
    /// # Errors
    /// `ContainerAlreadyExists`, `QueueAlreadyExists` or `TableAlreadyExists`.
    pub fn create(&self, kind: ResourceKind, path: &ResourcePath) -> Result<()> {
        let mut state = self.state();
        if state.has(kind, path) {
            return Err(refusal(Operation::Create, Code::already_exists(kind), path));
        }
        match kind {
            ResourceKind::Container => drop(state.containers.insert(path.clone(), Container::default())),
            ResourceKind::Queue => drop(state.queues.insert(path.clone(), Queue::default())),
            ResourceKind::Table => drop(state.tables.insert(path.clone(), Table::default())),
        }
        state.changed.mark(|| Changed::Resource(kind, path.clone()));
        Ok(())
    }

    /// Creates a container, queue or table that only the SAS of this address opens, until it expires.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn issue(&self, kind: ResourceKind, address: &ResourceUri) -> Result<()> {
        self.create(kind, &ResourcePath::from(address))?;
        self.issue_again(kind, address);
        Ok(())
    }

    /// Lets the SAS of this address open an issued resource as well, until it expires.
    pub fn issue_again(&self, kind: ResourceKind, address: &ResourceUri) {
        let mut state = self.state();
        let issued = state
            .issued
            .entry((kind, ResourcePath::from(address)))
            .or_default();
        issued.push(address.clone());
        state
            .changed
            .mark(|| Changed::Issued(kind, ResourcePath::from(address)));
    }

    /// Revokes every SAS that this resource was issued with.
    pub fn revoke(&self, kind: ResourceKind, address: &ResourceUri) {
        let mut state = self.state();
        state.issued.remove(&(kind, ResourcePath::from(address)));
        state
            .changed
            .mark(|| Changed::Issued(kind, ResourcePath::from(address)));
    }

    /// Empties every container, queue and table, and forgets what was asked and the planned faults.
    pub fn reset(&self) {
        let mut state = self.state();
        state.mark_contents();
        state
            .containers
            .values_mut()
            .for_each(|held| *held = Container::default());
        state
            .queues
            .values_mut()
            .for_each(|held| *held = Queue::default());
        state
            .tables
            .values_mut()
            .for_each(|held| *held = Table::default());
        state.asked.clear();
        state.plans.clear_faults();
        state.late.clear();
        state.stored_blob_bytes = 0;
    }

    /// How many blobs there are.
    #[must_use]
    pub fn blob_count(&self) -> usize {
        self.state().containers.values().map(|held| held.0.len()).sum()
    }

    /// Removes a container, queue or table with all that it holds.
    ///
    /// # Errors
    /// `ContainerNotFound`, `QueueNotFound` or `TableNotFound`.
    pub fn remove(&self, kind: ResourceKind, path: &ResourcePath) -> Result<()> {
        let mut state = self.state();
        let removed = match kind {
            ResourceKind::Container => {
                let removed = state.containers.remove(path);
                state.stored_blob_bytes -= removed.as_ref().map_or(0, Container::bytes);
                removed.is_some()
            }
            ResourceKind::Queue => state.queues.remove(path).is_some(),
            ResourceKind::Table => state.tables.remove(path).is_some(),
        };
        state.issued.remove(&(kind, path.clone()));
        state.changed.mark(|| Changed::Resource(kind, path.clone()));
        state.changed.mark(|| Changed::Issued(kind, path.clone()));
        if removed {
            return Ok(());
        }
        Err(refusal(Operation::Remove, Code::not_found(kind), path))
    }

    /// Whether there is such a container, queue or table.
    #[must_use]
    pub fn exists(&self, kind: ResourceKind, path: &ResourcePath) -> bool {
        self.state().has(kind, path)
    }

    /// Checks the SAS in a request's raw query against those that the resource was issued with.
    ///
    /// Names and values are compared after they were decoded once. Order and further parameters do not matter.
    ///
    /// # Errors
    /// The resource's `…NotFound`; `AuthenticationFailed` when the SAS is missing, wrong or expired.
    pub fn authorize(&self, kind: ResourceKind, path: &ResourcePath, query: &str) -> Result<()> {
        let state = self.state();
        if !state.has(kind, path) {
            return Err(refusal(Operation::Authorize, Code::not_found(kind), path));
        }
        let Some(issued) = state.issued.get(&(kind, path.clone())) else {
            return Ok(());
        };
        let now = self.clock.now();
        let given: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let opens = |address: &ResourceUri| {
            address.expires().is_none_or(|end| end > now)
                && address.expose().query_pairs().all(|pair| given.contains(&pair))
        };
        if issued.iter().any(opens) {
            return Ok(());
        }
        Err(refusal(Operation::Authorize, Code::AuthenticationFailed, path))
    }

    /// Serves one request of a client: counts it, applies the planned faults, and does the work.
    ///
    /// # Errors
    /// Those of the work; those of a plan. A lost answer is an error of kind
    /// [`OutcomeUnknown`](kusto_ingest_core::ErrorKind::OutcomeUnknown) after the work was done.
    pub fn serve<T>(
        &self,
        operation: Operation,
        path: &ResourcePath,
        work: impl FnOnce(&Self) -> Result<T>,
    ) -> Result<T> {
        let fault = {
            let mut state = self.state();
            *state.asked.entry((operation, path.clone())).or_default() += 1;
            state.plans.next(&operation, Some(path))
        };
        let Some(fault) = fault else { return work(self) };
        if matches!(fault, Fault::ResponseLost) {
            // What the work itself refuses had an answer that told so, and it was lost as well.
            drop(work(self));
        }
        Err(faults::error(fault, operation, path))
    }

    /// Makes requests fail as planned. Where several plans match a request, the oldest applies.
    pub fn plan(&self, plan: FaultPlan) {
        self.state().plans.plan(plan);
    }

    /// Removes all fault plans.
    pub fn clear_faults(&self) {
        self.state().plans.clear_faults();
    }

    /// The number of requests for an operation, over all resources.
    #[must_use]
    pub fn request_count(&self, operation: Operation) -> u64 {
        let state = self.state();
        let of_this = state.asked.iter().filter(|((asked, _), _)| *asked == operation);
        of_this.map(|(_, count)| count).sum()
    }

    /// The number of requests for an operation on one resource.
    #[must_use]
    pub fn request_count_at(&self, operation: Operation, path: &ResourcePath) -> u64 {
        let key = (operation, path.clone());
        self.state().asked.get(&key).copied().unwrap_or_default()
    }

    /// Notes changes from now on.
    pub(crate) fn note_changes(&self) {
        self.state().note_changes();
    }

    /// Whether anything is noted.
    pub(crate) fn has_changes(&self) -> bool {
        !self.state().changed.is_empty()
    }

    /// What changed since the last time, or all there is.
    pub(crate) fn take_changes(&self, is_all: bool) -> Vec<ChangeRecord> {
        let mut state = self.state();
        if is_all {
            state.mark_all();
        }
        state.take_changes()
    }

    /// Puts a change back that was taken.
    pub(crate) fn restore(&self, change: Change, body: &Bytes) -> Result<()> {
        let now = self.now();
        self.state().restore(change, body, now)
    }

    /// Ends the restoring: the messages that somebody was working on can be seen again, and their ids are told.
    pub(crate) fn restored(&self, queues: &[ResourcePath]) -> Vec<String> {
        let now = self.now();
        self.state().restored(queues, now)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has(&self, kind: ResourceKind, path: &ResourcePath) -> bool {
        match kind {
            ResourceKind::Container => self.containers.contains_key(path),
            ResourceKind::Queue => self.queues.contains_key(path),
            ResourceKind::Table => self.tables.contains_key(path),
        }
    }

    /// A number that was not used before, for ids, receipts and etags.
    fn number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }
}

impl fmt::Debug for MemoryStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("MemoryStorage")
            .field("containers", &state.containers.keys())
            .field("queues", &state.queues.keys())
            .field("tables", &state.tables.keys())
            .finish_non_exhaustive()
    }
}
