//! A transport that answers as it is told, and remembers what it was asked.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use azure_core::error::ErrorKind as AzureKind;
use azure_core::http::headers::Headers;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{AsyncRawResponse, Body, Context, HttpClient, Request, Transport};
use bytes::Bytes;
use futures::stream;
use kusto_ingest_core::{CallLimits, Error, ErrorKind};
use kusto_storage::{BlobName, ResourceUri};
use kusto_storage_azure::AzureStorage;

/// The SAS of every resource here, and what of it must never be shown.
pub(crate) const SAS: &str = "sv=2022-11-02&se=2026-01-02T03:04:05Z&sr=c&sig=SECRET%2Bb%2F%3D";
pub(crate) const SECRET: &str = "SECRET";

pub(crate) fn container() -> ResourceUri {
    resource("https://acct1.blob.core.windows.net/data")
}

pub(crate) fn queue() -> ResourceUri {
    resource("https://acct1.queue.core.windows.net/ready")
}

pub(crate) fn table() -> ResourceUri {
    resource("https://acct1.table.core.windows.net/status")
}

pub(crate) fn resource(address: &str) -> ResourceUri {
    ResourceUri::parse(&format!("{address}?{SAS}")).expect("an address")
}

pub(crate) fn blob() -> BlobName {
    BlobName::parse("d__t__x y.csv.gz").expect("a name")
}

/// What the transport was asked to send.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// Method, host, path and query, as one line.
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Bytes,
    /// The limits that came with it, where the transport can see them.
    pub(crate) limits: Option<CallLimits>,
}

impl Sent {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }
}

/// What the transport makes of a request.
#[derive(Debug)]
pub(crate) enum Reply {
    /// An answer.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// The head of an answer, whose body is then lost with this error.
    Head(u16, Error),
    /// No answer.
    Fails(azure_core::Error),
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self::Answer(status, Vec::new(), String::new())
    }

    pub(crate) fn body(status: u16, body: impl Into<String>) -> Self {
        Self::Answer(status, Vec::new(), body.into())
    }

    pub(crate) fn code(status: u16, code: &str) -> Self {
        Self::status(status).header("x-ms-error-code", code)
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Answer(_, headers, _) = &mut self {
            headers.push((name, value.into()));
        }
        self
    }

    /// What the hyper transport of this library says when a call breaks.
    pub(crate) fn breaks(kind: ErrorKind) -> Self {
        let cause = Error::new(kind, "get an answer").with("host", "acct1.example");
        Self::Fails(azure_core::Error::new(AzureKind::Io, cause))
    }
}

/// Clones share the script. It answers in order, and panics when nothing is left to answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Script {
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self {
            replies: Arc::new(Mutex::new(replies.into_iter().collect())),
            sent: Arc::default(),
        }
    }

    /// A storage over it.
    pub(crate) fn storage(&self) -> AzureStorage {
        AzureStorage::new(Transport::with_policy(Arc::new(self.clone())))
    }

    /// A storage over it whose transport cannot see limits.
    pub(crate) fn plain_storage(&self) -> AzureStorage {
        AzureStorage::new(Transport::new(Arc::new(self.clone())))
    }

    /// All that was sent.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().expect("no test panicked in here").clone()
    }

    /// The one request that was sent.
    pub(crate) fn only(&self) -> Sent {
        let sent = self.sent();
        assert_eq!(sent.len(), 1, "{sent:?}");
        sent.into_iter().next().expect("one")
    }

    fn answer(&self, request: &Request, limits: Option<CallLimits>) -> PolicyResult {
        let url = request.url();
        let host = url.host_str().unwrap_or_default();
        let headers = request.headers().iter();
        let Body::Bytes(body) = request.body() else {
            panic!("a streamed body");
        };
        self.sent.lock().expect("no test panicked in here").push(Sent {
            line: format!("{} {host}{}", request.method().as_str(), request.path_and_query()),
            headers: headers
                .map(|(name, value)| (name.as_str().to_owned(), value.as_str().to_owned()))
                .collect(),
            body: body.clone(),
            limits,
        });
        let reply = self.replies.lock().expect("no test panicked in here").pop_front();
        match reply.unwrap_or_else(|| panic!("nobody expected {} {url}", request.method())) {
            Reply::Answer(status, given, body) => {
                let mut headers = Headers::new();
                for (name, value) in given {
                    headers.insert(name, value);
                }
                Ok(AsyncRawResponse::from_bytes(status.into(), headers, body))
            }
            Reply::Head(status, error) => {
                let lost = azure_core::Error::new(AzureKind::Io, error.with_http_status(status));
                let body = Box::pin(stream::iter([Err(lost)]));
                Ok(AsyncRawResponse::new(status.into(), Headers::new(), body))
            }
            Reply::Fails(error) => Err(error),
        }
    }
}

#[async_trait]
impl HttpClient for Script {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        self.answer(request, None)
    }
}

#[async_trait]
#[expect(
    elided_lifetimes_in_paths,
    reason = "with the lifetime written out, async_trait no longer matches the trait"
)]
impl Policy for Script {
    async fn send(&self, ctx: &Context, request: &mut Request, _: &[Arc<dyn Policy>]) -> PolicyResult {
        self.answer(request, ctx.value::<CallLimits>().copied())
    }
}
