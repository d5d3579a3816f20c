//! The ways that are left to `azure_identity`: the developer's tools, and Azure Pipelines.

use std::fmt;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use azure_core::credentials::TokenCredential;
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzurePipelinesCredential, AzurePipelinesCredentialOptions,
    ClientAssertionCredentialOptions,
};
use kusto_connection::{AuthMethod, Secret};
use kusto_ingest_core::{Error, ErrorKind, Result};

use super::credential::ask;
use super::developer_tools::DeveloperTools;
use super::{GET_TOKEN, Provider, ProviderContext};
use crate::attempts::Attempts;
use crate::http::client_options_at;
use crate::{BearerToken, TokenRequest, failure};

/// The ways that are left to `azure_identity`. A tool is run once, since it tries again itself.
///
/// The credential is made anew for each token, so that it caches nothing.
pub(super) struct AzureProvider {
    method: AuthMethod,
    context: ProviderContext,
    attempts: Attempts,
    /// Which of the developer's tools gave a token.
    found: Arc<OnceLock<usize>>,
}

type CredentialResult = azure_core::Result<Arc<dyn TokenCredential>>;

impl AzureProvider {
    pub(super) fn new(method: AuthMethod, context: ProviderContext) -> Self {
        let (clock, limits) = (context.clock.clone(), context.limits);
        let attempts = match &method {
            // For an assertion, and for a token in exchange.
            AuthMethod::AzurePipelines { .. } => Attempts::new(clock, 2 * limits.attempt, limits.token),
            _ => Attempts::one(clock, limits.token),
        };
        Self {
            method,
            context,
            attempts,
            found: Arc::default(),
        }
    }

    async fn attempt(&self, request: &TokenRequest) -> Result<BearerToken> {
        let secrets = match &self.method {
            AuthMethod::AzurePipelines { access_token, .. } => vec![access_token],
            _ => Vec::new(),
        };
        let made = self.credential(request)?;
        let credential = made.map_err(|error| failure::of_azure(&error, GET_TOKEN, &secrets))?;
        ask(
            &*credential,
            &request.scope,
            self.context.limits.attempt,
            &secrets,
        )
        .await
    }

    fn credential(&self, request: &TokenRequest) -> Result<CredentialResult> {
        Ok(match &self.method {
            AuthMethod::AzureCli => self.cli(),
            AuthMethod::DeveloperTools => DeveloperTools::new(&self.context, self.found.clone())
                .map(|tools| Arc::new(tools) as Arc<dyn TokenCredential>),
            AuthMethod::AzurePipelines {
                tenant,
                client_id,
                service_connection_id,
                access_token,
            } => {
                let application = (tenant.clone(), client_id.clone());
                self.pipelines(request, application, service_connection_id, access_token)
            }
            _ => {
                return Err(Error::new(ErrorKind::Unsupported, GET_TOKEN)
                    .because("this version does not know this way to sign in"));
            }
        })
    }

    fn cli(&self) -> CredentialResult {
        let credential = AzureCliCredential::new(Some(AzureCliCredentialOptions {
            tenant_id: self.context.tenant.clone(),
            executor: Some(self.context.executor()),
            ..AzureCliCredentialOptions::default()
        }))?;
        Ok(credential)
    }

    fn pipelines(
        &self,
        request: &TokenRequest,
        (tenant, client_id): (String, String),
        service_connection_id: &str,
        access_token: &Secret,
    ) -> CredentialResult {
        let options = AzurePipelinesCredentialOptions {
            credential_options: ClientAssertionCredentialOptions {
                client_options: client_options_at(self.context.transport.clone(), &request.login_endpoint),
            },
        };
        let access_token = access_token.expose().to_owned();
        let credential = AzurePipelinesCredential::new(
            tenant,
            client_id,
            service_connection_id,
            access_token,
            Some(options),
        )?;
        Ok(credential)
    }
}

#[async_trait]
impl Provider for AzureProvider {
    async fn token(&self, request: TokenRequest) -> Result<BearerToken> {
        let asking = self.attempts.run(GET_TOKEN, || self.attempt(&request)).await;
        asking.map_err(|error| error.with("method", self.method.name()))
    }

    fn uses_login_endpoint(&self) -> bool {
        matches!(self.method, AuthMethod::AzurePipelines { .. })
    }
}

impl fmt::Debug for AzureProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureProvider")
            .field("method", &self.method.name())
            .finish_non_exhaustive()
    }
}
