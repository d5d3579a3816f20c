//! The endpoint: one request out, one answer in.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::Bytes;
use azure_core::credentials::TokenCredential;
use azure_core::http::headers::HeaderName;
use azure_core::http::policies::Policy;
use azure_core::http::{
    AsyncResponseBody, ClientOptions, Context, Method, Pipeline, PipelineStreamOptions, Request,
    RetryOptions, Transport,
};
use futures::StreamExt as _;
use kusto_endpoint::{
    ClientDetails, Dataset, EndpointAnswer, EndpointRequest, ManagementEndpoint, QueryEndpoint, RequestKind,
    RequestProperties,
};
use kusto_ingest_core::{CallLimits, DatabaseName, Error, ErrorKind, Result};
use url::Url;

use crate::failure;
use crate::sign_in::SignIn;

/// How much of an answer is read that is no success.
const LONGEST_ERROR: usize = 1024 * 1024;

/// One Kusto endpoint, the engine's or the Data Management service's, over the HTTP pipeline of `azure_core`.
///
/// Clones share the transport.
///
/// # Cancel safety
/// Dropping a call gives up on its answer; the service may still do what it was asked.
#[derive(Clone)]
pub struct AzureEndpoint {
    base: Url,
    transport: Transport,
    pipeline: Pipeline,
    details: ClientDetails,
    limits: CallLimits,
}

impl AzureEndpoint {
    /// An endpoint at an address, without sign-in.
    ///
    /// Its application, for the service's logs, is the name of the running program.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the address is not `http` or `https`, has no host, or holds a user name
    /// or password.
    pub fn new(base: Url, transport: Transport) -> Result<Self> {
        let base = checked(base)?;
        let mut details = ClientDetails::default();
        if let Some(name) = program_name() {
            details = details.with_application(name);
        }
        Ok(Self {
            base,
            pipeline: pipeline(transport.clone(), Vec::new()),
            transport,
            details,
            limits: CallLimits::new(),
        })
    }

    /// Signs in with a token of the credential for a scope such as `https://help.kusto.windows.net/.default`.
    ///
    /// The credential is asked on every call; it keeps its tokens itself. Calls over plain `http` are refused
    /// unless the host is a loopback address.
    #[must_use]
    pub fn with_credential(self, credential: Arc<dyn TokenCredential>, scope: impl Into<String>) -> Self {
        let sign_in = Arc::new(SignIn::new(credential, scope.into()));
        Self {
            pipeline: pipeline(self.transport.clone(), vec![sign_in]),
            ..self
        }
    }

    /// Further limits of every call. The one on the whole call holds where it is shorter than the call's own,
    /// which follows from how long the service may work. Without a limit on idleness, a service may think for
    /// as long as the call may take.
    #[must_use]
    pub fn with_limits(self, limits: CallLimits) -> Self {
        Self { limits, ..self }
    }

    /// Says who asks, for the service's logs.
    #[must_use]
    pub fn with_client_details(self, details: ClientDetails) -> Self {
        Self { details, ..self }
    }

    /// Its address.
    #[must_use]
    pub fn base(&self) -> &Url {
        &self.base
    }

    async fn send(
        &self,
        kind: RequestKind,
        database: &DatabaseName,
        text: &str,
        properties: &RequestProperties,
    ) -> Result<Dataset> {
        let request = EndpointRequest::new(kind, database, text, properties, &self.details)?;
        let context = Context::new().with_value(self.call_limits(&request));
        let options = PipelineStreamOptions {
            skip_checks: true,
            ..PipelineStreamOptions::default()
        };
        let mut http_request = self.http_request(&request);
        let response = self
            .pipeline
            .stream(&context, &mut http_request, Some(options))
            .await
            .map_err(|error| failure::of_call(error, &request))?;
        let (status, headers, body) = response.deconstruct();
        let longest = if status.is_success() {
            usize::MAX
        } else {
            LONGEST_ERROR
        };
        let body = collect(body, longest)
            .await
            .map_err(|error| failure::of_call(error, &request))?;
        let header = |name| headers.get_optional_str(&HeaderName::from_static(name));
        EndpointAnswer::new(status.into(), header, &body)
            .read(&request)
            .map_err(|error| error.with("endpoint", &self.base))
    }

    fn http_request(&self, request: &EndpointRequest) -> Request {
        let mut url = self.base.clone();
        let path = format!("{}{}", self.base.path().trim_end_matches('/'), request.path());
        url.set_path(&path);
        let mut http_request = Request::new(url, Method::Post);
        for (name, value) in request.headers() {
            http_request.insert_header(*name, value.clone());
        }
        http_request.set_body(Bytes::from(request.body().to_owned()));
        http_request
    }

    fn call_limits(&self, request: &EndpointRequest) -> CallLimits {
        let own = request.time_limit();
        let overall = self.limits.overall.map_or(own, |limit| limit.min(own));
        CallLimits::new()
            .with_overall(overall)
            .with_idle(self.limits.idle.unwrap_or(overall))
    }
}

#[async_trait]
impl ManagementEndpoint for AzureEndpoint {
    async fn execute(
        &self,
        database: &DatabaseName,
        command: &str,
        properties: &RequestProperties,
    ) -> Result<Dataset> {
        self.send(RequestKind::Management, database, command, properties)
            .await
    }
}

#[async_trait]
impl QueryEndpoint for AzureEndpoint {
    async fn query(
        &self,
        database: &DatabaseName,
        query: &str,
        properties: &RequestProperties,
    ) -> Result<Dataset> {
        self.send(RequestKind::Query, database, query, properties).await
    }
}

impl fmt::Debug for AzureEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureEndpoint")
            .field("base", &self.base.as_str())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// The address as requests are made from it: neither secrets nor a query of its own.
fn checked(mut base: Url) -> Result<Url> {
    let refuse = |why| Err(Error::new(ErrorKind::InvalidInput, "use the endpoint's address").because(why));
    if !matches!(base.scheme(), "http" | "https") {
        return refuse("it begins with neither https nor http");
    }
    if !base.username().is_empty() || base.password().is_some() {
        return refuse("it holds a user name or a password");
    }
    base.set_query(None);
    base.set_fragment(None);
    Ok(base)
}

/// Every client is built here, since one without a transport would panic. Retries are decided above.
fn pipeline(transport: Transport, per_call: Vec<Arc<dyn Policy>>) -> Pipeline {
    let options = ClientOptions {
        transport: Some(transport),
        retry: RetryOptions::none(),
        ..ClientOptions::default()
    };
    Pipeline::new(
        option_env!("CARGO_PKG_NAME"),
        option_env!("CARGO_PKG_VERSION"),
        options,
        per_call,
        Vec::new(),
        None,
    )
}

/// Reads a body whole, or its beginning.
async fn collect(mut body: AsyncResponseBody, longest: usize) -> azure_core::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        bytes.extend_from_slice(&chunk?);
        if bytes.len() >= longest {
            bytes.truncate(longest);
            break;
        }
    }
    Ok(bytes)
}

fn program_name() -> Option<String> {
    let program = std::env::current_exe().ok()?;
    Some(program.file_stem()?.to_string_lossy().into_owned())
}
