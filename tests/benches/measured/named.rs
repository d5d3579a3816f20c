//! A client over REST as the facade builds it, of a service that offers one container.

use std::sync::Arc;

use async_trait::async_trait;
use kusto_endpoint::{
    IngestionConfiguration, OperationDetail, OperationId, QueuedEndpoint, QueuedOperation, QueuedRequest,
};
use kusto_ingest::endpoint::AzureEndpoint;
use kusto_ingest::queued::RestIngestClient;
use kusto_ingest_core::{DatabaseName, Result, TableName};
use kusto_ingest_resources::ConfigurationManager;
use kusto_ingest_tokio::{ThreadedCompressor, TokioClock};
use kusto_ingest_upload::ContainerUploader;
use kusto_storage_azure::AzureStorage;
use kusto_transport_hyper::{HyperTransport, TransportOptions};

const SAS: &str = "sv=2018-03-28&sr=c&sp=rw&se=2099-01-02T03%3A04%3A05Z\
                   &sig=AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfG%3D";

/// What the sink says to whatever was created, and to whatever was named.
pub(crate) const TAKEN: &[u8] =
    b"HTTP/1.1 201 Created\r\nContent-Length: 44\r\nETag: \"1\"\r\nx-ms-request-id: 1\r\n\
      x-ms-request-server-encrypted: true\r\nx-ms-version: 2025-11-05\r\n\r\n\
      {\"ingestionOperationId\":\"00001111;1;123456\"}";

/// The routes at the sink, which cannot say what it offers.
#[derive(Debug)]
struct Offering {
    routes: AzureEndpoint,
    offered: IngestionConfiguration,
}

#[async_trait]
impl QueuedEndpoint for Offering {
    async fn configuration(&self) -> Result<IngestionConfiguration> {
        Ok(self.offered.clone())
    }

    async fn submit(
        &self,
        database: &DatabaseName,
        table: &TableName,
        request: &QueuedRequest,
    ) -> Result<Option<OperationId>> {
        self.routes.submit(database, table, request).await
    }

    async fn operation(
        &self,
        database: &DatabaseName,
        table: &TableName,
        id: &OperationId,
        detail: OperationDetail,
    ) -> Result<QueuedOperation> {
        self.routes.operation(database, table, id, detail).await
    }
}

/// A client whose container and routes are at one address.
pub(crate) fn by(address: &str) -> RestIngestClient {
    let transport = HyperTransport::new(TransportOptions::default()).expect("there is TLS");
    let base = address.parse().expect("it is an address");
    let routes = AzureEndpoint::new(base, transport.as_transport()).expect("it is an address");
    let container = format!("{address}/account0/container?{SAS}");
    let endpoint = Arc::new(Offering {
        routes,
        offered: IngestionConfiguration::new().with_containers([container]),
    });
    let clock = Arc::new(TokioClock::new());
    let configuration = ConfigurationManager::new(endpoint.clone(), clock.clone()).with_plain_http();
    let storage = Arc::new(AzureStorage::new(transport.as_transport()));
    let compressor = Arc::new(ThreadedCompressor::new());
    let issued = Arc::new(configuration.clone());
    let uploader = ContainerUploader::new(issued, storage, compressor, clock.clone());
    RestIngestClient::new(endpoint, configuration, Arc::new(uploader), clock)
}
