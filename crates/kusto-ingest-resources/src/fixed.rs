//! Resources that never change: for tests, and for those who know their queue and container.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use kusto_ingest_core::Result;
use kusto_ingest_message::IdentityToken;
use kusto_storage::ResourceUri;

use crate::{IngestionResources, Outcome, ResourceProvider};

/// Gives the same resources in the same order, and remembers what was reported. Clones share the memory.
#[derive(Clone, Debug)]
pub struct FixedResources {
    resources: Arc<IngestionResources>,
    token: IdentityToken,
    reports: Arc<Mutex<Vec<(String, Outcome)>>>,
}

impl FixedResources {
    /// Resources and a token that never change.
    #[must_use]
    pub fn new(resources: IngestionResources, token: IdentityToken) -> Self {
        Self {
            resources: Arc::new(resources),
            token,
            reports: Arc::default(),
        }
    }

    /// The same for tests that do not look at the token, which is "IDENTITY-TOKEN".
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn issuing(resources: IngestionResources) -> Self {
        let token = IdentityToken::parse("IDENTITY-TOKEN");
        Self::new(resources, token.expect("it is not blank"))
    }

    /// What was reported so far: the account, and how it did.
    #[must_use]
    pub fn reports(&self) -> Vec<(String, Outcome)> {
        self.reports
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[async_trait]
impl ResourceProvider for FixedResources {
    async fn resources(&self) -> Result<Arc<IngestionResources>> {
        Ok(self.resources.clone())
    }

    fn peek(&self) -> Option<Arc<IngestionResources>> {
        Some(self.resources.clone())
    }

    async fn identity_token(&self) -> Result<IdentityToken> {
        Ok(self.token.clone())
    }

    fn report(&self, resource: &ResourceUri, outcome: Outcome) {
        let report = (resource.account().to_owned(), outcome);
        self.reports
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(report);
    }
}
