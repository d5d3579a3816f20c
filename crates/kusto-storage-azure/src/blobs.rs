//! Blobs: small ones in one thin request, large ones in blocks by the client of the Azure SDK.

use async_trait::async_trait;
use azure_core::http::{Method, Url};
use azure_storage_blob::models::{
    BlockBlobClientCommitBlockListOptions, BlockBlobClientStageBlockOptions, BlockLookupList,
};
use azure_storage_blob::{BlockBlobClient, BlockBlobClientOptions};
use bytes::Bytes;
use kusto_ingest_core::{ErrorKind, Result};
use kusto_storage::{BlobName, BlobStore, BlockId, Operation, ResourceUri};

use crate::AzureStorage;
use crate::call::{Call, Thin, within};
use crate::failure::header;
use crate::signature::apart;

const CREATED: &[u16] = &[201];
const OK: &[u16] = &[200];

#[async_trait]
impl BlobStore for AzureStorage {
    async fn put(&self, container: &ResourceUri, name: &BlobName, body: Bytes) -> Result<()> {
        let call = Call::new(Operation::PutBlob, container);
        let outcome = Thin::new(self, Method::Put, address(call, name)?, self.block_limits)
            .header("x-ms-version", &self.service_version)
            .header("x-ms-blob-type", "BlockBlob")
            .header("content-type", "application/octet-stream")
            .body(body)
            .send(CREATED)
            .await;
        call.done(outcome, CREATED)
    }

    async fn stage(
        &self,
        container: &ResourceUri,
        name: &BlobName,
        block: BlockId,
        body: Bytes,
    ) -> Result<()> {
        let call = Call::new(Operation::StageBlock, container);
        let client = self.block_blob(call, name)?;
        let length = body.len() as u64;
        let options = BlockBlobClientStageBlockOptions {
            method_options: within(self.block_limits),
            ..Default::default()
        };
        let id = block.name();
        let outcome = client
            .stage_block(id.as_bytes(), length, body.into(), Some(options))
            .await;
        call.done(outcome, CREATED)
    }

    async fn commit(&self, container: &ResourceUri, name: &BlobName, blocks: &[BlockId]) -> Result<()> {
        let call = Call::new(Operation::CommitBlocks, container);
        let client = self.block_blob(call, name)?;
        let list = BlockLookupList {
            latest: Some(blocks.iter().map(|block| block.name().into_bytes()).collect()),
            ..Default::default()
        };
        let list = call.answered(list.try_into())?;
        let options = BlockBlobClientCommitBlockListOptions {
            method_options: within(self.block_limits),
            ..Default::default()
        };
        let outcome = client.commit_block_list(list, Some(options)).await;
        call.done(outcome, CREATED)
    }

    async fn length(&self, container: &ResourceUri, name: &BlobName) -> Result<Option<u64>> {
        let call = Call::new(Operation::HeadBlob, container);
        let outcome = Thin::new(self, Method::Head, address(call, name)?, self.call_limits)
            .header("x-ms-version", &self.service_version)
            .send(OK)
            .await;
        let answer = match call.answered(outcome) {
            Ok(answer) => answer,
            Err(error) if error.code() == Some("BlobNotFound") => return Ok(None),
            Err(error) => return Err(error),
        };
        let length = header(&answer, "content-length").and_then(|length| length.parse().ok());
        let untold = || {
            call.error(ErrorKind::Protocol)
                .because("the answer tells no length")
        };
        Ok(Some(length.ok_or_else(untold)?))
    }
}

impl AzureStorage {
    /// A client for one call. What it costs to make one is nothing beside a block, and no store of clients has to
    /// follow the signatures, which change by the hour.
    fn block_blob(&self, call: Call<'_>, name: &BlobName) -> Result<BlockBlobClient> {
        let (url, client_options) = apart(address(call, name)?, call.resource, self.client_options());
        let options = BlockBlobClientOptions {
            client_options,
            version: self.service_version.clone(),
        };
        call.answered(BlockBlobClient::new(url, None, Some(options)))
    }
}

/// The address of a blob, exactly as an ingestion message names it, signature included.
pub(crate) fn address(call: Call<'_>, name: &BlobName) -> Result<Url> {
    let blob = call.resource.blob(name)?;
    Url::parse(blob.expose()).map_err(|_| {
        call.error(ErrorKind::InvalidInput)
            .because("the blob's name makes no address")
    })
}
