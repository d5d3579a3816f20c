//! What every request has in common, whatever it asks.

use std::time::Duration;

use azure_core::Bytes;
use azure_core::http::Method;
use kusto_endpoint::header::Header;
use kusto_endpoint::{EndpointRequest, QueuedCall, RequestKind, StreamingCall};
use kusto_ingest_core::{Idempotency, RequestStage};

/// How much of the answer to a command, or to data that was streamed, is read.
const LONGEST_ANSWER: u64 = 16 * 1024 * 1024;
/// How much of the result of a query is read.
const LONGEST_RESULT: u64 = 256 * 1024 * 1024;

/// A request to be made below an endpoint's address.
pub(crate) struct Post<'a> {
    pub(crate) method: Method,
    pub(crate) operation: &'static str,
    pub(crate) path_and_query: &'a str,
    pub(crate) headers: &'a [Header],
    pub(crate) body: Bytes,
    pub(crate) client_request_id: &'a str,
    pub(crate) time_limit: Duration,
    pub(crate) overall_limit: Duration,
    pub(crate) idempotency: Idempotency,
    /// How many bytes its answer may have, unless the endpoint is told otherwise.
    pub(crate) answer_limit: u64,
    /// Whether the service's own access is shown beside the caller's.
    pub(crate) shows_s2s: bool,
    /// Where it is said how far the request came.
    pub(crate) stage: RequestStage,
}

impl<'a> From<&'a EndpointRequest> for Post<'a> {
    fn from(request: &'a EndpointRequest) -> Self {
        Self {
            method: Method::Post,
            operation: request.kind().operation(),
            path_and_query: request.path(),
            headers: request.headers(),
            body: Bytes::from(request.body().to_owned()),
            client_request_id: request.client_request_id(),
            time_limit: request.time_limit(),
            overall_limit: request.overall_limit(),
            idempotency: request.idempotency(),
            answer_limit: match request.kind() {
                RequestKind::Query | RequestKind::QueryV1 => LONGEST_RESULT,
                _ => LONGEST_ANSWER,
            },
            shows_s2s: false,
            stage: RequestStage::new(),
        }
    }
}

impl<'a> From<&'a StreamingCall> for Post<'a> {
    fn from(call: &'a StreamingCall) -> Self {
        Self {
            method: Method::Post,
            operation: call.operation(),
            path_and_query: call.path_and_query(),
            headers: call.headers(),
            body: call.body().clone(),
            client_request_id: call.client_request_id(),
            time_limit: call.time_limit(),
            overall_limit: call.time_limit(),
            idempotency: Idempotency::NonIdempotent,
            answer_limit: LONGEST_ANSWER,
            shows_s2s: true,
            stage: call.stage().clone(),
        }
    }
}

impl<'a> From<&'a QueuedCall> for Post<'a> {
    fn from(call: &'a QueuedCall) -> Self {
        Self {
            method: match call.body() {
                Some(_) => Method::Post,
                None => Method::Get,
            },
            operation: call.attempt(),
            path_and_query: call.path_and_query(),
            headers: call.headers(),
            body: call.body().cloned().unwrap_or_default(),
            client_request_id: call.client_request_id(),
            time_limit: call.time_limit(),
            overall_limit: call.time_limit(),
            idempotency: call.idempotency(),
            answer_limit: LONGEST_ANSWER,
            shows_s2s: true,
            stage: call.stage().clone(),
        }
    }
}
