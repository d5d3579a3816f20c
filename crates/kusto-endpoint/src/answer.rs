//! The response to a request, and how it is read.

use std::fmt;
use std::time::Duration;

use kusto_ingest_core::{Error, ErrorKind, RequestOutcome, Result, retry_after};

use crate::queued::{self, IngestionConfiguration, OperationId, QueuedCall, QueuedOperation};
use crate::streaming::refusal;
use crate::{Dataset, EndpointRequest, RequestKind, ServiceError, StreamingCall, StreamingOutcome, header};

/// The response to a request: status, the headers that matter, and the body.
pub struct EndpointResponse<'a> {
    status: u16,
    activity_id: Option<String>,
    client_request_id: Option<String>,
    retry_after: Option<Duration>,
    location: Option<String>,
    body: &'a [u8],
}

impl<'a> EndpointResponse<'a> {
    /// A response of a status and a body. `header` gives the value of a header by its name in small letters.
    pub fn new<'h>(status: u16, header: impl Fn(&'static str) -> Option<&'h str>, body: &'a [u8]) -> Self {
        let owned = |name| header(name).and_then(header::value);
        Self {
            status,
            activity_id: owned(header::ACTIVITY_ID),
            client_request_id: owned(header::CLIENT_REQUEST_ID),
            retry_after: retry_after(&header),
            location: header(header::LOCATION).and_then(host),
            body,
        }
    }

    /// Reads the response to a command or query.
    ///
    /// # Errors
    /// The error that the service answered, with the ids under which client and service log the request. A success that
    /// cannot be read is [`ErrorKind::Protocol`], and of a request that is not idempotent [`ErrorKind::OutcomeUnknown`].
    pub fn read(&self, request: &EndpointRequest) -> Result<Dataset> {
        if (200..300).contains(&self.status) {
            let dataset = match request.kind() {
                RequestKind::Management | RequestKind::QueryV1 => Dataset::from_v1(self.body),
                RequestKind::Query => Dataset::from_v2(self.body),
            };
            return dataset
                .map_err(|error| self.named(unreadable(error, request), request.client_request_id()));
        }
        let mut told = ServiceError::parse(self.body);
        told.redact_request(request.text());
        let error = told.into_error_of(request.idempotency(), request.kind().operation(), self.status);
        Err(self.refused(error, request.client_request_id()))
    }

    /// Reads the response to a streaming request.
    ///
    /// # Errors
    /// As [`read`](Self::read); [`ErrorKind::Unsupported`](kusto_ingest_core::ErrorKind::Unsupported) where streaming
    /// is not offered.
    pub fn read_streaming(&self, call: &StreamingCall) -> Result<StreamingOutcome> {
        if (200..300).contains(&self.status) {
            let outcome = StreamingOutcome::from_body(self.body)
                .map_err(|error| self.named(error, call.client_request_id()))?;
            return Ok(StreamingOutcome {
                activity_id: self.activity_id.clone(),
                ..outcome
            });
        }
        let mut told = ServiceError::parse(self.body);
        if let Some(blob) = call.secret() {
            // Whole addresses are cut before their secrets already.
            told.redact_words(blob.expose()[blob.redacted().len()..].trim_start_matches(['?', ';']));
        }
        let error = refusal(told, call.operation(), self.status);
        Err(self.refused(error, call.client_request_id()))
    }

    /// Reads the response to the question for the configuration.
    ///
    /// # Errors
    /// As [`read`](Self::read); [`ErrorKind::Unsupported`](kusto_ingest_core::ErrorKind::Unsupported) where the service
    /// does not know the question.
    pub fn read_configuration(&self, call: &QueuedCall) -> Result<IngestionConfiguration> {
        if self.status == 404 {
            return Err(self.refused(queued::unsupported(call.attempt()), call.client_request_id()));
        }
        self.read_queued(call, IngestionConfiguration::from_body)
    }

    /// Reads the response to blobs that were named: the operation, where there is one.
    ///
    /// # Errors
    /// As [`read`](Self::read); [`ErrorKind::Unsupported`](kusto_ingest_core::ErrorKind::Unsupported) where the service
    /// takes no blobs so.
    pub fn read_submission(&self, call: &QueuedCall) -> Result<Option<OperationId>> {
        self.read_queued(call, |body| queued::submitted(body, call.attempt()))
    }

    /// Reads the response to the question for an operation.
    ///
    /// # Errors
    /// As [`read`](Self::read); [`ErrorKind::NotFound`](kusto_ingest_core::ErrorKind::NotFound) where there is no such
    /// operation.
    pub fn read_operation(&self, call: &QueuedCall) -> Result<QueuedOperation> {
        self.read_queued(call, QueuedOperation::from_body)
    }

    fn read_queued<T>(&self, call: &QueuedCall, read: impl FnOnce(&[u8]) -> Result<T>) -> Result<T> {
        if (200..300).contains(&self.status) {
            return read(self.body).map_err(|error| self.named(error, call.client_request_id()));
        }
        let mut told = ServiceError::parse(self.body);
        for secret in call.secrets() {
            told.redact_words(secret);
        }
        let error = match call.body() {
            Some(_) => queued::refused(told, call.idempotency(), call.attempt(), self.status),
            None => told.into_error_of(call.idempotency(), call.attempt(), self.status),
        };
        Err(self.refused(error, call.client_request_id()))
    }

    /// Adds what the headers say of a request that was refused.
    fn refused(&self, mut error: Error, client_request_id: &str) -> Error {
        if let Some(host) = &self.location {
            error = error.with("redirected to", host);
        }
        if let Some(wait) = self.retry_after {
            error = error.with_retry_after(wait);
        }
        self.named(error, client_request_id)
    }

    /// Adds the names that the error's own text did not give.
    fn named(&self, error: Error, client_request_id: &str) -> Error {
        let request_id = self.client_request_id.as_deref();
        let ids = [
            ("activity id", self.activity_id.as_deref()),
            ("client request id", request_id.or(Some(client_request_id))),
        ];
        ids.into_iter().fold(error, |error, (name, id)| match id {
            Some(id) if error.context().all(|(known, _)| known != name) => error.with(name, id),
            _ => error,
        })
    }
}

impl fmt::Debug for EndpointResponse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointResponse")
            .field("status", &self.status)
            .field("activity_id", &self.activity_id)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A success that cannot be read leaves open what became of a request that is not idempotent.
fn unreadable(error: Error, request: &EndpointRequest) -> Error {
    let is_unknown = request
        .idempotency()
        .is_unknown_after(RequestOutcome::ResponseLost);
    if error.kind() != ErrorKind::Protocol || !is_unknown {
        return error;
    }
    Error::new(ErrorKind::OutcomeUnknown, request.kind().operation())
        .because("it was answered with success, and the answer cannot be read")
        .caused_by(error)
}

/// The host of an address; the rest of it may hold what is not to be shown.
fn host(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#', ';']).next()?;
    header::value(authority.rsplit('@').next()?)
}
