//! A client of which no more sources are under way than the service takes.

use std::sync::Arc;

use async_trait::async_trait;
use kusto_ingest::{IngestClient, IngestionProperties, Receipt, Result, Source};

use crate::args::InFlight;

/// Another client, of which no more sources are under way than the service takes.
#[derive(Debug)]
pub(super) struct Adaptive {
    client: Arc<dyn IngestClient>,
    in_flight: InFlight,
}

impl Adaptive {
    pub(super) fn new(client: Arc<dyn IngestClient>, in_flight: InFlight) -> Self {
        Self { client, in_flight }
    }
}

#[async_trait]
impl IngestClient for Adaptive {
    async fn ingest_source(&self, source: Source, properties: &IngestionProperties) -> Result<Receipt> {
        let _under_way = self.in_flight.enter().await;
        let ended = self.client.ingest_source(source, properties).await;
        match &ended {
            Ok(_) => self.in_flight.accepted(),
            Err(error) => self.in_flight.failed(error),
        }
        ended
    }
}
