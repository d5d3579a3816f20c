//! Applications, which prove who they are by a secret, a certificate or another authority's token.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kusto_connection::{Certificate, Secret};
use kusto_ingest_core::{Clock, Error, ErrorKind, Result, within};

use super::entra::{TokenEndpoint, authority_of};
use super::{GET_TOKEN, Provider, ProviderContext};
use crate::attempts::Attempts;
use crate::certificate::{self, Assertion};
use crate::thread::on_thread;
use crate::{BearerToken, TokenRequest};

const BY_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const READ_TOKEN: &str = "read the service account's token";

/// How an application proves who it is.
pub(super) enum ClientProof {
    Secret(Secret),
    Certificate(Certificate),
    /// The file of a Kubernetes service account's token.
    TokenFile(PathBuf),
}

/// An application. Its proof is made anew for each token, so that a file which was replaced meanwhile is seen.
pub(super) struct ApplicationProvider {
    method: &'static str,
    tenant: String,
    client_id: String,
    proof: ClientProof,
    entra: TokenEndpoint,
    clock: Arc<dyn Clock>,
    attempts: Attempts,
    /// How long reading and signing may take: a file may be on a disk that is far away.
    limit: Duration,
}

impl ApplicationProvider {
    pub(super) fn new(
        method: &'static str,
        (tenant, client_id): (String, String),
        proof: ClientProof,
        context: &ProviderContext,
    ) -> Self {
        Self {
            method,
            tenant,
            client_id,
            proof,
            entra: context.entra(),
            attempts: context.attempts(),
            clock: context.clock.clone(),
            limit: context.limits.attempt,
        }
    }

    async fn ask(&self, authority: &str, scope: &str) -> Result<BearerToken> {
        let mut form = vec![
            ("client_id", self.client_id.as_str()),
            ("grant_type", "client_credentials"),
            ("scope", scope),
        ];
        let assertion;
        let secret = match &self.proof {
            ClientProof::Secret(secret) => {
                form.push(("client_secret", secret.expose()));
                secret
            }
            ClientProof::Certificate(certificate) => {
                assertion = self.signed(certificate.clone(), authority).await?;
                &assertion
            }
            ClientProof::TokenFile(path) => {
                let path = path.clone();
                assertion = self
                    .beside(READ_TOKEN, move || service_account_token(&path))
                    .await?;
                &assertion
            }
        };
        if !matches!(self.proof, ClientProof::Secret(_)) {
            form.push(("client_assertion_type", BY_ASSERTION));
            form.push(("client_assertion", secret.expose()));
        }
        let secrets = [secret];
        let asking = self
            .attempts
            .run(GET_TOKEN, || self.entra.token(authority, &form, &secrets))
            .await;
        asking.map(|granted| granted.token)
    }

    async fn signed(&self, certificate: Certificate, authority: &str) -> Result<Secret> {
        let assertion = Assertion {
            audience: format!("{authority}/oauth2/v2.0/token"),
            client_id: self.client_id.clone(),
            now: self.clock.now(),
            sends_chain: certificate.sends_chain(),
        };
        let sign = move || assertion.signed(&certificate::load(&certificate)?);
        self.beside(certificate::READ, sign).await
    }

    /// Does what blocks on another thread, within the limit.
    async fn beside(
        &self,
        operation: &'static str,
        work: impl FnOnce() -> Result<Secret> + Send + 'static,
    ) -> Result<Secret> {
        within(&*self.clock, self.limit, operation, on_thread(operation, work)).await
    }
}

fn service_account_token(path: &Path) -> Result<Secret> {
    let token = std::fs::read_to_string(path).map_err(|error| {
        Error::new(ErrorKind::Unauthenticated, READ_TOKEN)
            .with("file", path.display())
            .caused_by(error)
    })?;
    Ok(Secret::from(token.trim()))
}

#[async_trait]
impl Provider for ApplicationProvider {
    async fn token(&self, request: TokenRequest) -> Result<BearerToken> {
        let authority = authority_of(&request.login_endpoint, Some(&self.tenant))?;
        self.ask(&authority, &request.scope).await.map_err(|error| {
            error
                .with("method", self.method)
                .with("authority", &authority)
                .with("client id", &self.client_id)
        })
    }
}

impl fmt::Debug for ApplicationProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApplicationProvider")
            .field("method", &self.method)
            .field("tenant", &self.tenant)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// An application that the environment describes, wholly or in part.
///
/// What is missing is told when a token is asked for, as everything else that the environment may get wrong.
#[derive(Debug)]
pub(super) struct IncompleteProvider(pub(super) &'static str);

#[async_trait]
impl Provider for IncompleteProvider {
    async fn token(&self, _request: TokenRequest) -> Result<BearerToken> {
        Err(Error::new(ErrorKind::InvalidInput, GET_TOKEN)
            .because(format!("neither the connection nor {} tells it", self.0))
            .with("method", "workload identity"))
    }
}
