//! Any `TokenCredential`: the user's, or one of `azure_identity`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{TokenCredential, TokenRequestOptions};
use azure_core::http::{ClientMethodOptions, Context};
use kusto_connection::Secret;
use kusto_ingest_core::Result;

use super::{GET_TOKEN, Provider};
use crate::http::limits;
use crate::{BearerToken, TokenRequest, failure};

/// A credential of the user's. It has no limit of time as a whole; each of its calls has one.
pub(crate) struct CredentialProvider {
    credential: Arc<dyn TokenCredential>,
    limit: Duration,
}

impl CredentialProvider {
    pub(crate) fn new(credential: Arc<dyn TokenCredential>, limit: Duration) -> Self {
        Self { credential, limit }
    }
}

#[async_trait]
impl Provider for CredentialProvider {
    async fn token(&self, request: TokenRequest) -> Result<BearerToken> {
        ask(&*self.credential, &request.scope, self.limit, &[]).await
    }

    fn uses_login_endpoint(&self) -> bool {
        false
    }
}

/// Asks a credential once. The limit of each call travels along, for the transports that know them.
pub(super) async fn ask(
    credential: &dyn TokenCredential,
    scope: &str,
    limit: Duration,
    secrets: &[&Secret],
) -> Result<BearerToken> {
    let options = TokenRequestOptions {
        method_options: ClientMethodOptions {
            context: Context::new().with_value(limits(limit)),
        },
    };
    match credential.get_token(&[scope], Some(options)).await {
        Ok(token) => Ok(token.into()),
        Err(error) => Err(failure::of_azure(&error, GET_TOKEN, secrets)),
    }
}

impl fmt::Debug for CredentialProvider {
    /// The credential is a stranger's, and so may be what its own `Debug` shows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialProvider")
    }
}
