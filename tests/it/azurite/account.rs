//! The account of Azurite, in which tests make containers, queues and tables, and issue them as Kusto does.

use azure_core::http::headers::Headers;
use azure_core::http::{HttpClient as _, Method, Request};
use bytes::Bytes;
use kusto_ingest_core::{Clock as _, SourceId, Timestamp};
use kusto_ingest_tokio::TokioClock;
use kusto_storage::ResourceUri;
use kusto_storage_azure::AzureStorage;
use kusto_transport_hyper::{HyperTransport, TransportOptions};
use url::Url;

use super::sas::{self, Service};
use super::{HOUR, address};

pub(super) struct Account {
    blobs: String,
    queues: String,
    tables: String,
    transport: HyperTransport,
}

impl Account {
    pub(super) fn new(blobs: String, queues: String, tables: String) -> Self {
        let transport = HyperTransport::new(TransportOptions::new()).expect("the defaults are good");
        Self {
            blobs,
            queues,
            tables,
            transport,
        }
    }

    /// Where its blobs are served.
    pub(super) fn origin(&self) -> String {
        let address: Url = self.blobs.parse().expect("a good address");
        address.origin().ascii_serialization()
    }

    pub(super) fn storage(&self) -> AzureStorage {
        AzureStorage::new(self.transport.as_transport())
    }

    /// A new container with a SAS for it alone, as Kusto issues one.
    pub(super) async fn container(&self, permissions: &str) -> ResourceUri {
        let name = format!("test-{}", SourceId::random());
        let request = self.request(Method::Put, &format!("{}/{name}?restype=container", self.blobs));
        self.created(request).await;
        let sas = sas::of(Service::Blob, &name, permissions, in_an_hour());
        address(&format!("{}/{name}?{sas}", self.blobs))
    }

    /// A new queue with a SAS for it alone.
    pub(super) async fn queue(&self, permissions: &str) -> ResourceUri {
        self.queue_until(permissions, in_an_hour()).await
    }

    /// A new queue whose SAS ends at a time.
    pub(super) async fn queue_until(&self, permissions: &str, end: Timestamp) -> ResourceUri {
        let name = format!("test-{}", SourceId::random());
        let request = self.request(Method::Put, &format!("{}/{name}?", self.queues));
        self.created(request).await;
        let sas = sas::of(Service::Queue, &name, permissions, end);
        address(&format!("{}/{name}?{sas}", self.queues))
    }

    /// A new queue with the SAS of the whole account.
    pub(super) async fn queue_of_account(&self) -> ResourceUri {
        let name = format!("test-{}", SourceId::random());
        let request = self.request(Method::Put, &format!("{}/{name}?", self.queues));
        self.created(request).await;
        address(&format!(
            "{}/{name}?{}",
            self.queues,
            sas::of_account(in_an_hour())
        ))
    }

    /// A new table with a SAS for it alone.
    pub(super) async fn table(&self, permissions: &str) -> ResourceUri {
        let name = self.new_table().await;
        let sas = sas::of(Service::Table, &name, permissions, in_an_hour());
        address(&format!("{}/{name}?{sas}", self.tables))
    }

    /// A new table with the SAS of the whole account: Azurite takes no other for several changes in one request.
    pub(super) async fn table_of_account(&self) -> ResourceUri {
        let name = self.new_table().await;
        let sas = sas::of_account(in_an_hour());
        address(&format!("{}/{name}?{sas}", self.tables))
    }

    async fn new_table(&self) -> String {
        let name = format!("test{}", SourceId::random().to_string().replace('-', ""));
        let mut request = self.request(Method::Post, &format!("{}/Tables?", self.tables));
        request.insert_header("accept", "application/json;odata=nometadata");
        request.insert_header("content-type", "application/json");
        request.set_body(format!("{{\"TableName\":\"{name}\"}}"));
        self.created(request).await;
        name
    }

    pub(super) fn missing_container(&self) -> ResourceUri {
        missing(&self.blobs)
    }

    pub(super) fn missing_queue(&self) -> ResourceUri {
        missing(&self.queues)
    }

    pub(super) fn missing_table(&self) -> ResourceUri {
        missing(&self.tables)
    }

    /// What an address gives; nothing where there is nothing.
    pub(super) async fn get(&self, address: &str) -> Option<Bytes> {
        let request = Request::new(address.parse().expect("a good address"), Method::Get);
        let (status, _, body) = self.send(&request).await;
        match status {
            200 => Some(body),
            404 => None,
            status => panic!("Azurite answers {status}: {body:?}"),
        }
    }

    /// A request with a SAS for the whole account. The address ends within its query.
    fn request(&self, method: Method, address: &str) -> Request {
        let address = format!("{address}&{}", sas::of_account(in_an_hour()));
        Request::new(address.parse().expect("a good address"), method)
    }

    async fn created(&self, request: Request) {
        let (status, _, body) = self.send(&request).await;
        assert_eq!(status, 201, "{request:?}: {body:?}");
    }

    async fn send(&self, request: &Request) -> (u16, Headers, Bytes) {
        let answer = self
            .transport
            .execute_request(request)
            .await
            .expect("Azurite answers");
        let (status, headers, body) = answer.deconstruct();
        (
            status.into(),
            headers,
            body.collect().await.expect("all of the answer"),
        )
    }
}

/// An address of nothing, with a SAS that would open it.
fn missing(service: &str) -> ResourceUri {
    let name = format!("missing{}", SourceId::random().to_string().replace('-', ""));
    address(&format!("{service}/{name}?{}", sas::of_account(in_an_hour())))
}

fn in_an_hour() -> Timestamp {
    TokioClock::new().now() + HOUR
}
