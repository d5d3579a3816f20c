//! What the environment of the process says about signing in.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use kusto_connection::{AuthMethod, Certificate, ManagedIdentity};
use kusto_ingest_core::{Error, ErrorKind, Result, within};

use super::first::PROBE;
use super::{GET_TOKEN, Provider, Tools};
use crate::{BearerToken, TokenRequest};

type Read = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The variables of the environment; a test has its own.
#[derive(Clone)]
pub(crate) struct Variables(Arc<Read>);

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
/// What the environment names is meant, and its failure is the answer. Where it names nothing, a managed identity
/// is looked for, and then the developer's tools are asked.
#[derive(Debug)]
pub(super) struct EnvironmentProvider(Tools);

impl EnvironmentProvider {
    pub(super) fn new(tools: Tools) -> Self {
        Self(tools)
    }

    /// What the environment names, if it names anything.
    fn named(&self) -> Option<AuthMethod> {
        let variable = |name| self.0.variables.get(name);
        let tenant = variable("AZURE_TENANT_ID").or_else(|| self.0.tenant.clone());
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
        if let Some(named) = self.named() {
            return self.0.provider(&named).token(request).await;
        }
        let identity = match self.0.variables.get("AZURE_CLIENT_ID") {
            Some(id) => ManagedIdentity::ClientId(id),
            None => ManagedIdentity::System,
        };
        let managed = self.0.provider(&AuthMethod::ManagedIdentity(identity));
        let tools = self.0.provider(&AuthMethod::DeveloperTools);
        let probe = managed.token(request.clone());
        let no_identity = match within(&*self.0.clock, PROBE, GET_TOKEN, probe).await {
            Ok(token) => return Ok(token),
            Err(error) => error,
        };
        tools.token(request).await.map_err(|no_tool| {
            let reason = format!(
                "the environment names no application, and neither a managed identity ({no_identity}) nor a \
                 developer's tool gave one"
            );
            Error::new(ErrorKind::Unauthenticated, GET_TOKEN)
                .because(reason)
                .caused_by(no_tool)
        })
    }
}
