//! One attempt to bring encoded bytes into one container.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt};
use futures::stream::TryStreamExt;
use kusto_ingest_core::{Error, ErrorKind, Result};
use kusto_ingest_resources::{Outcome, ResourceProvider};
use kusto_storage::{BlobName, BlobStore, BlockId, ResourceUri};

use crate::blocks::{Block, BlockCutter};

/// Under how many signatures a request is made: that one expires is to be expected, also that a renewed one has
/// expired by the time it is used, but a container that opens to none of several is closed to us.
const SIGNATURES: u32 = 3;

/// Where one attempt goes.
#[derive(Debug)]
pub(crate) struct Destination<'a> {
    blobs: &'a dyn BlobStore,
    resources: &'a dyn ResourceProvider,
    name: &'a BlobName,
    /// With the newest signature that is known: a long upload may outlive several.
    container: Mutex<ResourceUri>,
}

impl<'a> Destination<'a> {
    pub(crate) fn new(
        blobs: &'a dyn BlobStore,
        resources: &'a dyn ResourceProvider,
        container: ResourceUri,
        name: &'a BlobName,
    ) -> Self {
        Self {
            blobs,
            resources,
            name,
            container: Mutex::new(container),
        }
    }

    /// The container, as it can be reached now.
    pub(crate) fn container(&self) -> ResourceUri {
        self.container
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Puts a body that fits one request.
    pub(crate) async fn put(&self, body: Bytes) -> Result<u64> {
        let length = body.len() as u64;
        match self.blobs.put(&self.container(), self.name, body).await {
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
        let blocks: &[BlockId] = &staged.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
        let commit = |container: ResourceUri| {
            async move { self.blobs.commit(&container, self.name, blocks).await }.boxed()
        };
        match self.under_any_signature(commit).await {
            Ok(()) => Ok(length),
            Err(error) => self.look_whether_it_arrived(error, length).await,
        }
    }

    async fn stage(&self, id: BlockId, body: Bytes) -> Result<(BlockId, u64)> {
        let length = body.len() as u64;
        let stage = |container: ResourceUri| {
            let body = body.clone();
            async move { self.blobs.stage(&container, self.name, id, body).await }.boxed()
        };
        self.under_any_signature(stage).await.map_err(repeatable)?;
        Ok((id, length))
    }

    /// Asks again where a signature is refused and the same container is lent under another one: what is staged there
    /// already stays, and is not sent again.
    async fn under_any_signature<'b>(
        &self,
        ask: impl Fn(ResourceUri) -> BoxFuture<'b, Result<()>>,
    ) -> Result<()> {
        let mut container = self.container();
        for _ in 1..SIGNATURES {
            match ask(container.clone()).await {
                Err(error) if is_refusal(error.kind()) => match self.renewed(&container).await {
                    Some(renewed) => container = renewed,
                    None => return Err(error),
                },
                answer => return answer,
            }
        }
        ask(container).await
    }

    /// The same container under another signature, if there is one.
    async fn renewed(&self, refused: &ResourceUri) -> Option<ResourceUri> {
        // Of several blocks in flight the first to be refused has the signature renewed for all.
        let known = self.container();
        if known != *refused {
            return Some(known);
        }
        if let Some(lent) = self.lent_otherwise(refused).await {
            return Some(lent);
        }
        self.resources.report(refused, Outcome::Refused);
        self.lent_otherwise(refused).await
    }

    async fn lent_otherwise(&self, refused: &ResourceUri) -> Option<ResourceUri> {
        let lent = self.resources.resources().await.ok()?;
        let same = |other: &&ResourceUri| other.redacted() == refused.redacted() && *other != refused;
        let renewed = lent.containers().ok()?.iter().find(same)?.clone();
        *self.container.lock().unwrap_or_else(PoisonError::into_inner) = renewed.clone();
        Some(renewed)
    }

    /// Only when the answer was lost it costs a request to learn whether the blob is there, whole.
    async fn look_whether_it_arrived(&self, error: Error, length: u64) -> Result<u64> {
        if error.kind() == ErrorKind::OutcomeUnknown
            && self
                .blobs
                .length(&self.container(), self.name)
                .await
                .is_ok_and(|found| found == Some(length))
        {
            return Ok(length);
        }
        Err(repeatable(error))
    }
}

/// Whether it is the signature that did not do.
fn is_refusal(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Forbidden | ErrorKind::Unauthenticated)
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
