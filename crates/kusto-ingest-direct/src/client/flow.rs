//! The flow of what is prepared, a source by itself or a batch: write the command, send it, and conclude.

use kusto_ingest_core::{IngestionProperties, Receipt, Result};

use super::DirectIngestClient;
use crate::IngestCommand;
use crate::batching::{Batch, BatchedBlob};
use crate::mode::Wait;
use crate::prepare::{Content, Staged};
use crate::redactor::Redactor;
use crate::source::CommandSource;

impl DirectIngestClient {
    /// Ingests a source by a command of its own.
    pub(super) async fn ingest_staged(
        &self,
        staged: &Staged,
        properties: &IngestionProperties,
    ) -> Result<Receipt> {
        let id = staged.id;
        let result = match &staged.content {
            Content::Inline(data) => self.run_inline(staged, data, properties).await,
            Content::Blob(uri) => {
                let batch = Batch::of(staged.member(0, uri, properties));
                // One blob, one outcome.
                self.run_batch(&batch).await.swap_remove(0)
            }
        };
        result.map_err(|error| error.with_source_id(id))
    }

    /// Runs the command whose data is in it.
    async fn run_inline(
        &self,
        staged: &Staged,
        data: &str,
        properties: &IngestionProperties,
    ) -> Result<Receipt> {
        let command = IngestCommand::inline(data, properties, staged.format)?;
        let redactor = Redactor::default();
        let command_sources = [staged.command_source()];
        let ended = self
            .send(&command, Wait::Data, &command_sources, properties, &redactor)
            .await;
        // One command_source, one outcome.
        self.attribute_results(&ended, &command_sources, properties, &redactor)
            .await
            .swap_remove(0)
    }

    /// Runs the command of a batch, and tells what became of each of its blobs.
    pub(super) async fn run_batch(&self, batch: &Batch<'_>) -> Vec<Result<Receipt>> {
        let command_sources: Vec<CommandSource<'_>> =
            batch.members.iter().map(BatchedBlob::command_source).collect();
        let redactor = Redactor::of(batch.members.iter().map(|blob| blob.uri.expose()));
        let wait = self.mode.wait(batch, &self.schedule);
        let command = match command(batch, wait) {
            Ok(command) => command,
            Err(error) => {
                let failed = |blob: &BatchedBlob<'_>| Err(error.clone().with_source_id(blob.id));
                return batch.members.iter().map(failed).collect();
            }
        };
        let ended = self
            .send(&command, wait, &command_sources, batch.properties, &redactor)
            .await;
        self.attribute_results(&ended, &command_sources, batch.properties, &redactor)
            .await
    }
}

fn command(batch: &Batch<'_>, wait: Wait<'_>) -> Result<IngestCommand> {
    let blobs = batch.members.iter().map(|blob| &blob.uri);
    match wait {
        Wait::Data => IngestCommand::of_blobs(blobs, batch.properties, batch.format),
        Wait::Operation | Wait::End(_) => {
            IngestCommand::of_blobs_async(blobs, batch.properties, batch.format)
        }
    }
}
