//! The developer's tools: the Azure CLI, else the Azure Developer CLI, for one tenant where one is named.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::{Error, ErrorKind};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential,
    AzureDeveloperCliCredentialOptions,
};

use super::Tools;

/// The developer's tools. That of `azure_identity` knows no tenant.
#[derive(Debug)]
pub(super) struct DeveloperTools([Arc<dyn TokenCredential>; 2]);

impl DeveloperTools {
    pub(super) fn new(tools: &Tools) -> azure_core::Result<Self> {
        let cli = AzureCliCredential::new(Some(AzureCliCredentialOptions {
            tenant_id: tools.tenant.clone(),
            executor: tools.executor.clone(),
            ..AzureCliCredentialOptions::default()
        }))?;
        let developer_cli = AzureDeveloperCliCredential::new(Some(AzureDeveloperCliCredentialOptions {
            tenant_id: tools.tenant.clone(),
            executor: tools.executor.clone(),
        }))?;
        Ok(Self([cli, developer_cli]))
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
        for tool in &self.0 {
            match tool.get_token(scopes, options.clone()).await {
                Ok(token) => return Ok(token),
                Err(error) => refused.push(error.to_string()),
            }
        }
        Err(Error::with_message(ErrorKind::Credential, refused.join("\n")))
    }
}
