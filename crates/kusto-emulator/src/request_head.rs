//! The head of a request, decoded once: what the routes ask of it.

use http::request::Parts;
use http::{HeaderMap, Method};
use kusto_ingest_core::redact;
use percent_encoding::percent_decode_str;
use url::form_urlencoded;
use uuid::Uuid;

/// Which of an emulator's addresses a request came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// Data Management and engine in one, and the storage.
    Whole,
    /// The engine alone.
    Engine,
}

/// The head of a request. There is no `Debug`: the query holds SAS tokens.
pub(crate) struct RequestHead {
    pub(crate) address: Address,
    pub(crate) method: Method,
    /// The path, decoded once: a `%2F` separates as a slash does, since some clients write it so.
    pub(crate) path: String,
    /// The path as it came.
    pub(crate) raw_path: String,
    /// The query as it came.
    pub(crate) raw_query: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    /// The service's name for the request.
    pub(crate) id: Uuid,
}

impl RequestHead {
    pub(crate) fn read(head: &Parts, address: Address) -> Self {
        let raw_query = head.uri.query().unwrap_or_default().to_owned();
        let overridden = head
            .headers
            .get("x-http-method")
            .filter(|_| head.method == Method::POST);
        let method = overridden.and_then(|name| Method::from_bytes(name.as_bytes()).ok());
        Self {
            address,
            method: method.unwrap_or_else(|| head.method.clone()),
            path: percent_decode_str(head.uri.path())
                .decode_utf8_lossy()
                .into_owned(),
            query: form_urlencoded::parse(raw_query.as_bytes())
                .into_owned()
                .collect(),
            raw_path: head.uri.path().to_owned(),
            raw_query,
            headers: head.headers.clone(),
            id: Uuid::new_v4(),
        }
    }

    /// A parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let mut pairs = self.query.iter();
        pairs
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// A header that is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The headers that begin so, with the rest of their names.
    pub(crate) fn headers_under(&self, prefix: &str) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().filter_map(move |(name, value)| {
            Some((name.as_str().strip_prefix(prefix)?, value.to_str().ok()?))
        })
    }

    /// All headers, without what may be secret in them.
    pub(crate) fn masked_headers(&self) -> Vec<(String, String)> {
        let shown = |name: &str, value: &http::HeaderValue| match name {
            "authorization"
            | "cookie"
            | "proxy-authorization"
            | "x-ms-s2s-actor-authorization"
            | "x-ms-fabric-s2s-access-context" => "…".to_owned(),
            _ => redact(&String::from_utf8_lossy(value.as_bytes())),
        };
        let headers = self.headers.iter();
        headers
            .map(|(name, value)| (name.to_string(), shown(name.as_str(), value)))
            .collect()
    }

    /// Whether the answer may be gzip.
    pub(crate) fn takes_gzip(&self) -> bool {
        let accepted = self.header("accept-encoding").unwrap_or_default();
        accepted.split(',').any(|encoding| {
            let (name, weight) = encoding.split_once(';').unwrap_or((encoding, ""));
            let is_refused = matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
            matches!(name.trim(), "gzip" | "*") && !is_refused
        })
    }

    /// The client's name for the request.
    pub(crate) fn client_request_id(&self) -> Option<&str> {
        self.header("x-ms-client-request-id")
    }
}
