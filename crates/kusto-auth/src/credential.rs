//! What a sign-in gives: a credential for each endpoint that may be talked to.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use kusto_connection::{LoginEndpoint, Trust, TrustedEndpoints, allows_credentials, is_loopback};
use kusto_ingest_core::{Clock, Error, ErrorKind, Result, span};
use tracing::Instrument as _;
use url::Url;

use crate::failure::for_azure;
use crate::provider::Provider;
use crate::token_cache::{Key, TokenCache};
use crate::{BearerToken, CloudSettings, CloudSource, TokenRequest};

const SIGN_IN: &str = "sign in";

/// What a sign-in gives: a credential for each endpoint that may be talked to.
///
/// Clones share the tokens, and so do the credentials of all endpoints: the engine and the ingestion service of a
/// cluster take the same one.
#[derive(Clone, Debug)]
pub struct Credentials(Arc<Shared>);

/// All that the credentials of one sign-in have in common.
pub(crate) struct Shared {
    pub(crate) authorization: Authorization,
    pub(crate) cache: TokenCache,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) cloud: Arc<dyn CloudSource>,
    pub(crate) trusted: TrustedEndpoints,
    pub(crate) checks_anonymous: bool,
    pub(crate) authority: Option<String>,
    pub(crate) default_authority: Option<String>,
    pub(crate) scope: Option<String>,
}

/// How requests are authorized.
pub(crate) enum Authorization {
    /// Nobody said. On this machine that means none.
    Unspecified,
    /// By none.
    Anonymous,
    /// By a token.
    Token(Arc<dyn Provider>),
}

impl Credentials {
    pub(crate) fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }

    /// The credential for requests to `endpoint`, or `None` if they carry no token.
    ///
    /// Every endpoint passes here first: nothing may be sent to it without the credential, or the `None`, that this
    /// returns. Pass the URL that requests are built from. It does no I/O.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the host is not trusted, or when a token would travel in the clear, and
    /// [`ErrorKind::Unauthenticated`] when nothing says how to sign in.
    pub fn for_endpoint(&self, endpoint: &Url) -> Result<Option<Arc<KustoCredential>>> {
        let trust = || {
            self.0.trusted.check(endpoint).map_err(|error| {
                Error::new(ErrorKind::InvalidInput, SIGN_IN)
                    .with("endpoint", endpoint.host_str().unwrap_or_default())
                    .caused_by(error)
            })
        };
        let provider = match &self.0.authorization {
            Authorization::Anonymous => None,
            Authorization::Unspecified if is_loopback(endpoint) => None,
            Authorization::Unspecified => {
                return Err(Error::new(ErrorKind::Unauthenticated, SIGN_IN)
                    .with("endpoint", endpoint.host_str().unwrap_or_default())
                    .because(
                        "no way to sign in is given: name a credential in the connection string or in code, or write \
                         `Fed=false` for a cluster that wants none",
                    ));
            }
            Authorization::Token(provider) => Some(Arc::clone(provider)),
        };
        let Some(provider) = provider else {
            if self.0.checks_anonymous {
                trust()?;
            }
            return Ok(None);
        };
        let trust = trust()?;
        if !allows_credentials(endpoint) {
            return Err(Error::new(ErrorKind::InvalidInput, SIGN_IN)
                .with("endpoint", endpoint.host_str().unwrap_or_default())
                .because("a token is sent over https only, or to this machine"));
        }
        Ok(Some(Arc::new(KustoCredential {
            shared: Arc::clone(&self.0),
            provider,
            endpoint: endpoint.clone(),
            trust,
        })))
    }

    /// Drops all cached tokens. Call it when a service refused one, and then ask again, once.
    ///
    /// Within a minute of the last call it does nothing: the tokens are new then, and one revoked token is refused in
    /// many requests.
    pub fn invalidate_tokens(&self) {
        self.0.cache.invalidate();
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authorization: &dyn fmt::Debug = match &self.authorization {
            Authorization::Unspecified => &"unspecified",
            Authorization::Anonymous => &"none",
            Authorization::Token(provider) => provider,
        };
        f.debug_struct("Shared")
            .field("authorization", authorization)
            .field("trusted", &self.trusted)
            .finish_non_exhaustive()
    }
}

/// The credential for one endpoint.
///
/// Before anything was sent, its host was found among the trusted ones. Before the first token is asked for, the
/// cluster is asked for its cloud, and what it tells is checked: a host of Microsoft's must sign in where its cloud
/// does, and a secret is sent to no login endpoint but a known or configured one, or that of a cluster on this machine which is
/// its own authority over TLS. A host that only the user trusts
/// cannot ask for tokens of services that are none of Kusto's.
///
/// # Cancel safety
/// Dropping a call gives up waiting. The request for a token goes on as long as anybody waits for it.
pub struct KustoCredential {
    shared: Arc<Shared>,
    provider: Arc<dyn Provider>,
    endpoint: Url,
    trust: Trust,
}

