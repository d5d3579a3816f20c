//! What every request has in common, whatever it asks.

use std::time::Duration;

use azure_core::Bytes;
use kusto_endpoint::header::Header;
use kusto_endpoint::{EndpointRequest, StreamingCall};

/// A request to be posted below an endpoint's address.
pub(crate) struct Post<'a> {
    pub(crate) operation: &'static str,
    pub(crate) path_and_query: &'a str,
    pub(crate) headers: &'a [Header],
    pub(crate) body: Bytes,
    pub(crate) client_request_id: &'a str,
    pub(crate) time_limit: Duration,
    pub(crate) overall_limit: Duration,
    pub(crate) is_read: bool,
}

impl<'a> From<&'a EndpointRequest> for Post<'a> {
    fn from(request: &'a EndpointRequest) -> Self {
        Self {
            operation: request.kind().operation(),
            path_and_query: request.path(),
            headers: request.headers(),
            body: Bytes::from(request.body().to_owned()),
            client_request_id: request.client_request_id(),
            time_limit: request.time_limit(),
            overall_limit: request.overall_limit(),
            is_read: request.is_read(),
        }
    }
}

impl<'a> From<&'a StreamingCall> for Post<'a> {
    fn from(call: &'a StreamingCall) -> Self {
        Self {
            operation: call.operation(),
            path_and_query: call.path_and_query(),
            headers: call.headers(),
            body: call.body().clone(),
            client_request_id: call.client_request_id(),
            time_limit: call.time_limit(),
            overall_limit: call.time_limit(),
            is_read: false,
        }
    }
}
