//! The endpoint: one request out, one answer in.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::TokenCredential;
use azure_core::http::headers::{HeaderName, HeaderValue, Headers};
use azure_core::http::policies::Policy;
use azure_core::http::{
    ClientOptions, Context, Method, Pipeline, PipelineStreamOptions, Request, RetryOptions, Transport,
};
use kusto_endpoint::header::Header;
use kusto_endpoint::{
    ClientHeaders, Dataset, EndpointRequest, EndpointResponse, ManagementEndpoint, QueryEndpoint,
    RequestKind, RequestProperties, S2sProvider, StreamingCall, StreamingEndpoint, StreamingOutcome,
    StreamingRequest,
};
use kusto_ingest_core::{CallLimits, ClientDetails, DatabaseName, Error, ErrorKind, Result, TableName};
use url::Url;

use crate::failure;
use crate::post::Post;
use crate::reading::{Limit, Reading};
use crate::sign_in::{SignIn, keeps_secrets};

/// How many bytes of an answer are read that is no success.
const LONGEST_ERROR: u64 = 64 * 1024;
/// The status of a request whose sign-in is refused.
const UNAUTHORIZED: u16 = 401;

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
    signs_in: bool,
    invalidate_tokens: Option<Arc<dyn Fn() + Send + Sync>>,
    pub(crate) headers: ClientHeaders,
    limits: CallLimits,
    s2s: Option<Arc<dyn S2sProvider>>,
}

impl AzureEndpoint {
    /// An endpoint at an address, without sign-in, and of an unknown application.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the address is not `http` or `https`, has no host, or holds a user name
    /// or password.
    pub fn new(base: Url, transport: Transport) -> Result<Self> {
        let base = checked(base)?;
        Ok(Self {
            base,
            pipeline: pipeline(transport.clone(), Vec::new()),
            transport,
            signs_in: false,
            invalidate_tokens: None,
            headers: ClientHeaders::default(),
            limits: CallLimits::new(),
            s2s: None,
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
            signs_in: true,
            ..self
        }
    }

    /// Calls this when the service refused a token, before the credential is asked for another and the request is
    /// made once more: for credentials that keep their tokens and can be told to forget them.
    #[must_use]
    pub fn with_token_invalidation(self, invalidate_tokens: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            invalidate_tokens: Some(Arc::new(invalidate_tokens)),
            ..self
        }
    }

    /// Further limits of every call. The one on the whole call holds where it is shorter than the call's own,
    /// which follows from how long the service may work; the rows of a query may take an hour more. Without a limit on
    /// idleness, a service may think for as long as it may work, and half a minute more. Without a limit on answers, that
    /// of a command has 16 MiB at most and the result of a query 256 MiB, decompressed.
    #[must_use]
    pub fn with_limits(self, limits: CallLimits) -> Self {
        Self { limits, ..self }
    }

    /// Says who asks, for the service's logs.
    #[must_use]
    pub fn with_client_details(self, details: &ClientDetails) -> Self {
        Self {
            headers: details.into(),
            ..self
        }
    }

    /// Shows, on streaming and on the REST routes of queued ingestion, that a service acts for the caller.
    #[must_use]
    pub fn with_s2s(self, provider: Arc<dyn S2sProvider>) -> Self {
        Self {
            s2s: Some(provider),
            ..self
        }
    }

    /// Its address.
    #[must_use]
    pub fn base_url(&self) -> &Url {
        &self.base
    }

    async fn send(
        &self,
        kind: RequestKind,
        database: &DatabaseName,
        text: &str,
        properties: &RequestProperties,
    ) -> Result<Dataset> {
        let request = EndpointRequest::new(kind, database, text, properties, &self.headers)?;
        let post = Post::from(&request);
        let answer = self.ask(&post).await?;
        answer
            .as_answer()
            .read(&request)
            .map_err(|error| error.with("endpoint", &self.base))
    }

    async fn stream(&self, call: &StreamingCall) -> Result<StreamingOutcome> {
        let post = Post::from(call);
        let answer = self.ask(&post).await?;
        answer
            .as_answer()
            .read_streaming(call)
            .map_err(|error| error.with("endpoint", &self.base))
    }

