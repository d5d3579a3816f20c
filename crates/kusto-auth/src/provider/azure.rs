//! The ways that `azure_identity` knows: managed identities, the developer's tools, Azure Pipelines.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::TokenCredential;
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzurePipelinesCredential, AzurePipelinesCredentialOptions,
    ClientAssertionCredentialOptions, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId,
};
use kusto_connection::{AuthMethod, ManagedIdentity, Secret};
use kusto_ingest_core::{Error, ErrorKind, Result, within};

use super::credential::ask;
use super::developer_tools::DeveloperTools;
use super::{GET_TOKEN, Provider, Tools};
use crate::attempts::Attempts;
use crate::http::{client_options, client_options_at};
use crate::{BearerToken, TokenRequest, failure};

/// How long one attempt may take, whatever happens in it: calls, an identity service that is not ready yet, a tool.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(25);

/// The ways that `azure_identity` knows.
///
/// The credential is made anew for each token, so that nothing is kept behind our back.
pub(super) struct AzureProvider {
    method: AuthMethod,
    tools: Tools,
    attempts: Attempts,
}

type Made = azure_core::Result<Arc<dyn TokenCredential>>;

impl AzureProvider {
    pub(super) fn new(method: AuthMethod, tools: Tools) -> Self {
        Self {
            method,
            attempts: Attempts::new(tools.clock.clone()),
            tools,
        }
    }

    async fn attempt(&self, request: &TokenRequest) -> Result<BearerToken> {
        let secrets = match &self.method {
            AuthMethod::AzurePipelines { access_token, .. } => vec![access_token],
            _ => Vec::new(),
        };
        let attempt = async {
            let made = self.credential(request)?;
            let credential = made.map_err(|error| failure::of_azure(&error, GET_TOKEN, &secrets))?;
            ask(&*credential, &request.scope, &secrets).await
        };
        let attempted = within(&*self.tools.clock, ATTEMPT_LIMIT, GET_TOKEN, attempt).await;
        attempted.map_err(|error| error.with("method", self.method.name()))
    }

    fn credential(&self, request: &TokenRequest) -> Result<Made> {
        Ok(match &self.method {
            AuthMethod::ManagedIdentity(identity) => self.managed_identity(identity),
            AuthMethod::AzureCli => self.cli(),
            AuthMethod::DeveloperTools => {
                DeveloperTools::new(&self.tools).map(|tools| Arc::new(tools) as Arc<dyn TokenCredential>)
            }
            AuthMethod::AzurePipelines {
                tenant,
                client_id,
                service_connection_id,
                access_token,
            } => {
                let application = (tenant.clone(), client_id.clone());
                self.pipelines(request, application, service_connection_id, access_token)
            }
            other => {
                return Err(Error::new(ErrorKind::Unsupported, GET_TOKEN)
                    .because("this version does not know this way to sign in")
                    .with("method", other.name()));
            }
        })
    }

    fn managed_identity(&self, identity: &ManagedIdentity) -> Made {
        let user_assigned_id = match identity.clone() {
            ManagedIdentity::System => None,
            ManagedIdentity::ClientId(id) => Some(UserAssignedId::ClientId(id)),
            ManagedIdentity::ObjectId(id) => Some(UserAssignedId::ObjectId(id)),
            ManagedIdentity::ResourceId(id) => Some(UserAssignedId::ResourceId(id)),
        };
        let credential = ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
            user_assigned_id,
            client_options: client_options(self.tools.transport.clone()),
        }))?;
        Ok(credential)
    }

    fn cli(&self) -> Made {
        let credential = AzureCliCredential::new(Some(AzureCliCredentialOptions {
            tenant_id: self.tools.tenant.clone(),
            executor: self.tools.executor.clone(),
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
    ) -> Made {
        let options = AzurePipelinesCredentialOptions {
            credential_options: ClientAssertionCredentialOptions {
                client_options: client_options_at(self.tools.transport.clone(), &request.login_endpoint),
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
        self.attempts.run(|| self.attempt(&request)).await
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
