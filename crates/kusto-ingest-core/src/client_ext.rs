//! Conveniences of every ingest client: whatever becomes a source, bytes in memory, several sources.

use async_trait::async_trait;
use bytes::Bytes;

use crate::{
    AggregateResult, IngestClient, IngestionProperties, LocalSource, Receipt, Result, Source, Sources,
};

/// Conveniences over [`IngestClient`].
#[async_trait]
pub trait IngestClientExt: IngestClient {
    /// Ingests one source: a local one, a blob, or whatever becomes one.
    ///
    /// # Errors
    /// As [`IngestClient::ingest_source`].
    async fn ingest(
        &self,
        source: impl Into<Source> + Send,
        properties: &IngestionProperties,
    ) -> Result<Receipt> {
        self.ingest_source(source.into(), properties).await
    }

    /// Ingests bytes in memory. The properties must name the format.
    async fn ingest_bytes(&self, bytes: Bytes, properties: &IngestionProperties) -> Result<Receipt> {
        self.ingest(LocalSource::from_bytes(bytes), properties).await
    }

    /// Ingests several sources, a few at a time, and tells what became of each. See [`Sources`].
    async fn ingest_all(
        &self,
        sources: impl IntoIterator<Item: Into<Source>> + Send,
        properties: &IngestionProperties,
    ) -> AggregateResult {
        Sources::new(sources).ingest_with(self, properties).await
    }
}

impl<C: IngestClient + ?Sized> IngestClientExt for C {}
