//! What the environment of the process says about signing in.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use kusto_connection::{AuthMethod, Certificate, ManagedIdentity};
use kusto_ingest_core::Result;

use super::chain::ChainProvider;
use super::{Provider, ProviderContext};
use crate::{BearerToken, TokenRequest};

type ReadVariable = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The variables of the environment; a test has its own.
#[derive(Clone)]
pub(crate) struct Variables(Arc<ReadVariable>);

impl Variables {
    pub(crate) fn new(read: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    pub(crate) fn of_process() -> Self {
        Self::new(|name| std::env::var(name).ok())
    }

    /// An empty variable is none.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Variables")
    }
}

/// The first of application, workload identity, managed identity and developer tools.
///
/// A method that the environment names is the only one that is tried. Where it names none, a managed identity is looked
/// for, and then the developer's tools are asked; the one that was found is used from then on.
#[derive(Debug)]
pub(super) struct EnvironmentProvider {
    context: ProviderContext,
    chosen: OnceLock<Arc<dyn Provider>>,
}

impl EnvironmentProvider {
    pub(super) fn new(context: ProviderContext) -> Self {
        Self {
            context,
            chosen: OnceLock::new(),
        }
    }

    fn choose(&self) -> Arc<dyn Provider> {
        if let Some(named) = self.named() {
            return self.context.provider(&named);
        }
        let identity = match self.context.variables.get("AZURE_CLIENT_ID") {
            Some(id) => ManagedIdentity::ClientId(id),
            None => ManagedIdentity::System,
        };
        let methods = [AuthMethod::ManagedIdentity(identity), AuthMethod::DeveloperTools];
        Arc::new(ChainProvider::new(&self.context, &methods))
    }

    /// What the environment names, if it names anything.
    fn named(&self) -> Option<AuthMethod> {
        let variable = |name| self.context.variables.get(name);
        let tenant = variable("AZURE_TENANT_ID").or_else(|| self.context.tenant.clone());
        let application = tenant.zip(variable("AZURE_CLIENT_ID"));
        if let Some((tenant, client_id)) = application {
            if let Some(secret) = variable("AZURE_CLIENT_SECRET") {
                return Some(AuthMethod::ClientSecret {
                    tenant,
                    client_id,
                    secret: secret.into(),
                });
            }
            if let Some(path) = variable("AZURE_CLIENT_CERTIFICATE_PATH") {
                let certificate = Certificate::from_file(path);
                let certificate = match variable("AZURE_CLIENT_CERTIFICATE_PASSWORD") {
                    Some(password) => certificate.with_password(password),
                    None => certificate,
                };
                return Some(AuthMethod::ClientCertificate {
                    tenant,
                    client_id,
                    certificate,
                });
            }
        }
        let token_file = variable("AZURE_FEDERATED_TOKEN_FILE").map(PathBuf::from)?;
        Some(AuthMethod::WorkloadIdentity {
            tenant: None,
            client_id: None,
            token_file: Some(token_file),
        })
    }
}

#[async_trait]
impl Provider for EnvironmentProvider {
    async fn token(&self, request: TokenRequest) -> Result<BearerToken> {
        let chosen = self.chosen.get_or_init(|| self.choose());
        chosen.token(request).await
    }
}
