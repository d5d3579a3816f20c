//! A client of the program's own, over whichever client it is given.

use std::sync::atomic::{AtomicU32, Ordering};

use kusto_ingest::{IngestClient, IngestionProperties, Receipt, Result, Source, async_trait};

/// Counts what it passes on.
#[derive(Debug)]
pub(crate) struct Counted<C> {
    inner: C,
    calls: AtomicU32,
}

impl<C> Counted<C> {
    pub(crate) fn new(inner: C) -> Self {
        Self {
            inner,
            calls: AtomicU32::new(0),
        }
    }

    pub(crate) fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl<C: IngestClient> IngestClient for Counted<C> {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.inner.ingest_source(source, properties).await
    }
}
