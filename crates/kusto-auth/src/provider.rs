//! The ways to get a token, behind one small trait.

mod application;
mod azure;
mod callback;
mod chain;
mod credential;
mod developer_tools;
mod device_code;
mod entra;
mod environment;
mod fixed;
mod managed_identity;
mod tool;

pub use device_code::DeviceCodePrompt;

pub(crate) use callback::{Callback, CallbackProvider};
pub(crate) use chain::ChainProvider;
pub(crate) use credential::CredentialProvider;
pub(crate) use device_code::{DeviceCodeProvider, Prompt};
pub(crate) use environment::Variables;

use std::fmt::{self, Debug};
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::http::Transport;
use azure_identity::Executor;
use kusto_connection::AuthMethod;
use kusto_ingest_core::{Clock, Result};

use self::application::{ApplicationProvider, ClientProof, IncompleteProvider};
use self::azure::AzureProvider;
use self::entra::TokenEndpoint;
use self::environment::EnvironmentProvider;
use self::fixed::FixedProvider;
use self::managed_identity::ManagedIdentityProvider;
use self::tool::ToolExecutor;
use crate::attempts::Attempts;
use crate::http::Http;
use crate::{BearerToken, SignInLimits, TokenRequest};

/// What every error here is about.
const GET_TOKEN: &str = "get a token";

/// A way to get a token. It keeps none; that is done once, in front of all.
#[async_trait]
pub(crate) trait Provider: Debug + Send + Sync + 'static {
    /// Gets a new token.
    async fn token(&self, request: TokenRequest) -> Result<BearerToken>;

    /// Finds out within a short limit whether there is anybody to ask, for ways where that is not known.
    async fn probe(&self) -> Result<()> {
        Ok(())
    }

    /// Whether it sends anything to the login endpoint that the cluster told, which must be a known one then.
    fn uses_login_endpoint(&self) -> bool {
        true
    }

    /// Whether it needs to know anything about the cloud at all.
    fn needs_cloud(&self) -> bool {
        true
    }
}

/// What it takes to get tokens.
#[derive(Clone)]
pub(crate) struct ProviderContext {
    pub(crate) transport: Transport,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) limits: SignInLimits,
    pub(crate) variables: Variables,
    pub(crate) executor: Option<Arc<dyn Executor>>,
    /// The tenant for ways that name none themselves.
    pub(crate) tenant: Option<String>,
}

impl ProviderContext {
    /// The way to get tokens that a connection string describes.
    pub(crate) fn provider(&self, method: &AuthMethod) -> Arc<dyn Provider> {
        match method.clone() {
            AuthMethod::UserToken(token) | AuthMethod::ApplicationToken(token) => {
                Arc::new(FixedProvider::new(&token, self.clock.clone()))
            }
            AuthMethod::ClientSecret {
                tenant,
                client_id,
                secret,
            } => self.application(method, (tenant, client_id), ClientProof::Secret(secret)),
            AuthMethod::ClientCertificate {
                tenant,
                client_id,
                certificate,
            } => self.application(method, (tenant, client_id), ClientProof::Certificate(certificate)),
            AuthMethod::WorkloadIdentity {
                tenant,
                client_id,
                token_file,
            } => {
                let variable = |name| self.variables.get(name);
                let tenant = tenant.or_else(|| self.tenant.clone());
                let Some(tenant) = tenant.or_else(|| variable("AZURE_TENANT_ID")) else {
                    return Arc::new(IncompleteProvider("AZURE_TENANT_ID"));
                };
                let Some(client_id) = client_id.or_else(|| variable("AZURE_CLIENT_ID")) else {
                    return Arc::new(IncompleteProvider("AZURE_CLIENT_ID"));
                };
                let token_file =
                    token_file.or_else(|| variable("AZURE_FEDERATED_TOKEN_FILE").map(Into::into));
                let Some(token_file) = token_file else {
                    return Arc::new(IncompleteProvider("AZURE_FEDERATED_TOKEN_FILE"));
                };
                self.application(method, (tenant, client_id), ClientProof::TokenFile(token_file))
            }
            AuthMethod::ManagedIdentity(identity) => Arc::new(ManagedIdentityProvider::new(identity, self)),
            AuthMethod::Environment => Arc::new(EnvironmentProvider::new(self.clone())),
            method => Arc::new(AzureProvider::new(method, self.clone())),
        }
    }

    /// The user, who is shown a code.
    pub(crate) fn device_code(&self, tenant: Option<String>, prompt: Prompt) -> DeviceCodeProvider {
        let tenant = tenant.or_else(|| self.tenant.clone());
        DeviceCodeProvider::new(tenant, prompt, self)
    }

    fn application(
        &self,
        method: &AuthMethod,
        id: (String, String),
        proof: ClientProof,
    ) -> Arc<dyn Provider> {
        Arc::new(ApplicationProvider::new(method.name(), id, proof, self))
    }

    /// What runs the developer's tools.
    fn executor(&self) -> Arc<dyn Executor> {
        let given = self.executor.clone();
        given.unwrap_or_else(|| Arc::new(ToolExecutor))
    }

    fn http(&self) -> Http {
        Http::new(self.transport.clone(), self.limits.attempt)
    }

    fn entra(&self) -> TokenEndpoint {
        TokenEndpoint::new(self.http(), self.clock.clone())
    }

    /// Attempts to get a token from an authority.
    fn attempts(&self) -> Attempts {
        Attempts::new(self.clock.clone(), self.limits.attempt, self.limits.token)
    }
}

impl Debug for ProviderContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProviderContext")
    }
}
