//! What a storage answers to single requests over HTTP: what the ports have no words for.

mod blobs;
mod lists;
mod queues;
mod tables;

pub use blobs::blob_requests;
pub use lists::list_requests;
pub use queues::queue_requests;
pub use tables::table_requests;

use bytes::Bytes;
use kusto_storage::ResourceUri;

use super::rules::Rules;

/// The version of the service that the requests are of.
const VERSION: &str = "2021-12-02";

/// A request of a suite, for whoever sends it.
///
/// `Debug` shows the SAS in the address: suites are for storage of tests.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StorageRequest {
    /// The method.
    pub method: &'static str,
    /// The whole address, SAS included.
    pub url: String,
    /// The headers, with names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

/// What was answered to it.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "whoever sends a request makes it")]
pub struct StorageAnswer {
    /// The status.
    pub status: u16,
    /// The headers, with names in any case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl StorageRequest {
    /// A request to a resource: to what follows its address, with these parameters before its SAS.
    fn new(method: &'static str, resource: &ResourceUri, path: &str, query: &str) -> Self {
        let address = resource.expose().as_str();
        let (address, sas) = address.split_once('?').unwrap_or((address, ""));
        let parts: Vec<&str> = [query, sas].into_iter().filter(|part| !part.is_empty()).collect();
        Self {
            method,
            url: format!("{address}{path}?{}", parts.join("&")),
            headers: vec![("x-ms-version", VERSION.to_owned())],
            body: Bytes::new(),
        }
    }

    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn body(self, body: impl Into<Bytes>) -> Self {
        Self {
            body: body.into(),
            ..self
        }
    }
}

impl StorageAnswer {
    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The texts of all such elements.
    fn elements(&self, name: &str) -> Vec<String> {
        let text = self.text();
        let begin = format!("<{name}>");
        let pieces = text.split(&begin).skip(1);
        let texts = pieces.filter_map(|piece| piece.split_once("</"));
        texts.map(|(text, _)| text.to_owned()).collect()
    }

    /// The service's word for an error, in whichever dialect.
    fn code(&self) -> Option<String> {
        let json = || {
            let document: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
            Some(document.get("odata.error")?.get("code")?.as_str()?.to_owned())
        };
        let header = self.header("x-ms-error-code").map(str::to_owned);
        header.or_else(json).or_else(|| self.elements("Code").pop())
    }
}

impl Rules {
    /// An answer has a status, and, where it tells of an error, this code.
    fn answered(self, rule: &str, answer: &StorageAnswer, status: u16, code: &str) {
        let seen = (answer.status, answer.code().unwrap_or_default());
        self.same(rule, &seen, &(status, code.to_owned()));
    }
}
