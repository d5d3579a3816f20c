//! Refuses what would panic outside of a tokio runtime, where a token is asked for.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind as AzureKind;
use kusto_ingest_tokio::internal::require_runtime;

/// A credential that is asked on a runtime only: it may be of the caller's, or start a tool.
pub(super) struct OnRuntime<T>(pub(super) Arc<T>);

#[async_trait]
impl<T: TokenCredential> TokenCredential for OnRuntime<T> {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        require_runtime("ask for a token")
            .map_err(|error| azure_core::Error::new(AzureKind::Other, error))?;
        self.0.get_token(scopes, options).await
    }
}

impl<T> fmt::Debug for OnRuntime<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnRuntime").finish_non_exhaustive()
    }
}
