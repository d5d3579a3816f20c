//! Any client, for programs without async.

use std::sync::Arc;

use kusto_ingest_core::{
    AggregateResult, IngestClient as AsyncClient, IngestionProperties, Receipt, Result, Source, Sources,
};
use kusto_ingest_rows::Rows;
use kusto_ingest_tokio::Files;

use super::worker::Worker;

/// A client whose calls block the calling thread until they are done. Clones share the client.
#[derive(Clone, Debug)]
pub struct Client {
    inner: Arc<dyn AsyncClient>,
    worker: Worker,
}

impl Client {
    pub(super) fn new(inner: impl AsyncClient, worker: &Worker) -> Self {
        Self {
            inner: Arc::new(inner),
            worker: worker.clone(),
        }
    }

    /// Ingests one source.
    ///
    /// # Errors
    /// As [`IngestClient::ingest`](AsyncClient::ingest).
    pub fn ingest(&self, source: impl Into<Source>, properties: &IngestionProperties) -> Result<Receipt> {
        let (client, source, properties) = (self.inner.clone(), source.into(), properties.clone());
        self.worker
            .wait(async move { client.ingest(source, &properties).await })
    }

    /// Ingests several sources, a few at a time, and tells what became of each.
    ///
    /// # Errors
    /// [`ErrorKind::Other`](crate::ErrorKind::Other) when the runtime has ended. What became of the sources is in the
    /// result.
    pub fn ingest_all(&self, sources: Sources, properties: &IngestionProperties) -> Result<AggregateResult> {
        let (client, properties) = (self.inner.clone(), properties.clone());
        self.worker
            .wait(async move { Ok(sources.ingest_with(&*client, &properties).await) })
    }

    /// Ingests files, a few at a time, and tells what became of each.
    ///
    /// # Errors
    /// As [`ingest_all`](Self::ingest_all).
    pub fn ingest_files(&self, files: Files, properties: &IngestionProperties) -> Result<AggregateResult> {
        let (client, properties) = (self.inner.clone(), properties.clone());
        self.worker
            .wait(async move { Ok(files.ingest_with(&*client, &properties).await) })
    }

    /// Ingests all rows, in chunks where they are many.
    ///
    /// # Errors
    /// As [`Rows::ingest_with`].
    pub fn ingest_rows(&self, rows: Rows, properties: &IngestionProperties) -> Result<Vec<Receipt>> {
        let (client, properties) = (self.inner.clone(), properties.clone());
        self.worker
            .wait(async move { rows.ingest_with(&*client, &properties).await })
    }
}
