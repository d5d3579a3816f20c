//! The one trait that every ingest client implements.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{IngestionProperties, Receipt, Result, Source};

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
