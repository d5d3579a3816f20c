//! How the service is told of sources: through its queues, over REST, or as it prefers.

use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use kusto_endpoint::UploadMethod;
use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_ingest_resources::ConfigurationManager;
use kusto_ingest_rest::{Protocol, RestIngestClient};
use kusto_ingest_upload::Uploader;

use super::KustoBuilder;
use super::retries::Retries;
use crate::wire::Wire;

/// How the service is told of sources, and where they are uploaded to when that is over REST.
#[derive(Clone, Default)]
pub(super) struct RestSettings {
    pub(super) protocol: Protocol,
    upload_method: Option<UploadMethod>,
    pub(super) storage_credential: Option<Arc<dyn TokenCredential>>,
}

impl KustoBuilder {
    /// How queued ingestion tells the service of sources: by [`Protocol::Queue`] by default. It is also what managed streaming
    /// falls back to.
    ///
    /// [`Protocol::Auto`] asks the service once what it prefers, and takes the other way while that one fails.
    #[must_use]
    pub fn with_protocol(mut self, protocol: Protocol) -> Self {
        self.rest.protocol = protocol;
        self
    }

    /// Where sources are uploaded to over REST, if the service issues both containers and folders of OneLake: where the
    /// service prefers it by default.
    #[must_use]
    pub fn with_upload_method(mut self, method: UploadMethod) -> Self {
        self.rest.upload_method = Some(method);
        self
    }

    /// Signs in to storage that no SAS opens, the folders of OneLake. Without it, sources are uploaded into containers where
    /// the service issues both.
    #[must_use]
    pub fn with_storage_credential(mut self, credential: Arc<dyn TokenCredential>) -> Self {
        self.rest.storage_credential = Some(credential);
        self
    }
}

impl RestSettings {
    /// What the service offers over REST; `None` where there is nobody to ask.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where the protocol needs somebody.
    pub(super) fn configuration(
        &self,
        wire: &Wire,
        retries: &Retries,
    ) -> Result<Option<ConfigurationManager>> {
        let Some(endpoint) = &wire.endpoints.queued else {
            return match self.protocol {
                Protocol::Rest => Err(Error::new(ErrorKind::InvalidInput, "choose the protocol").because(
                    "there is nobody to ask over REST: give an endpoint for queued ingestion beside that for commands",
                )),
                _ => Ok(None),
            };
        };
        let manager = ConfigurationManager::new(endpoint.clone(), wire.clock.clone());
        let manager = match &retries.command {
            Some(policy) => manager.with_retry(policy.clone()),
            None => manager,
        };
        let manager = match wire.addresses.ingestion.scheme() {
            // Only a service that was itself reached over plain http may issue something over it.
            "http" => manager.with_plain_http(),
            _ => manager,
        };
        Ok(Some(match (self.upload_method, &self.storage_credential) {
            (Some(method), _) => manager.with_upload_method(method),
            (None, Some(_)) => manager,
            (None, None) => manager.with_upload_method(UploadMethod::Storage),
        }))
    }

    /// A client over REST, where there is somebody to ask.
    pub(super) fn client(
        &self,
        wire: &Wire,
        configuration: Option<ConfigurationManager>,
        uploader: Arc<dyn Uploader>,
    ) -> Option<RestIngestClient> {
        let (endpoint, clock) = (wire.endpoints.queued.clone()?, wire.clock.clone());
        let client = RestIngestClient::new(endpoint, configuration?, uploader, clock);
        Some(client.with_address(wire.addresses.ingestion.as_str()))
    }
}