    /// Asks, and asks once more with a new token when the first one was refused: nothing was done by then.
    pub(crate) async fn ask(&self, post: &Post<'_>) -> Result<Answer> {
        let answer = self.post(post).await?;
        if answer.status != UNAUTHORIZED || !self.signs_in {
            return Ok(answer);
        }
        if let Some(forget) = &self.invalidate_tokens {
            forget();
        }
        self.post(post).await
    }

    /// One request out, one answer in.
    async fn post(&self, post: &Post<'_>) -> Result<Answer> {
        // Until the sign-in is over, nothing is sent; afterwards the transport knows.
        post.stage.prepares();
        let context = Context::new()
            .with_value(self.call_limits(post))
            .with_value(post.stage.clone());
        let options = PipelineStreamOptions {
            skip_checks: true,
            ..PipelineStreamOptions::default()
        };
        let mut request = self.http_request(post)?;
        if let Some(s2s) = self.s2s.as_ref().filter(|_| post.shows_s2s) {
            if !keeps_secrets(request.url()) {
                let why = "service-to-service access is shown over https only, except to a loopback address";
                return Err(Error::new(ErrorKind::InvalidInput, post.operation).because(why));
            }
            let access = s2s.access().await.map_err(|error| error.during(post.operation))?;
            set_headers(&mut request, &access.expose());
        }
        if !self.signs_in {
            post.stage.sends();
        }
        let response = self
            .pipeline
            .stream(&context, &mut request, Some(options))
            .await
            .map_err(|error| failure::of_call(error, post))?;
        let (status, headers, body) = response.deconstruct();
        let body = Reading {
            post,
            limit: match status.is_success() {
                true => Limit::Whole(self.answer_limit(post)),
                false => Limit::Beginning(LONGEST_ERROR),
            },
            is_gzip: header(&headers, "content-encoding")
                .is_some_and(|encoding| encoding.eq_ignore_ascii_case("gzip")),
        }
        .read(body)
        .await
        .map_err(|error| error.with("endpoint", &self.base))?;
        Ok(Answer {
            status: status.into(),
            headers,
            body,
        })
    }

    fn http_request(&self, post: &Post<'_>) -> Result<Request> {
        // One pass over what is new; scheme and host are not read again.
        let below = post.path_and_query.trim_start_matches('/');
        let url = self.base.join(below).map_err(|error| {
            Error::new(ErrorKind::InvalidInput, post.operation)
                .with("endpoint", &self.base)
                .caused_by(error)
        })?;
        let mut request = Request::new(url, post.method);
        set_headers(&mut request, post.headers);
        if post.method == Method::Post {
            request.set_body(post.body.clone());
        }
        Ok(request)
    }

    fn call_limits(&self, post: &Post<'_>) -> CallLimits {
        let own = post.overall_limit;
        let overall = self.limits.overall.map_or(own, |limit| limit.min(own));
        CallLimits::new()
            .with_overall(overall)
            .with_idle(self.limits.idle.unwrap_or(overall.min(post.time_limit)))
            .with_response(self.answer_limit(post))
    }

    fn answer_limit(&self, post: &Post<'_>) -> u64 {
        self.limits.response.unwrap_or(post.answer_limit)
    }
}

fn set_headers(request: &mut Request, headers: &[Header]) {
    for (name, value) in headers {
        let value = HeaderValue::from_cow(value.clone());
        request.insert_header(HeaderName::from_static(name), value);
    }
}

/// An answer, read whole.
pub(crate) struct Answer {
    status: u16,
    headers: Headers,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn as_answer(&self) -> EndpointResponse<'_> {
        EndpointResponse::new(self.status, |name| header(&self.headers, name), &self.body)
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

#[async_trait]
impl StreamingEndpoint for AzureEndpoint {
    async fn ingest(
        &self,
        database: &DatabaseName,
        table: &TableName,
        request: &StreamingRequest,
    ) -> Result<StreamingOutcome> {
        let call = StreamingCall::new(database, table, request, &self.headers)?;
        self.stream(&call).await
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

/// The address as requests are made from it: a folder to be below of, with neither secrets nor a query of its own.
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
    if !base.path().ends_with('/') {
        let folder = format!("{}/", base.path());
        base.set_path(&folder);
    }
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

/// A header by its name in small letters. The lookup of `azure_core` makes an error, and a backtrace where they are
/// switched on, of every header that is not there; that costs more than the request.
fn header<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    let mut all = headers.iter();
    all.find(|(known, _)| known.as_str() == name)
        .map(|(_, value)| value.as_str())
}
