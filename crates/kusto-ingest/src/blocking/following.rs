//! What became of sources, for programs without async.

use kusto_ingest_core::{PollSchedule, Receipt, Result, StatusLocator};
use kusto_ingest_message::StatusRecord;

use super::Kusto;

impl Kusto {
    /// What is known now of a source, by its receipt, whichever way it went.
    ///
    /// # Errors
    /// As [`Kusto::status_of`](crate::Kusto::status_of).
    pub fn status_of(&self, receipt: &Receipt) -> Result<StatusRecord> {
        let receipt = receipt.clone();
        self.wait(|kusto| async move { kusto.status_of(&receipt).await })
    }

    /// Reads what became of a source, by its receipt, again and again until it is final.
    ///
    /// # Errors
    /// As [`Kusto::wait_for`](crate::Kusto::wait_for).
    pub fn wait_for(&self, receipt: &Receipt, waiting: &PollSchedule) -> Result<StatusRecord> {
        let (receipt, waiting) = (receipt.clone(), waiting.clone());
        self.wait(|kusto| async move { kusto.wait_for(&receipt, &waiting).await })
    }

    /// As [`wait_for`](Self::wait_for), of several sources, with one limit for all: each its record, or why there is none,
    /// in their order.
    ///
    /// # Errors
    /// [`ErrorKind::Other`](crate::ErrorKind::Other) when the runtime has ended. What became of the sources is in the
    /// result.
    pub fn wait_for_all(
        &self,
        receipts: &[Receipt],
        waiting: &PollSchedule,
    ) -> Result<Vec<Result<StatusRecord>>> {
        let (receipts, waiting) = (receipts.to_vec(), waiting.clone());
        self.wait(|kusto| async move { Ok(kusto.wait_for_all(&receipts, &waiting).await) })
    }

    /// The status of an ingestion that reports to the status table.
    ///
    /// # Errors
    /// As [`StatusTracker::fetch`](crate::status::StatusTracker::fetch).
    pub fn status(&self, locator: &StatusLocator) -> Result<StatusRecord> {
        let locator = locator.clone();
        self.wait(|kusto| async move { kusto.status().fetch(&locator).await })
    }

    /// Reads a status of the status table again and again until it is final.
    ///
    /// # Errors
    /// As [`Kusto::wait_until_final`](crate::Kusto::wait_until_final).
    pub fn wait_until_final(&self, locator: &StatusLocator, waiting: &PollSchedule) -> Result<StatusRecord> {
        let (locator, waiting) = (locator.clone(), waiting.clone());
        self.wait(|kusto| async move { kusto.wait_until_final(&locator, &waiting).await })
    }

    /// Reads several statuses of the status table until all are final, with one limit for all: each its record, or why there
    /// is none.
    ///
    /// # Errors
    /// As [`wait_for_all`](Self::wait_for_all).
    pub fn wait_all_final(
        &self,
        locators: &[StatusLocator],
        waiting: &PollSchedule,
    ) -> Result<Vec<Result<StatusRecord>>> {
        let (locators, waiting) = (locators.to_vec(), waiting.clone());
        self.wait(|kusto| async move { Ok(kusto.wait_all_final(&locators, &waiting).await) })
    }
}
