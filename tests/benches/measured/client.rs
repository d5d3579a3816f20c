//! A queued client as the facade builds it, with resources that need no Kusto.

use std::sync::Arc;

use kusto_ingest::queued::QueuedIngestClient;
use kusto_ingest_core::{DataFormat, IngestionProperties};
use kusto_ingest_message::IdentityToken;
use kusto_ingest_resources::{FixedResources, IngestionResources};
use kusto_ingest_tokio::{ThreadedCompressor, TokioClock};
use kusto_ingest_upload::{ContainerUploader, MemoryBudget};
use kusto_storage::ResourceUri;
use kusto_storage_azure::AzureStorage;
use kusto_transport_hyper::{HyperTransport, TransportOptions};

/// What a storage says to whatever was created.
pub(crate) const TAKEN: &[u8] =
    b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nETag: \"1\"\r\nx-ms-request-id: 1\r\n\
      x-ms-request-server-encrypted: true\r\nx-ms-version: 2025-11-05\r\n\r\n";

/// A client whose one container and one queue are at an address.
pub(crate) fn of(address: &str, memory: MemoryBudget, compressor: ThreadedCompressor) -> QueuedIngestClient {
    let at =
        |path: &str| ResourceUri::parse(&format!("{address}/{path}?sig=none")).expect("it is an address");
    let issued = IngestionResources::empty()
        .with_queues([at("account/queue")])
        .with_containers([at("account/container")]);
    let token = IdentityToken::parse("token").expect("it is a token");
    let resources = Arc::new(FixedResources::new(issued, token));
    let transport = HyperTransport::new(TransportOptions::default()).expect("there is TLS");
    let storage = Arc::new(AzureStorage::new(transport.as_transport()));
    let clock = Arc::new(TokioClock::new());
    let uploader = ContainerUploader::new(
        resources.clone(),
        storage.clone(),
        Arc::new(compressor),
        clock.clone(),
    );
    QueuedIngestClient::new(resources, Arc::new(uploader.with_memory(memory)), storage, clock)
}

pub(crate) fn properties() -> IngestionProperties {
    let table = IngestionProperties::into_table("Samples", "Logs").expect("these are names");
    table.with_format(DataFormat::Csv).with_ignore_size_limit()
}
