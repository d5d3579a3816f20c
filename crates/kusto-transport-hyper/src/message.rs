//! The heads of requests and answers, between `azure_core` and `http`.

use std::collections::HashMap;

use azure_core::http::headers::{HeaderName as AzureName, HeaderValue as AzureValue, Headers};
use azure_core::http::{Request as AzureRequest, Url};
use http::header::{CONTENT_LENGTH, HOST, PROXY_AUTHORIZATION, TRANSFER_ENCODING};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use url::Position;

use crate::address::{UNFIT_ADDRESS, refused};
use crate::hosts::Host;
use crate::upload::Upload;

/// Room in a head for what is added to it: `host`, `content-length`, and what is for the proxy.
const ADDED: usize = 3;

/// The headers of each request to storage and of its answer, whose names need no copy.
const USUAL: [&str; 10] = [
    "content-length",
    "date",
    "etag",
    "last-modified",
    "server",
    "x-ms-blob-type",
    "x-ms-client-request-id",
    "x-ms-request-id",
    "x-ms-request-server-encrypted",
    "x-ms-version",
];

/// The request as hyper wants it.
pub(crate) fn request(request: &AzureRequest, host: &Host) -> azure_core::Result<Request<Upload>> {
    let body = Upload::new(request.body().clone());
    let mut outgoing = Request::new(body);
    *outgoing.method_mut() = Method::from_bytes(request.method().as_str().as_bytes())
        .map_err(|_| refused(host.name(), "its method is none of HTTP"))?;
    *outgoing.uri_mut() = target(request.url(), host)?;
    *outgoing.headers_mut() = headers(request.headers(), outgoing.body(), host)?;
    Ok(outgoing)
}

/// What is asked for at the host: the address without user, password and fragment, none of which is for the host.
fn target(url: &Url, host: &Host) -> azure_core::Result<Uri> {
    let path_and_query = url[Position::BeforePath..Position::AfterQuery].to_owned();
    let target = PathAndQuery::from_maybe_shared(path_and_query).map(Uri::from);
    target.map_err(|_| refused(host.name(), UNFIT_ADDRESS))
}

fn headers(headers: &Headers, body: &Upload, host: &Host) -> azure_core::Result<HeaderMap> {
    let mut outgoing = HeaderMap::with_capacity(headers.iter().count() + ADDED);
    for (name, value) in headers.iter() {
        let refuse = |_| {
            refused(
                host.name(),
                format!("its header {} holds what HTTP does not allow", name.as_str()),
            )
        };
        let key = match usual(name.as_str()) {
            Some(name) => HeaderName::from_static(name),
            None => HeaderName::from_bytes(name.as_str().as_bytes()).map_err(|_| refuse(()))?,
        };
        // hyper announces the length that the body really has.
        let is_ours = key == TRANSFER_ENCODING || (key == CONTENT_LENGTH && body.len() != Some(0));
        if !is_ours && key != HOST && key != PROXY_AUTHORIZATION {
            outgoing.insert(
                key,
                HeaderValue::from_str(value.as_str()).map_err(|_| refuse(()))?,
            );
        }
    }
    outgoing.extend(host.header().map(|header| (HOST, header.clone())));
    outgoing.extend(
        host.authorization()
            .map(|value| (PROXY_AUTHORIZATION, value.clone())),
    );
    Ok(outgoing)
}

/// The headers of an answer. Values of a header that came twice are joined by a comma, which means the same.
pub(crate) fn answer_headers(headers: &HeaderMap) -> Headers {
    let mut incoming: HashMap<AzureName, AzureValue> = HashMap::with_capacity(headers.keys_len());
    for (name, value) in headers {
        let name = match usual(name.as_str()) {
            Some(name) => AzureName::from_static(name),
            None => AzureName::from(name.as_str().to_owned()),
        };
        let value = String::from_utf8_lossy(value.as_bytes());
        incoming
            .entry(name)
            .and_modify(|before| *before = format!("{}, {value}", before.as_str()).into())
            .or_insert_with(|| value.into_owned().into());
    }
    incoming.into()
}

/// The name of a header, where it is one of the usual ones.
fn usual(name: &str) -> Option<&'static str> {
    USUAL.into_iter().find(|usual| *usual == name)
}
