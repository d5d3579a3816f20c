//! An uploader that records its sources, for tests of clients.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures::io::AsyncReadExt;
use kusto_ingest_core::{Compression, Error, ErrorKind, LocalSource, Result, SourceId};
use kusto_storage::ResourceUri;

use crate::{BlobNaming, Uploaded, Uploader};

type Uploads = Vec<(SourceId, Vec<u8>)>;

/// Records the uncompressed bytes of every source, and returns a blob in a given container. Clones share the records.
#[derive(Clone, Debug)]
pub struct RecordingUploader {
    container: ResourceUri,
    kept: Arc<Mutex<Uploads>>,
}

impl RecordingUploader {
    /// An uploader that pretends to fill a container.
    #[must_use]
    pub fn new(container: ResourceUri) -> Self {
        Self {
            container,
            kept: Arc::default(),
        }
    }

    /// The sources so far, in order.
    #[must_use]
    pub fn uploads(&self) -> Vec<(SourceId, Vec<u8>)> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Uploader for RecordingUploader {
    async fn upload(&self, source: &LocalSource, naming: &BlobNaming) -> Result<Uploaded> {
        let mut bytes = Vec::new();
        source
            .payload()
            .open(0)
            .await?
            .read_to_end(&mut bytes)
            .await
            .map_err(|error| {
                Error::new(ErrorKind::SourceNotReadable, "read the source")
                    .with_source_id(source.id())
                    .caused_by(error)
            })?;
        let blob = self.container.blob(&naming.blob_name(source)?)?;
        let length = bytes.len() as u64;
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((source.id(), bytes));
        let raw = match source.compression() {
            Compression::None => None,
            _ => source.raw_size(),
        };
        Ok(Uploaded::new(blob, raw.or(Some(length)), length))
    }
}
