//! The HTTP client of all other legs, as `object_store` wants one.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::{Stream, StreamExt as _};
use http::{HeaderName, HeaderValue, StatusCode};
use http_body::{Body, Frame};
use kusto_ingest::azure_core::http::policies::Policy as _;
use kusto_ingest::azure_core::http::{Context as CallContext, Method, Request, Url};
use kusto_ingest::external::bytes::Bytes;
use kusto_ingest::retry::{CallLimits, retry_after};
use kusto_ingest::transport::HyperTransport;
use kusto_ingest::{Error, ErrorKind};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody,
    HttpService,
};

use super::super::network::find;

const OPERATION: &str = "ask the store";

/// Objects are read to their end, however long that takes, as long as bytes come.
const LIMITS: CallLimits = CallLimits::new()
    .with_overall(Duration::from_secs(24 * 60 * 60))
    .with_response(u64::MAX);

/// How much of an error's body is read, in bytes.
const LONGEST_ERROR: usize = 64 * 1024;

/// The hosts that lend credentials to programs on a cloud's machine, over plain http.
const METADATA: [&str; 4] = [
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "metadata.google.internal",
];

/// The HTTP client of all other legs.
#[derive(Clone, Debug)]
pub(super) struct Connector(HyperTransport);

impl Connector {
    pub(super) fn new(transport: HyperTransport) -> Self {
        Self(transport)
    }
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Connector {
    async fn call(&self, asked: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut request = request(asked).map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
        let context = CallContext::new().with_value(LIMITS);
        let answer = self.0.send(&context, &mut request, &[]).await;
        let answer = answer.map_err(|error| HttpError::new(HttpErrorKind::Unknown, ours(&error)))?;
        let (status, headers, mut body) = answer.deconstruct();
        let header = |name| {
            let mut known = headers.iter().filter(|(key, _)| key.as_str() == name);
            known.next().map(|(_, value)| value.as_str())
        };
        if let Some(error) = refusal(u16::from(status), header) {
            let error = match code(&beginning(&mut body).await) {
                Some(code) => error.with_code(code),
                None => error,
            };
            return Err(HttpError::new(HttpErrorKind::Unknown, error));
        }
        let mut told = HttpResponse::new(HttpResponseBody::new(Download(Mutex::new(body.boxed()))));
        *told.status_mut() = StatusCode::from_u16(u16::from(status))
            .map_err(|error| HttpError::new(HttpErrorKind::Decode, error))?;
        for (name, value) in headers.iter() {
            if let (Ok(name), Ok(value)) = (
                HeaderName::from_bytes(name.as_str().as_bytes()),
                HeaderValue::from_str(value.as_str()),
            ) {
                told.headers_mut().append(name, value);
            }
        }
        Ok(told)
    }
}

/// The request, as our client has it.
fn request(asked: HttpRequest) -> Result<Request, Error> {
    let refused = |why: &'static str| Error::new(ErrorKind::InvalidInput, OPERATION).because(why);
    let (head, body) = asked.into_parts();
    let url = Url::parse(&head.uri.to_string()).map_err(|_| refused("its address is none"))?;
    let host = url.host_str().unwrap_or_default();
    let is_near = matches!(host, "localhost" | "127.0.0.1" | "[::1]") || METADATA.contains(&host);
    if url.scheme() != "https" && !is_near {
        return Err(refused("plain http is for this machine alone: use https").with("host", host));
    }
    let method = match head.method {
        http::Method::GET => Method::Get,
        http::Method::HEAD => Method::Head,
        http::Method::POST => Method::Post,
        http::Method::PUT => Method::Put,
        _ => return Err(refused("it would do more than read")),
    };
    let mut request = Request::new(url, method);
    for (name, value) in &head.headers {
        let value = value.to_str().map_err(|_| refused("a header of it is no text"))?;
        request.insert_header(name.as_str().to_owned(), value.to_owned());
    }
    if let Some(bytes) = body.as_bytes().filter(|bytes| !bytes.is_empty()) {
        request.set_body(bytes.clone());
    }
    Ok(request)
}

/// What our own client found out.
fn ours(error: &kusto_ingest::azure_core::Error) -> Error {
    let unknown = || Error::new(ErrorKind::Connection, OPERATION).because("there was no answer");
    find(error).cloned().unwrap_or_else(unknown)
}

/// What is tried again by our engine, and what a sign-in would help.
fn refusal<'h>(status: u16, header: impl Fn(&'static str) -> Option<&'h str>) -> Option<Error> {
    let kind = match status {
        401 => ErrorKind::Unauthenticated,
        403 => ErrorKind::Forbidden,
        429 => ErrorKind::Throttled,
        408 | 500 | 502..=504 => ErrorKind::Unavailable,
        _ => return None,
    };
    let error = Error::new(kind, OPERATION).with_http_status(status);
    Some(match retry_after(header) {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    })
}

/// As much of a body as says what went wrong.
async fn beginning<E>(body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin)) -> String {
    let mut text = Vec::new();
    while let Some(Ok(bytes)) = body.next().await {
        text.extend_from_slice(&bytes);
        if text.len() > LONGEST_ERROR {
            text.truncate(LONGEST_ERROR);
            break;
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// The code of an error, as S3 and Google Cloud Storage write it.
fn code(text: &str) -> Option<&str> {
    let (code, _) = text.split_once("<Code>")?.1.split_once("</Code>")?;
    (!code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(code)
}

/// The body of an answer. Nobody but its owner reads it: the lock is never taken.
struct Download<S>(Mutex<S>);

impl<S> Body for Download<S>
where
    S: Stream<Item = kusto_ingest::azure_core::Result<Bytes>> + Unpin,
{
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        let stream = self.get_mut().0.get_mut().unwrap_or_else(PoisonError::into_inner);
        stream.poll_next_unpin(context).map(|next| {
            next.map(|read| {
                read.map(Frame::data)
                    .map_err(|error| HttpError::new(HttpErrorKind::Interrupted, ours(&error)))
            })
        })
    }
}
