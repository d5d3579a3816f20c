//! Any client, for programs without async.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use kusto_ingest_core::{
    AggregateResult, BlobSource, IngestClient as AsyncClient, IngestionProperties, LocalSource, Receipt,
    Result, Source, Sources,
};
use kusto_ingest_rows::Rows;
use kusto_ingest_tokio::Files;

use super::results::{Results, tell};
use super::worker::Worker;
use crate::IngestClientExt as _;

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
    /// As [`IngestClient::ingest_source`](AsyncClient::ingest_source).
    pub fn ingest(&self, source: impl Into<Source>, properties: &IngestionProperties) -> Result<Receipt> {
        let (client, source, properties) = (self.inner.clone(), source.into(), properties.clone());
        self.worker
            .wait(async move { client.ingest_source(source, &properties).await })
    }

    /// Ingests bytes in memory, in the format that the properties name.
    ///
    /// # Errors
    /// As [`IngestClient::ingest_source`](AsyncClient::ingest_source).
    pub fn ingest_bytes(&self, bytes: impl Into<Bytes>, properties: &IngestionProperties) -> Result<Receipt> {
        self.ingest(LocalSource::from_bytes(bytes), properties)
    }

    /// Ingests a file. Its name tells format and compression, where the properties do not.
    ///
    /// # Errors
    /// As [`file`](crate::file), and as [`IngestClient::ingest_source`](AsyncClient::ingest_source).
    pub fn ingest_file(&self, path: impl AsRef<Path>, properties: &IngestionProperties) -> Result<Receipt> {
        let (client, properties) = (self.inner.clone(), properties.clone());
        let path = path.as_ref().to_owned();
        self.worker
            .wait(async move { client.ingest_file(path, &properties).await })
    }

    /// Ingests a blob that Kusto reads by itself, by its address with a SAS, key or identity suffix.
    ///
    /// # Errors
    /// As [`BlobSource::parse`], and as [`IngestClient::ingest_source`](AsyncClient::ingest_source).
    pub fn ingest_blob(&self, address: &str, properties: &IngestionProperties) -> Result<Receipt> {
        self.ingest(BlobSource::parse(address)?, properties)
    }

    /// Ingests several sources, a few at a time, and tells what became of each.
    ///
    /// # Errors
    /// [`ErrorKind::Other`](crate::ErrorKind::Other) when the runtime has ended. What became of the sources is in the
    /// result.
    pub fn ingest_all(
        &self,
        sources: Sources<'static>,
        properties: &IngestionProperties,
    ) -> Result<AggregateResult> {
        let (client, properties) = (self.inner.clone(), properties.clone());
        self.worker
            .wait(async move { Ok(sources.ingest_with(&*client, &properties).await) })
    }

    /// Ingests several sources, a few at a time, and tells what became of each as soon as that is known.
    ///
    /// ```
    /// use kusto_ingest::blocking::Client;
    /// use kusto_ingest::sources::Sources;
    /// use kusto_ingest::{IngestionProperties, Result, Source};
    ///
    /// fn ingest(client: &Client, sources: Vec<Source>, properties: &IngestionProperties) -> Result<()> {
    ///     for told in client.ingest_each(Sources::new(sources), properties)? {
    ///         let told = told?;
    ///         println!("{}: {:?}", told.source_id, told.outcome);
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// What keeps it from beginning. What becomes of the sources is in the [results](Results).
    pub fn ingest_each(
        &self,
        sources: Sources<'static>,
        properties: &IngestionProperties,
    ) -> Result<Results> {
        let (client, properties) = (self.inner.clone(), properties.clone());
        Results::begin(&self.worker, |to| async move {
            tell(sources.ingest_each(&*client, &properties), to).await;
        })
    }

    /// Ingests files, a few at a time, and tells what became of each as soon as that is known.
    ///
    /// # Errors
    /// As [`ingest_each`](Self::ingest_each).
    pub fn ingest_files_each(&self, files: Files, properties: &IngestionProperties) -> Result<Results> {
        let (client, properties) = (self.inner.clone(), properties.clone());
        Results::begin(&self.worker, |to| async move {
            tell(files.ingest_each(&*client, &properties), to).await;
        })
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
    /// As [`Rows::ingest_with`]. The chunks before the one that failed are in: [`Error::accepted`](crate::Error::accepted) has
    /// their receipts.
    pub fn ingest_rows(&self, rows: Rows, properties: &IngestionProperties) -> Result<Vec<Receipt>> {
        let (client, properties) = (self.inner.clone(), properties.clone());
        self.worker
            .wait(async move { rows.ingest_with(&*client, &properties).await })
    }
}
