//! Blobs written: put, staged, committed, or copied from another.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::response::Builder;
use kusto_fake::{BlobWrite, BlockRef, BlockState, OnConflict, ResourcePath, StoredBlob};
use kusto_ingest_core::{BlobUri, Error, Result};
use kusto_storage::{ResourceKind, ResourceUri};
use uuid::Uuid;

use super::checksum::verify;
use super::conditions::conditions;
use crate::answer::{Answer, bare, http_date, not_offered, refusal, status};
use crate::request_head::RequestHead;
use crate::state::ServerState;
use crate::target::Resource;
use crate::xml;

/// The longest id of a block, in bytes before base64.
const LONGEST_BLOCK_ID: usize = 64;

/// The longest name of a blob, in characters.
const LONGEST_NAME: usize = 1024;

pub(super) fn put(
    state: &ServerState,
    asked: &RequestHead,
    resource: &Resource,
    body: Bytes,
) -> Result<Answer> {
    check_name(&resource.rest)?;
    match asked.header("x-ms-blob-type") {
        Some("BlockBlob") => {}
        Some(_) => return Err(not_offered()),
        None => {
            return Err(refusal(
                400,
                "MissingRequiredHeader",
                "the header x-ms-blob-type is missing",
            ));
        }
    }
    verify(asked, &body, Some("x-ms-blob-content-md5"))?;
    let content_type = asked
        .header("x-ms-blob-content-type")
        .or_else(|| asked.header("content-type"));
    let write = write(asked, content_type)?;
    let blob = state
        .storage()
        .put_blob(&resource.place, &resource.rest, body, &write)?;
    Ok(bare(written(201, &blob)))
}

pub(super) fn stage(
    state: &ServerState,
    asked: &RequestHead,
    resource: &Resource,
    body: Bytes,
) -> Result<Answer> {
    check_name(&resource.rest)?;
    let id = asked.parameter("blockid").unwrap_or_default();
    let decoded = BASE64_STANDARD.decode(id).unwrap_or_default();
    if decoded.is_empty() || decoded.len() > LONGEST_BLOCK_ID {
        let why = "blockid is not base64 of 1 to 64 bytes";
        return Err(refusal(400, "InvalidQueryParameterValue", why));
    }
    if body.is_empty() {
        return Err(refusal(400, "InvalidHeaderValue", "a block is not empty"));
    }
    verify(asked, &body, None)?;
    state
        .storage()
        .stage_block(&resource.place, &resource.rest, id, body)?;
    Ok(bare(status(201).header("x-ms-request-server-encrypted", "true")))
}

pub(super) fn commit(
    state: &ServerState,
    asked: &RequestHead,
    resource: &Resource,
    body: &Bytes,
) -> Result<Answer> {
    check_name(&resource.rest)?;
    verify(asked, body, None)?;
    let leaves = xml::leaves(body)?;
    let blocks = leaves.iter().filter_map(|(name, id)| {
        let state = match name.as_str() {
            "Latest" => BlockState::Latest,
            "Uncommitted" => BlockState::Uncommitted,
            "Committed" => BlockState::Committed,
            _ => return None,
        };
        Some(BlockRef::new(state, id.trim()))
    });
    let blocks: Vec<BlockRef> = blocks.collect();
    // The type of this request's own body is XML; only the header says that of the blob.
    let write = write(asked, asked.header("x-ms-blob-content-type"))?;
    let blob = state
        .storage()
        .commit_block_list(&resource.place, &resource.rest, &blocks, &write)?;
    Ok(bare(written(201, &blob)))
}

/// Copies a blob of this storage to another name. It is done when this is answered, whether the client waits for it
/// or not.
pub(super) fn copy(state: &ServerState, asked: &RequestHead, resource: &Resource) -> Result<Answer> {
    check_name(&resource.rest)?;
    let source = asked.header("x-ms-copy-source").unwrap_or_default();
    let unverified = |_: Error| {
        let why = "the source is no blob of this storage that its SAS opens";
        refusal(404, "CannotVerifyCopySource", why)
    };
    let source = BlobUri::parse(source).map_err(unverified)?;
    let (container, name) = ResourceUri::of_blob(&source).map_err(unverified)?;
    let place = ResourcePath::from(&container);
    let query = container.expose().query().unwrap_or_default();
    let storage = state.storage();
    storage
        .authorize(ResourceKind::Container, &place, query)
        .map_err(unverified)?;
    let write = write(asked, asked.header("x-ms-blob-content-type"))?;
    let blob = storage.copy_blob((&place, name.as_str()), &resource.place, &resource.rest, &write)?;
    // "Put Blob From URL" is a put; "Copy Blob", with the client waiting or not, is a copy.
    if asked.header("x-ms-blob-type").is_some() {
        return Ok(bare(written(201, &blob)));
    }
    let answer = written(202, &blob).header("x-ms-copy-id", Uuid::new_v4().to_string());
    Ok(bare(answer.header("x-ms-copy-status", "success")))
}

/// What the headers say of a new blob.
fn write(asked: &RequestHead, content_type: Option<&str>) -> Result<BlobWrite> {
    let mut write = BlobWrite::new(OnConflict::Replace);
    write.conditions = conditions(asked)?;
    write.content_type = content_type.map(str::to_owned);
    let metadata = asked.headers_under("x-ms-meta-");
    write.metadata = metadata
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let is_name = |name: &String| {
        let begins = name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
        begins
            && name
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    // Lists of blobs write the names as elements.
    match write.metadata.keys().all(is_name) {
        true => Ok(write),
        false => Err(refusal(
            400,
            "InvalidMetadata",
            "the name of a metadata pair is not an identifier",
        )),
    }
}

fn written(code: u16, blob: &StoredBlob) -> Builder {
    let answer = status(code)
        .header("etag", &blob.etag)
        .header("last-modified", http_date(blob.last_modified));
    answer.header("x-ms-request-server-encrypted", "true")
}

/// Checks that a list of blobs can name this one.
///
/// # Errors
/// `InvalidUri`.
pub(super) fn check_name(name: &str) -> Result<()> {
    if name.chars().count() > LONGEST_NAME {
        return Err(refusal(
            400,
            "InvalidUri",
            "the name of a blob has 1,024 characters at most",
        ));
    }
    match name.chars().all(xml::can_hold) {
        true => Ok(()),
        false => Err(refusal(
            400,
            "InvalidUri",
            "the name of the blob holds a character that XML cannot hold",
        )),
    }
}
