//! A streaming request as it is sent: address, headers, body.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::time::Duration;

use bytes::Bytes;
use kusto_ingest_core::{BlobUri, DatabaseName, Error, ErrorKind, RequestStage, Result, TableName};
use serde::Serialize;
use uuid::Uuid;

use super::{StreamingData, StreamingRequest};
use crate::header::{self, Header};
use crate::segment::{escaped, segment};
use crate::{ClientHeaders, request::VERSION};

/// Where data is streamed to; database and table follow.
const PATH: &str = "/v1/rest/ingest/";
const FORMAT: &str = "streamFormat";
const MAPPING: &str = "mappingName";
const SOURCE_KIND: &str = "sourceKind";
const BY_ADDRESS: &str = "uri";
/// What is attempted: a fragment that completes "failed to …".
pub(super) const OPERATION: &str = "stream the data";
/// The body of a request that names a blob.
#[derive(Serialize)]
struct BlobBody {
    #[serde(rename = "SourceUri")]
    source: String,
}

/// A streaming request as it is sent: to be posted to [`path_and_query`](Self::path_and_query) below an engine's
/// address.
#[derive(Clone, PartialEq, Eq)]
pub struct StreamingCall {
    path_and_query: String,
    headers: Vec<Header>,
    body: Bytes,
    blob: Option<BlobUri>,
    client_request_id: String,
    time_limit: Duration,
    stage: RequestStage,
}

impl StreamingCall {
    /// Writes a request for a table.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when database or table are called `.` or `..`, which no address can carry.
    pub fn new(
        database: &DatabaseName,
        table: &TableName,
        request: &StreamingRequest,
        details: &ClientHeaders,
    ) -> Result<Self> {
        let client_request_id = request
            .client_request_id
            .as_deref()
            .and_then(header::value)
            .unwrap_or_else(|| format!("KRC.executeStreamingIngest;{}", Uuid::new_v4()));
        let (body, content_type, blob) = match &request.data {
            StreamingData::Bytes(bytes) => (bytes.clone(), "application/octet-stream", None),
            StreamingData::Blob(blob) => (by_address(blob)?, "application/json", Some(blob.clone())),
        };
        let [application, user, version] = details.headers(None, None);
        let mut headers = vec![
            (header::ACCEPT, Cow::Borrowed("application/json")),
            (header::VERSION, VERSION.into()),
            (header::CLIENT_REQUEST_ID, client_request_id.clone().into()),
            application,
            user,
            version,
            (header::CONTENT_TYPE, content_type.into()),
        ];
        if request.data.is_gzip() {
            headers.push((header::CONTENT_ENCODING, "gzip".into()));
        }
        Ok(Self {
            path_and_query: path_and_query(database, table, request)?,
            headers,
            body,
            blob,
            client_request_id,
            time_limit: request.time_limit,
            stage: request.stage.clone(),
        })
    }

    /// The path and query below the endpoint's address.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    /// Its headers, but for those of the sign-in and the length.
    #[must_use]
    pub fn headers(&self) -> &[Header] {
        &self.headers
    }

    /// Its body, which may hold secrets.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Its name in the service's logs.
    #[must_use]
    pub fn client_request_id(&self) -> &str {
        &self.client_request_id
    }

    /// Where it is said how far the request came.
    #[must_use]
    pub fn stage(&self) -> &RequestStage {
        &self.stage
    }

    /// How long the client waits for the answer.
    #[must_use]
    pub fn time_limit(&self) -> Duration {
        self.time_limit
    }

    /// What is attempted by it: a fragment that completes "failed to …".
    #[must_use]
    pub const fn operation(&self) -> &'static str {
        OPERATION
    }

    /// The words of the request that are secret: the blob's address.
    pub(crate) fn secret(&self) -> Option<&BlobUri> {
        self.blob.as_ref()
    }
}

fn path_and_query(database: &DatabaseName, table: &TableName, request: &StreamingRequest) -> Result<String> {
    let (database, table) = (
        segment(database.as_str(), OPERATION)?,
        segment(table.as_str(), OPERATION)?,
    );
    let mut text = format!("{PATH}{database}/{table}?{FORMAT}={}", request.format.wire_name());
    // Writing into a string cannot fail.
    if let Some(mapping) = &request.mapping {
        let _ok = write!(text, "&{MAPPING}={}", escaped(mapping));
    }
    if matches!(request.data, StreamingData::Blob(_)) {
        let _ok = write!(text, "&{SOURCE_KIND}={BY_ADDRESS}");
    }
    Ok(text)
}

fn by_address(blob: &BlobUri) -> Result<Bytes> {
    let body = BlobBody {
        source: blob.expose().to_owned(),
    };
    serde_json::to_vec(&body)
        .map(Bytes::from)
        .map_err(|_| Error::new(ErrorKind::InvalidInput, OPERATION).because("the blob's address is no text"))
}

impl fmt::Debug for StreamingCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamingCall")
            .field("path_and_query", &self.path_and_query)
            .field("client_request_id", &self.client_request_id)
            .field("body_bytes", &self.body.len())
            .field("time_limit", &self.time_limit)
            .finish_non_exhaustive()
    }
}