impl KustoCredential {
    /// A token that is valid now.
    ///
    /// # Errors
    /// As the way to sign in has it: [`ErrorKind::Unauthenticated`] when it was refused, a transient kind when the
    /// network or a service failed, [`ErrorKind::InvalidInput`] when what the cluster tells is not to be trusted.
    pub async fn token(&self) -> Result<BearerToken> {
        let request = self.request().await?;
        let key = Key {
            scope: request.scope.clone(),
            login_endpoint: request.login_endpoint.clone(),
        };
        let ask = || {
            let (provider, request) = (Arc::clone(&self.provider), request.clone());
            let span = span::token(self.endpoint.host_str().unwrap_or_default());
            let asking = async move { provider.token(request).await }.instrument(span);
            Box::pin(asking) as futures::future::BoxFuture<'static, _>
        };
        self.shared.cache.get(&key, ask).await
    }

    /// The scope of its tokens. The cluster is asked, if it was not before.
    ///
    /// # Errors
    /// As for [`token`](Self::token).
    pub async fn scope(&self) -> Result<String> {
        Ok(self.request().await?.scope)
    }

    /// The endpoint that its tokens are for.
    #[must_use]
    pub fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// What a token is asked for with, after all checks.
    async fn request(&self) -> Result<TokenRequest> {
        let needs_cloud = self.provider.needs_cloud() || matches!(self.trust, Trust::Cloud(_));
        let settings = if needs_cloud {
            self.shared.cloud.settings(&self.endpoint).await?
        } else {
            CloudSettings::public()
        };
        self.trust
            .confirm(&settings.login_endpoint)
            .map_err(|error| self.untrusted(error))?;
        Ok(TokenRequest {
            endpoint: self.endpoint.clone(),
            scope: if needs_cloud {
                self.checked_scope(&settings)?
            } else {
                settings.scope()
            },
            login_endpoint: self.checked_login_endpoint(&settings)?,
            client_app_id: settings.client_app_id,
        })
    }

    fn checked_login_endpoint(&self, settings: &CloudSettings) -> Result<String> {
        if let Some(authority) = &self.shared.authority {
            return Ok(authority.clone());
        }
        let told = settings.login_endpoint.trim_end_matches('/').to_ascii_lowercase();
        if !self.provider.uses_login_endpoint() || self.shared.default_authority.as_ref() == Some(&told) {
            return Ok(told);
        }
        if self.is_own_authority(&told) {
            return Ok(told);
        }
        match LoginEndpoint::known(&settings.login_endpoint) {
            Ok(known) => Ok(known.as_str().to_owned()),
            Err(error) => Err(self.untrusted(error)),
        }
    }

    /// Whether a cluster on this machine, such as an emulator, is its own authority: nobody else learns a secret then.
    fn is_own_authority(&self, told: &str) -> bool {
        let is_here = self.endpoint.scheme() == "https" && is_loopback(&self.endpoint);
        let told: Option<Url> = told.parse().ok();
        is_here && told.is_some_and(|told| told.origin() == self.endpoint.origin() && told.path() == "/")
    }

    fn checked_scope(&self, settings: &CloudSettings) -> Result<String> {
        if let Some(scope) = &self.shared.scope {
            return Ok(scope.clone());
        }
        // A host that only the user trusts could have a token made for the management of the whole subscription.
        if !matches!(self.trust, Trust::Cloud(_)) {
            let resource: Option<Url> = settings.resource_id.parse().ok();
            let is_kusto = |resource: &Url| {
                resource.host() == self.endpoint.host()
                    || self.shared.trusted.check(resource).is_ok()
                    || TrustedEndpoints::new().check(resource).is_ok()
            };
            if !resource.as_ref().is_some_and(is_kusto) {
                return Err(Error::new(ErrorKind::InvalidInput, SIGN_IN)
                    .with("endpoint", self.endpoint.host_str().unwrap_or_default())
                    .because(
                        "the cluster wants a token for a resource that is no trusted Kusto host; if that is right, \
                         name it by `with_scope`",
                    ));
            }
        }
        Ok(settings.scope())
    }

    fn untrusted(&self, error: kusto_connection::Error) -> Error {
        Error::new(ErrorKind::InvalidInput, SIGN_IN)
            .with("endpoint", self.endpoint.host_str().unwrap_or_default())
            .caused_by(error)
    }
}

#[async_trait]
impl TokenCredential for KustoCredential {
    /// A token for the endpoint. The scopes of the call do not matter, since the cluster tells the right one.
    async fn get_token(
        &self,
        _scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let token = self.token().await.map_err(for_azure)?;
        Ok(token.into_access_token(self.shared.clock.now()))
    }
}

impl fmt::Debug for KustoCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KustoCredential")
            .field("endpoint", &self.endpoint.as_str())
            .field("provider", &self.provider)
            .field("trust", &self.trust)
            .finish_non_exhaustive()
    }
}
