//! Several ways to sign in, of which one works.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use kusto_connection::AuthMethod;
use kusto_ingest_core::{Clock, Error, ErrorKind, Result};

use super::{GET_TOKEN, Provider, ProviderContext};
use crate::{BearerToken, TokenRequest};

/// The first of several methods that gives a token. It is used from then on, whatever happens to it later, so that the
/// identity never changes in between.
#[derive(Debug)]
pub(crate) struct ChainProvider {
    clock: Arc<dyn Clock>,
    candidates: Vec<(&'static str, Arc<dyn Provider>)>,
    found: OnceLock<Arc<dyn Provider>>,
}

impl ChainProvider {
    pub(crate) fn new(context: &ProviderContext, methods: &[AuthMethod]) -> Self {
        let candidate = |method: &AuthMethod| (method.name(), context.provider(method));
        Self {
            clock: context.clock.clone(),
            candidates: methods.iter().map(candidate).collect(),
            found: OnceLock::new(),
        }
    }
}

#[async_trait]
impl Provider for ChainProvider {
    async fn token(&self, request: TokenRequest) -> Result<BearerToken> {
        if let Some(found) = self.found.get() {
            return found.token(request).await;
        }
        let begun = self.clock.monotonic();
        let mut failures = Vec::new();
        for (name, provider) in &self.candidates {
            let asked = match provider.probe().await {
                Ok(()) => provider.token(request.clone()).await,
                Err(nobody) => Err(nobody),
            };
            match asked {
                // A call at the same time may have found another: its way is kept to from now on.
                Ok(token) => {
                    self.found.get_or_init(|| Arc::clone(provider));
                    return Ok(token);
                }
                Err(error) => failures.push((*name, error)),
            }
        }
        let elapsed = self.clock.monotonic().saturating_sub(begun);
        // Each of them has been tried again as often as it helps.
        Err(none_of(&failures).with_attempts(1, elapsed))
    }

    fn uses_login_endpoint(&self) -> bool {
        self.candidates
            .iter()
            .any(|(_, provider)| provider.uses_login_endpoint())
    }
}

/// The error where no way gave a token. It is permanent only where all of their errors are.
fn none_of(failures: &[(&'static str, Error)]) -> Error {
    let passing = failures
        .iter()
        .map(|(_, error)| error)
        .find(|error| !error.is_permanent());
    let error = Error::new(passing.map_or(ErrorKind::Unauthenticated, Error::kind), GET_TOKEN)
        .with_permanence(passing.is_none());
    let error = match passing.and_then(Error::retry_after) {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    };
    let reasons: Vec<_> = failures
        .iter()
        .map(|(name, error)| format!("{name}: {}", error.chain()))
        .collect();
    error.because(format!("no way to sign in gave one; {}", reasons.join("; ")))
}
