//! Refuses what would panic outside of a tokio runtime, where it leaves for the network.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind as AzureKind;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{Context, Request};
use kusto_ingest_tokio::require_runtime;

/// A transport, or a credential, that is asked on a runtime only.
pub(super) struct OnRuntime<T>(pub(super) T);

fn checked(operation: &'static str) -> azure_core::Result<()> {
    require_runtime(operation).map_err(|error| azure_core::Error::new(AzureKind::Other, error))
}

#[async_trait]
#[expect(
    elided_lifetimes_in_paths,
    reason = "with the lifetime written out, async_trait no longer matches the trait"
)]
impl<T: Policy> Policy for OnRuntime<T> {
    async fn send(&self, context: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        checked("send the request")?;
        self.0.send(context, request, next).await
    }
}

#[async_trait]
impl<T: TokenCredential> TokenCredential for OnRuntime<Arc<T>> {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        checked("ask for a token")?;
        self.0.get_token(scopes, options).await
    }
}

impl<T> fmt::Debug for OnRuntime<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnRuntime").finish_non_exhaustive()
    }
}
