//! Cancels what has not begun of an operation.

use kusto_endpoint::{BlobCounts, RequestProperties, Table};
use kusto_ingest_core::{DatabaseName, Error, ErrorKind, Receipt, Result};
use serde_json::Value;

use super::QueuedOperations;

impl QueuedOperations {
    /// Cancels the operation of a source, and with it all sources that were queued together with it, as far as the service
    /// has not begun with them. Returns how many blobs have which state afterwards.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch); [`ErrorKind::Unsupported`] without an [endpoint for
    /// commands](Self::with_commands); that of the command.
    pub async fn cancel(&self, receipt: &Receipt) -> Result<BlobCounts> {
        let operation = "cancel the ingestion";
        let id = self.operation_of(receipt)?;
        let commands = self.commands.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, operation).because("there is nobody to give the command to")
        })?;
        // What the service chooses needs no quoting; what somebody wrote into a receipt might.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b";-_.:".contains(&byte);
        if !id.as_str().bytes().all(is_plain) {
            return Err(Error::new(ErrorKind::InvalidInput, operation)
                .because("what the receipt names is no identity of an operation"));
        }
        let command = format!(".cancel queued ingestion operation '{id}'");
        let database = DatabaseName::net_default();
        let properties = RequestProperties::new();
        let answer = commands.execute(&database, &command, &properties).await;
        let answer = answer.map_err(|error| error.during(operation).with("operation", &id))?;
        Ok(answer.primary().map(counts).unwrap_or_default())
    }
}

/// The counts of a row. Two names of what has not ended are published.
fn counts(table: &Table) -> BlobCounts {
    let count = |name: &str| table.value(0, name).and_then(Value::as_u64).unwrap_or(0);
    BlobCounts::new(
        count("Ingested"),
        count("Failed"),
        count("InProgress").saturating_add(count("Pending")),
        count("Canceled"),
    )
}
