//! How to sign in: what the connection string says, and what is added in code.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use azure_core::http::Transport;
use azure_identity::Executor;
use futures::future::FutureExt;
use kusto_connection::{AuthMethod, ConnectionString, LoginEndpoint, TrustedEndpoints};
use kusto_ingest_core::{Clock, Error, ErrorKind, Result};
use url::Url;

use crate::credential::{Authorization, Shared};
use crate::provider::{
    Callback, CallbackProvider, ChainProvider, CredentialProvider, Prompt, Provider, ProviderContext,
    Variables,
};
use crate::token_cache::TokenCache;
use crate::{
    BearerToken, CloudSettings, CloudSource, Credentials, DeviceCodePrompt, MetadataCloud, SignInLimits,
    TokenRequest,
};

/// Which login endpoint holds where a cluster tells none.
const DEFAULT_AUTHORITY: &str = "AadAuthorityUri";

const CHOOSE: &str = "choose how to sign in";

/// How to sign in: what the connection string says, and what is added in code.
///
/// [`finish`](Self::finish) it, and make a credential for each endpoint. Nothing is sent, and no file is read, before
/// the first token is asked for.
pub struct SignIn {
    method: AuthMethod,
    context: ProviderContext,
    trusted: TrustedEndpoints,
    checks_anonymous: bool,
    cloud: Option<Arc<dyn CloudSource>>,
    authority: Option<String>,
    scope: Option<String>,
    given: Option<ProvidedCredential>,
    prompt: Option<Prompt>,
}

/// A way to sign in that is an object and not data.
enum ProvidedCredential {
    Credential(Arc<dyn TokenCredential>),
    Callback(Callback),
    Chain(Vec<AuthMethod>),
}

impl SignIn {
    /// As `connection` says, over `transport`, which every leg uses.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when its credentials are incomplete, contradict each other, or are such as are
    /// not offered (a user's password); the source is the [`kusto_connection::Error`].
    pub fn new(connection: &ConnectionString, transport: Transport, clock: Arc<dyn Clock>) -> Result<Self> {
        let method = connection
            .auth_method()
            .map_err(|error| Error::new(ErrorKind::InvalidInput, CHOOSE).caused_by(error))?;
        Ok(Self {
            method,
            context: ProviderContext {
                transport,
                clock,
                limits: SignInLimits::default(),
                variables: Variables::of_process(),
                executor: None,
                tenant: connection.authority_id().map(str::to_owned),
            },
            trusted: TrustedEndpoints::new(),
            checks_anonymous: false,
            cloud: None,
            authority: None,
            scope: None,
            given: None,
            prompt: None,
        })
    }

    /// Trusts these endpoints, and no others.
    #[must_use]
    pub fn with_trusted_endpoints(self, trusted: TrustedEndpoints) -> Self {
        Self { trusted, ..self }
    }

    /// Requires a trusted endpoint even where no token is sent. By default, the host is then used as it is given.
    #[must_use]
    #[doc(alias = "validate_without_auth")]
    pub fn with_endpoint_check(self) -> Self {
        Self {
            checks_anonymous: true,
            ..self
        }
    }

    /// Uses a credential of `azure_core`, for a connection string that leaves it open how to sign in.
    #[must_use]
    pub fn with_credential(self, credential: Arc<dyn TokenCredential>) -> Self {
        Self {
            given: Some(ProvidedCredential::Credential(credential)),
            ..self
        }
    }

    /// Asks a function for tokens, for a connection string that leaves it open how to sign in.
    ///
    /// It is told the cluster's login endpoint, so that a token can follow the cluster's cloud. A token
    /// [with an expiry](BearerToken::with_expiry) is kept until shortly before; one without serves one request.
    #[must_use]
    #[doc(alias("with_token_provider", "CredentialFromLoginEndpoint"))]
    pub fn with_token_callback<F, T>(self, callback: F) -> Self
    where
        F: Fn(TokenRequest) -> T + Send + Sync + 'static,
        T: Future<Output = Result<BearerToken>> + Send + 'static,
    {
        let callback: Callback = Arc::new(move |request| callback(request).boxed());
        Self {
            given: Some(ProvidedCredential::Callback(callback)),
            ..self
        }
    }

    /// Tries these methods in turn, for a connection string that leaves it open how to sign in. The first that gives a
    /// token is used from then on.
    ///
    /// A managed identity is looked for within 3 seconds, since a machine without one may not answer at all; once it is
    /// found, its own limits hold. Where no method gives a token, the error is permanent only if all of their errors
    /// are. A device code cannot be part of a chain.
    #[must_use]
    #[doc(alias = "ChainedTokenCredential")]
    pub fn with_credential_chain(self, methods: impl IntoIterator<Item = AuthMethod>) -> Self {
        Self {
            given: Some(ProvidedCredential::Chain(methods.into_iter().collect())),
            ..self
        }
    }

    /// Shows the user a code to enter in a browser, where the connection string asks for a user or a device code.
    ///
    /// `prompt` is called while a token is being asked for, and should return at once.
    #[must_use]
    pub fn with_device_code(self, prompt: impl Fn(&DeviceCodePrompt) + Send + Sync + 'static) -> Self {
        Self {
            prompt: Some(Arc::new(prompt)),
            ..self
        }
    }

    /// Signs in to this tenant, where the way to sign in names none itself: the developer's tools, a user, what the
    /// environment describes. Without it, that is the connection string's `Authority Id`.
    #[must_use]
    pub fn with_tenant(mut self, tenant: impl Into<String>) -> Self {
        self.context.tenant = Some(tenant.into());
        self
    }

