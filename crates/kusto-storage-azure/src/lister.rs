//! Containers of the user's own: what is in them.
//!
//! After "List Blobs" of the Blob service's REST documentation.

mod answer;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::TokenCredential;
use azure_core::http::Method;
use azure_core::time::to_rfc7231;
use kusto_ingest_core::{Clock, ErrorKind, Result};
use kusto_storage::{
    BlobLister, ContainerAccess, ContainerAddress, ListPage, ListRequest, Operation, ResourceUri,
};

use crate::AzureStorage;
use crate::call::{Call, RestRequest, with_query};
use crate::shared_key::authorization;
use crate::token::storage_token;

/// The hosts that get a token: those of Azure Storage in its clouds, and of OneLake.
const TRUSTED: [&str; 5] = [
    ".blob.core.windows.net",
    ".blob.storage.azure.net",
    ".blob.core.usgovcloudapi.net",
    ".blob.core.chinacloudapi.cn",
    ".fabric.microsoft.com",
];

/// Lists containers of Azure Storage: by the SAS of their address, by the key of their account, in somebody's name, or
/// openly.
///
/// # Cancel safety
/// Dropping a future drops its request, which only reads.
#[derive(Clone)]
pub struct AzureBlobLister {
    storage: AzureStorage,
    clock: Arc<dyn Clock>,
    credential: Option<Arc<dyn TokenCredential>>,
}

impl AzureBlobLister {
    /// A lister over the transport and the limits of a storage. The clock dates what is signed with an account's key.
    #[must_use]
    pub fn new(storage: AzureStorage, clock: Arc<dyn Clock>) -> Self {
        Self {
            storage,
            clock,
            credential: None,
        }
    }

    /// Signs in where an address holds neither SAS nor key. A token goes to hosts of Azure Storage, of OneLake and of this
    /// machine only.
    #[must_use]
    pub fn with_credential(self, credential: Arc<dyn TokenCredential>) -> Self {
        Self {
            credential: Some(credential),
            ..self
        }
    }

    /// What opens the container, as a header; none where its address does, or nothing has to.
    async fn opened(
        &self,
        call: Call<'_>,
        access: ContainerAccess<'_>,
        request: &RestRequest<'_>,
    ) -> Result<Option<String>> {
        match (access, &self.credential) {
            (ContainerAccess::AccountKey(key), _) => {
                let signed = authorization(request.request(), call.resource.account(), key.to_owned());
                let unusable = |_| {
                    call.error(ErrorKind::InvalidInput)
                        .because("the key of its account is not base64")
                };
                signed.map(Some).map_err(unusable)
            }
            (ContainerAccess::Sas, _) | (ContainerAccess::Unstated, None) => Ok(None),
            (ContainerAccess::ServiceOnly, None) => Err(call.error(ErrorKind::Unauthenticated).because(
                "its address opens it for Kusto alone: sign in to the storage, or give a SAS or a key",
            )),
            (ContainerAccess::Unstated | ContainerAccess::ServiceOnly, Some(credential)) => {
                self.token(call, credential).await.map(Some)
            }
        }
    }

    async fn token(&self, call: Call<'_>, credential: &Arc<dyn TokenCredential>) -> Result<String> {
        if !is_trusted(call.resource) {
            return Err(call
                .error(ErrorKind::InvalidInput)
                .because("its host is none of Azure Storage's, and gets no token: give a SAS or a key"));
        }
        storage_token(call, credential).await
    }
}

#[async_trait]
impl BlobLister for AzureBlobLister {
    async fn list(&self, container: &ContainerAddress, request: &ListRequest) -> Result<ListPage> {
        let resource = container.container();
        let call = Call::new(Operation::ListBlobs, resource);
        let max = request.max.to_string();
        let mut pairs = vec![
            ("comp", "list"),
            ("include", "metadata"),
            ("maxresults", &max),
            ("restype", "container"),
        ];
        if !request.prefix.is_empty() {
            pairs.push(("prefix", &request.prefix));
        }
        if let Some(marker) = &request.marker {
            pairs.push(("marker", marker));
        }
        let url = with_query(resource.expose().clone(), pairs);
        let rest = RestRequest::new(&self.storage, Method::Get, url, self.storage.call_limits)
            .header("accept", "application/xml")
            .header("x-ms-version", self.storage.service_version.clone())
            .header("x-ms-date", to_rfc7231(&self.clock.now().as_datetime()));
        let rest = match self.opened(call, container.access(), &rest).await? {
            Some(authorization) => rest.header("authorization", authorization),
            None => rest,
        };
        let answer = call.answered(rest.send(&[200]).await)?;
        answer::read(call, answer.body())
    }
}

/// Whether a host may have a token for storage.
fn is_trusted(resource: &ResourceUri) -> bool {
    let url = resource.expose();
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    // Only this machine is reached over plain http.
    let is_here = matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]");
    is_here || (url.scheme() == "https" && TRUSTED.iter().any(|suffix| host.ends_with(suffix)))
}

impl fmt::Debug for AzureBlobLister {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureBlobLister")
            .field("storage", &self.storage)
            .field("signs_in", &self.credential.is_some())
            .finish_non_exhaustive()
    }
}
