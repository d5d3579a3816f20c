//! The one trait that every ingest client implements.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{AggregateResult, IngestionProperties, LocalSource, Receipt, Result, Source, Sources};

/// Brings a source into a table, one way or another.
///
/// # Contract
/// - A returned receipt means that Kusto, or a queue of Kusto's, took responsibility for the source, or that there was
///   nothing to ingest ([`Skipped`](crate::ReceiptState::Skipped)).
/// - An error means that the source was not accepted, or that nobody knows whether it was. The latter has the kind
///   [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown) and carries a [receipt](crate::Error::receipt), which tells
///   what is known; sending the source again may ingest it twice. Any other error may be tried again unless
///   [`is_permanent`](crate::Error::is_permanent).
/// - Nothing runs on after the future is dropped. A source whose future was dropped may or may not be ingested.
/// - Clients are shared freely between tasks; calls are independent, and their order is not kept.
#[cfg_attr(not(feature = "mock"), doc(alias = "IKustoIngestClient"))]
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait IngestClient: Debug + Send + Sync + 'static {
    /// Ingests one source.
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt>;
}

#[async_trait]
impl<C: IngestClient + ?Sized> IngestClient for Arc<C> {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        (**self).ingest_source(source, properties).await
    }
}

#[async_trait]
impl<C: IngestClient + ?Sized> IngestClient for Box<C> {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        (**self).ingest_source(source, properties).await
    }
}

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
