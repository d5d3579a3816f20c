//! What became of sources, by their receipts.

use futures::future::join;
use kusto_ingest_core::{Error, ErrorKind, PollSchedule, Receipt, ReceiptState, Result, StatusLocator};
use kusto_ingest_message::{OperationStatus, StatusRecord};
use kusto_ingest_status::{QueuedOperations, wait_all_final, wait_until_final};

use super::Kusto;

impl Kusto {
    /// Reads a status again and again until it is final.
    ///
    /// # Errors
    /// As [`wait_until_final`]: [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) when the limit of the waiting is reached.
    #[doc(alias("GetIngestionStatusBySourceId", "GetIngestionStatusCollection"))]
    pub async fn wait_until_final(
        &self,
        locator: &StatusLocator,
        waiting: &PollSchedule,
    ) -> Result<StatusRecord> {
        wait_until_final(&*self.wire.clock, &*self.tracker, locator, waiting).await
    }

    /// Reads several statuses until all are final, with one limit for all: each its record, or why there is none.
    ///
    /// The locators of receipts that report to the status table:
    /// `receipts.iter().filter_map(Receipt::status_locator).cloned()`.
    pub async fn wait_all_final(
        &self,
        locators: &[StatusLocator],
        waiting: &PollSchedule,
    ) -> Vec<Result<StatusRecord>> {
        wait_all_final(&*self.wire.clock, &*self.tracker, locators, waiting).await
    }

    /// What is known now of a source, by its receipt, whichever way it went: the status table or the queued operation is asked
    /// once, and what had ended with the call is told without a request.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] with the code `TrackingDisabled`, before any request, where nobody can be asked; of sources
    /// that an operation of the engine ingests, [`DirectIngestClient`](crate::direct::DirectIngestClient) tells. Those of the
    /// status table and of [`QueuedOperations::fetch`].
    pub async fn status_of(&self, receipt: &Receipt) -> Result<StatusRecord> {
        if let Some(locator) = receipt.status_locator() {
            return self.tracker.fetch(locator).await;
        }
        match receipt.queued_operation() {
            Some(_) => self.queued_operations()?.fetch(receipt).await,
            None => ended(receipt),
        }
    }

    /// As [`status_of`](Self::status_of), again and again until it is final.
    ///
    /// ```no_run
    /// # async fn run(kusto: kusto_ingest::Kusto, receipt: kusto_ingest::Receipt) -> kusto_ingest::Result<()> {
    /// use kusto_ingest::status::PollSchedule;
    ///
    /// let record = kusto.wait_for(&receipt, &PollSchedule::interactive()).await?;
    /// record.into_result()?; // a failure is an error
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`status_of`](Self::status_of); [`ErrorKind::Timeout`] when the limit of the waiting is reached.
    #[doc(alias("GetIngestionStatusBySourceId", "GetIngestionStatusCollection"))]
    pub async fn wait_for(&self, receipt: &Receipt, waiting: &PollSchedule) -> Result<StatusRecord> {
        if let Some(locator) = receipt.status_locator() {
            return self.wait_until_final(locator, waiting).await;
        }
        match receipt.queued_operation() {
            Some(_) => self.queued_operations()?.wait_until_final(receipt, waiting).await,
            None => ended(receipt),
        }
    }

    /// As [`wait_for`](Self::wait_for), of several sources, whichever way each went: with one limit for all, each its record,
    /// or why there is none, in their order.
    pub async fn wait_for_all(
        &self,
        receipts: &[Receipt],
        waiting: &PollSchedule,
    ) -> Vec<Result<StatusRecord>> {
        let locators: Vec<_> = receipts
            .iter()
            .filter_map(Receipt::status_locator)
            .cloned()
            .collect();
        let queued = |receipt: &&Receipt| receipt.queued_operation().is_some();
        let over_rest: Vec<_> = receipts.iter().filter(queued).cloned().collect();
        let in_table = self.wait_all_final(&locators, waiting);
        let (in_table, over_rest) = join(in_table, self.operations_end(&over_rest, waiting)).await;
        let (mut in_table, mut over_rest) = (in_table.into_iter(), over_rest.into_iter());
        let record = |receipt: &Receipt| {
            let told = match (receipt.status_locator(), receipt.queued_operation()) {
                (Some(_), _) => in_table.next(),
                (None, Some(_)) => over_rest.next(),
                (None, None) => None,
            };
            told.unwrap_or_else(|| ended(receipt))
        };
        receipts.iter().map(record).collect()
    }

    async fn operations_end(
        &self,
        receipts: &[Receipt],
        waiting: &PollSchedule,
    ) -> Vec<Result<StatusRecord>> {
        match self.queued_operations() {
            Ok(operations) => operations.wait_all_final(receipts, waiting).await,
            Err(error) => receipts.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    /// The operations of queued ingestion over REST: what became of several sources at once, and how they are cancelled.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] where there is nobody to ask over REST.
    pub fn queued_operations(&self) -> Result<QueuedOperations> {
        let endpoint = self.wire.endpoints.queued.clone().ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, "read the status").because("there is nobody to ask over REST")
        })?;
        let operations = QueuedOperations::new(endpoint, self.wire.clock.clone());
        Ok(operations
            .with_commands(self.wire.endpoints.data_management.clone())
            .with_address(self.wire.addresses.ingestion.as_str()))
    }
}

/// The status of what had ended with the call.
fn ended(receipt: &Receipt) -> Result<StatusRecord> {
    let status = match receipt.state {
        ReceiptState::Streamed | ReceiptState::Ingested { .. } => OperationStatus::Succeeded,
        ReceiptState::Skipped => OperationStatus::Skipped,
        _ => {
            let why = "the receipt names nobody who could be asked: let the properties report to the status table, or queue \
                       over REST";
            return Err(Error::new(ErrorKind::Unsupported, "read the status")
                .because(why)
                .with_code("TrackingDisabled")
                .with_source_id(receipt.source_id));
        }
    };
    let mut record = StatusRecord::new(status);
    record.source_id = Some(receipt.source_id);
    record.source_path.clone_from(&receipt.blob);
    record.database = Some(receipt.database.to_string());
    record.table = Some(receipt.table.to_string());
    Ok(record)
}