    /// Signs in at this authority, whatever a cluster tells: for clouds that this library does not know.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if it is not an https address without path, query and user.
    pub fn with_authority_host(self, login_endpoint: &str) -> Result<Self> {
        let authority = Some(login_address(login_endpoint)?);
        Ok(Self { authority, ..self })
    }

    /// Asks for tokens of this scope, whatever a cluster tells.
    #[must_use]
    pub fn with_scope(self, scope: impl Into<String>) -> Self {
        Self {
            scope: Some(scope.into()),
            ..self
        }
    }

    /// Takes the cloud of each cluster from this source, instead of asking the cluster.
    #[must_use]
    pub fn with_cloud(self, cloud: Arc<dyn CloudSource>) -> Self {
        Self {
            cloud: Some(cloud),
            ..self
        }
    }

    /// Reads variables such as `AZURE_CLIENT_ID` by this function, instead of from the environment of the process.
    ///
    /// For Azure Pipelines, `azure_identity` still reads the environment of the process.
    #[must_use]
    pub fn with_variables(mut self, read: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        self.context.variables = Variables::new(read);
        self
    }

    /// Runs the developer's tools by this executor, instead of a thread for each run.
    ///
    /// When the limit of a token is over, the future is dropped, which should end the tool, as it does by default.
    #[must_use]
    pub fn with_executor(mut self, executor: Arc<dyn Executor>) -> Self {
        self.context.executor = Some(executor);
        self
    }

    /// Other limits of time than the [defaults](SignInLimits::default). Those of metadata do not reach a source that is
    /// given by [`with_cloud`](Self::with_cloud).
    #[must_use]
    pub fn with_limits(mut self, limits: SignInLimits) -> Self {
        self.context.limits = limits;
        self
    }

    /// Builds the credentials. Nothing is sent.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when both the connection string and the code say how to sign in, and
    /// [`ErrorKind::Unsupported`] when a user is to be asked and nothing was given to ask with.
    pub fn finish(self) -> Result<Credentials> {
        let authorization = self.authorization()?;
        if self.trusted.trusts_any_host() {
            tracing::warn!(
                "every host is trusted: tokens are sent to any host that a connection string names"
            );
        }
        let default_authority = self.context.variables.get(DEFAULT_AUTHORITY);
        let default_authority = default_authority
            .map(|text| login_address(&text))
            .transpose()
            .map_err(|error| error.with("variable", DEFAULT_AUTHORITY))?;
        let mut otherwise = CloudSettings::public();
        if let Some(authority) = &default_authority {
            otherwise.login_endpoint.clone_from(authority);
        }
        let clock = self.context.clock.clone();
        let cloud = self.cloud.unwrap_or_else(|| {
            let cloud = MetadataCloud::with(self.context.transport, self.context.clock.clone(), otherwise);
            Arc::new(cloud.with_limits(self.context.limits))
        });
        Ok(Credentials::new(Shared {
            authorization,
            cache: TokenCache::new(clock.clone()),
            clock,
            cloud,
            trusted: self.trusted,
            checks_anonymous: self.checks_anonymous,
            authority: self.authority,
            default_authority,
            scope: self.scope,
        }))
    }

    fn authorization(&self) -> Result<Authorization> {
        let provider: Arc<dyn Provider> = match (&self.method, &self.given) {
            (
                AuthMethod::Unspecified | AuthMethod::UserPrompt { .. },
                Some(ProvidedCredential::Credential(credential)),
            ) => Arc::new(CredentialProvider::new(
                credential.clone(),
                self.context.limits.attempt,
            )),
            (
                AuthMethod::Unspecified | AuthMethod::UserPrompt { .. },
                Some(ProvidedCredential::Callback(callback)),
            ) => Arc::new(CallbackProvider::new(callback.clone())),
            (
                AuthMethod::Unspecified | AuthMethod::UserPrompt { .. },
                Some(ProvidedCredential::Chain(methods)),
            ) => Arc::new(ChainProvider::new(&self.context, methods)),
            (method, Some(_)) => {
                return Err(Error::new(ErrorKind::InvalidInput, CHOOSE)
                    .because("the connection string says how already, and so does the code")
                    .with("connection string", method.name()));
            }
            (AuthMethod::Unspecified, None) => return Ok(Authorization::Unspecified),
            (AuthMethod::Anonymous, None) => return Ok(Authorization::Anonymous),
            (AuthMethod::UserPrompt { tenant, .. } | AuthMethod::DeviceCode { tenant }, None) => {
                let prompt = self.prompt.clone().ok_or_else(nothing_to_ask_with)?;
                Arc::new(self.context.device_code(tenant.clone(), prompt))
            }
            (method, None) => self.context.provider(method),
        };
        Ok(Authorization::Token(provider))
    }
}

fn nothing_to_ask_with() -> Error {
    Error::new(ErrorKind::Unsupported, "sign in as a user").because(
        "nothing was given to ask the user with: call `with_device_code`, or choose another way to sign in",
    )
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn")
            .field("method", &self.method.name())
            .field("authority", &self.authority)
            .finish_non_exhaustive()
    }
}

/// A login endpoint as it is compared and sent to: in lower case, without a slash at its end.
fn login_address(text: &str) -> Result<String> {
    if let Ok(known) = LoginEndpoint::known(text) {
        return Ok(known.as_str().to_owned());
    }
    let refuse = || {
        Error::new(ErrorKind::InvalidInput, "use the login endpoint")
            .because("it is not an https address without path, query and user")
    };
    let url: Url = text.trim().parse().map_err(|_| refuse())?;
    let is_plain = url.scheme() == "https"
        && url.host_str().is_some()
        && url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    if !is_plain || text.contains('\\') {
        return Err(refuse());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}
