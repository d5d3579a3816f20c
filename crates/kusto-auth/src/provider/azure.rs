//! The ways that `azure_identity` knows, and certificates by an assertion of our own.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{Secret as AzureSecret, TokenCredential};
use azure_core::http::{ClientMethodOptions, ClientOptions, Transport};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzurePipelinesCredential, AzurePipelinesCredentialOptions,
    ClientAssertion, ClientAssertionCredential, ClientAssertionCredentialOptions, ClientSecretCredential,
    ClientSecretCredentialOptions, DeveloperToolsCredential, DeveloperToolsCredentialOptions, Executor,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
};
use kusto_connection::{AuthMethod, Certificate, ManagedIdentity, Secret};
use kusto_ingest_core::{Clock, Error, ErrorKind, Result, within};

use super::credential::ask;
use super::environment::Variables;
use super::{GET_TOKEN, Provider};
use crate::attempts::Attempts;
use crate::certificate::{self, Assertion};
use crate::cloud::authority;
use crate::http::{client_options, client_options_at};
use crate::{BearerToken, TokenRequest, failure};

/// How long one attempt may take, whatever happens in it: calls, an identity service that is not ready yet, a tool.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(25);

/// The ways that `azure_identity` knows, and certificates.
///
/// The credential is made anew for each token. So nothing is kept here, and a certificate or token file that was
/// replaced meanwhile is seen.
#[derive(Clone)]
pub(crate) struct AzureProvider {
    pub(super) method: AuthMethod,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) variables: Variables,
    tenant: Option<String>,
    transport: Transport,
    executor: Option<Arc<dyn Executor>>,
    attempts: Attempts,
}

impl AzureProvider {
    pub(crate) fn new(
        method: AuthMethod,
        transport: Transport,
        clock: Arc<dyn Clock>,
        variables: Variables,
    ) -> Self {
        Self {
            method,
            attempts: Attempts::new(clock.clone()),
            clock,
            variables,
            tenant: None,
            transport,
            executor: None,
        }
    }

    /// The tenant for methods that name none themselves.
    pub(crate) fn with_tenant(self, tenant: Option<String>) -> Self {
        Self { tenant, ..self }
    }

    /// Runs the developer's tools.
    pub(crate) fn with_executor(self, executor: Option<Arc<dyn Executor>>) -> Self {
        Self { executor, ..self }
    }

    pub(super) fn with_method(&self, method: AuthMethod) -> Self {
        Self {
            method,
            ..self.clone()
        }
    }

    async fn attempt(&self, request: &TokenRequest) -> Result<BearerToken> {
        let secrets = self.secrets();
        let attempt = async {
            let credential = self.credential(request)?;
            ask(&*credential, &request.scope, &secrets).await
        };
        let attempted = within(&*self.clock, ATTEMPT_LIMIT, GET_TOKEN, attempt).await;
        attempted.map_err(|error| self.described(error, request))
    }

    fn credential(&self, request: &TokenRequest) -> Result<Arc<dyn TokenCredential>> {
        let made = match &self.method {
            AuthMethod::ClientSecret {
                tenant,
                client_id,
                secret,
            } => self.client_secret(request, tenant, client_id, secret),
            AuthMethod::ClientCertificate {
                tenant,
                client_id,
                certificate,
            } => {
                let assertion = self.certificate(request, tenant, client_id, certificate)?;
                self.by_assertion(request, tenant, client_id, assertion)
            }
            AuthMethod::WorkloadIdentity { .. } => return self.workload_identity(request),
            AuthMethod::ManagedIdentity(identity) => self.managed_identity(identity),
            AuthMethod::AzurePipelines { .. } => self.pipelines(request),
            AuthMethod::AzureCli => AzureCliCredential::new(Some(AzureCliCredentialOptions {
                tenant_id: self.tenant.clone(),
                executor: self.executor.clone(),
                ..AzureCliCredentialOptions::default()
            }))
            .map(|credential| credential as Arc<dyn TokenCredential>),
            AuthMethod::DeveloperTools => {
                DeveloperToolsCredential::new(Some(DeveloperToolsCredentialOptions {
                    executor: self.executor.clone(),
                }))
                .map(|credential| credential as Arc<dyn TokenCredential>)
            }
            _ => return Err(Error::new(ErrorKind::Unsupported, GET_TOKEN)),
        };
        made.map_err(|error| failure::of_azure(&error, GET_TOKEN, &self.secrets()))
    }

    fn client_secret(
        &self,
        request: &TokenRequest,
        tenant: &str,
        client_id: &str,
        secret: &Secret,
    ) -> azure_core::Result<Arc<dyn TokenCredential>> {
        let options = ClientSecretCredentialOptions {
            client_options: self.options(request),
        };
        let secret = AzureSecret::new(secret.expose().to_owned());
        let credential = ClientSecretCredential::new(tenant, client_id.to_owned(), secret, Some(options))?;
        Ok(credential)
    }

    fn certificate(
        &self,
        request: &TokenRequest,
        tenant: &str,
        client_id: &str,
        certificate: &Certificate,
    ) -> Result<Secret> {
        let identity = certificate::load(certificate)?;
        let audience = format!(
            "{}/oauth2/v2.0/token",
            authority(&request.login_endpoint, Some(tenant))
        );
        let assertion = Assertion {
            audience: &audience,
            client_id,
            now: self.clock.now(),
            sends_chain: certificate.sends_chain(),
        };
        assertion.signed(&identity)
    }

