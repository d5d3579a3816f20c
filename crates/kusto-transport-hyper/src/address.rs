//! The parts of an address, and the refusal of one that cannot be asked.

use std::borrow::Cow;

use azure_core::error::ErrorKind as AzureKind;
use azure_core::http::Url;
use http::Uri;
use kusto_ingest_core::{Error, ErrorKind};
use url::Position;

/// Host and port of an address: all of it that may be shown.
pub(crate) fn authority(url: &Url) -> azure_core::Result<&str> {
    match url.host_str() {
        Some(host) if !host.is_empty() => Ok(&url[Position::BeforeHost..Position::BeforePath]),
        _ => Err(refused("", "its address names no host")),
    }
}

/// Scheme, host and port of an address.
pub(crate) fn origin(url: &Url, authority: &str) -> azure_core::Result<Uri> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused(authority, "its address is neither http nor https"));
    }
    Uri::builder()
        .scheme(url.scheme())
        .authority(authority)
        .path_and_query("/")
        .build()
        .map_err(|_| refused(authority, UNFIT_ADDRESS))
}

/// Why an address is refused that `http` does not accept.
pub(crate) const UNFIT_ADDRESS: &str = "its address holds what HTTP does not allow";

/// The error of a request that is not sent.
pub(crate) fn refused(host: &str, why: impl Into<Cow<'static, str>>) -> azure_core::Error {
    let error = Error::new(ErrorKind::InvalidInput, "build the request")
        .because(why)
        .with("host", host);
    azure_core::Error::new(AzureKind::Other, error)
}
