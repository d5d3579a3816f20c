//! Many sources by one call: staged, put into batches, run side by side, and each accounted for.

use futures::stream::{self, StreamExt};
use kusto_ingest_core::{IngestionProperties, Receipt, Result, Source, SourceId};

use super::{DirectIngestClient, member};
use crate::batching::{Batch, Member};
use crate::staging::{Content, Staged};
use crate::{IngestionErrors, SourceOutcome};

/// How far a source is after its first step.
enum Begun<'a> {
    /// It waits for the others of its batch.
    Waiting(Member<'a>),
    Done(usize, Result<Receipt>),
}

impl DirectIngestClient {
    /// Ingests many sources, each with its properties, and gives their receipts in the same order.
    ///
    /// A source that fails ends nothing but itself. Blobs that follow one another with equal properties share a
    /// command as far as the client's [`Batching`](crate::Batching) says.
    ///
    /// # Errors
    /// When at least one source failed: what became of every one.
    pub async fn ingest_all(
        &self,
        sources: Vec<(Source, &IngestionProperties)>,
    ) -> Result<Vec<Receipt>, IngestionErrors> {
        let ids: Vec<SourceId> = sources.iter().map(|(source, _)| source.id()).collect();
        let begun: Vec<Begun<'_>> = stream::iter(sources.into_iter().enumerate())
            .map(|(place, (source, properties))| self.begin(place, source, properties))
            .buffered(self.parallelism)
            .collect()
            .await;
        let mut waiting = Vec::new();
        let mut results: Vec<(usize, Result<Receipt>)> = Vec::new();
        for source in begun {
            match source {
                Begun::Waiting(blob) => waiting.push(blob),
                Begun::Done(place, result) => results.push((place, result)),
            }
        }
        let batches = self.batching.plan(waiting);
        let of_batches: Vec<Vec<(usize, Result<Receipt>)>> = stream::iter(&batches)
            .map(|batch| self.run_placed(batch))
            .buffered(self.parallelism)
            .collect()
            .await;
        results.extend(of_batches.into_iter().flatten());
        results.sort_by_key(|(place, _)| *place);
        let outcomes = ids
            .into_iter()
            .zip(results)
            .map(|(source_id, (_, result))| SourceOutcome { source_id, result });
        IngestionErrors::unless_all_are_well(outcomes.collect())
    }

    /// Stages a source, and ingests it where it needs no other: data in a command is not kept for later.
    async fn begin<'a>(
        &self,
        place: usize,
        source: Source,
        properties: &'a IngestionProperties,
    ) -> Begun<'a> {
        match self.stage(source, properties).await {
            Err(error) => Begun::Done(place, Err(error)),
            Ok(staged) => match &staged.content {
                Content::Blob(uri) if self.batching.max_sources > 1 => {
                    Begun::Waiting(member(place, &staged, uri, properties))
                }
                _ => Begun::Done(place, self.ingest_staged(&staged, properties).await),
            },
        }
    }

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
                let batch = Batch::of(member(0, staged, uri, properties));
                // One blob, one outcome.
                self.run_batch(&batch).await.swap_remove(0)
            }
        };
        result.map_err(|error| error.with_source_id(id))
    }

    async fn run_placed(&self, batch: &Batch<'_>) -> Vec<(usize, Result<Receipt>)> {
        let places = batch.members.iter().map(|blob| blob.place);
        places.zip(self.run_batch(batch).await).collect()
    }
}
