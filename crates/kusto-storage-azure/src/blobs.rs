//! Blobs: small ones in one request, large ones in blocks and a commit.
//!
//! After "Put Blob", "Put Block", "Put Block List" and "Get Blob Properties" of the Blob service's REST documentation.

use async_trait::async_trait;
use azure_core::base64;
use azure_core::http::{Method, Url};
use bytes::Bytes;
use kusto_ingest_core::{ErrorKind, Result};
use kusto_storage::{BlobName, BlobStore, BlockId, Operation, ResourceUri};

use crate::AzureStorage;
use crate::call::{Call, RestRequest, with_query};
use crate::failure::header;

const CREATED: &[u16] = &[201];
const OK: &[u16] = &[200];

#[async_trait]
impl BlobStore for AzureStorage {
    async fn put(&self, container: &ResourceUri, name: &BlobName, body: Bytes) -> Result<()> {
        let call = Call::new(Operation::PutBlob, container);
        let outcome = self
            .upload(address(call, name)?)
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
        let (url, id) = (address(call, name)?, id(block));
        let url = with_query(url, [("blockid", id.as_str()), ("comp", "block")]);
        let outcome = self.upload(url).body(body).send(CREATED).await;
        call.done(outcome, CREATED)
    }

    async fn commit(&self, container: &ResourceUri, name: &BlobName, blocks: &[BlockId]) -> Result<()> {
        let call = Call::new(Operation::CommitBlocks, container);
        let url = with_query(address(call, name)?, [("comp", "blocklist")]);
        let outcome = self
            .upload(url)
            .header("content-type", "application/xml")
            .body(block_list(blocks))
            .send(CREATED)
            .await;
        call.done(outcome, CREATED)
    }

    async fn length(&self, container: &ResourceUri, name: &BlobName) -> Result<Option<u64>> {
        let call = Call::new(Operation::HeadBlob, container);
        let outcome = RestRequest::new(self, Method::Head, address(call, name)?, self.call_limits)
            .header("x-ms-version", self.service_version.clone())
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
    fn upload(&self, url: Url) -> RestRequest<'_> {
        RestRequest::new(self, Method::Put, url, self.block_limits)
            .header("x-ms-version", self.service_version.clone())
    }
}

/// The id of a block on the wire.
fn id(block: BlockId) -> String {
    base64::encode(block.name())
}

/// The body of a commit: the blocks in their order. Base64 needs no escape in XML.
fn block_list(blocks: &[BlockId]) -> String {
    let mut list = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>");
    for block in blocks {
        list.extend(["<Latest>", &id(*block), "</Latest>"]);
    }
    list.push_str("</BlockList>");
    list
}

/// The address of a blob, exactly as an ingestion message names it, SAS included.
pub(crate) fn address(call: Call<'_>, name: &BlobName) -> Result<Url> {
    match call.resource.is_folder() {
        false => call.resource.blob_url(name),
        true => Err(call
            .error(ErrorKind::InvalidInput)
            .because("it is a folder, and no address of Azure Storage")),
    }
}
