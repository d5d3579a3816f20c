//! A function of the user's that returns tokens.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures::future::BoxFuture;
use kusto_ingest_core::Result;

use super::Provider;
use crate::{BearerToken, TokenRequest};

pub(crate) type Callback = Arc<dyn Fn(TokenRequest) -> BoxFuture<'static, Result<BearerToken>> + Send + Sync>;

/// A function of the user's that returns tokens. It has no limit of time.
pub(crate) struct CallbackProvider(Callback);

impl CallbackProvider {
    pub(crate) fn new(callback: Callback) -> Self {
        Self(callback)
    }
}

#[async_trait]
impl Provider for CallbackProvider {
    async fn token(&self, request: TokenRequest) -> Result<BearerToken> {
        (self.0)(request).await
    }
}

impl fmt::Debug for CallbackProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallbackProvider")
    }
}
