//! The developer's tools: the Azure CLI, else the Azure Developer CLI, for one tenant where one is named.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::{Error, ErrorKind};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential,
    AzureDeveloperCliCredentialOptions,
};

use super::ProviderContext;

/// The developer's tools. That of `azure_identity` knows no tenant.
#[derive(Debug)]
pub(super) struct DeveloperTools {
    tools: [Arc<dyn TokenCredential>; 2],
    /// The first that gave a token. It is kept to, as in a chain.
    found: Arc<OnceLock<usize>>,
}

impl DeveloperTools {
    pub(super) fn new(context: &ProviderContext, found: Arc<OnceLock<usize>>) -> azure_core::Result<Self> {
        let cli = AzureCliCredential::new(Some(AzureCliCredentialOptions {
            tenant_id: context.tenant.clone(),
            executor: Some(context.executor()),
            ..AzureCliCredentialOptions::default()
        }))?;
        let developer_cli = AzureDeveloperCliCredential::new(Some(AzureDeveloperCliCredentialOptions {
            tenant_id: context.tenant.clone(),
            executor: Some(context.executor()),
        }))?;
        Ok(Self {
            tools: [cli, developer_cli],
            found,
        })
    }
}

#[async_trait]
impl TokenCredential for DeveloperTools {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let mut refused = Vec::new();
        let found = self.found.get().copied();
        let tools = self.tools.iter().enumerate();
        for (place, tool) in tools.filter(|(place, _)| found.is_none_or(|found| found == *place)) {
            match tool.get_token(scopes, options.clone()).await {
                Ok(token) => {
                    self.found.get_or_init(|| place);
                    return Ok(token);
                }
                Err(error) => refused.push(error.to_string()),
            }
        }
        Err(Error::with_message(ErrorKind::Credential, refused.join("\n")))
    }
}
