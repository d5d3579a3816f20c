//! A client that shows every status, header and byte, and an emulator to ask.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::TokioExecutor;
use kusto_emulator::{Emulator, EmulatorBuilder};
use kusto_ingest_core::testing::now;
use kusto_ingest_core::{DatabaseName, ManualClock, TableName};
use kusto_storage::ResourceUri;
use serde_json::{Value, json};

/// An emulator whose clock stands still, and a client of it.
pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) clock: ManualClock,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

pub(crate) fn database() -> DatabaseName {
    DatabaseName::parse("Samples").expect("a name")
}

pub(crate) fn table() -> TableName {
    TableName::parse("T").expect("a name")
}

impl World {
    /// With a table `Samples.T (a:string, b:long)`.
    pub(crate) async fn start() -> Self {
        Self::start_with(|builder| builder).await
    }

    pub(crate) async fn start_with(more: impl FnOnce(EmulatorBuilder) -> EmulatorBuilder) -> Self {
        let clock = ManualClock::new(now());
        let builder = Emulator::builder()
            .with_clock(Arc::new(clock.clone()))
            .with_table(database(), table(), "a:string,b:long".parse().expect("a schema"));
        let client = Client::builder(TokioExecutor::new())
            .retry_canceled_requests(false)
            .build_http();
        Self {
            emulator: more(builder).start().await.expect("a port"),
            clock,
            client,
        }
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answered {
        self.try_send(method, url, headers, body)
            .await
            .expect("an answer")
    }

    pub(crate) async fn try_send(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Answered, Error> {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self
            .client
            .request(request.body(Full::new(body.into())).expect("a request"))
            .await?;
        let (head, body) = answer.into_parts();
        Ok(Answered {
            status: head.status.as_u16(),
            headers: head.headers,
            body: body.collect().await.expect("a body").to_bytes(),
        })
    }

    /// Sends a request, and leaves the body of its answer unread.
    pub(crate) async fn unread(&self, method: &str, url: &str, body: &'static str) -> Response<Incoming> {
        let request = Request::builder().method(method).uri(url);
        let request = request.body(Full::new(body.into())).expect("a request");
        self.client.request(request).await.expect("an answer")
    }

    /// Posts a command or query below the cluster's address.
    pub(crate) async fn ask(&self, path: &str, text: &str) -> Answered {
        let body = json!({"db": database().as_str(), "csl": text}).to_string();
        let url = format!("{}{path}", self.emulator.cluster());
        self.send("POST", &url, &[("content-type", "application/json")], body)
            .await
    }

    pub(crate) fn container(&self, number: usize) -> ResourceUri {
        self.emulator
            .fake()
            .issued_resources()
            .expect("addresses")
            .containers[number]
            .clone()
    }

    pub(crate) fn queue(&self) -> ResourceUri {
        self.emulator.fake().issued_resources().expect("addresses").queues[0].clone()
    }

    pub(crate) fn status_table(&self) -> ResourceUri {
        self.emulator
            .fake()
            .issued_resources()
            .expect("addresses")
            .status_table
    }
}

/// The address of something in a resource, with more of a query in front of the SAS.
pub(crate) fn below(resource: &ResourceUri, path: &str, query: &str) -> String {
    let (address, sas) = resource.expose().as_str().split_once('?').expect("a SAS");
    let separator = if query.is_empty() { "" } else { "&" };
    format!("{address}{path}?{query}{separator}{sas}")
}

impl Answered {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The text of the first such element.
    pub(crate) fn element(&self, name: &str) -> Option<String> {
        let (_, rest) = self.text().split_once(&format!("<{name}>"))?;
        Some(rest.split_once("</")?.0.to_owned())
    }
}
