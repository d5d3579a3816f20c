//! Any `TokenCredential`: the user's, or one of `azure_identity`.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{TokenCredential, TokenRequestOptions};
use azure_core::http::{ClientMethodOptions, Context};
use kusto_connection::Secret;
use kusto_ingest_core::Result;

use super::{GET_TOKEN, Provider};
use crate::http::limits;
use crate::{BearerToken, TokenRequest, failure};

/// A credential of the user's.
pub(crate) struct CredentialProvider(Arc<dyn TokenCredential>);

impl CredentialProvider {
    pub(crate) fn new(credential: Arc<dyn TokenCredential>) -> Self {
        Self(credential)
    }
}

#[async_trait]
impl Provider for CredentialProvider {
    async fn token(&self, request: TokenRequest) -> Result<BearerToken> {
        ask(&*self.0, &request.scope, &[]).await
    }

    fn uses_login_endpoint(&self) -> bool {
        false
    }
}

/// Asks a credential once. The limits travel along, for the transports that know them.
pub(super) async fn ask(
    credential: &dyn TokenCredential,
    scope: &str,
    secrets: &[&Secret],
) -> Result<BearerToken> {
    let options = TokenRequestOptions {
        method_options: ClientMethodOptions {
            context: Context::new().with_value(limits()),
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
