//! One attempt to bring encoded bytes into one container.

use bytes::Bytes;
use futures::future::FutureExt;
use futures::stream::TryStreamExt;
use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_storage::{BlobName, BlobStore, BlockId, ResourceUri};

use crate::blocks::{Block, BlockCutter};

/// Where one attempt goes.
#[derive(Debug)]
pub(crate) struct Destination<'a> {
    pub(crate) blobs: &'a dyn BlobStore,
    pub(crate) container: &'a ResourceUri,
    pub(crate) name: &'a BlobName,
}

impl Destination<'_> {
    /// Puts a body that fits one request.
    pub(crate) async fn put(&self, body: Bytes) -> Result<u64> {
        let length = body.len() as u64;
        match self.blobs.put(self.container, self.name, body).await {
            Ok(()) => Ok(length),
            Err(error) => self.look_whether_it_arrived(error, length).await,
        }
    }

    /// Stages a first block and all that follow, `parallel` at once, and commits them in their order.
    pub(crate) async fn put_blocks(&self, first: Block, rest: BlockCutter, parallel: usize) -> Result<u64> {
        let sizes = rest.sizes();
        let staged: Vec<(BlockId, u64)> = rest
            .numbered(first)
            .map_ok(|(id, body)| self.stage(id, body).boxed())
            .try_buffered(parallel)
            .try_collect()
            .await?;
        let length = staged.iter().map(|(_, length)| length).sum();
        if length != sizes.encoded() {
            return Err(Error::new(ErrorKind::Other, "upload the source")
                .with("encoded bytes", sizes.encoded())
                .with("acknowledged bytes", length)
                .because("the acknowledged blocks do not add up to what was read"));
        }
        let blocks: Vec<BlockId> = staged.into_iter().map(|(id, _)| id).collect();
        match self.blobs.commit(self.container, self.name, &blocks).await {
            Ok(()) => Ok(length),
            Err(error) => self.look_whether_it_arrived(error, length).await,
        }
    }

    async fn stage(&self, id: BlockId, body: Bytes) -> Result<(BlockId, u64)> {
        let length = body.len() as u64;
        self.blobs
            .stage(self.container, self.name, id, body)
            .await
            .map_err(repeatable)?;
        Ok((id, length))
    }

    /// Only when the answer was lost it costs a request to learn whether the blob is there, whole.
    async fn look_whether_it_arrived(&self, error: Error, length: u64) -> Result<u64> {
        if error.kind() == ErrorKind::OutcomeUnknown
            && self
                .blobs
                .length(self.container, self.name)
                .await
                .is_ok_and(|found| found == Some(length))
        {
            return Ok(length);
        }
        Err(repeatable(error))
    }
}

/// Blobs and blocks may be put again, so a lost answer is no more than a failed attempt.
fn repeatable(error: Error) -> Error {
    if error.kind() != ErrorKind::OutcomeUnknown {
        return error;
    }
    Error::new(ErrorKind::Io, "put the blob")
        .because("the answer was lost")
        .caused_by(error)
}
