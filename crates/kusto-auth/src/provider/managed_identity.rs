//! The identity of the machine, or of the app service, that this runs on.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::{Method, Request};
use kusto_connection::{ManagedIdentity, Secret};
use kusto_ingest_core::{Clock, Error, ErrorKind, Result, Timestamp, within};
use serde::Deserialize;
use url::Url;

use super::entra::{read, said};
use super::{GET_TOKEN, Provider, ProviderContext, Variables};
use crate::attempts::Attempts;
use crate::http::{Answer, Http};
use crate::{BearerToken, TokenRequest, failure};

/// Where the identity service of a virtual machine is, everywhere.
const MACHINE: &str = "http://169.254.169.254/metadata/identity/oauth2/token";
const VERSION: &str = "2019-08-01";

const LOOK: &str = "find the identity service of this machine";

/// The bounds of the waits that the service's documentation recommends: from 2 s on, since it is throttled soon.
const INITIAL_BACKOFF: Duration = Duration::from_secs(2);
const MAX_BACKOFF: Duration = Duration::from_secs(10);

/// A managed identity. Where it is asked for is told by the environment, anew for each token.
pub(super) struct ManagedIdentityProvider {
    identity: ManagedIdentity,
    variables: Variables,
    http: Http,
    attempts: Attempts,
    clock: Arc<dyn Clock>,
    probe_limit: Duration,
}

/// Who gives tokens for a managed identity.
enum Service {
    /// The metadata service of a virtual machine, which may not be one.
    Machine,
    /// The service of an app, at this address, which wants this secret.
    App(Url, Secret),
}

/// What both services answer.
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_on: ExpiresOn,
}

/// Seconds since 1970, which are written in both ways.
#[derive(Deserialize)]
#[serde(untagged)]
enum ExpiresOn {
    Number(u64),
    Text(String),
}

impl ManagedIdentityProvider {
    pub(super) fn new(identity: ManagedIdentity, context: &ProviderContext) -> Self {
        let limits = context.limits;
        let attempts = Attempts::new(context.clock.clone(), limits.attempt, limits.managed_identity);
        Self {
            identity,
            variables: context.variables.clone(),
            http: context.http(),
            attempts: attempts.with_backoff(INITIAL_BACKOFF, MAX_BACKOFF),
            clock: context.clock.clone(),
            probe_limit: limits.probe,
        }
    }

    fn service(&self) -> Result<Service> {
        let variable = |name| self.variables.get(name);
        let unsupported = |place: &'static str| {
            Err(Error::new(ErrorKind::Unsupported, GET_TOKEN)
                .because(format!("a managed identity of {place} is not offered")))
        };
        match (variable("IDENTITY_ENDPOINT"), variable("IDENTITY_HEADER")) {
            (Some(_), Some(_)) if variable("IDENTITY_SERVER_THUMBPRINT").is_some() => {
                unsupported("Service Fabric")
            }
            (Some(endpoint), Some(secret)) => match Url::parse(&endpoint) {
                Ok(endpoint) => Ok(Service::App(endpoint, Secret::from(secret))),
                Err(_) => Err(Error::new(ErrorKind::InvalidInput, GET_TOKEN)
                    .because("the variable IDENTITY_ENDPOINT is not a URL")),
            },
            (Some(_), None) if variable("IMDS_ENDPOINT").is_some() => unsupported("Azure Arc"),
            (None, _) if variable("MSI_ENDPOINT").is_some() => match variable("MSI_SECRET") {
                Some(_) => unsupported("Azure Machine Learning"),
                None => unsupported("Cloud Shell"),
            },
            _ => Ok(Service::Machine),
        }
    }

    async fn ask(&self, scope: &str) -> Result<BearerToken> {
        let service = self.service()?;
        let resource = scope.strip_suffix("/.default").unwrap_or(scope);
        let asking = self.attempts.run(GET_TOKEN, || async {
            let request = service.request(&self.identity, resource);
            let secrets: Vec<&Secret> = service.secret().into_iter().collect();
            let answer = self.http.send(request, GET_TOKEN, &secrets).await?;
            match answer.status {
                200..=299 => granted(&answer),
                _ => Err(refused(&answer, &secrets)),
            }
        });
        asking.await
    }
}

impl Service {
    fn secret(&self) -> Option<&Secret> {
        match self {
            Self::Machine => None,
            Self::App(_, secret) => Some(secret),
        }
    }

    fn url(&self) -> Url {
        match self {
            Self::Machine => Url::parse(MACHINE).expect("it is a URL"),
            Self::App(endpoint, _) => endpoint.clone(),
        }
    }

    fn request(&self, identity: &ManagedIdentity, resource: &str) -> Request {
        let named = match (identity, self) {
            (ManagedIdentity::System, _) => None,
            (ManagedIdentity::ClientId(id), _) => Some(("client_id", id)),
            (ManagedIdentity::ObjectId(id), _) => Some(("object_id", id)),
            (ManagedIdentity::ResourceId(id), Self::Machine) => Some(("msi_res_id", id)),
            (ManagedIdentity::ResourceId(id), Self::App(..)) => Some(("mi_res_id", id)),
        };
        let mut url = self.url();
        url.query_pairs_mut()
            .append_pair("api-version", VERSION)
            .append_pair("resource", resource)
            .extend_pairs(named);
        let mut request = Request::new(url, Method::Get);
        request.insert_header("metadata", "true");
        if let Some(secret) = self.secret() {
            request.insert_header("x-identity-header", secret.expose().to_owned());
        }
        request
    }
}

fn granted(answer: &Answer) -> Result<BearerToken> {
    let answer: TokenAnswer = read(answer)?;
    let seconds = match answer.expires_on {
        ExpiresOn::Number(seconds) => Some(seconds),
        ExpiresOn::Text(text) => text.trim().parse().ok(),
    };
    let seconds = seconds.ok_or_else(|| {
        Error::new(ErrorKind::Protocol, GET_TOKEN).because("the answer does not tell when the token expires")
    })?;
    let expires_at = Timestamp::UNIX_EPOCH + Duration::from_secs(seconds);
    Ok(BearerToken::new(answer.access_token).with_expiry(expires_at))
}

/// The error that an answer other than success stands for. Not found and gone are what the service says while it is
/// updated: it is back within 70 seconds.
fn refused(answer: &Answer, secrets: &[&Secret]) -> Error {
    let stands_for = match answer.status {
        404 | 410 => 503,
        status => status,
    };
    let error =
        failure::of_status(stands_for, Some(&answer.headers), GET_TOKEN).with_http_status(answer.status);
    let said = said(answer, secrets);
    match answer.status {
        400 => error.because(format!(
            "the identity is not assigned to what this runs on; the service said: {said}"
        )),
        _ => error.because(said),
    }
}

#[async_trait]
impl Provider for ManagedIdentityProvider {
    async fn token(&self, request: TokenRequest) -> Result<BearerToken> {
        let asking = self.ask(&request.scope).await;
        asking.map_err(|error| error.with("method", "managed identity"))
    }

    /// A request without its required header: a service that refuses it is there.
    async fn probe(&self) -> Result<()> {
        let Service::Machine = self.service()? else {
            return Ok(());
        };
        let request = Request::new(Service::Machine.url(), Method::Get);
        let look = self.http.send(request, LOOK, &[]);
        let found = within(&*self.clock, self.probe_limit, LOOK, look).await;
        found.map(drop)
    }

    fn uses_login_endpoint(&self) -> bool {
        false
    }
}

impl fmt::Debug for ManagedIdentityProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagedIdentityProvider")
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}
