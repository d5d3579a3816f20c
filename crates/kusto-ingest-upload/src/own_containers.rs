//! Uploads into user containers.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use kusto_ingest_compression::Compressor;
use kusto_ingest_core::{BlobUri, Clock, Error, ErrorKind, LocalSource, Result};
use kusto_ingest_message::IdentityToken;
use kusto_ingest_resources::{IngestionResources, Outcome, RankedAccounts, ResourceProvider};
use kusto_storage::{BlobStore, ResourceUri};

use crate::random::random;
use crate::{BlobNaming, ContainerUploader, Uploaded, Uploader};

/// Uploads into the user's containers rather than those that Kusto issues, for data that must stay in certain accounts
/// or is to be kept.
///
/// Everything else is as [`ContainerUploader`] does it; accounts are ranked by how they did. The blobs stay where they
/// are until their owner deletes them. Kusto reads them by the SAS of the container, or, where the container's
/// owner gave it that permission, by [its own identity](Self::with_managed_identity).
#[derive(Clone, Debug)]
pub struct UserContainersUploader {
    inner: ContainerUploader,
    reader: Reader,
}

/// How Kusto opens what was uploaded.
#[derive(Clone, Debug)]
enum Reader {
    Signature,
    ManagedIdentity(String),
}

impl UserContainersUploader {
    /// An uploader into one of these containers at a time, with the settings of [`ContainerUploader::new`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when there is no container, or one that is no folder and has no SAS, which
    /// nothing could be uploaded into.
    pub fn new(
        containers: impl IntoIterator<Item = ResourceUri>,
        blobs: Arc<dyn BlobStore>,
        compressor: Arc<dyn Compressor>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let containers: Vec<ResourceUri> = containers.into_iter().collect();
        let refuse = |why: &'static str| {
            Error::new(ErrorKind::InvalidInput, "upload into containers of your own").because(why)
        };
        if containers.is_empty() {
            return Err(refuse("name at least one container"));
        }
        let nothing_opens = |container: &&ResourceUri| !container.is_signed() && !container.is_folder();
        if let Some(open) = containers.iter().find(nothing_opens) {
            return Err(refuse("it has no SAS that permits writing").with("container", open));
        }
        let own = Arc::new(OwnContainers {
            issued: IngestionResources::empty().with_containers(containers),
            ranks: Mutex::new(RankedAccounts::new()),
            clock: clock.clone(),
        });
        Ok(Self {
            inner: ContainerUploader::new(own, blobs, compressor, clock),
            reader: Reader::Signature,
        })
    }

    /// Changes the settings of the upload: sizes, memory, attempts.
    #[must_use]
    pub fn with_settings(self, set: impl FnOnce(ContainerUploader) -> ContainerUploader) -> Self {
        Self {
            inner: set(self.inner),
            ..self
        }
    }

    /// Lets Kusto read the blobs by its managed identity, `system` or an object id, so that the message holds no SAS.
    /// The identity needs the role Storage Blob Data Reader there, and a managed identity policy in the database that
    /// allows `NativeIngestion`.
    #[must_use]
    pub fn with_managed_identity(self, identity: impl Into<String>) -> Self {
        Self {
            reader: Reader::ManagedIdentity(identity.into()),
            ..self
        }
    }
}

#[async_trait]
impl Uploader for UserContainersUploader {
    async fn upload(&self, source: &LocalSource, naming: &BlobNaming) -> Result<Uploaded> {
        let uploaded = self.inner.upload(source, naming).await?;
        let Reader::ManagedIdentity(identity) = &self.reader else {
            return Ok(uploaded);
        };
        let address = format!("{};managed_identity={identity}", uploaded.blob.redacted());
        Ok(Uploaded {
            blob: BlobUri::parse(address)?,
            ..uploaded
        })
    }
}

/// The containers, as the attempts want to be told of them.
struct OwnContainers {
    issued: IngestionResources,
    ranks: Mutex<RankedAccounts>,
    clock: Arc<dyn Clock>,
}

impl OwnContainers {
    fn ranked(&self) -> Arc<IngestionResources> {
        let now = self.clock.monotonic();
        let mut ranks = self.ranks.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::new(ranks.ranked(&self.issued, now, random()))
    }
}

#[async_trait]
impl ResourceProvider for OwnContainers {
    async fn resources(&self) -> Result<Arc<IngestionResources>> {
        Ok(self.ranked())
    }

    fn peek(&self) -> Option<Arc<IngestionResources>> {
        Some(self.ranked())
    }

    async fn identity_token(&self) -> Result<IdentityToken> {
        Err(Error::new(ErrorKind::Unsupported, "ask for the identity token")
            .because("user containers have no service that issues the token"))
    }

    fn report(&self, resource: &ResourceUri, outcome: Outcome) {
        let now = self.clock.monotonic();
        let mut ranks = self.ranks.lock().unwrap_or_else(PoisonError::into_inner);
        ranks.log(resource.account(), outcome, now);
    }
}

impl fmt::Debug for OwnContainers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnContainers")
            .field("issued", &self.issued)
            .finish_non_exhaustive()
    }
}
