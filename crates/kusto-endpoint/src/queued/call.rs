//! A request to the REST routes of queued ingestion as it is sent: method, address, headers, body.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use kusto_ingest_core::{
    BlobSource, DatabaseName, Error, ErrorKind, Idempotency, RequestStage, Result, TableName,
};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{OperationDetail, OperationId, QueuedRequest, properties};
use crate::header::{self, Header};
use crate::segment::segment;
use crate::{ClientHeaders, request::VERSION};

const CONFIGURATION: &str = "/v1/rest/ingestion/configuration";
/// Where blobs are named; database and table follow, and the operation where one is asked for.
const QUEUED: &str = "/v1/rest/ingestion/queued/";
const DETAILS: &str = "?details=true";

/// How long a question for an operation may take, and one for the configuration, which may be asked again within the
/// limit of a command.
const TIME_LIMIT: Duration = Duration::from_secs(30);
const CONFIGURATION_LIMIT: Duration = Duration::from_secs(12);

/// The body of a request. It holds SAS tokens, so there is no `Debug`.
#[derive(Serialize)]
struct RequestBody<'a> {
    timestamp: String,
    blobs: Vec<BlobEntry<'a>>,
    properties: Map<String, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BlobEntry<'a> {
    url: &'a str,
    source_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_size: Option<u64>,
}

/// A request to the REST routes as it is sent: a GET without a body, or a POST with one, to
/// [`path_and_query`](Self::path_and_query) below the address of the Data Management service.
#[derive(Clone, PartialEq, Eq)]
pub struct QueuedCall {
    operation: &'static str,
    path_and_query: String,
    headers: Vec<Header>,
    body: Option<Bytes>,
    /// What of the blobs' addresses is secret.
    secrets: Vec<String>,
    client_request_id: String,
    time_limit: Duration,
    stage: RequestStage,
}

impl QueuedCall {
    /// Asks for the configuration.
    #[must_use]
    pub fn configuration(details: &ClientHeaders) -> Self {
        let operation = "ask for the ingestion configuration";
        let call = Self::get(
            operation,
            CONFIGURATION.to_owned(),
            "KRC.ingestionConfiguration",
            details,
        );
        Self {
            time_limit: CONFIGURATION_LIMIT,
            ..call
        }
    }

    /// Queues blobs.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when database or table are called `.` or `..`, which no address can carry, or when a
    /// property is set twice.
    pub fn submit(
        database: &DatabaseName,
        table: &TableName,
        request: &QueuedRequest,
        details: &ClientHeaders,
    ) -> Result<Self> {
        let operation = "queue the blobs";
        let path = table_path(database, table, operation)?;
        let asked = request.properties.client_request_id.as_deref();
        let id = asked.and_then(header::value);
        let mut call = Self::get(operation, path, "KRC.queuedIngestion", details);
        if let Some(id) = id {
            call.client_request_id.clone_from(&id);
            call.headers
                .retain(|(name, _)| *name != header::CLIENT_REQUEST_ID);
            call.headers.push((header::CLIENT_REQUEST_ID, id.into()));
        }
        call.headers
            .push((header::CONTENT_TYPE, "application/json; charset=utf-8".into()));
        let body = RequestBody {
            timestamp: request.created.to_string(),
            blobs: request.blobs.iter().map(entry).collect(),
            properties: properties::written(request)?,
        };
        let body = serde_json::to_vec(&body)
            .map_err(|_| Error::new(ErrorKind::InvalidInput, operation).because("it is not JSON"))?;
        Ok(Self {
            body: Some(body.into()),
            secrets: request.blobs.iter().map(secret).collect(),
            time_limit: request.time_limit,
            stage: request.stage.clone(),
            ..call
        })
    }

    /// Asks how an operation stands.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when a name or the id is `.` or `..`, which no address can carry.
    pub fn operation(
        database: &DatabaseName,
        table: &TableName,
        id: &OperationId,
        detail: OperationDetail,
        details: &ClientHeaders,
    ) -> Result<Self> {
        let operation = "ask for the queued operation";
        let path = table_path(database, table, operation)?;
        let query = match detail {
            OperationDetail::Summary => "",
            OperationDetail::Blobs => DETAILS,
        };
        let path = format!("{path}/{}{query}", segment(id.as_str(), operation)?);
        Ok(Self::get(operation, path, "KRC.queuedOperation", details))
    }

    fn get(operation: &'static str, path_and_query: String, kind: &str, details: &ClientHeaders) -> Self {
        let client_request_id = format!("{kind};{}", Uuid::new_v4());
        let [application, user, version] = details.headers(None, None);
        Self {
            operation,
            path_and_query,
            headers: vec![
                (header::ACCEPT, Cow::Borrowed("application/json")),
                (header::VERSION, VERSION.into()),
                application,
                user,
                version,
                (header::CLIENT_REQUEST_ID, client_request_id.clone().into()),
            ],
            body: None,
            secrets: Vec::new(),
            client_request_id,
            time_limit: TIME_LIMIT,
            stage: RequestStage::new(),
        }
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

    /// The body of a POST, which holds secrets; none of a GET.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        self.body.as_ref()
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
    pub fn attempt(&self) -> &'static str {
        self.operation
    }

    /// Whether it is idempotent: what only asks is.
    #[must_use]
    pub fn idempotency(&self) -> Idempotency {
        match self.body {
            Some(_) => Idempotency::NonIdempotent,
            None => Idempotency::Idempotent,
        }
    }

    /// What in the request is secret, and may be repeated by the service.
    pub(crate) fn secrets(&self) -> &[String] {
        &self.secrets
    }
}

fn table_path(database: &DatabaseName, table: &TableName, operation: &'static str) -> Result<String> {
    let (database, table) = (
        segment(database.as_str(), operation)?,
        segment(table.as_str(), operation)?,
    );
    Ok(format!("{QUEUED}{database}/{table}"))
}

fn entry(blob: &BlobSource) -> BlobEntry<'_> {
    BlobEntry {
        url: blob.uri().expose(),
        source_id: blob.id().to_string(),
        raw_size: blob.raw_size(),
    }
}

/// Whole addresses are cut before their secrets already; what follows there is secret by itself.
fn secret(blob: &BlobSource) -> String {
    let uri = blob.uri();
    let ending = &uri.expose()[uri.redacted().len()..];
    ending.trim_start_matches(['?', ';']).to_owned()
}

impl fmt::Debug for QueuedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueuedCall")
            .field("path_and_query", &self.path_and_query)
            .field("client_request_id", &self.client_request_id)
            .field("body_bytes", &self.body.as_ref().map(Bytes::len))
            .field("time_limit", &self.time_limit)
            .finish_non_exhaustive()
    }
}
