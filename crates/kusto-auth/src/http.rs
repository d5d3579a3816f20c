//! Calls of our own, and what every client of `azure_identity` is built with.

use std::sync::Arc;
use std::time::Duration;

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::error::ErrorKind as AzureKind;
use azure_core::http::headers::Headers;
use azure_core::http::{
    ClientOptions, Context, Pipeline, PipelineStreamOptions, Request, RetryOptions, Transport,
};
use futures::StreamExt as _;
use kusto_connection::Secret;
use kusto_ingest_core::{CallLimits, Error, ErrorKind, Result};

use crate::failure;

/// How many bytes an answer may have. None that is meant for us is nearly so long.
const LONGEST_ANSWER: usize = 16 * 1024 * 1024;

/// Sends requests that carry no token.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    pipeline: Pipeline,
    limit: Duration,
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

impl Http {
    /// Over `transport`, which is told that a call may last so long.
    pub(crate) fn new(transport: Transport, limit: Duration) -> Self {
        let pipeline = Pipeline::new(
            option_env!("CARGO_PKG_NAME"),
            option_env!("CARGO_PKG_VERSION"),
            client_options(transport),
            Vec::new(),
            Vec::new(),
            None,
        );
        Self { pipeline, limit }
    }

    /// One attempt. An answer with any status is one, redirects included. The caller keeps the limit, too: a transport
    /// that a user brought may not know it.
    pub(crate) async fn send(
        &self,
        mut request: Request,
        operation: &'static str,
        secrets: &[&Secret],
    ) -> Result<Answer> {
        let context = Context::new().with_value(limits(self.limit));
        let call = async {
            let options = PipelineStreamOptions {
                skip_checks: true,
                ..PipelineStreamOptions::default()
            };
            let response = self
                .pipeline
                .stream(&context, &mut request, Some(options))
                .await?;
            let (status, headers, mut stream) = response.deconstruct();
            let mut body = Vec::new();
            while let Some(chunk) = stream.next().await {
                body.extend_from_slice(&chunk?);
                if body.len() > LONGEST_ANSWER {
                    return Err(too_long(operation));
                }
            }
            Ok(Answer {
                status: status.into(),
                headers,
                body,
            })
        };
        call.await
            .map_err(|error| failure::of_azure(&error, operation, secrets))
    }
}

fn too_long(operation: &'static str) -> azure_core::Error {
    let error = Error::new(ErrorKind::Protocol, operation)
        .because(format!("the answer is longer than {LONGEST_ANSWER} bytes"));
    azure_core::Error::new(AzureKind::Io, error)
}

/// The limits of one call, for a transport that reads them from the context.
pub(crate) fn limits(limit: Duration) -> CallLimits {
    CallLimits::new()
        .with_overall(limit)
        .with_idle(limit)
        .with_response(LONGEST_ANSWER as u64)
}

/// Every client is built with these, since one without a transport would panic. Attempts are counted above.
pub(crate) fn client_options(transport: Transport) -> ClientOptions {
    ClientOptions {
        transport: Some(transport),
        retry: RetryOptions::none(),
        ..ClientOptions::default()
    }
}

/// The same, for a client that asks this login endpoint and no other.
pub(crate) fn client_options_at(transport: Transport, login_endpoint: &str) -> ClientOptions {
    let mut cloud = CustomConfiguration::default();
    login_endpoint.clone_into(&mut cloud.authority_host);
    ClientOptions {
        cloud: Some(Arc::new(CloudConfiguration::Custom(cloud))),
        ..client_options(transport)
    }
}
