//! Signing in: the cloud of a cluster, and a credential of the Azure SDK.

use std::sync::{Arc, Mutex};

use kusto_ingest::auth::{CloudSettings, CloudSource};
use kusto_ingest::azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use kusto_ingest::external::time::OffsetDateTime;
use kusto_ingest::external::url::Url;
use kusto_ingest::{Result, async_trait};

/// A cloud where tokens are for something else.
#[derive(Debug)]
pub(crate) struct Elsewhere;

#[async_trait]
impl CloudSource for Elsewhere {
    async fn settings(&self, _: &Url) -> Result<CloudSettings> {
        let mut settings = CloudSettings::public();
        settings.resource_id = "https://kusto.elsewhere.example".to_owned();
        Ok(settings)
    }
}

/// Gives one token to everybody, and notes for what.
#[derive(Clone, Debug, Default)]
pub(crate) struct Porter(pub(crate) Arc<Mutex<Vec<String>>>);

#[async_trait]
impl TokenCredential for Porter {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> kusto_ingest::azure_core::Result<AccessToken> {
        let mut asked = self.0.lock().expect("no test panics while it looks");
        asked.extend(scopes.iter().map(|&scope| scope.to_owned()));
        Ok(AccessToken::new(
            "a-token",
            OffsetDateTime::UNIX_EPOCH + std::time::Duration::from_secs(1 << 33),
        ))
    }
}
