//! A token for storage.

use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use kusto_ingest_core::{Error, ErrorKind, Result};

use crate::call::Call;

/// What a token for storage is asked for, in every cloud.
const SCOPE: &str = "https://storage.azure.com/.default";

/// A token as the header carries it.
pub(crate) async fn storage_token(call: Call<'_>, credential: &Arc<dyn TokenCredential>) -> Result<String> {
    let token = credential.get_token(&[SCOPE], None).await;
    // What a credential of ours failed with says more than the SDK's words around it.
    let token = token.map_err(|error| match crate::failure::find::<Error>(&error) {
        Some(cause) => call.error(cause.kind()).caused_by(cause.clone()),
        None => call
            .error(ErrorKind::Unauthenticated)
            .because("there is no token"),
    })?;
    Ok(format!("Bearer {}", token.token.secret()))
}