    /// The file is read for each token, since Kubernetes replaces it.
    fn workload_identity(&self, request: &TokenRequest) -> Result<Arc<dyn TokenCredential>> {
        let AuthMethod::WorkloadIdentity {
            tenant,
            client_id,
            token_file,
        } = &self.method
        else {
            return Err(Error::new(ErrorKind::Unsupported, GET_TOKEN));
        };
        let given = |value: Option<String>, variable: &'static str| {
            value.or_else(|| self.variables.get(variable)).ok_or_else(|| {
                Error::new(ErrorKind::InvalidInput, GET_TOKEN)
                    .because(format!("neither the connection nor {variable} tells it"))
            })
        };
        let tenant = given(tenant.clone().or_else(|| self.tenant.clone()), "AZURE_TENANT_ID")?;
        let client_id = given(client_id.clone(), "AZURE_CLIENT_ID")?;
        let file = token_file
            .as_ref()
            .map(|path| path.to_string_lossy().into_owned());
        let file = given(file, "AZURE_FEDERATED_TOKEN_FILE")?;
        let assertion = std::fs::read_to_string(&file).map_err(|error| {
            Error::new(ErrorKind::Unauthenticated, "read the service account's token")
                .with("file", &file)
                .caused_by(error)
        })?;
        self.by_assertion(request, &tenant, &client_id, Secret::from(assertion.trim()))
            .map_err(|error| failure::of_azure(&error, GET_TOKEN, &[]))
    }

    fn by_assertion(
        &self,
        request: &TokenRequest,
        tenant: &str,
        client_id: &str,
        assertion: Secret,
    ) -> azure_core::Result<Arc<dyn TokenCredential>> {
        let options = ClientAssertionCredentialOptions {
            client_options: self.options(request),
        };
        let credential = ClientAssertionCredential::new(
            tenant.to_owned(),
            client_id.to_owned(),
            ReadyAssertion(assertion),
            Some(options),
        )?;
        Ok(credential)
    }

    fn managed_identity(&self, identity: &ManagedIdentity) -> azure_core::Result<Arc<dyn TokenCredential>> {
        let user_assigned_id = match identity.clone() {
            ManagedIdentity::System => None,
            ManagedIdentity::ClientId(id) => Some(UserAssignedId::ClientId(id)),
            ManagedIdentity::ObjectId(id) => Some(UserAssignedId::ObjectId(id)),
            ManagedIdentity::ResourceId(id) => Some(UserAssignedId::ResourceId(id)),
        };
        let credential = ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
            user_assigned_id,
            client_options: client_options(self.transport.clone()),
        }))?;
        Ok(credential)
    }

    fn pipelines(&self, request: &TokenRequest) -> azure_core::Result<Arc<dyn TokenCredential>> {
        let AuthMethod::AzurePipelines {
            tenant,
            client_id,
            service_connection_id,
            access_token,
        } = &self.method
        else {
            return Err(azure_core::Error::with_message(
                azure_core::error::ErrorKind::Other,
                "no service connection is given",
            ));
        };
        let options = AzurePipelinesCredentialOptions {
            credential_options: ClientAssertionCredentialOptions {
                client_options: self.options(request),
            },
        };
        let credential = AzurePipelinesCredential::new(
            tenant.clone(),
            client_id.clone(),
            service_connection_id,
            access_token.expose().to_owned(),
            Some(options),
        )?;
        Ok(credential)
    }

    fn options(&self, request: &TokenRequest) -> ClientOptions {
        client_options_at(self.transport.clone(), &request.login_endpoint)
    }

    /// What must not be seen even if somebody else repeats it.
    fn secrets(&self) -> Vec<&Secret> {
        match &self.method {
            AuthMethod::ClientSecret { secret, .. } => vec![secret],
            AuthMethod::AzurePipelines { access_token, .. } => vec![access_token],
            _ => Vec::new(),
        }
    }

    /// Who tried to sign in, where and how.
    fn described(&self, error: Error, request: &TokenRequest) -> Error {
        let error = error.with("method", self.method.name());
        match &self.method {
            AuthMethod::ClientSecret {
                tenant, client_id, ..
            }
            | AuthMethod::ClientCertificate {
                tenant, client_id, ..
            }
            | AuthMethod::AzurePipelines {
                tenant, client_id, ..
            } => error
                .with("authority", authority(&request.login_endpoint, Some(tenant)))
                .with("client id", client_id),
            _ => error,
        }
    }
}

#[async_trait]
impl Provider for AzureProvider {
    async fn token(&self, request: TokenRequest) -> Result<BearerToken> {
        self.attempts.run(|| self.attempt(&request)).await
    }

    fn uses_login_endpoint(&self) -> bool {
        !matches!(
            self.method,
            AuthMethod::ManagedIdentity(_) | AuthMethod::AzureCli | AuthMethod::DeveloperTools
        )
    }
}

impl fmt::Debug for AzureProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureProvider")
            .field("method", &self.method.name())
            .finish_non_exhaustive()
    }
}

/// An assertion that is at hand when it is asked for.
struct ReadyAssertion(Secret);

#[async_trait]
impl ClientAssertion for ReadyAssertion {
    async fn secret(&self, _options: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        Ok(self.0.expose().to_owned())
    }
}

impl fmt::Debug for ReadyAssertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReadyAssertion")
    }
}
