//! A queued client as the facade builds it, with resources that a service issues: one container and one queue in each of
//! several accounts, under SAS tokens as they are.

use std::sync::Arc;

use kusto_endpoint::{Dataset, ScriptedEndpoint};
use kusto_ingest::queued::QueuedIngestClient;
use kusto_ingest_resources::ResourceManager;
use kusto_ingest_tokio::{ThreadedCompressor, TokioClock};
use kusto_ingest_upload::ContainerUploader;
use kusto_storage_azure::AzureStorage;
use kusto_transport_hyper::{HyperTransport, TransportOptions};
use serde_json::json;

const SAS: &str = "sv=2018-03-28&sr=c&sp=rw&se=2099-01-02T03%3A04%3A05Z\
                   &sig=AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfG%3D";

/// A client of as many accounts, all of which are at one address.
pub(crate) fn by(address: &str, accounts: usize) -> QueuedIngestClient {
    let rows: Vec<_> = (0..accounts)
        .flat_map(|account| {
            let root = |what| format!("{address}/account{account}/{what}?{SAS}");
            [
                json!(["TempStorage", root("container")]),
                json!(["SecuredReadyForAggregationQueue", root("queue")]),
            ]
        })
        .collect();
    let service = ScriptedEndpoint::new()
        .with_response(
            ".get ingestion resources",
            table(&["ResourceTypeName", "StorageRoot"], &json!(rows)),
        )
        .with_response(
            ".get kusto identity token",
            table(&["AuthorizationContext"], &json!([["token"]])),
        );
    let clock = Arc::new(TokioClock::new());
    let resources = ResourceManager::new(Arc::new(service), clock.clone());
    let resources = Arc::new(resources.with_plain_http());
    let transport = HyperTransport::new(TransportOptions::default()).expect("there is TLS");
    let storage = Arc::new(AzureStorage::new(transport.as_transport()));
    let compressor = Arc::new(ThreadedCompressor::new());
    let uploader = ContainerUploader::new(resources.clone(), storage.clone(), compressor, clock.clone());
    QueuedIngestClient::new(resources, Arc::new(uploader), storage, clock)
}

fn table(columns: &[&str], rows: &serde_json::Value) -> Dataset {
    let columns: Vec<_> = columns
        .iter()
        .map(|name| json!({ "ColumnName": name, "DataType": "String" }))
        .collect();
    let answer = json!({ "Tables": [{ "TableName": "Table_0", "Columns": columns, "Rows": rows }] });
    Dataset::from_v1(answer.to_string().as_bytes()).expect("it is an answer")
}
