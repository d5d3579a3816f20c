//! What the caller gets, once a command was sent: a receipt, or an error that says what is known.

mod attribute_results;
mod command_result;
mod failures;

pub(crate) use command_result::{CommandAttempts, CommandResult};

use kusto_ingest_core::{DatabaseName, IngestionProperties, Receipt, ReceiptState, Result, within};
use uuid::Uuid;

use self::attribute_results::{attribute_results, failed_operation};
use self::command_result::is_skipped;
use self::failures::Failures;
use crate::operations::LOOK_LIMIT;
use crate::redactor::Redactor;
use crate::source::CommandSource;
use crate::{DirectIngestClient, Operation};

impl DirectIngestClient {
    /// Waits for the end of the operation that a receipt names, and returns the receipt of its outcome. Any other
    /// receipt is returned as it is.
    ///
    /// It is a loop, not a task: dropping the future changes nothing for the operation. The receipt may come from
    /// another process.
    ///
    /// # Errors
    /// Why the operation failed, in the engine's words on this source where it has any; and those of
    /// [`Operations::wait_for_operation`](crate::Operations::wait_for_operation), after which the operation may still end well.
    pub async fn wait_for_operation(&self, receipt: &Receipt) -> Result<Receipt> {
        let ReceiptState::Operation { id } = receipt.state else {
            return Ok(receipt.clone());
        };
        let operation = self
            .operations()
            .wait_for_operation(&receipt.database, id, &self.schedule)
            .await?;
        self.conclude(receipt, &operation).await
    }

    /// The outcome of an operation for the source of a receipt that names it. The receipt is returned as it is while
    /// the operation runs.
    ///
    /// The engine is asked once more only where it failed: why this source did.
    ///
    /// # Errors
    /// Why the operation failed, in the engine's words on this source where it has any.
    pub async fn conclude(&self, receipt: &Receipt, operation: &Operation) -> Result<Receipt> {
        let mut done = receipt.clone();
        if !operation.state.is_final() {
            return Ok(done);
        }
        let id = operation.id;
        let Some(error) = operation.failure() else {
            done.state = match is_skipped(operation) {
                true => ReceiptState::Skipped,
                false => ReceiptState::Ingested {
                    extents: Vec::new(),
                    operation: Some(id),
                },
            };
            return Ok(done);
        };
        let failures = self.failures(&receipt.database, id, &Redactor::default()).await;
        let detail = receipt.blob.as_deref().and_then(|path| failures.about(path));
        Err(detail.cloned().unwrap_or(error).with_source_id(receipt.source_id))
    }

    /// What became of each source. The engine is asked why single ones failed, where it keeps that.
    pub(crate) async fn attribute_results(
        &self,
        ended: &CommandAttempts,
        command_sources: &[CommandSource<'_>],
        properties: &IngestionProperties,
        redactor: &Redactor,
    ) -> Vec<Result<Receipt>> {
        let failures = match failed_operation(&ended.result) {
            Some(operation) => self.failures(&properties.database, operation, redactor).await,
            None => Failures::default(),
        };
        let results = attribute_results(&ended.result, command_sources, properties, &failures);
        let results = results
            .into_iter()
            .zip(command_sources)
            .map(|(result, command_source)| {
                let receipt = |state| command_source.receipt(properties, state);
                let told = ended.ambiguous.conclude(result, receipt);
                told.map_err(|error| error.with_source_id(command_source.id))
            });
        results.collect()
    }

    /// Why single sources of an operation failed. It is told without where the engine takes too long to say.
    async fn failures(&self, database: &DatabaseName, operation: Uuid, redactor: &Redactor) -> Failures {
        let asked = async { Ok(Failures::of(&*self.engine, database, operation, redactor).await) };
        let told = within(&*self.clock, LOOK_LIMIT, "ask why single sources failed", asked).await;
        told.unwrap_or_else(|error| {
            tracing::debug!(error = %error.chain(), %operation, "the engine does not say why single sources failed");
            Failures::default()
        })
    }
}
