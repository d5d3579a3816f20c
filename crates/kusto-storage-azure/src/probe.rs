//! Blobs of the user's own: how large they are.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::http::Method;
use azure_core::http::headers::HeaderName;
use azure_core::time::to_rfc7231;
use kusto_ingest_core::{BlobUri, Clock, Error, ErrorKind, Result};
use kusto_storage::{BlobProbe, BlobSize, Operation, ResourceUri, is_probeable};

use crate::AzureStorage;
use crate::blobs::address;
use crate::call::{Call, RestRequest};
use crate::failure::header;
use crate::shared_key::authorization;

/// Asks Azure Storage how large a blob is: by its SAS, by the key of its account, or openly.
///
/// # Cancel safety
/// Dropping a future drops its request, which only reads.
#[derive(Clone, Debug)]
pub struct AzureBlobProbe {
    storage: AzureStorage,
    clock: Arc<dyn Clock>,
}

impl AzureBlobProbe {
    /// A probe over the transport and the limits of a storage. The clock dates what is signed with an account's key.
    #[must_use]
    pub fn new(storage: AzureStorage, clock: Arc<dyn Clock>) -> Self {
        Self { storage, clock }
    }
}

#[async_trait]
impl BlobProbe for AzureBlobProbe {
    async fn size_of(&self, blob: &BlobUri) -> Result<BlobSize> {
        if !is_probeable(blob) {
            return Err(Error::new(ErrorKind::Unsupported, "ask for the blob's size")
                .because("only Kusto can open it")
                .with("blob", blob));
        }
        let (container, name) = ResourceUri::of_blob(blob)?;
        let call = Call::new(Operation::HeadBlob, &container);
        let limits = self.storage.call_limits;
        let mut request = RestRequest::new(&self.storage, Method::Head, address(call, &name)?, limits)
            .header("x-ms-version", self.storage.service_version.clone());
        if let Some((_, key)) = blob.expose().split_once(';') {
            request = request.header("x-ms-date", to_rfc7231(&self.clock.now().as_datetime()));
            let signed = authorization(request.request(), container.account(), key.to_owned());
            let unusable = |_| {
                call.error(ErrorKind::InvalidInput)
                    .because("the key of its account is not base64")
            };
            request = request.header("authorization", signed.map_err(unusable)?);
        }
        let answer = call.answered(request.send(&[200]).await)?;
        let length = header(&answer, "content-length").and_then(|length| length.parse().ok());
        let untold = || {
            call.error(ErrorKind::Protocol)
                .because("the answer tells no length")
        };
        let size = BlobSize::new(length.ok_or_else(untold)?);
        let metadata = |name: &str| HeaderName::from(format!("x-ms-meta-{name}"));
        Ok(size.with_metadata(|name| answer.headers().get_optional_str(&metadata(name))))
    }
}
