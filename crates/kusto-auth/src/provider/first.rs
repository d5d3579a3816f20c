//! Several ways to sign in, of which one works.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use kusto_connection::AuthMethod;
use kusto_ingest_core::{Error, ErrorKind, Result, within};

use super::{GET_TOKEN, Provider, Tools};
use crate::{BearerToken, TokenRequest};

/// How long a managed identity is waited for where nobody said that there is one.
pub(super) const PROBE: Duration = Duration::from_secs(3);

/// The first of several ways that gives a token. It is kept to, so that nobody becomes somebody else in between.
#[derive(Debug)]
pub(crate) struct FirstProvider {
    tools: Tools,
    candidates: Vec<(AuthMethod, Arc<dyn Provider>)>,
    found: OnceLock<Arc<dyn Provider>>,
}

impl FirstProvider {
    pub(crate) fn new(tools: Tools, methods: &[AuthMethod]) -> Self {
        let candidates = methods
            .iter()
            .map(|method| (method.clone(), tools.provider(method)))
            .collect();
        Self {
            tools,
            candidates,
            found: OnceLock::new(),
        }
    }

    async fn ask(
        &self,
        method: &AuthMethod,
        provider: &Arc<dyn Provider>,
        request: TokenRequest,
    ) -> Result<BearerToken> {
        let asking = provider.token(request);
        match method {
            AuthMethod::ManagedIdentity(_) => within(&*self.tools.clock, PROBE, GET_TOKEN, asking).await,
            _ => asking.await,
        }
    }
}

#[async_trait]
impl Provider for FirstProvider {
    async fn token(&self, request: TokenRequest) -> Result<BearerToken> {
        if let Some(found) = self.found.get() {
            return found.token(request).await;
        }
        let mut reasons = Vec::new();
        for (method, provider) in &self.candidates {
            match self.ask(method, provider, request.clone()).await {
                // A call at the same time may have found another: its way is kept to from now on.
                Ok(token) => {
                    self.found.get_or_init(|| Arc::clone(provider));
                    return Ok(token);
                }
                Err(error) => reasons.push(format!("{}: {}", method.name(), error.chain())),
            }
        }
        Err(Error::new(ErrorKind::Unauthenticated, GET_TOKEN)
            .because(format!("no way to sign in gave one; {}", reasons.join("; "))))
    }

    fn uses_login_endpoint(&self) -> bool {
        self.candidates
            .iter()
            .any(|(_, provider)| provider.uses_login_endpoint())
    }
}
