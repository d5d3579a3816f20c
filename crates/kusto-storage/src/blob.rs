//! Blobs: the containers Kusto issues.

use std::fmt::{self, Debug};

use async_trait::async_trait;
use bytes::Bytes;
use kusto_ingest_core::Result;

use crate::{BlobName, ResourceUri};

/// Puts blobs into the containers Kusto issues.
///
/// # Contract
/// - `put` and `commit` replace a blob of the same name, and may be called again after any error.
/// - Dropping a future may leave uncommitted blocks, never a readable partial blob.
/// - `Ok` means that the service acknowledged every byte that was given.
/// - Implementations do not retry: the caller chooses another container instead. An error of kind
///   [`OutcomeUnknown`](kusto_ingest_core::ErrorKind::OutcomeUnknown) means that the bytes were sent and the answer was
///   lost; [`length`](Self::length) then tells.
/// - Implementations never put the container's SAS into errors or logs.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait BlobStore: Debug + Send + Sync + 'static {
    /// Puts a whole blob in one request.
    async fn put(&self, container: &ResourceUri, name: &BlobName, body: Bytes) -> Result<()>;

    /// Stages one block of a blob; it becomes readable with the commit only.
    async fn stage(
        &self,
        container: &ResourceUri,
        name: &BlobName,
        block: BlockId,
        body: Bytes,
    ) -> Result<()>;

    /// Makes a blob of staged blocks, in the order given.
    async fn commit(&self, container: &ResourceUri, name: &BlobName, blocks: &[BlockId]) -> Result<()>;

    /// The length in bytes of a readable blob; `None` when there is none of that name.
    async fn length(&self, container: &ResourceUri, name: &BlobName) -> Result<Option<u64>>;
}

/// The place of a block within its blob. All ids of one blob have the same length on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId(u32);

impl BlockId {
    /// The block at a place, counted from zero.
    #[must_use]
    pub fn new(place: u32) -> Self {
        Self(place)
    }

    /// Its name before base64: ten digits.
    #[must_use]
    pub fn name(self) -> String {
        format!("{:010}", self.0)
    }
}

impl Debug for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlockId({})", self.0)
    }
}
