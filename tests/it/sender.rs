//! Sends the single requests of a suite over the transport that a program uses.

use azure_core::http::headers::{HeaderName, HeaderValue};
use azure_core::http::{HttpClient as _, Method, Request};
use kusto_ingest_testkit::conformance::{StorageAnswer, StorageRequest};
use kusto_transport_hyper::{HyperTransport, TransportOptions};

/// Sends requests as they are, once.
pub(crate) struct Sender(HyperTransport);

impl Sender {
    pub(crate) fn new() -> Self {
        Self(HyperTransport::new(TransportOptions::new()).expect("the defaults are good"))
    }

    pub(crate) async fn send(&self, asked: StorageRequest) -> StorageAnswer {
        let method = match asked.method {
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            "PUT" => Method::Put,
            "POST" => Method::Post,
            "PATCH" => Method::Patch,
            _ => Method::Delete,
        };
        let mut request = Request::new(asked.url.parse().expect("a good address"), method);
        for (name, value) in asked.headers {
            request.insert_header(HeaderName::from_static(name), HeaderValue::from(value));
        }
        request.insert_header("content-length", asked.body.len().to_string());
        request.set_body(asked.body);
        let answer = self.0.execute_request(&request).await.expect("an answer");
        let (status, headers, body) = answer.deconstruct();
        let headers = headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_str().to_owned()));
        StorageAnswer {
            status: status.into(),
            headers: headers.collect(),
            body: body.collect().await.expect("all of the answer"),
        }
    }
}
