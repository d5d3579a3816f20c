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
use crate::token::storage_token;

const CREATED: &[u16] = &[201];
const OK: &[u16] = &[200];

#[async_trait]
impl BlobStore for AzureStorage {
    async fn put(&self, container: &ResourceUri, name: &BlobName, body: Bytes) -> Result<()> {
        let call = Call::new(Operation::PutBlob, container);
        let outcome = self
            .upload(call, address(call, name)?)
            .await?
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
        let outcome = self.upload(call, url).await?.body(body).send(CREATED).await;
        call.done(outcome, CREATED)
    }

    async fn commit(&self, container: &ResourceUri, name: &BlobName, blocks: &[BlockId]) -> Result<()> {
        let call = Call::new(Operation::CommitBlocks, container);
        let url = with_query(address(call, name)?, [("comp", "blocklist")]);
        let outcome = self
            .upload(call, url)
            .await?
            .header("content-type", "application/xml")
            .body(block_list(blocks))
            .send(CREATED)
            .await;
        call.done(outcome, CREATED)
    }

    async fn length(&self, container: &ResourceUri, name: &BlobName) -> Result<Option<u64>> {
        let call = Call::new(Operation::HeadBlob, container);
        let request = RestRequest::new(self, Method::Head, address(call, name)?, self.call_limits)
            .header("x-ms-version", self.service_version.clone());
        let outcome = self.opened(call, request).await?.send(OK).await;
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
    async fn upload(&self, call: Call<'_>, url: Url) -> Result<RestRequest<'_>> {
        let request = RestRequest::new(self, Method::Put, url, self.block_limits)
            .header("x-ms-version", self.service_version.clone());
        self.opened(call, request).await
    }

    /// With what opens its container, where its address does not.
    async fn opened<'a>(&self, call: Call<'_>, request: RestRequest<'a>) -> Result<RestRequest<'a>> {
        if !call.resource.is_lake() {
            return Ok(request);
        }
        let credential = self.credential.as_ref().ok_or_else(|| {
            call.error(ErrorKind::Unauthenticated)
                .because("a folder of OneLake is opened by a token: give a credential for storage")
        })?;
        let token = storage_token(call, credential).await?;
        Ok(request.header("authorization", token))
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

/// OneLake takes blobs at an endpoint of their own.
fn by_blob_endpoint(mut url: Url) -> Url {
    let host = url.host_str().unwrap_or_default().replacen(".dfs.", ".blob.", 1);
    // A host that differs in one label from one that is good is good.
    let _ = url.set_host(Some(&host));
    url
}

/// The address of a blob, exactly as an ingestion message names it, SAS included; of one in OneLake, at the endpoint for
/// blobs.
pub(crate) fn address(call: Call<'_>, name: &BlobName) -> Result<Url> {
    match call.resource.is_folder() {
        false if call.resource.is_lake() => call.resource.blob_url(name).map(by_blob_endpoint),
        false => call.resource.blob_url(name),
        true => Err(call
            .error(ErrorKind::InvalidInput)
            .because("it is a folder, and no address of Azure Storage")),
    }
}
