//! Who uploads, and into which containers.

use std::sync::Arc;

use kusto_ingest_compression::Compressor;
use kusto_ingest_core::{Clock, Result};
use kusto_ingest_resources::{ConfigurationManager, ResourceProvider};
use kusto_ingest_upload::{ContainerUploader, Uploader, UserContainersUploader};
use kusto_storage::BlobStore;

use super::retries::Retries;
use super::{OwnContainers, UploadSettings};

/// What every uploader is made of, wherever its blobs go.
pub(super) struct Uploads {
    pub(super) blobs: Arc<dyn BlobStore>,
    pub(super) compressor: Arc<dyn Compressor>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) retries: Retries,
    pub(super) settings: UploadSettings,
}

impl Uploads {
    /// Uploads into the containers that an endpoint issues.
    pub(super) fn for_issued_containers(&self, resources: Arc<dyn ResourceProvider>) -> Arc<dyn Uploader> {
        let (blobs, compressor, clock) = (self.blobs.clone(), self.compressor.clone(), self.clock.clone());
        let uploader = ContainerUploader::new(resources, blobs, compressor, clock);
        Arc::new(self.settings.clone().set(self.retries.uploader(uploader)))
    }

    /// Who uploads what goes through queues, and what goes over REST: an uploader or containers of the caller's for both, or
    /// what is issued to each.
    pub(super) fn of_both_ways(
        self,
        own: (Option<Arc<dyn Uploader>>, Option<OwnContainers>),
        resources: &Arc<dyn ResourceProvider>,
        configuration: Option<&ConfigurationManager>,
    ) -> Result<(Arc<dyn Uploader>, Arc<dyn Uploader>)> {
        let both = match own {
            (Some(uploader), _) => uploader,
            (None, Some(own)) => self.for_own_containers(own)?,
            (None, None) => {
                let by_queue = self.for_issued_containers(resources.clone());
                let issued = configuration.map(|issued| Arc::new(issued.clone()));
                let by_rest = issued.map(|issued| self.for_issued_containers(issued));
                return Ok((by_queue.clone(), by_rest.unwrap_or(by_queue)));
            }
        };
        Ok((both.clone(), both))
    }

    /// Uploads into containers of the user's own.
    fn for_own_containers(self, own: OwnContainers) -> Result<Arc<dyn Uploader>> {
        let uploader = UserContainersUploader::new(own.containers, self.blobs, self.compressor, self.clock)?;
        let (retries, settings) = (self.retries, self.settings);
        let uploader = uploader.with_settings(move |inner| settings.set(retries.uploader(inner)));
        Ok(Arc::new((own.set)(uploader)))
    }
}

impl UploadSettings {
    fn set(self, uploader: ContainerUploader) -> ContainerUploader {
        uploader
            .with_block_size(self.block_size)
            .with_parallelism(self.parallel)
            .with_memory(self.memory)
            .with_max_raw_bytes(self.max_raw)
    }
}
