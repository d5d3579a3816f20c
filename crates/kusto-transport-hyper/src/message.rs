//! The heads of requests and answers, between `azure_core` and `http`.

use azure_core::error::ErrorKind as AzureKind;
use azure_core::http::headers::Headers;
use azure_core::http::{Request as AzureRequest, Url};
use http::header::{CONTENT_LENGTH, HOST, PROXY_AUTHORIZATION, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use kusto_ingest_core::{Error, ErrorKind};

use crate::upload::Upload;

/// Host and port of an address: all of it that may be shown.
pub(crate) fn authority(url: &Url) -> azure_core::Result<String> {
    let host = url
        .host_str()
        .filter(|host| !host.is_empty())
        .ok_or_else(|| refused("", "its address names no host"))?;
    Ok(url
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// The request as hyper wants it.
pub(crate) fn request(request: &AzureRequest, host: &str) -> azure_core::Result<Request<Upload>> {
    let body = Upload::new(request.body().clone());
    let mut outgoing = Request::new(body);
    *outgoing.method_mut() = Method::from_bytes(request.method().as_str().as_bytes())
        .map_err(|_| refused(host, "its method is none of HTTP"))?;
    *outgoing.uri_mut() = uri(request.url(), host)?;
    *outgoing.headers_mut() = headers(request.headers(), outgoing.body(), host)?;
    Ok(outgoing)
}

/// The address without user, password and fragment, none of which is for the host.
fn uri(url: &Url, host: &str) -> azure_core::Result<Uri> {
    let mut target = url.path().to_owned();
    if let Some(query) = url.query() {
        target.push('?');
        target.push_str(query);
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused(host, "its address is neither http nor https"));
    }
    Uri::builder()
        .scheme(url.scheme())
        .authority(host)
        .path_and_query(target)
        .build()
        .map_err(|_| refused(host, "its address holds what HTTP does not allow"))
}

fn headers(headers: &Headers, body: &Upload, host: &str) -> azure_core::Result<HeaderMap> {
    let mut outgoing = HeaderMap::new();
    for (name, value) in headers.iter() {
        let refuse = |_| {
            refused(
                host,
                format!("its header {} holds what HTTP does not allow", name.as_str()),
            )
        };
        let key = HeaderName::from_bytes(name.as_str().as_bytes()).map_err(|_| refuse(()))?;
        // hyper announces the length that the body really has.
        let is_ours = key == TRANSFER_ENCODING || (key == CONTENT_LENGTH && body.len() != Some(0));
        if !is_ours && key != HOST && key != PROXY_AUTHORIZATION {
            outgoing.insert(
                key,
                HeaderValue::from_str(value.as_str()).map_err(|_| refuse(()))?,
            );
        }
    }
    Ok(outgoing)
}

/// The headers of an answer. Values of a header that came twice are joined by a comma, which means the same.
pub(crate) fn answer_headers(headers: &HeaderMap) -> Headers {
    let mut incoming = Headers::new();
    for name in headers.keys() {
        let values: Vec<_> = headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        incoming.insert(name.as_str().to_owned(), values.join(", "));
    }
    incoming
}

fn refused(host: &str, why: impl Into<std::borrow::Cow<'static, str>>) -> azure_core::Error {
    let error = Error::new(ErrorKind::InvalidInput, "build the request")
        .because(why)
        .with("host", host);
    azure_core::Error::new(AzureKind::Other, error)
}
