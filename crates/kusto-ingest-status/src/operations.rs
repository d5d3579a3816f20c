//! What became of sources that were queued over REST, by their receipts: each operation is asked once for all its sources.

mod cancel;
mod record;
mod wait;

use std::fmt;
use std::sync::Arc;

use futures::future::join_all;
use kusto_endpoint::{ManagementEndpoint, OperationDetail, OperationId, QueuedEndpoint, QueuedOperation};
use kusto_ingest_core::{Clock, Error, ErrorKind, PollSchedule, Receipt, Result};
use kusto_ingest_message::StatusRecord;

use self::record::record_of;

/// Reads what became of sources that were queued over REST, by their receipts, those of another process included.
///
/// Sources that were queued together share an operation. The methods that take several receipts ask for each operation once.
#[doc(alias = "IngestionOperation")]
#[derive(Clone)]
pub struct QueuedOperations {
    endpoint: Arc<dyn QueuedEndpoint>,
    clock: Arc<dyn Clock>,
    commands: Option<Arc<dyn ManagementEndpoint>>,
    address: Option<Arc<str>>,
}

/// An operation, and the places of the receipts that name it.
struct Group<'a> {
    receipt: &'a Receipt,
    id: OperationId,
    places: Vec<usize>,
}

/// Receipts by the operations that they name, and those that name none.
struct Sorted<'a> {
    /// In the place of a receipt that is not asked for, why.
    refused: Vec<Option<Result<StatusRecord>>>,
    groups: Vec<Group<'a>>,
}

impl Sorted<'_> {
    /// The answers to all groups, for each receipt in its place.
    fn records(self, receipts: &[Receipt], told: Vec<Result<QueuedOperation>>) -> Vec<Result<StatusRecord>> {
        let mut records = self.refused;
        for (group, told) in self.groups.into_iter().zip(told) {
            for place in group.places {
                let record = told.clone().and_then(|told| record_of(&receipts[place], &told));
                records[place] = Some(record);
            }
        }
        records.into_iter().flatten().collect()
    }
}

impl QueuedOperations {
    /// Asks this endpoint.
    #[must_use]
    pub fn new(endpoint: Arc<dyn QueuedEndpoint>, clock: Arc<dyn Clock>) -> Self {
        Self {
            endpoint,
            clock,
            commands: None,
            address: None,
        }
    }

    /// Cancels by commands to this endpoint, which must be that of the same Data Management service.
    #[must_use]
    pub fn with_commands(self, commands: Arc<dyn ManagementEndpoint>) -> Self {
        Self {
            commands: Some(commands),
            ..self
        }
    }

    /// Refuses receipts that name another service than the one at this address.
    #[must_use]
    pub fn with_address(self, address: impl Into<Arc<str>>) -> Self {
        Self {
            address: Some(address.into()),
            ..self
        }
    }

    /// Reads what is known of a source now.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] with the code `TrackingDisabled`, before any request, for a source that is not tracked;
    /// [`ErrorKind::InvalidInput`] for a receipt of another service; [`ErrorKind::NotFound`] where the service does not know
    /// the operation, or has just begun it; that of the endpoint.
    pub async fn fetch(&self, receipt: &Receipt) -> Result<StatusRecord> {
        let id = self.operation_of(receipt)?;
        let told = self.ask(receipt, &id, OperationDetail::Blobs).await?;
        record_of(receipt, &told)
    }

    /// As [`fetch`](Self::fetch), of several sources, in their order.
    pub async fn fetch_all(&self, receipts: &[Receipt]) -> Vec<Result<StatusRecord>> {
        let sorted = self.sorted(receipts);
        let mut asked = Vec::new();
        // No closure: one over the borrowed group would leave the future without `Send`.
        for group in &sorted.groups {
            asked.push(self.ask(group.receipt, &group.id, OperationDetail::Blobs));
        }
        let told = join_all(asked).await;
        sorted.records(receipts, told)
    }

    /// Asks again and again until the whole operation of a source has ended.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch); [`ErrorKind::Timeout`] when the limit is reached. An operation that is not known is asked
    /// for again for a minute.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped: call again, with what is left of the limit.
    pub async fn wait_until_final(&self, receipt: &Receipt, waiting: &PollSchedule) -> Result<StatusRecord> {
        let id = self.operation_of(receipt)?;
        let told = self.wait_for(receipt, &id, waiting).await?;
        record_of(receipt, &told)
    }

    /// As [`wait_until_final`](Self::wait_until_final), of several sources, in their order, with one limit for all.
    pub async fn wait_all_final(
        &self,
        receipts: &[Receipt],
        waiting: &PollSchedule,
    ) -> Vec<Result<StatusRecord>> {
        let sorted = self.sorted(receipts);
        let mut asked = Vec::new();
        for group in &sorted.groups {
            asked.push(self.wait_for(group.receipt, &group.id, waiting));
        }
        let told = join_all(asked).await;
        sorted.records(receipts, told)
    }

    /// Each operation once, and the places of all receipts that name it.
    fn sorted<'a>(&self, receipts: &'a [Receipt]) -> Sorted<'a> {
        let (mut refused, mut groups) = (Vec::new(), Vec::<Group<'a>>::new());
        for (place, receipt) in receipts.iter().enumerate() {
            let id = match self.operation_of(receipt) {
                Ok(id) => id,
                Err(error) => {
                    refused.push(Some(Err(error)));
                    continue;
                }
            };
            refused.push(None);
            let is_same = |group: &&mut Group<'_>| {
                let known = group.receipt;
                group.id == id && known.database == receipt.database && known.table == receipt.table
            };
            match groups.iter_mut().find(is_same) {
                Some(group) => group.places.push(place),
                None => groups.push(Group {
                    receipt,
                    id,
                    places: vec![place],
                }),
            }
        }
        Sorted { refused, groups }
    }

    async fn ask(
        &self,
        receipt: &Receipt,
        id: &OperationId,
        detail: OperationDetail,
    ) -> Result<QueuedOperation> {
        let told = self
            .endpoint
            .operation(&receipt.database, &receipt.table, id, detail)
            .await;
        told.map_err(|error| error.with("operation", id))
    }

    /// The operation of a receipt, if this service can be asked for it.
    fn operation_of(&self, receipt: &Receipt) -> Result<OperationId> {
        let refuse = |kind, why: &'static str| Error::new(kind, "read the status").because(why);
        let locator = receipt.queued_operation().ok_or_else(|| {
            let why = "the source was queued without tracking: let the properties report failures at least";
            refuse(ErrorKind::Unsupported, why)
                .with_code("TrackingDisabled")
                .with_source_id(receipt.source_id)
        })?;
        if let (Some(asked), Some(named)) = (&self.address, &locator.endpoint)
            && !is_same_address(asked, named)
        {
            let why = "the receipt is of another service";
            return Err(refuse(ErrorKind::InvalidInput, why)
                .with("receipt", named)
                .with("service", asked));
        }
        OperationId::parse(&locator.operation)
            .ok_or_else(|| refuse(ErrorKind::InvalidInput, "the receipt names no operation"))
    }
}

fn is_same_address(one: &str, other: &str) -> bool {
    let bare = |address: &str| address.trim_end_matches('/').to_ascii_lowercase();
    bare(one) == bare(other)
}

impl fmt::Debug for QueuedOperations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueuedOperations")
            .field("endpoint", &self.endpoint)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
